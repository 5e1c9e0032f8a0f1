"""Workloads that do not enter the queue yet, since their room waits for something else first.

They are nobody's competitor and no limit of the queue time runs. A stop ends them as any that waits.
Whoever calls these tells its own rows: listeners are told only of what the compute floor does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.errors import Conflict, NotFound
from slipway.compute import queries
from slipway.compute.lifecycle.attempts import ended_attempt
from slipway.compute.lifecycle.steps import Finish
from slipway.compute.scheduling.reasons import QUEUED
from slipway.compute.tables import WorkloadRow
from slipway.compute.types import Ending, Wanted, Workload, WorkloadState
from slipway.compute.wake import wake


async def hold(session: AsyncSession, workload_id: str, reason: str) -> Workload:
    """Hold it on, for another reason."""
    row = await _held(session, workload_id)
    row.reason = reason
    await session.flush()
    return queries.frozen_workload(row)


async def release(session: AsyncSession, workload_id: str, *, now: datetime) -> Workload:
    """Into the queue, where its waiting time begins now. Its place is that of its submission."""
    row = await _held(session, workload_id)
    row.wanted, row.reason, row.queued_at = Wanted.RUN, QUEUED, now
    await session.flush()
    after_commit(session, lambda: wake.schedule(workload_id))
    after_commit(session, lambda: wake.workload(workload_id))  # the look sets the queue's limit
    return queries.frozen_workload(row)


async def fail(session: AsyncSession, workload_id: str, reason: str, *, now: datetime) -> Workload:
    """It ends without having been in the queue."""
    row = await _held(session, workload_id)
    session.add(ended_attempt(row, (), Finish(Ending.FAILED, reason), now))
    row.state, row.reason, row.ended_at = WorkloadState.FAILED, reason, now
    await session.flush()
    return queries.frozen_workload(row)


async def _held(session: AsyncSession, workload_id: str) -> WorkloadRow:
    row = await queries.find_workload(session, workload_id)
    if row is None:
        raise NotFound(f"There is no workload {workload_id}.")
    if row.state != WorkloadState.QUEUED or row.wanted != Wanted.HOLD:
        raise Conflict(f"{row.name} is not held.", code="not_held")
    return row
