"""A disk that is small enough to be filled, with the platform's home on it."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from chaos.faults import Target

_SIZE = "768m"
_STEP_BYTES = 64 << 20


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """False where nothing may be mounted: then the disk is never full."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(["mount", *options], check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_disk(target: Target) -> None:
    """Not a byte is left for a while; then somebody has cleaned up."""
    assert target.disk is not None
    filler = target.disk / "filler"
    try:
        with filler.open("wb") as file:
            _fill(file.fileno())
            time.sleep(target.chance.uniform(0.2, 3))
    finally:
        filler.unlink()


def _fill(fd: int) -> None:
    at, step = 0, _STEP_BYTES
    while step:
        try:
            os.posix_fallocate(fd, at, step)
            at += step
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            step //= 2
