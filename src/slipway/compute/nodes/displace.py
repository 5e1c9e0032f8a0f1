"""Taking a node's work away: moved in good order, or ended because the machine is dead.

Training goes back to its queue, a service's replica is started elsewhere: both are workloads that
are requeued (`Ending.RESCHEDULED`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.compute.lifecycle.settle import end_instance
from slipway.compute.lifecycle.steps import may_move
from slipway.compute.listeners import Listeners
from slipway.compute.nodes import queries
from slipway.compute.queries import frozen_workload
from slipway.compute.tables import InstanceRow, NodeRow, WorkloadRow
from slipway.compute.types import Ending, WorkloadState
from slipway.compute.wake import wake

_TAKEN_DOWN = (WorkloadState.STARTING, WorkloadState.RUNNING)


async def displace_work(
    session: AsyncSession, listeners: Listeners, node: NodeRow, reason: str
) -> int:
    """End in good order whatever runs on the node, to start again elsewhere; how many workloads."""
    instances = await queries.live_on(session, [node.id])
    workloads = await queries.workloads_by_id(session, {i.workload_id for i in instances})
    moved = [w for w in workloads.values() if _requeue(w, reason)]
    await _tell(session, listeners, moved, moved)
    return len(moved)


async def end_lost_work(
    session: AsyncSession, listeners: Listeners, node: NodeRow, reason: str, now: datetime
) -> int:
    """The machine is dead: its instances have ended; their workloads move or fail by their policy."""
    instances = await queries.live_on(session, [node.id])
    workloads = await queries.workloads_by_id(session, {i.workload_id for i in instances})
    for instance in instances:
        await _end(session, listeners, workloads[instance.workload_id], instance, node, now)
    changed = [w for w in workloads.values() if _requeue(w, reason, lost=True)]
    await _tell(session, listeners, changed, list(workloads.values()))
    return len(workloads)


def _requeue(row: WorkloadRow, reason: str, *, lost: bool = False) -> bool:
    """Whether the workload now goes another way than before."""
    state = WorkloadState(row.state)
    if state in _TAKEN_DOWN:
        ending = (
            Ending.FAILED if lost and not may_move(frozen_workload(row)) else Ending.RESCHEDULED
        )
        row.state, row.ending, row.reason = WorkloadState.STOPPING, ending, reason
        return True
    if state == WorkloadState.STOPPING and row.ending == Ending.RESTART:
        row.ending = Ending.RESCHEDULED  # its seats are on a node that is going
        return True
    return False


async def _end(
    session: AsyncSession,
    listeners: Listeners,
    workload: WorkloadRow,
    row: InstanceRow,
    node: NodeRow,
    now: datetime,
) -> None:
    row.reason = f"was lost: its node {node.name} is dead"
    await end_instance(session, listeners, workload, row, now)


async def _tell(
    session: AsyncSession,
    listeners: Listeners,
    changed: Sequence[WorkloadRow],
    touched: Sequence[WorkloadRow],
) -> None:
    await session.flush()
    for row in changed:
        await listeners.workload_changed(session, frozen_workload(row))
    ids = [row.id for row in touched]
    after_commit(session, lambda: _look_at(ids))


def _look_at(workload_ids: Sequence[str]) -> None:
    for workload_id in workload_ids:
        wake.workload(workload_id)
