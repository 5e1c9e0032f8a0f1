"""Keeps a replica's state true to its workload's, in the same transaction (WorkloadListener)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.compute import queries as compute
from slipway.compute.types import Workload, WorkloadState
from slipway.serving import queries
from slipway.serving.events import touch_version
from slipway.serving.launch import PORT
from slipway.serving.tables import ReplicaRow
from slipway.serving.types import ReplicaState, Wanted

_BEFORE_RUNNING = (ReplicaState.QUEUED, ReplicaState.STARTING)


class ServiceFollower:
    def __init__(self, now: Clock) -> None:
        self._now = now

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        row = await queries.replica_of_workload(session, workload.id)
        if row is None or ReplicaState(row.state).has_ended:
            return
        row.reason = workload.reason
        match workload.state:
            case WorkloadState.QUEUED:
                row.state = ReplicaState.QUEUED
            case WorkloadState.STARTING:
                row.state = ReplicaState.STARTING
            case WorkloadState.RUNNING if row.state in _BEFORE_RUNNING:
                await _place(session, row, workload)
                row.state = ReplicaState.READYING
            case WorkloadState.STOPPING:
                row.state = ReplicaState.TERMINATING
            case WorkloadState.FAILED | WorkloadState.STOPPED | WorkloadState.SUCCEEDED:
                _end(row, workload)
                row.ended_at = workload.ended_at or self._now()
        await session.flush()
        touch_version(session, row.version_id, row.service_id)


async def _place(session: AsyncSession, row: ReplicaRow, workload: Workload) -> None:
    """Where it answers: known once the instance runs."""
    instance = (await compute.list_instances(session, workload.id, workload.attempt))[0]
    row.instance_id, row.host, row.port = instance.id, instance.host, instance.ports[PORT]
    row.started_at = workload.started_at


def _end(row: ReplicaRow, workload: Workload) -> None:
    """Only an end that nobody asked for is a failure."""
    if row.verdict is not None:
        row.state, row.reason = ReplicaState.FAILED, row.verdict
    elif row.wanted == Wanted.RUN:
        row.state, row.reason = ReplicaState.FAILED, workload.reason or "It ended by itself."
    else:
        row.state, row.reason = ReplicaState.TERMINATED, ""
