"""What can go wrong on a Ray cluster (`--ray`), besides what can go wrong with the platform itself.

Whatever ran on a machine when Ray died there may be lost, so it is a victim; or it goes on, when Ray
was back in time. Which of the two it was is the platform's to say, and the audit holds it to that.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from chaos.faults import Fault, Target, kill_control_plane, kill_runner
from chaos.processes import children, command

LOST_AFTER_S = 24.0  # a third of it for Ray to come back: short enough that some is lost
MACHINES = ("m1", "m2", "m3")


def kill_raylet(target: Target) -> None:
    """Ray's processes of one machine, with the keeper there. Back soon, or too late for what ran."""
    assert target.cluster is not None
    name = target.chance.choice(MACHINES)
    target.victims |= _running_on(target.platform.home, {name})
    target.cluster.kill(name)
    time.sleep(target.chance.choice((0, 0, LOST_AFTER_S + 5)))
    target.cluster.add(name)


def kill_head(target: Target) -> None:
    """Without a store of its own it knows nothing of its machines afterwards: all of Ray starts anew."""
    assert target.cluster is not None
    target.victims |= _running_on(target.platform.home, set(MACHINES))
    target.cluster.kill_head()
    time.sleep(target.chance.uniform(0, 2))
    target.cluster.restart_all()


def kill_bridge(target: Target) -> None:
    assert target.platform.process is not None
    _kill([p for p in children(target.platform.process.pid) if "engines.ray.bridge" in command(p)])


def kill_keeper(target: Target) -> None:
    """On one machine, which finds its instances again."""
    assert target.cluster is not None
    name = target.chance.choice(MACHINES)
    raylet = target.cluster.raylet(name)
    _kill([p for p in children(raylet) if "Keeper" in command(p)])


WEIGHTED: tuple[tuple[int, Fault], ...] = (
    (4, kill_raylet),
    (3, kill_head),
    (2, kill_bridge),
    (2, kill_keeper),
    (2, kill_control_plane),
    (2, kill_runner),
)


def _running_on(home: Path, machines: set[str]) -> set[str]:
    """Instances that were sent there and have not ended, as far as the platform has heard."""
    found = set()
    for place in (home / "instances").glob("*/engine.json"):
        ended = (place.parent / "exit.json").exists()
        if not ended and json.loads(place.read_text())["node"] in machines:
            found.add(place.parent.name)
    return found


def _kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
