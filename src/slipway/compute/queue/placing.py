"""Carrying out what the scheduler decides: seats are written down, victims are sent away.

The scheduler stays in memory and hears of changes by hints; its word counts only as far as the rows
still agree. Where they do not, or anything fails, it is dropped and read anew. So it can be killed
at any line: the rows say who waits, who holds seats, and for whom a victim leaves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.listeners import Listeners
from slipway.compute.queue import queries as queue_queries
from slipway.compute.queue.roster import list_roster, rules_by_group
from slipway.compute.queue.seats import Ports, seat_instances
from slipway.compute.scheduling.model import Decision, Evict, Start, Wait
from slipway.compute.scheduling.schedule import loaded
from slipway.compute.scheduling.scheduler import Scheduler
from slipway.compute.tables import NodeRow, WorkloadRow
from slipway.compute.types import Ending, Wanted, WorkloadSpec, WorkloadState
from slipway.compute.wake import Hints, wake

log = logging.getLogger(__name__)

EVICTED = "Displaced by work of higher priority; it waits for its turn again."
_AT_ONCE = 100  # decisions written in one transaction
_REASONS = 100  # new reasons written after one pass; the first of each lane are what people look at
_TAKEN_DOWN = (WorkloadState.STARTING, WorkloadState.RUNNING)


class _Disagree(Exception):
    """The rows are no longer what was decided upon."""


class Placer:
    def __init__(
        self, db: Database, listeners: Listeners, settings: Settings, now: Clock, ports: Ports
    ) -> None:
        self._db, self._listeners, self._settings, self._now = db, listeners, settings, now
        self._ports = ports
        self._scheduler: Scheduler | None = None

    async def run(self, hints: Hints) -> None:
        """One pass. Whatever fails, the next one starts from the rows."""
        try:
            scheduler = await self._up_to_date(hints)
            await self._carry_out(scheduler.run(self._now(), guard_before=self._guard_before()))
        except _Disagree:
            self._scheduler = None
            wake.schedule()
        except BaseException:
            self._scheduler = None
            raise

    def _guard_before(self) -> datetime | None:
        wait_s = self._settings.queue_guard_s
        return self._now() - timedelta(seconds=wait_s) if wait_s else None

    async def _up_to_date(self, hints: Hints) -> Scheduler:
        scheduler = self._scheduler
        async with self._db.read() as session:
            if scheduler is not None and hints.everything:
                scheduler = await self._with_surroundings(session, scheduler)
            if scheduler is None:
                scheduler, changed = await self._read(session)
            else:
                changed = await self._apply(session, scheduler, hints.queue)
        if changed:
            async with self._db.begin() as session:
                await queue_queries.write_priorities(session, changed)
        self._scheduler = scheduler
        return scheduler

    async def _read(self, session: AsyncSession) -> tuple[Scheduler, Mapping[str, int]]:
        rules = await rules_by_group(session, self._settings.eviction_limit)
        waiting, running, changed = await list_roster(session, rules)
        nodes = await queries.list_nodes(session)
        return await asyncio.to_thread(loaded, nodes, running, waiting, rules), changed

    async def _with_surroundings(
        self, session: AsyncSession, scheduler: Scheduler
    ) -> Scheduler | None:
        """Groups and nodes as they are; None where policies differ, or workloads were missed."""
        rules = await rules_by_group(session, self._settings.eviction_limit)
        known = {group_id: group.rules for group_id, group in scheduler.groups.items()}
        if rules != known or scheduler.counts() != await queue_queries.count_entries(session):
            return None
        scheduler.put_nodes(await queries.list_nodes(session))
        return scheduler

    async def _apply(
        self, session: AsyncSession, scheduler: Scheduler, changed_ids: set[str]
    ) -> Mapping[str, int]:
        if not changed_ids:
            return {}
        rules = {group_id: group.rules for group_id, group in scheduler.groups.items()}
        waiting, running, changed = await list_roster(session, rules, ids=changed_ids)
        there = {item.id for item in waiting} | {one.item.id for one in running}
        for item_id in changed_ids - there:
            scheduler.remove(item_id)
        for one in running:
            scheduler.put_running(one)
        for item in waiting:
            scheduler.put_waiting(item)
        return changed

    async def _carry_out(self, decisions: Sequence[Decision]) -> None:
        waits = [d for d in decisions if isinstance(d, Wait)][:_REASONS]
        acts = [d for d in decisions if not isinstance(d, Wait)]
        queue = iter([*acts, *waits])
        while part := list(islice(queue, _AT_ONCE)):
            async with self._db.begin() as session:
                touched = await self._write(session, part)
            for workload_id in touched:
                wake.workload(workload_id)

    async def _write(self, session: AsyncSession, decisions: Sequence[Decision]) -> list[str]:
        """Workloads to look at once this is committed."""
        rows = await queue_queries.workloads_by_id(session, [d.item_id for d in decisions])
        seats = {s.node_id for d in decisions if isinstance(d, Start) for s in d.seats}
        nodes = await queue_queries.nodes_by_id(session, seats)
        changed: list[WorkloadRow] = []
        touched = []
        for decision in decisions:
            row = rows.get(decision.item_id)
            match decision:
                case Start():
                    await self._start(
                        session, _expected(row, WorkloadState.QUEUED), decision, nodes
                    )
                    touched.append(decision.item_id)
                case Evict(_, winner_id):
                    _evict(_expected(row, *_TAKEN_DOWN), winner_id)
                    touched.append(decision.item_id)
                case Wait(_, reason):
                    if row is None or row.state != WorkloadState.QUEUED or row.reason == reason:
                        continue
                    row.reason = reason
            assert row is not None
            changed.append(row)
        await session.flush()
        for one in changed:
            await self._listeners.workload_changed(session, queries.frozen_workload(one))
        winners = [d.item_id for d in decisions if isinstance(d, Start) and d.displaced]
        if winners:
            await queue_queries.forget_displacement(session, winners)
        return touched

    async def _start(
        self, session: AsyncSession, row: WorkloadRow, start: Start, nodes: Mapping[str, NodeRow]
    ) -> None:
        used = [
            queries.frozen_node(nodes[n]) for n in {s.node_id for s in start.seats} if n in nodes
        ]
        if not all(node.takes_work for node in used) or not used:
            raise _Disagree
        spec = WorkloadSpec.of(row.spec)
        await seat_instances(
            session, row, spec, start.seats, used, ports=self._ports, now=self._now()
        )
        row.state, row.reason, row.displaced_for = WorkloadState.STARTING, "", None


def _evict(row: WorkloadRow, winner_id: str) -> None:
    row.state, row.ending, row.reason = WorkloadState.STOPPING, Ending.EVICTED, EVICTED
    row.displaced_for = winner_id


def _expected(row: WorkloadRow | None, *states: WorkloadState) -> WorkloadRow:
    if row is None or row.state not in states or row.wanted != Wanted.RUN:
        raise _Disagree
    return row
