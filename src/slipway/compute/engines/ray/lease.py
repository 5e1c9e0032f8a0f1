"""Who looks after the instances of a machine: exactly one process, known by a lock that it holds."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

_LOOK_AGAIN_S = 0.1


class Lease:
    """A lock on a file, held until this process ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while not self.try_take():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_AGAIN_S)
        return True

    def try_take(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def wait(self) -> None:
        """Until whoever holds it has died; then it is ours."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def release(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)
