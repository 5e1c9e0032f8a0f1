"""Waiting for an object to reach a state."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from slipway.sdk.errors import SlipwayError

T = TypeVar("T")


class TimedOut(SlipwayError):
    """The object did not get there in time; it goes on, only the waiting ended."""


def wait_until(
    get: Callable[[], T],
    done: Collection[str],
    *,
    timeout_s: float | None,
    progress: Callable[[T], None] | None,
) -> T:
    """Ask until the state is one of `done`; ever less often, at most once a second."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    pause = 0.05
    while True:
        found: Any = get()
        if progress:
            progress(found)
        if found.state in done:
            return found  # type: ignore[no-any-return]
        if deadline is not None and time.monotonic() > deadline:
            raise TimedOut(
                f"{found.id} is still {found.state} after {timeout_s:g} s.", code="timed_out"
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
