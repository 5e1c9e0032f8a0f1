"""Calls that wait for a sleeping version to wake: few, each for a bounded time.

A version that may sleep comes with a `hold` in the feed. What finds none of its instances ready is
kept here; the report to the control plane (`load.py`) is what wakes it. Every change of the routes
tries those that wait again, in the order in which they came.
"""

from typing import TYPE_CHECKING

from slipway.gateway.errors import NO_READY_INSTANCE, WAKE_QUEUE_FULL, Refused
from slipway.gateway.state import Hold, Service, Version

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange


class WakeQueue:
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._deadlines: dict[Exchange, float] = {}  # in the order of arrival
        self._counts: dict[str, int] = {}  # by service

    def take(self, exchange: "Exchange", refusal: Refused) -> bool:
        """Whether the exchange waits now instead of being refused. Raises Refused when full."""
        service = exchange.service
        if refusal.fault is not NO_READY_INSTANCE or service is None or self._gateway.draining:
            return False
        hold = find_hold(service, exchange.entry.version)
        if hold is None:
            return False
        waiting = self._counts.get(service.id, 0)
        if waiting >= hold.most:
            raise Refused(
                WAKE_QUEUE_FULL,
                f"The service {service.id} is waking, and {waiting} calls wait for it already."
                " Try again in a moment.",
                retry_after_s=5,
            )
        waits_until = exchange.wait_until
        if waits_until is None:
            waits_until = exchange.wait_until = self._gateway.clock() + hold.timeout_s
        self._deadlines[exchange] = waits_until
        self._counts[service.id] = waiting + 1
        self._gateway.load.hurry()
        return True

    def drop(self, exchange: "Exchange") -> None:
        """It waits no more: its caller has gone, or it goes on. Harmless where it did not wait."""
        if self._deadlines.pop(exchange, None) is None or exchange.service is None:
            return
        left = self._counts[exchange.service.id] - 1
        if left:
            self._counts[exchange.service.id] = left
        else:
            del self._counts[exchange.service.id]

    def try_again(self) -> None:
        """After a change of the routes."""
        for exchange in list(self._deadlines):
            service = exchange.service
            assert service is not None
            now = self._gateway.state.services.get(service.id)
            if now is None or now.stopped or any(v.replicas for v in now.versions):
                self.drop(exchange)
                exchange.go_on()

    def check(self, now: float) -> None:
        """Who has waited long enough is told so."""
        for exchange, deadline in list(self._deadlines.items()):
            if deadline <= now:
                self.drop(exchange)
                exchange.refuse(_too_late(exchange))

    def end(self) -> None:
        """The gateway stops: nobody waits for what it will not hear of."""
        for exchange in list(self._deadlines):
            self.drop(exchange)
            exchange.refuse(_too_late(exchange))

    def held(self) -> dict[tuple[str, str], int]:
        """How many wait at each entrance: (service, version whose own path was called or '')."""
        found: dict[tuple[str, str], int] = {}
        for exchange in self._deadlines:
            assert exchange.service is not None
            at = exchange.entrance
            found[at] = found.get(at, 0) + 1
        return found


def find_hold(service: Service, only: Version | None) -> Hold | None:
    """How calls may wait here; None where nothing that takes them may sleep."""
    versions = (only,) if only is not None else service.versions
    return next(
        (v.hold for v in versions if v.hold is not None and (only is not None or v.weight > 0)),
        None,
    )


def _too_late(exchange: "Exchange") -> Refused:
    name = exchange.service.id if exchange.service else ""
    return Refused(
        NO_READY_INSTANCE,
        f"The service {name} was asleep and is not awake yet. Try again in a moment.",
        retry_after_s=5,
    )
