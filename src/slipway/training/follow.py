"""Keeps a task's state true to its workload's, in the same transaction (WorkloadListener).

What waits for the task hears of its end here too: see `dependencies.py`.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.compute import held
from slipway.compute.nodes.queries import machines_of_attempt
from slipway.compute.types import Workload
from slipway.training import queries
from slipway.training.dependencies import failed_reason, waiting_reason
from slipway.training.events import tell
from slipway.training.tables import TaskRow
from slipway.training.types import EVENT_ON_ENTERING, TaskEvent, TaskState, state_of

KIND = "training"


def _has_cards(workload: Workload) -> bool:
    """Without cards the machines are looked up when somebody asks; their drivers change nothing."""
    return any(role.resources.gpus for role in workload.spec.roles)


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
        if row.state == TaskState.RUNNING and row.record and _has_cards(workload):
            machines = await machines_of_attempt(session, workload.id, workload.attempt)
            row.record = {**row.record, "machines": machines}
        if evicted:
            await tell(session, row, TaskEvent.PREEMPTED, now=now)
        elif restarted:
            await tell(session, row, TaskEvent.RESTARTED, now=now)
        elif row.state != before:
            event = EVENT_ON_ENTERING.get(TaskState(row.state))
            await tell(session, row, event or "taskStateChanged", now=now)
        if row.state != before and TaskState(row.state).is_final:
            await queries.delete_waits_of(session, row.id)
            await self._tell_those_after(session, row)

    async def _tell_those_after(self, session: AsyncSession, row: TaskRow) -> None:
        """They enter the queue if it was the last they waited for, or fail if it did not complete."""
        waiting = await queries.list_waiting_for(session, row.id)
        await queries.delete_waits_for(session, row.id)
        for task in waiting:
            if task.state != TaskState.QUEUED:
                continue  # a user stops it
            others = await queries.list_waited_for(session, task.id)
            if row.state != TaskState.COMPLETED:
                changed = await held.fail(
                    session, task.workload_id, failed_reason(row), now=self._now()
                )
            elif others:
                changed = await held.hold(session, task.workload_id, waiting_reason(others))
                await tell(session, task, "taskWaits", now=self._now())
            else:
                changed = await held.release(session, task.workload_id, now=self._now())
                task.queued_at = changed.queued_at
                await tell(session, task, "taskReleased", now=self._now())
            await self.workload_changed(session, changed)
