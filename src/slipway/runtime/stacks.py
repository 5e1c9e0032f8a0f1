"""Where the Python processes of a hung instance stand (X5): their stacks, into the log.

`py-spy` looks from outside, where it is installed. Otherwise SIGABRT makes a Python process print
its own stacks (PYTHONFAULTHANDLER is set where hangs are watched) and end, which it is about to.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

from slipway.runtime.proctree import descendants, holds_variable, processes

_LOOK_S = 10.0
_PRINT_S = 3.0


def dump(runner_pid: int, note: Callable[[str], None]) -> None:
    """The stacks of every Python process below the runner."""
    pids = [p.pid for p in descendants(runner_pid) if p.state not in "ZX" and _is_python(p.pid)]
    spy = shutil.which("py-spy")
    if spy is None:
        _ask(pids, note)
        return
    for pid in pids:
        note(f"Stacks of process {pid}:\n{_spied(spy, pid)}")


def _ask(pids: list[int], note: Callable[[str], None]) -> None:
    """They print and die; their pipe holds what they say until the log takes it."""
    asked = [pid for pid in pids if holds_variable(pid, "PYTHONFAULTHANDLER=1")]
    for pid in asked:
        note(f"Asking process {pid} for its stacks.")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGABRT)
    deadline = time.monotonic() + _PRINT_S
    while time.monotonic() < deadline and any(_lives(pid) for pid in asked):
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    return any(p.pid == pid and p.state not in "ZX" for p in processes())


def _spied(spy: str, pid: int) -> str:
    try:
        seen = subprocess.run(
            [spy, "dump", "--pid", str(pid)], capture_output=True, text=True, timeout=_LOOK_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"could not be read: {error}"
    return (seen.stdout or seen.stderr).rstrip()


def _is_python(pid: int) -> bool:
    try:
        return "python" in os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False
