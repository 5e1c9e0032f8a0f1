"""Running the tools of a build: their output is the build's log, its end may be the reason."""

import collections
import subprocess
from collections.abc import Mapping, Sequence

_KEPT_LINES = 50
_DISK_FULL = ("No space left on device", "Disk quota exceeded")


class BuildFailed(Exception):
    """The message is a sentence for the user."""

    def __init__(self, reason: str, *, disk_full: bool = False) -> None:
        super().__init__(reason)
        self.disk_full = disk_full


def run(argv: Sequence[str], env: Mapping[str, str], what: str) -> list[str]:
    """Run to the end, showing every line. Returns the last lines; raises BuildFailed."""
    try:
        process = subprocess.Popen(
            argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace",
        )  # fmt: skip
    except OSError as error:
        raise BuildFailed(f"{what} failed: {argv[0]}: {error.strerror}.") from error
    assert process.stdout is not None
    last: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
    for line in process.stdout:
        print(line, end="", flush=True)
        last.append(line.strip())
    if process.wait() != 0:
        raise _why(what, list(last), process.returncode)
    return list(last)


def answer(argv: Sequence[str], env: Mapping[str, str], what: str) -> str:
    """Run quietly; its standard output."""
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise _why(what, [line.strip() for line in done.stderr.splitlines()], done.returncode)
    return done.stdout


def _why(what: str, lines: list[str], code: int) -> BuildFailed:
    full = any(mark in line for line in lines for mark in _DISK_FULL)
    errors = [line for line in lines if line.lower().startswith("error")]
    said = (errors or [line for line in lines if line] or [f"exit code {code}"])[-1]
    said = said.removeprefix("ERROR: ").removeprefix("error: ").rstrip(".")
    return BuildFailed(f"{what} failed: {said}.", disk_full=full)
