"""How long to wait after failures in a row, and when to give up."""

from __future__ import annotations

from datetime import datetime, timedelta

# A replica that was ready this long before it failed was not part of a crash loop.
STEADY = timedelta(seconds=60)
LONGEST_S = 60


def pause(failures: int) -> timedelta:
    """None after the first failure, then 1 s, 2 s, 4 s ... up to a minute."""
    if failures <= 1:
        return timedelta()
    return timedelta(seconds=min(LONGEST_S, 2 ** (failures - 2)))


def counted(failures: int, ready_at: datetime | None, ended_at: datetime) -> int:
    """Failures in a row after one more."""
    steady = ready_at is not None and ended_at - ready_at >= STEADY
    return 1 if steady else failures + 1


def gives_up(failures: int, *, deployed: bool, retries: int | None) -> bool:
    """Only a first deployment has a limit; what was ready once is tried for ever (SRV-23)."""
    return not deployed and retries is not None and failures > retries
