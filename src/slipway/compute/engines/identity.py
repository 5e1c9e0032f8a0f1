"""A process is known by pid, start time and boot: a pid alone may be somebody else by now."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path


def start_ticks(pid: int) -> int | None:
    """Field 22 of /proc/<pid>/stat; None when there is no such process, or it is a zombie."""
    if not sys.platform.startswith("linux"):
        try:
            os.kill(pid, 0)
        except OSError:
            return None
        return 0
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


@functools.cache
def boot_id() -> str:
    """Asked once: this process ends with the boot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def is_alive(pid: int, ticks: int, boot: str) -> bool:
    return boot == boot_id() and start_ticks(pid) == ticks
