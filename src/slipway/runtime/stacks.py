"""Where the Python processes of a hung instance stand (X5): their stacks, into the log.

`py-spy` looks from outside, where it is installed. Otherwise SIGABRT makes a Python process print
its own stacks (PYTHONFAULTHANDLER is set where hangs are watched) and end, which it is about to.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable

from slipway.runtime.proctree import descendants, holds_variable

_LOOK_S = 10.0


def dump(runner_pid: int, note: Callable[[str], None]) -> None:
    """The stacks of every Python process below the runner."""
    pids = [p.pid for p in descendants(runner_pid) if p.state not in "ZX" and _is_python(p.pid)]
    spy = shutil.which("py-spy")
    for pid in pids:
        if spy is None:
            if holds_variable(pid, "PYTHONFAULTHANDLER=1"):
                note(f"Asking process {pid} for its stacks.")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGABRT)
            continue
        note(f"Stacks of process {pid}:\n{_spied(spy, pid)}")


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
