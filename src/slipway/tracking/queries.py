from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.tracking.tables import ExperimentRow, RunRow, RunValueRow
from slipway.tracking.types import Experiment, Run, RunState, RunValues, ValueKind


def frozen_experiment(row: ExperimentRow) -> Experiment:
    return Experiment(row.id, row.project_id, row.name, row.created_at, row.updated_at, row.deleted)


def frozen_run(row: RunRow) -> Run:
    return Run(
        row.id, row.project_id, row.experiment_id, row.name, RunState(row.state), row.artifacts, row.created_by,
        row.creator_name, row.created_at, row.started_at, row.ended_at, row.deleted,
    )  # fmt: skip


async def find_experiment(session: AsyncSession, experiment_id: str) -> ExperimentRow | None:
    return await session.get(ExperimentRow, experiment_id)


async def list_experiments(session: AsyncSession, project_id: str) -> list[ExperimentRow]:
    query = (
        select(ExperimentRow)
        .where(ExperimentRow.project_id == project_id)
        .order_by(ExperimentRow.created_at, ExperimentRow.id)
    )
    return list(await session.scalars(query))


async def find_run(session: AsyncSession, run_id: str) -> RunRow | None:
    return await session.get(RunRow, run_id)


async def get_run(session: AsyncSession, project_id: str, run_id: str) -> RunRow:
    row = await session.scalar(
        select(RunRow).where(RunRow.id == run_id, RunRow.project_id == project_id)
    )
    if row is None or row.deleted:
        raise NotFound(f"There is no run {run_id} in this project.")
    return row


async def page_runs(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery, *,
    experiments: Collection[str] | None,
) -> Page[RunRow]:  # fmt: skip
    query = select(RunRow).where(RunRow.project_id == project_id, RunRow.deleted.is_(False))
    if experiments:
        query = query.where(RunRow.experiment_id.in_(experiments))
    if page.mine:
        query = query.where(RunRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=RunRow.id,
        orders={"created_at": RunRow.created_at, "name": RunRow.name},
        search_in=(RunRow.name, RunRow.id), state_column=RunRow.state,
    )  # fmt: skip


async def list_runs(
    session: AsyncSession, experiment_ids: Collection[str], *, limit: int
) -> list[RunRow]:
    """The newest runs of the experiments, deleted ones too."""
    query = (
        select(RunRow)
        .where(RunRow.experiment_id.in_(experiment_ids))
        .order_by(RunRow.started_at.desc(), RunRow.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def values_of(session: AsyncSession, run_ids: Collection[str]) -> dict[str, RunValues]:
    found = {run_id: RunValues({}, {}) for run_id in run_ids}
    query = select(RunValueRow).where(RunValueRow.run_id.in_(run_ids)).order_by(RunValueRow.key)
    for row in await session.scalars(query):
        values = found[row.run_id]
        kind = values.parameters if row.kind == ValueKind.PARAMETER else values.tags
        kind[row.key] = row.value
    return found


async def set_values(
    session: AsyncSession, run_id: str, kind: ValueKind, values: Mapping[str, str]
) -> None:
    """Keys in one order, always: two writers of one run wait for each other and never in a circle."""
    known = {
        row.key: row
        for row in await session.scalars(
            select(RunValueRow).where(
                RunValueRow.run_id == run_id, RunValueRow.kind == kind, RunValueRow.key.in_(values)
            )
        )
    }
    for key in sorted(values):
        if key in known:
            known[key].value = values[key]
        else:
            session.add(RunValueRow(run_id=run_id, kind=kind, key=key, value=values[key]))
            await session.flush()
    await session.flush()


async def count_values(session: AsyncSession, run_id: str) -> int:
    query = select(func.count()).select_from(RunValueRow).where(RunValueRow.run_id == run_id)
    return await session.scalar(query) or 0


async def delete_values(session: AsyncSession, run_id: str, key: str | None = None) -> None:
    """One tag, or everything of the run."""
    query = delete(RunValueRow).where(RunValueRow.run_id == run_id)
    if key is not None:
        query = query.where(RunValueRow.kind == ValueKind.TAG, RunValueRow.key == key)
    await session.execute(query)
