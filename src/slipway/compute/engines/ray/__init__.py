"""The Ray engine: instances on the machines of a Ray cluster. See docs/decisions/0009-ray-keepers.md.

    control plane ── engine.py ──socket── bridge.py (child process, the only one that loads Ray)
                        │                     │ one poll per machine
                     mirror.py <──writes──────┤
                                              └── keeper.py (one zero-cpu actor per machine)
                                                     └── runners, as on one machine

Only `bridge.py` imports Ray; everything else works without it.
"""
