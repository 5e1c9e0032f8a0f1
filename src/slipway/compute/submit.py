"""Asking for a workload, and asking for its end. Both only write what is wanted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.errors import Invalid, NotFound
from slipway.base.ids import new_id
from slipway.compute import queries
from slipway.compute.placement import Ask, why_never
from slipway.compute.tables import WorkloadRow
from slipway.compute.types import Wanted, Workload, WorkloadSpec, WorkloadState
from slipway.compute.wake import wake

DEFAULT_GROUP = "rsg-local"


async def submit(
    session: AsyncSession,
    *,
    project_id: str,
    kind: str,
    owner_id: str,
    name: str,
    spec: WorkloadSpec,
    created_by: str,
    now: datetime,
    group_id: str = DEFAULT_GROUP,
    tags: dict[str, str] | None = None,
    priority: int | None = None,
) -> Workload:
    """Queue a workload in the caller's transaction. Refuses what could never be placed."""
    if await queries.find_group(session, group_id) is None:
        raise NotFound(f"There is no resource group {group_id}.", field="resource_group")
    workload_id = new_id("wl")
    ask = ask_of(workload_id, group_id, spec)
    if problem := why_never(await queries.list_nodes(session), ask):
        raise Invalid(problem, field="resources", code="never_fits")
    row = WorkloadRow(
        id=workload_id, project_id=project_id, kind=kind, owner_id=owner_id, name=name, spec=spec.as_json(),
        group_id=group_id, tags=tags or {}, priority=priority, wanted=Wanted.RUN, state=WorkloadState.QUEUED, created_by=created_by,
        created_at=now, queued_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    after_commit(session, lambda: wake.schedule())
    if spec.max_queue_s is not None:
        after_commit(session, lambda: wake.workload(workload_id))  # the look sets its timer
    return queries.frozen_workload(row)


async def want_stop(session: AsyncSession, workload_id: str) -> None:
    """Ask for the end; harmless where it has already ended."""
    row = await queries.find_workload(session, workload_id)
    if row is None:
        raise NotFound(f"There is no workload {workload_id}.")
    if not WorkloadState(row.state).is_final:
        row.wanted = Wanted.STOP
        await session.flush()
        after_commit(session, lambda: wake.workload(workload_id))


def ask_of(workload_id: str, group_id: str, spec: WorkloadSpec) -> Ask:
    return Ask(
        workload_id,
        group_id,
        tuple(role.resources for role in spec.roles for _ in range(role.count)),
    )
