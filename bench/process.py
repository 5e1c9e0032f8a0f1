"""What a process and its children take: CPU time, memory."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    pids, new = [], [pid]
    while new:
        pid = new.pop()
        pids.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            new += [int(child) for child in task.read_text().split()]
    return pids


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds of CPU that they have used so far."""
    ticks = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat").read_text()
        fields = stat[stat.rindex(")") + 2 :].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_bytes(pids: Iterable[int]) -> int:
    """Their memory; a page that several share counts for each in part."""
    return sum(_rollup(pid, "Pss:") for pid in pids)


def rss_bytes(pids: Iterable[int]) -> int:
    return sum(_rollup(pid, "Rss:") for pid in pids)


def _rollup(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
