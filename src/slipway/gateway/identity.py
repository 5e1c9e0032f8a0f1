"""Who this process is, so that a control plane started later can find and adopt it."""

import fcntl
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import orjson

from slipway.gateway.files import write_atomically


class AlreadyRunning(Exception):
    """Another gateway serves this home."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Pid and start time together name one process for ever; a pid alone is used again."""

    pid: int
    start_ticks: int
    port: int
    processes: int  # how many share the port
    started_at: str


def claim(file: Path) -> IO[bytes]:
    """Makes this process the only gateway of its home (or the only one with its number), until the
    returned file is closed."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = file.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as cause:
        lock.close()
        raise AlreadyRunning(f"A gateway is already running for {file.parent.parent}.") from cause
    return lock


def announce(file: Path, port: int, processes: int) -> None:
    identity = Identity(os.getpid(), _start_ticks(), port, processes, _now())
    write_atomically(file, orjson.dumps(asdict(identity)))


def _start_ticks() -> int:
    """When this process began, in clock ticks since boot (field 22 of proc_pid_stat(5)).

    0 where there is no /proc.
    """
    try:
        stat = Path("/proc/self/stat").read_text()
    except OSError:
        return 0
    # The name in parentheses may hold blanks; what follows it is counted from field 3.
    return int(stat.rpartition(")")[2].split()[19])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
