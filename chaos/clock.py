"""Jumps of the clock, through libfaketime: the machine's own clock is left alone."""

from __future__ import annotations

import time
from pathlib import Path

from chaos.faults import Target

_LIBRARIES = "*/faketime/libfaketime.so.1"


def library() -> Path | None:
    return next(iter(Path("/usr/lib").glob(_LIBRARIES)), None)


def environment(folder: Path) -> dict[str, str]:
    """For the platform and all it starts; empty where libfaketime is not installed.

    Time that only goes forward (`CLOCK_MONOTONIC`) is left alone, as it is when a clock is set.
    """
    found = library()
    if found is None:
        return {}
    offset = folder / "clock"
    offset.write_text("+0\n")
    return {
        "LD_PRELOAD": str(found), "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def set_clock(target: Target) -> None:
    """The clock is wrong by up to an hour, either way, and is put right again."""
    assert target.clock is not None
    target.clock.write_text(f"{target.chance.randint(-3600, 3600):+d}\n")
    time.sleep(target.chance.uniform(1, 3))
    target.clock.write_text("+0\n")
    time.sleep(1.2)  # until everybody has read that
