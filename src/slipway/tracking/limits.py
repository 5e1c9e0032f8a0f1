"""The limit on calls that push metrics, per account (TRN-46)."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from slipway.base.errors import TooMany

_ACCOUNTS = 10_000


class CallLimit:
    """At most `per_s` calls of an account in any one second; 0 is no limit. In memory: one process answers."""

    def __init__(self, per_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._clock = per_s, clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, account: str) -> None:
        """Raises TooMany, and then does not count the call."""
        if self._per_s == 0:
            return
        now = self._clock()
        calls = self._calls.setdefault(account, deque(maxlen=self._per_s))
        self._calls.move_to_end(account)
        if len(self._calls) > _ACCOUNTS:
            self._calls.popitem(last=False)
        if len(calls) == self._per_s and now - calls[0] < 1:
            raise TooMany(
                f"More than {self._per_s} calls in one second from this account. Push less often, or send "
                "several points in one call.",
                retry_after_s=1, code="too_many_pushes",
            )  # fmt: skip
        calls.append(now)
