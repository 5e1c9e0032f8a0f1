"""Writing down what was seen and decided, in one transaction guarded by the row's revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.compute import queries
from slipway.compute.lifecycle.attempts import ended_attempt
from slipway.compute.lifecycle.steps import (
    Alive,
    Finish,
    Gone,
    NotStarted,
    NowRunning,
    Observed,
    Step,
    TakeDown,
)
from slipway.compute.listeners import Listeners
from slipway.compute.nodes.events import enter
from slipway.compute.nodes.service import cordon
from slipway.compute.queue.queries import nodes_by_id
from slipway.compute.queue.seats import Ports, seat_instances
from slipway.compute.scheduling.model import Seat
from slipway.compute.tables import InstanceRow, WorkloadRow
from slipway.compute.types import (
    REQUEUES,
    Ending,
    Instance,
    InstanceState,
    NodeState,
    Workload,
    WorkloadState,
)
from slipway.compute.wake import wake

_Stretch = tuple[Instance, datetime, datetime]
_FINAL = {
    Ending.SUCCEEDED: WorkloadState.SUCCEEDED,
    Ending.FAILED: WorkloadState.FAILED,
    Ending.STOPPED: WorkloadState.STOPPED,
}


async def settle(
    session: AsyncSession,
    listeners: Listeners,
    row: WorkloadRow,
    instances: Sequence[InstanceRow],
    seen: Mapping[str, Observed],
    step: Step,
    *,
    ports: Ports,
    now: datetime,
) -> None:
    ended = [i for i in instances if _settle_instance(i, seen[i.id], step, now)]
    await queries.free_ports(session, ended)
    stretches, as_it_was = [_last_stretch(i) for i in ended], queries.frozen_workload(row)
    before = (row.state, row.ending, row.reason, row.attempt)
    if isinstance(step, Finish):
        session.add(ended_attempt(row, instances, step, now))
    match step:
        case NowRunning():
            row.state = WorkloadState.RUNNING
            row.reason = ""
            row.started_at = row.started_at or now
        case TakeDown(ending, reason, faulty, lost):
            row.state, row.ending, row.reason = WorkloadState.STOPPING, ending, reason
            if faulty is not None:
                await cordon_at_fault(session, faulty, reason, now)
            if lost is not None:
                await _keep_work_away(session, lost, now)
        case Finish(Ending.RESTART, reason):
            await _restart(session, row, instances, reason, ports, now)
        case Finish(ending, reason) if ending in REQUEUES:
            _requeue(row, ending, reason, now)
            after_commit(session, lambda: wake.schedule(row.id))
            after_commit(session, lambda: wake.workload(row.id))  # a stop may be wanted by now
        case Finish(ending, reason):
            row.state, row.ending, row.reason, row.ended_at = _FINAL[ending], None, reason, now
            after_commit(session, lambda: wake.schedule(row.id))
    await session.flush()
    for stretch in stretches:
        await _meter(session, listeners, as_it_was, stretch)
    if (row.state, row.ending, row.reason, row.attempt) != before:
        await listeners.workload_changed(session, queries.frozen_workload(row))


def _settle_instance(row: InstanceRow, seen: Observed, step: Step, now: datetime) -> bool:
    """Whether it has ended by what was seen."""
    if row.state == InstanceState.EXITED:
        return False
    match seen:
        case Alive(started_at, namespace, notes) if row.state == InstanceState.PLACED:
            row.state, row.started_at, row.namespace, row.notes = (
                InstanceState.RUNNING,
                started_at,
                namespace,
                list(notes),
            )
        case Gone():
            row.started_at = row.started_at or seen.started_at
            row.namespace, row.notes = seen.namespace, list(seen.notes)
            row.exit_code, row.signal, row.reason = seen.exit_code, seen.signal, seen.reason
            _end(row, seen.ended_at)
        case NotStarted() if isinstance(step, Finish):
            row.reason = "was never started"
            _end(row, now)
    return row.state == InstanceState.EXITED


async def end_instance(
    session: AsyncSession,
    listeners: Listeners,
    workload: WorkloadRow,
    row: InstanceRow,
    ended_at: datetime,
) -> None:
    """It has ended: its ports are free, and the meter hears of the time it held its resources."""
    _end(row, ended_at)
    await queries.free_ports(session, [row])
    stretch = _last_stretch(row)
    await session.flush()
    await _meter(session, listeners, queries.frozen_workload(workload), stretch)


def _end(row: InstanceRow, ended_at: datetime) -> None:
    row.state, row.ended_at = InstanceState.EXITED, ended_at


def _last_stretch(row: InstanceRow) -> _Stretch | None:
    """The time that an ended instance held its resources and nobody has metered yet."""
    if row.started_at is None or row.ended_at is None:
        return None
    start = row.metered_until or row.started_at
    row.metered_until = max(start, row.ended_at)
    return queries.frozen_instance(row), start, row.ended_at


async def _meter(
    session: AsyncSession, listeners: Listeners, workload: Workload, stretch: _Stretch | None
) -> None:
    if stretch is not None:
        await listeners.instance_ran(session, workload, *stretch)


async def cordon_at_fault(session: AsyncSession, node_id: str, reason: str, now: datetime) -> None:
    """A node that is cordoned already keeps its first reason."""
    node = await queries.find_node(session, node_id)
    if node is not None and not node.cordoned:
        await cordon(session, node, reason=reason, now=now)


async def _keep_work_away(session: AsyncSession, node_id: str, now: datetime) -> None:
    """A node that is gone must not get the work back which it has just lost.

    Whatever else runs there is left to its own proof: the machine may be back by now, and then the
    next look at the node lets it take work again.
    """
    node = await queries.find_node(session, node_id)
    if node is not None and node.state == NodeState.RUNNING:
        await enter(
            session, node, NodeState.ABNORMAL, "Its machine is gone; what ran there is lost.", now
        )


async def _restart(
    session: AsyncSession,
    row: WorkloadRow,
    instances: Sequence[InstanceRow],
    reason: str,
    ports: Ports,
    now: datetime,
) -> None:
    """The next attempt takes the seats of the one before: its resources were never given back."""
    row.state, row.ending, row.reason = WorkloadState.STARTING, None, reason
    row.attempt += 1
    row.restarts += 1
    await session.flush()
    frozen = queries.frozen_workload(row)
    seats = [Seat(i.node_id, tuple(i.gpu_indexes)) for i in sorted(instances, key=lambda i: i.rank)]
    rows = await nodes_by_id(session, {seat.node_id for seat in seats})
    nodes = [queries.frozen_node(node) for node in rows.values()]
    await seat_instances(session, row, frozen.spec, seats, nodes, ports=ports, now=now)


def _requeue(row: WorkloadRow, ending: Ending, reason: str, now: datetime) -> None:
    """Back to the queue, at the place its time of submission gives it; `queued_at` is since when it waits."""
    row.state, row.ending, row.reason = WorkloadState.QUEUED, None, reason
    row.attempt += 1
    row.queued_at, row.started_at = now, None
    if ending == Ending.EVICTED:
        row.evictions += 1
    else:
        row.reschedules += 1


def is_settled(instances: Sequence[InstanceRow], seen: Mapping[str, Observed], step: Step) -> bool:
    """True when there is nothing to write: a read stays a read."""
    if isinstance(step, NowRunning | TakeDown | Finish):
        return False
    return all(
        i.state == InstanceState.EXITED
        or (isinstance(seen[i.id], Alive) and i.state == InstanceState.RUNNING)
        or isinstance(seen[i.id], NotStarted)
        for i in instances
    )
