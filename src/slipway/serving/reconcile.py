"""The loop that makes services real.

It is woken by commits (what users want, what became of workloads, what probes found), looks again
when a pause is over, and every half minute at everything. It remembers nothing that matters: after
a crash the next start looks at the rows, adopts what still runs, and goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from slipway.assets.storage import Storage
from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.compute.output.files import InstanceFiles, instances_of_owner
from slipway.compute.output.logs import LogQuery, read_logs
from slipway.serving import queries, wake
from slipway.serving.advance import advance
from slipway.serving.config import VersionConfig
from slipway.serving.events import tell_of_version, touch_version
from slipway.serving.scaling.signals import Signals
from slipway.serving.tables import ReplicaRow, ServiceVersionRow
from slipway.serving.types import ReplicaState, Wanted
from slipway.serving.watch import Watched, Watches

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(seconds=30)
_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class ServingContext:
    db: Database
    storage: Storage
    files: InstanceFiles
    signals: Signals
    now: Clock


class ServingLoop:
    def __init__(self, context: ServingContext) -> None:
        self._ctx = context
        self._due: dict[str, datetime] = {}
        self._watches = Watches(_Writer(context), self._watch_failed)

    async def run(self) -> None:
        with wake.versions.listen() as changed:
            look_at_all = self._ctx.now()
            try:
                while True:
                    now = self._ctx.now()
                    ready = {v for v, at in self._due.items() if at <= now}
                    if now >= look_at_all:
                        ready |= await self._active()
                        look_at_all = now + _LOOK_AGAIN
                    for version_id in ready:
                        await self._look_guarded(version_id)
                    next_at = min((look_at_all, *self._due.values()))
                    pause_s = max(0.0, (next_at - self._ctx.now()).total_seconds())
                    for version_id in await changed.wait(pause_s):
                        self._due[version_id] = self._ctx.now()
            finally:
                await self._watches.close()

    async def _active(self) -> set[str]:
        async with self._ctx.db.read() as session:
            return set(await queries.list_active_versions(session))

    async def _look_guarded(self, version_id: str) -> None:
        self._due.pop(version_id, None)
        try:
            again_at = await self._look(version_id)
        except (StaleDataError, DBAPIError) as error:
            # Somebody changed the same rows meanwhile (or the database is away): look anew.
            log.info("A look at a service version is repeated.", extra={"reason": str(error)})
            again_at = self._ctx.now() + timedelta(seconds=0.2)
        except Exception:
            log.exception("A look at a service version failed.", extra={"version_id": version_id})
            again_at = self._ctx.now() + timedelta(seconds=1)
        if again_at is not None:
            self._due[version_id] = min(again_at, self._due.get(version_id, again_at))

    async def _look(self, version_id: str) -> datetime | None:
        last_logs = await self._last_logs(version_id)
        async with self._ctx.db.begin() as session:
            again_at = await advance(
                session,
                self._ctx.storage,
                version_id,
                last_logs,
                self._ctx.now(),
                lambda replica_id: self._ctx.signals.in_flight([replica_id]),
            )
        async with self._ctx.db.read() as session:
            row = await queries.find_version(session, version_id)
            replicas = await queries.replicas_of(session, version_id)
        self._watches.keep(version_id, self._watched(row, replicas))
        return again_at

    def _watched(
        self, row: ServiceVersionRow | None, replicas: Sequence[ReplicaRow]
    ) -> list[tuple[Watched, float]]:
        if row is None:
            return []
        now, config = self._ctx.now(), VersionConfig.of(row.config)
        return [
            (Watched(queries.frozen_replica(r), config), (now - since).total_seconds())
            for r in replicas
            for since in (r.started_at or now,)
        ]

    async def _last_logs(self, version_id: str) -> dict[str, list[str]]:
        """What failed replicas said last, read before the transaction."""
        async with self._ctx.db.read() as session:
            failed = await queries.uncounted_failures(session, version_id)
            instances = {r.id: await instances_of_owner(session, r.id) for r in failed}
        query = LogQuery(categories=frozenset("C"), limit=_LAST_LINES)
        found = {}
        for replica_id, own in instances.items():
            page = await asyncio.to_thread(read_logs, self._ctx.files.logs(own), query)
            found[replica_id] = [line.text for line in reversed(page.lines)]
        return found

    def _watch_failed(self, replica_id: str, error: BaseException) -> None:
        log.error("Watching a replica failed.", exc_info=error, extra={"replica_id": replica_id})
        version_id = replica_id.rpartition("-")[0]
        asyncio.get_running_loop().call_later(1, wake.versions.tell, version_id)


class _Writer:
    """Writes down what the watches find (`watch.Findings`)."""

    def __init__(self, context: ServingContext) -> None:
        self._ctx = context

    async def is_ready(self, replica_id: str) -> None:
        await self._turn(replica_id, ReplicaState.READYING, ReplicaState.RUNNING, "")

    async def is_unready(self, replica_id: str, reason: str) -> None:
        await self._turn(replica_id, ReplicaState.RUNNING, ReplicaState.READYING, reason)

    async def must_end(self, replica_id: str, reason: str) -> None:
        now = self._ctx.now()
        async with self._ctx.db.begin() as session:
            row = await queries.find_replica(session, replica_id)
            if row is None or row.wanted != Wanted.RUN or ReplicaState(row.state).has_ended:
                return
            row.verdict, row.wanted, row.drain_until = reason, Wanted.STOP, now
            row.reason = reason
            await session.flush()
            touch_version(session, row.version_id, row.service_id)

    async def _turn(
        self, replica_id: str, before: ReplicaState, after: ReplicaState, reason: str
    ) -> None:
        now = self._ctx.now()
        async with self._ctx.db.begin() as session:
            row = await queries.find_replica(session, replica_id)
            if row is None or row.state != before or row.wanted != Wanted.RUN:
                return
            row.state, row.reason, row.ready_at = after, reason, row.ready_at or now
            await session.flush()
            version = await queries.find_version(session, row.version_id)
            if version is not None:
                event = "instanceReady" if after == ReplicaState.RUNNING else "instanceUnready"
                await tell_of_version(
                    session, version, event, now=now, resource=("Instance", replica_id),
                    description=reason,
                )  # fmt: skip
