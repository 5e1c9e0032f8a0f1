"""Remembers for some seconds who may push to which run, so that a push needs no database.

Only the full check of the API fills it. Whatever changes accounts, or ends or deletes a run,
empties it at once through the event bus; the seconds are for what only time changes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from slipway.base.crypto import fingerprint
from slipway.base.events import Event, EventBus

_LASTS_S = 10.0
_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    user_id: str
    until: float


class PushGrants:
    def __init__(self, bus: EventBus, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._grants: OrderedDict[tuple[str, str, str], Grant] = OrderedDict()
        self.close = bus.listen(self._heard)

    def remember(self, secret: str, project: str, run_id: str, user_id: str) -> None:
        key = (fingerprint(secret), project, run_id)
        self._grants[key] = Grant(user_id, self._clock() + _LASTS_S)
        if len(self._grants) > _LIMIT:
            self._grants.popitem(last=False)

    def find(self, secret: str, project: str, run_id: str) -> str | None:
        """The user's id; None where only the full check can tell."""
        key = (fingerprint(secret), project, run_id)
        grant = self._grants.get(key)
        if grant is None:
            return None
        if grant.until > self._clock():
            return grant.user_id
        del self._grants[key]
        return None

    def _heard(self, event: Event) -> None:
        if event.type.startswith(("iam:", "training:", "tracking:")):
            self._grants.clear()
