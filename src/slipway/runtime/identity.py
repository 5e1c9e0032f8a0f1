"""Who a process is: a pid alone is reused, a pid with its start time and boot is not."""

import functools
import os


@functools.cache
def boot_id() -> str:
    """The kernel's name for this boot; empty where there is none (macOS)."""
    try:
        return _read("/proc/sys/kernel/random/boot_id").strip()
    except OSError:
        return ""


def start_ticks(pid: int) -> int:
    """When the process started, in clock ticks since boot; 0 if it is gone or unknown."""
    try:
        return int(_stat_fields(pid)[19])
    except (OSError, IndexError, ValueError):
        return 0


def is_alive(pid: int, ticks: int, boot: str) -> bool:
    """Whether exactly that process still runs. A zombie does not.

    `ticks` and `boot` are what `start_ticks` and `boot_id` said when it started. Where the
    machine cannot tell them (0, empty), only the pid is compared.
    """
    if boot != boot_id():
        return False
    if not os.path.isdir("/proc/self"):
        return _answers(pid)
    try:
        fields = _stat_fields(pid)
    except OSError:
        return False
    return fields[0] not in ("Z", "X") and (ticks == 0 or int(fields[19]) == ticks)


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat_fields(pid: int) -> list[str]:
    # The second field is the program's name in brackets and may hold blanks and brackets.
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    with open(path, "rb", buffering=0) as file:
        return file.read().decode("utf-8", "replace")
