"""Asking for a workload, and asking for its end. Both only write what is wanted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.errors import Invalid, NotFound
from slipway.base.ids import new_id
from slipway.compute import queries
from slipway.compute.groups.preset import as_given
from slipway.compute.queue.asks import needs_of
from slipway.compute.queue.feasible import why_never_in
from slipway.compute.queue.roster import policy_of
from slipway.compute.scheduling.policy import priority_of
from slipway.compute.scheduling.reasons import QUEUED
from slipway.compute.tables import ResourceGroupRow, WorkloadRow
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
    held: str | None = None,
) -> Workload:
    """Queue a workload in the caller's transaction. Refuses what could never be placed.

    `held`: why it does not enter the queue yet; `held.py` lets it in.
    """
    group, spec = await fitted(session, group_id, spec)
    workload_id = new_id("wl")
    row = WorkloadRow(
        id=workload_id, project_id=project_id, kind=kind, owner_id=owner_id, name=name, spec=spec.as_json(),
        group_id=group_id, tags=tags or {}, priority=priority,
        queue_priority=priority_of(policy_of(group), kind, (tags or {}).items(), priority),
        reason=held or QUEUED, wanted=Wanted.HOLD if held else Wanted.RUN, state=WorkloadState.QUEUED, created_by=created_by,
        created_at=now, queued_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    if held:
        return queries.frozen_workload(row)
    after_commit(session, lambda: wake.schedule(workload_id))
    if spec.max_queue_s is not None:
        after_commit(session, lambda: wake.workload(workload_id))  # the look sets its timer
    return queries.frozen_workload(row)


async def fitted(
    session: AsyncSession, group_id: str, spec: WorkloadSpec
) -> tuple[ResourceGroupRow, WorkloadSpec]:
    """The group, and the spec with what the group gives; refuses what it could never place."""
    group = await queries.find_group(session, group_id)
    if group is None:
        raise NotFound(f"There is no resource group {group_id}.", field="resource_group")
    nodes = await queries.list_nodes(session, group_id) if group.preset_by_gpu else []
    spec = as_given(spec, nodes, by_cards=group.preset_by_gpu)
    if problem := await why_never_in(session, group_id, needs_of(spec)):
        raise Invalid(problem, field="resources", code="never_fits")
    return group, spec


async def unsaid_amounts(
    session: AsyncSession, group_id: str, said: Collection[str]
) -> dict[str, float]:
    """Fields of a form that were left out and that the group gives by the cards: 0, not a default."""
    group = await queries.find_group(session, group_id)
    if group is None or not group.preset_by_gpu:
        return {}
    return {name: 0 for name in ("cpu_cores", "memory_bytes") if name not in said}


async def want_stop(session: AsyncSession, workload_id: str) -> None:
    """Ask for the end; harmless where it has already ended."""
    row = await queries.find_workload(session, workload_id, lock=True)
    if row is None:
        raise NotFound(f"There is no workload {workload_id}.")
    if not WorkloadState(row.state).is_final:
        row.wanted = Wanted.STOP
        await session.flush()
        after_commit(session, lambda: _stop_soon(workload_id))


async def set_tags(session: AsyncSession, workload_id: str, tags: dict[str, str]) -> None:
    """Tags decide the place in the queue, also of what waits already."""
    row = await queries.find_workload(session, workload_id)
    if row is None or WorkloadState(row.state).is_final:
        return
    row.tags = tags
    await _take_place(session, row)


async def set_priority(session: AsyncSession, workload_id: str, priority: int | None) -> None:
    """Its own from now on, 0 (first) to 9; None: by the group's policy."""
    row = await queries.find_workload(session, workload_id)
    if row is None or WorkloadState(row.state).is_final:
        return
    row.priority = priority
    await _take_place(session, row)


async def _take_place(session: AsyncSession, row: WorkloadRow) -> None:
    group = await queries.find_group(session, row.group_id)
    assert group is not None
    row.queue_priority = priority_of(policy_of(group), row.kind, row.tags.items(), row.priority)
    await session.flush()
    after_commit(session, lambda: wake.schedule(row.id))


def _stop_soon(workload_id: str) -> None:
    wake.schedule(workload_id)  # it waits no more, and is nobody's victim
    wake.workload(workload_id)
