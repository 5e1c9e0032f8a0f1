"""The loop that measures services and changes how many replicas they shall have.

It looks every few seconds, and at once when a call waits for a version to wake. What it remembers
(windows, the minute being measured) only makes it more careful: after a crash it begins anew, and
nothing is scaled down before a whole window has been watched again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.compute.output.files import InstanceFiles
from slipway.serving import queries, wake
from slipway.serving.scaling import store
from slipway.serving.scaling.carry_out import carry_out, is_busy
from slipway.serving.scaling.decide import Facts, ScalingStepKind, Step, bounded, next_step
from slipway.serving.scaling.hpa import Window, asked_for
from slipway.serving.scaling.measure import Reading, measure
from slipway.serving.scaling.minutes import Minutes
from slipway.serving.scaling.rules import last_fired
from slipway.serving.scaling.signals import Signals
from slipway.serving.scaling.types import Scaling
from slipway.serving.tables import ReplicaRow, ServiceRow, ServiceVersionRow
from slipway.serving.types import Replica, Version

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class ScalingContext:
    """`zone` None: the time zone of this machine."""

    db: Database
    files: InstanceFiles
    signals: Signals
    zone: tzinfo | None
    now: Clock
    look_every_s: float = LOOK_EVERY_S


@dataclass(frozen=True, slots=True)
class _Subject:
    """A version with all that a decision about it needs."""

    row: ServiceVersionRow
    service: ServiceRow
    version: Version
    replicas: tuple[Replica, ...]
    scaling: Scaling


class ScalingLoop:
    def __init__(self, context: ScalingContext) -> None:
        self._ctx = context
        self._windows: dict[str, tuple[Scaling, Window]] = {}
        self._minutes = Minutes()

    async def run(self) -> None:
        with wake.calls.listen() as called:
            look_at = 0.0
            while True:
                pause_s = max(0.0, look_at - time.monotonic())
                services = await called.wait(pause_s)
                try:
                    if services:
                        await self._wake(services)
                    if time.monotonic() >= look_at:
                        look_at = time.monotonic() + self._ctx.look_every_s
                        await self._look()
                except (StaleDataError, DBAPIError) as error:
                    log.info("A look at the load is repeated.", extra={"reason": str(error)})

    async def _wake(self, services: Iterable[str]) -> None:
        wanted = set(services)
        for subject in await self._subjects():
            if subject.service.id in wanted and subject.row.replicas == 0:
                await self._decide(subject, None)

    async def _look(self) -> None:
        subjects = await self._subjects()
        for subject in subjects:
            reading = await measure(
                self._ctx.files, self._ctx.signals, queries.frozen_service(subject.service),
                subject.version, subject.replicas,
            )  # fmt: skip
            self._minutes.add(self._ctx.now(), subject.version.id, subject.row.replicas, reading)
            if subject.scaling.is_automatic:
                await self._decide(subject, reading)
        await self._keep_minutes()
        self._forget(subjects)

    async def _subjects(self) -> list[_Subject]:
        async with self._ctx.db.read() as session:
            rows = await store.list_wanted(session)
            ids = sorted({row.service_id for row in rows})
            services = {s.id: s for s in await queries.list_services(session, ids)}
            replicas = await queries.list_live_replicas(session, ids)
        return [
            _Subject(
                row, services[row.service_id], queries.frozen_version(row),
                _live_of(row, replicas), Scaling.of(row.scaling),
            )
            for row in rows
            if row.service_id in services
        ]  # fmt: skip

    async def _decide(self, subject: _Subject, reading: Reading | None) -> None:
        if is_busy(subject.row):
            return
        version_id, now = subject.version.id, time.monotonic()
        window = self._window(version_id, subject.scaling, now)
        step = next_step(subject.scaling, self._facts(subject, reading), window, now)
        if step is None or (reading is None and step.kind != ScalingStepKind.WAKE):
            return
        await self._write(version_id, step, subject.row.replicas)

    async def _write(self, version_id: str, step: Step, decided_on: int) -> None:
        async with self._ctx.db.begin() as session:
            await carry_out(session, version_id, step, decided_on, self._ctx.now())

    def _facts(self, subject: _Subject, reading: Reading | None) -> Facts:
        row, service, signals = subject.row, subject.service, self._ctx.signals
        by_service = row.weight > 0
        held = signals.held(service.id, row.id)
        held += signals.held(service.id) if by_service else 0
        scaling, bounds = subject.scaling, _bounds(row)
        targets = bounded(scaling.hpa, bounds).targets if scaling.hpa else ()
        values = reading.values(service.concurrency_per_replica) if reading else {}
        return Facts(
            replicas=row.replicas, default_replicas=row.default_replicas,
            steady=row.served and not row.updating, held=held,
            idle_s=self._idle_s(subject, reading),
            fired=last_fired(
                scaling.rules, row.scaled_until or row.created_at, self._ctx.now(), self._ctx.zone
            ),
            asked=asked_for(reading.ready if reading else 0, targets, values), bounds=bounds,
        )  # fmt: skip

    def _idle_s(self, subject: _Subject, reading: Reading | None) -> float | None:
        """Seconds since the last call, as far as they have been watched; None while it is busy."""
        signals, row = self._ctx.signals, subject.row
        if reading is None or reading.in_flight is None or reading.in_flight > 0:
            return None
        called = signals.idle_s(subject.service.id, row.id, by_service=row.weight > 0)
        ready = [r.ready_at for r in subject.replicas if r.ready_at is not None]
        if not ready:
            return None
        # It has been able to answer only for so long, and is known to us only for so long.
        up_s = (self._ctx.now() - max(ready)).total_seconds()
        return min(s for s in (called, up_s, signals.listening_s()) if s is not None)

    def _window(self, version_id: str, scaling: Scaling, now: float) -> Window:
        """A new one where the policy is another."""
        known = self._windows.get(version_id)
        if known is None or known[0] != scaling:
            known = self._windows[version_id] = (scaling, Window(now))
        return known[1]

    async def _keep_minutes(self) -> None:
        rows = self._minutes.complete(self._ctx.now())
        if rows:
            async with self._ctx.db.begin() as session:
                await store.add_minutes(session, rows, self._ctx.now())

    def _forget(self, subjects: Sequence[_Subject]) -> None:
        versions = {s.version.id for s in subjects}
        self._windows = {v: w for v, w in self._windows.items() if v in versions}
        self._ctx.signals.forget_all_but({s.service.id for s in subjects}, versions)


def _live_of(row: ServiceVersionRow, replicas: Sequence[ReplicaRow]) -> tuple[Replica, ...]:
    own = (queries.frozen_replica(r) for r in replicas if r.version_id == row.id)
    return tuple(r for r in own if r.is_live)


def _bounds(row: ServiceVersionRow) -> tuple[int, int] | None:
    if row.bound_low is None or row.bound_high is None:
        return None
    return row.bound_low, row.bound_high
