"""Keeps an evaluation's state true to its workload's, in the same transaction."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.base.database import after_commit
from slipway.compute.types import Workload
from slipway.compute.wake import Wake
from slipway.evaluation import queries
from slipway.evaluation.events import tell
from slipway.evaluation.types import KIND, state_of

__all__ = ["KIND", "EvaluationFollower", "wake"]

# Ids of evaluations whose workload has ended; a hint for the loop.
wake = Wake()


class EvaluationFollower:
    """A `WorkloadListener`, for workloads of the kind `KIND`."""

    def __init__(self, now: Clock) -> None:
        self._now = now

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        row = await queries.find_by_workload(session, workload.id)
        if row is None:
            return
        now, before, evaluation_id = self._now(), row.state, row.id
        row.state, row.reason, row.updated_at = state_of(workload), workload.reason, now
        row.started_at, row.ended_at = workload.started_at, workload.ended_at
        if workload.state.is_final:
            row.ended_as = workload.state
            after_commit(session, lambda: wake.workload(evaluation_id))
        await session.flush()
        if row.state != before:
            await tell(session, row, now=now)
