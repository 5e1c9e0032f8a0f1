"""Keeps a board's state true to its workload's, in the same transaction (WorkloadListener)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.compute.types import Workload, WorkloadState
from slipway.tensorboard import queries
from slipway.tensorboard.start import tell
from slipway.tensorboard.types import BoardState


class BoardFollower:
    def __init__(self, now: Clock) -> None:
        self._now = now

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        row = await queries.find_by_workload(session, workload.id)
        if row is None or BoardState(row.state).is_final:
            return
        before = (row.state, row.reason)
        match workload.state:
            case WorkloadState.FAILED | WorkloadState.SUCCEEDED:
                row.state = BoardState.UNAVAILABLE
                row.reason = (
                    f"{workload.reason or 'It ended by itself.'} Start it again in a while."
                )
            case WorkloadState.STOPPED:
                row.state, row.reason = BoardState.STOPPED, ""
            case _:
                row.reason = workload.reason
        if (row.state, row.reason) != before:
            row.updated_at = self._now()
            await session.flush()
            await tell(session, row, row.state, now=self._now())
