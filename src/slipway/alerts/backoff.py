"""When a failed delivery is tried again, and when a failing target rests. Pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
KEEP_TRYING = timedelta(hours=24)
REST_FROM_FAILURES = 5
_REST_FIRST, _REST_LAST = timedelta(minutes=1), timedelta(minutes=30)


def next_try(attempts: int, *, created_at: datetime, now: datetime) -> datetime | None:
    """After `attempts` failures; None: it is given up."""
    if attempts > len(RETRY_AFTER) or now - created_at > KEEP_TRYING:
        return None
    return now + RETRY_AFTER[attempts - 1]


def rest_until(failures: int, now: datetime) -> datetime | None:
    """A target that failed so often in a row is left alone for a while; then one is tried."""
    if failures < REST_FROM_FAILURES:
        return None
    doublings: int = min(failures - REST_FROM_FAILURES, 10)
    rest: timedelta = min(_REST_LAST, _REST_FIRST * 2**doublings)
    return now + rest
