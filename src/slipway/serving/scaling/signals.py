"""What is known of the load at this moment, in memory: gateways report it, engines are asked.

Nothing here is kept: after a restart it is known anew within seconds, and until then nothing is
scaled down and nothing falls asleep.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

RATE_S = 30.0  # rates are means of so long
# A gateway that has been silent so long is not counted; it speaks every second.
SILENT_S = 15.0


@dataclass(frozen=True, slots=True)
class EntranceLoad:
    """Calls that came in at one entrance: a service's path, or a version's own ('' or its id)."""

    arrived: int = 0  # since the report before
    held: int = 0  # waiting now for a version to wake


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One gateway's account of the time since its last one."""

    gateway: str
    entrances: dict[tuple[str, str], EntranceLoad]  # (service, version or '')
    in_flight: dict[str, int]  # replica -> requests now


@dataclass(slots=True)
class _Counted:
    """Counts of the last while, by time."""

    points: deque[tuple[float, int]] = field(default_factory=deque)
    last_at: float | None = None

    def add(self, now: float, count: int) -> None:
        if count:
            self.points.append((now, count))
            self.last_at = now

    def total(self, now: float) -> int:
        while self.points and self.points[0][0] <= now - RATE_S:
            self.points.popleft()
        return sum(count for _, count in self.points)


@dataclass(slots=True)
class _Gateway:
    heard_at: float
    first_at: float
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    in_flight: dict[str, int] = field(default_factory=dict)


class Signals:
    """`clock` gives seconds that only rise."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._gateways: dict[str, _Gateway] = {}
        self._arrived: dict[tuple[str, str], _Counted] = {}
        self._calls: dict[str, _Counted] = {}  # version -> calls, booked as they end
        self._ttft: dict[str, deque[tuple[float, float]]] = {}  # version -> (time, ms)

    def report(self, report: LoadReport) -> None:
        now = self._clock()
        gateway = self._gateways.get(report.gateway)
        if gateway is None:
            gateway = self._gateways[report.gateway] = _Gateway(now, now)
        gateway.heard_at = now
        gateway.held = {at: load.held for at, load in report.entrances.items() if load.held}
        gateway.in_flight = {r: n for r, n in report.in_flight.items() if n}
        for at, load in report.entrances.items():
            self._arrived.setdefault(at, _Counted()).add(now, load.arrived)

    def ended(self, calls: Iterable[tuple[str, float | None]]) -> None:
        """Calls that have been booked: (version, time to first token in ms or None)."""
        now = self._clock()
        for version_id, ttft_ms in calls:
            self._calls.setdefault(version_id, _Counted()).add(now, 1)
            if ttft_ms is not None:
                self._ttft.setdefault(version_id, deque(maxlen=2000)).append((now, ttft_ms))

    @property
    def are_heard(self) -> bool:
        """Whether a gateway has been reporting for a while, so that silence means no calls."""
        now = self._clock()
        return any(now - g.first_at >= RATE_S for g in self._live(now))

    def in_flight(self, replicas: Iterable[str]) -> int | None:
        """Requests in the replicas now; None where no gateway reports."""
        live, own = self._live(self._clock()), list(replicas)
        return sum(g.in_flight.get(r, 0) for g in live for r in own) if live else None

    def held(self, service_id: str, version_id: str | None = None) -> int:
        """Calls that wait at the service's path, or at a version's own."""
        at = (service_id, version_id or "")
        return sum(g.held.get(at, 0) for g in self._live(self._clock()))

    def qps(self, version_id: str) -> float | None:
        """Calls a second that the version answered of late; None where no gateway reports."""
        now = self._clock()
        if not self._live(now):
            return None
        counted = self._calls.get(version_id)
        return counted.total(now) / RATE_S if counted else 0.0

    def ttft_p95_ms(self, version_id: str) -> float | None:
        """None where nothing was answered of late."""
        now = self._clock()
        found = sorted(ms for at, ms in self._ttft.get(version_id, ()) if at > now - RATE_S)
        return found[min(len(found) - 1, int(len(found) * 0.95))] if found else None

    def idle_s(self, service_id: str, version_id: str, *, by_service: bool) -> float | None:
        """Seconds without a call for the version; None: unknown, or none since we listen.

        `by_service`: calls at the service's own path are for it, too.
        """
        entrances = [(service_id, version_id), *([(service_id, "")] if by_service else [])]
        last = [c.last_at for at in entrances if (c := self._arrived.get(at)) and c.last_at]
        return self._clock() - max(last) if last else None

    def listening_s(self) -> float:
        """How long the gateways that report have been doing so; 0 where none does."""
        now = self._clock()
        return max((now - g.first_at for g in self._live(now)), default=0.0)

    def forget_all_but(self, services: set[str], versions: set[str]) -> None:
        self._arrived = {a: c for a, c in self._arrived.items() if a[0] in services}
        self._calls = {v: c for v, c in self._calls.items() if v in versions}
        self._ttft = {v: d for v, d in self._ttft.items() if v in versions}
        now = self._clock()
        self._gateways = {i: g for i, g in self._gateways.items() if now - g.heard_at < 3600}

    def _live(self, now: float) -> list[_Gateway]:
        return [g for g in self._gateways.values() if now - g.heard_at <= SILENT_S]


def load_signals(request: Request) -> Signals:
    found: Signals = request.app.state.signals
    return found


LoadSignals = Annotated[Signals, Depends(load_signals)]
