"""Keeps a load test's state true to its workload's, in the same transaction."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.base.database import after_commit
from slipway.compute.types import Workload
from slipway.compute.wake import Wake
from slipway.loadtests import queries
from slipway.loadtests.change import tell
from slipway.loadtests.types import state_of

# Ids of load tests whose workload has ended; a hint for the loop.
wake = Wake()


class LoadTestFollower:
    """A `WorkloadListener`."""

    def __init__(self, now: Clock) -> None:
        self._now = now

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        row = await queries.find_by_workload(session, workload.id)
        if row is None:
            return
        before, test_id = row.state, row.id
        row.state, row.reason = state_of(workload), workload.reason
        row.started_at, row.ended_at = workload.started_at, workload.ended_at
        if workload.state.is_final:
            row.ended_as = workload.state
            after_commit(session, lambda: wake.workload(test_id))
        await session.flush()
        if row.state != before:
            await tell(session, row, now=self._now())
