"""Keeps a task's state true to its workload's, in the same transaction (WorkloadListener)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.compute.types import Workload
from slipway.training import queries
from slipway.training.events import tell
from slipway.training.types import EVENT_ON_ENTERING, TaskEvent, TaskState, state_of

KIND = "training"


class TaskFollower:
    def __init__(self, now: Clock) -> None:
        self._now = now

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        row = await queries.find_by_workload(session, workload.id)
        if row is None:
            return
        now = self._now()
        before = TaskState(row.state)
        evicted, restarted = workload.evictions > row.evictions, workload.attempt > row.attempt
        row.state, row.reason = state_of(workload, before), workload.reason
        row.attempt, row.restarts = workload.attempt, workload.restarts
        row.evictions, row.reschedules = workload.evictions, workload.reschedules
        row.started_at, row.ended_at, row.updated_at = workload.started_at, workload.ended_at, now
        if evicted:
            await tell(session, row, TaskEvent.PREEMPTED, now=now)
        elif restarted:
            await tell(session, row, TaskEvent.RESTARTED, now=now)
        elif row.state != before:
            event = EVENT_ON_ENTERING.get(TaskState(row.state))
            await tell(session, row, event or "taskStateChanged", now=now)
