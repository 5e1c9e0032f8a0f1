"""Which TCP ports of this machine somebody listens on."""

from __future__ import annotations

from pathlib import Path

_LISTENS = "0A"


def listening_ports() -> set[int]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, _, state, *_ = line.split()
            if state == _LISTENS:
                found.add(int(local.rpartition(":")[2], 16))
    return found
