from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.training.tables import LockRow, TaskRow, WaitRow
from slipway.training.types import Task, TaskSpec, TaskState

# Made once: to build a statement costs more than to run it, and these run with every task.
_BY_WORKLOAD = select(TaskRow).where(TaskRow.workload_id == bindparam("workload_id"))
_IN_PROJECT = select(TaskRow).where(
    TaskRow.id == bindparam("task_id"), TaskRow.project_id == bindparam("project")
)


def frozen(row: TaskRow) -> Task:
    return Task(
        id=row.id, project_id=row.project_id, site=row.site, spec=TaskSpec.of(row.spec), state=TaskState(row.state), reason=row.reason,
        workload_id=row.workload_id, output=row.output, restarts=row.restarts, evictions=row.evictions, reschedules=row.reschedules, created_by=row.created_by,
        creator_name=row.creator_name, created_at=row.created_at, updated_at=row.updated_at, queued_at=row.queued_at,
        started_at=row.started_at, ended_at=row.ended_at, tags=dict(row.tags), description=row.description,
        git=tuple(row.git), record=row.record,
    )  # fmt: skip


async def get_task(session: AsyncSession, project_id: str, task_id: str) -> TaskRow:
    row = await session.scalar(_IN_PROJECT, {"task_id": task_id, "project": project_id})
    if row is None:
        raise NotFound(f"There is no training task {task_id} in this project.")
    return row


async def find_anywhere(session: AsyncSession, task_id: str) -> TaskRow | None:
    """Of any project: for whoever checks the project afterwards."""
    return await session.get(TaskRow, task_id)


async def list_newest(session: AsyncSession, project_id: str, *, limit: int) -> list[TaskRow]:
    query = (
        select(TaskRow)
        .where(TaskRow.project_id == project_id)
        .order_by(TaskRow.created_at.desc(), TaskRow.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def list_these(
    session: AsyncSession, project_id: str, task_ids: Collection[str], *, lock: bool = False
) -> list[TaskRow]:
    """`lock` keeps them as they are until the transaction ends; in one order, against deadlocks."""
    query = select(TaskRow).where(TaskRow.project_id == project_id, TaskRow.id.in_(task_ids))
    if lock:
        query = query.order_by(TaskRow.id).with_for_update(read=True)
        query = query.execution_options(populate_existing=True)
    return list(await session.scalars(query))


async def list_waiting_for(session: AsyncSession, task_id: str) -> list[TaskRow]:
    """Tasks that are to start after this one, each locked: what two others that end at once do to
    it happens one after the other."""
    query = (
        select(TaskRow)
        .join(WaitRow, WaitRow.task_id == TaskRow.id)
        .where(WaitRow.after_id == task_id)
        .order_by(TaskRow.id)
        .with_for_update(of=TaskRow)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def list_waited_for(session: AsyncSession, task_id: str) -> list[TaskRow]:
    """Tasks that this one still waits for, oldest first."""
    query = select(TaskRow).join(WaitRow, WaitRow.after_id == TaskRow.id)
    query = query.where(WaitRow.task_id == task_id).order_by(TaskRow.created_at, TaskRow.id)
    return list(await session.scalars(query))


async def delete_waits_of(session: AsyncSession, task_id: str) -> None:
    await session.execute(delete(WaitRow).where(WaitRow.task_id == task_id))


async def delete_waits_for(session: AsyncSession, task_id: str) -> None:
    await session.execute(delete(WaitRow).where(WaitRow.after_id == task_id))


async def find_by_workload(session: AsyncSession, workload_id: str) -> TaskRow | None:
    return await session.scalar(_BY_WORKLOAD, {"workload_id": workload_id})


async def page_tasks(
    session: AsyncSession,
    project_id: str,
    user_id: str,
    page: PageQuery,
    *,
    sites: Collection[str] | None,
) -> Page[TaskRow]:
    query = select(TaskRow).where(TaskRow.project_id == project_id)
    if sites:
        query = query.where(TaskRow.site.in_(sites))
    if page.mine:
        query = query.where(TaskRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=TaskRow.id,
        orders={"created_at": TaskRow.created_at, "updated_at": TaskRow.updated_at, "name": TaskRow.name},
        search_in=(TaskRow.name, TaskRow.id), state_column=TaskRow.state, tags_column=TaskRow.tags,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskTimes:
    """What whoever started many tasks follows of each."""

    state: TaskState
    reason: str
    started_at: datetime | None
    ended_at: datetime | None


async def states_of(
    session: AsyncSession, project_id: str, task_ids: Collection[str]
) -> dict[str, TaskTimes]:
    """Of those of the ids that are tasks of the project still."""
    rows = await session.execute(
        select(
            TaskRow.id, TaskRow.state, TaskRow.reason, TaskRow.started_at, TaskRow.ended_at
        ).where(TaskRow.project_id == project_id, TaskRow.id.in_(task_ids))
    )
    return {i: TaskTimes(TaskState(s), r, start, end) for i, s, r, start, end in rows}


async def list_open(session: AsyncSession, *, project_id: str | None = None) -> list[TaskRow]:
    """Tasks that have not ended, of one project or of all."""
    final = tuple(state for state in TaskState if state.is_final)
    query = select(TaskRow).where(TaskRow.state.not_in(final))
    if project_id is not None:
        query = query.where(TaskRow.project_id == project_id)
    return list(await session.scalars(query))


async def existing(session: AsyncSession, task_ids: Collection[str]) -> set[str]:
    """Those of the ids that are tasks still."""
    return set(await session.scalars(select(TaskRow.id).where(TaskRow.id.in_(task_ids))))


async def count_by_state(session: AsyncSession, project_id: str) -> dict[str, int]:
    rows = await session.execute(
        select(TaskRow.state, func.count())
        .where(TaskRow.project_id == project_id)
        .group_by(TaskRow.state)
    )
    return {str(state): int(count) for state, count in rows}


async def keep_lock(session: AsyncSession, digest: str, packages: list[str]) -> None:
    """Harmless where it is there already."""
    if await session.get(LockRow, digest) is None:
        session.add(LockRow(digest=digest, packages=packages))
        await session.flush()


async def find_lock(session: AsyncSession, digest: str) -> list[str]:
    row = await session.get(LockRow, digest)
    return [] if row is None else list(row.packages)
