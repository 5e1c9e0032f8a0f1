"""Every SQL statement of hyper-parameter searches."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.training import queries as tasks
from slipway.tuning.tables import SearchRow, SearchTrialRow
from slipway.tuning.types import Search, SearchSpec, SearchState, SearchTrial, TrialState


def frozen(row: SearchRow, trials: dict[str, int]) -> Search:
    return Search(
        id=row.id, project_id=row.project_id, spec=SearchSpec.of(row.spec), state=SearchState(row.state),
        reason=row.reason, best_number=row.best_number, best_value=row.best_value, trials=trials,
        created_by=row.created_by, creator_name=row.creator_name, created_at=row.created_at,
        updated_at=row.updated_at, ended_at=row.ended_at,
    )  # fmt: skip


async def get_search(
    session: AsyncSession, project_id: str, search_id: str, *, lock: bool = False
) -> SearchRow:
    query = select(SearchRow).where(SearchRow.id == search_id, SearchRow.project_id == project_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no hyper-parameter search {search_id} in this project.")
    return row


async def find_search(
    session: AsyncSession, search_id: str, *, lock: bool = False
) -> SearchRow | None:
    return await session.get(SearchRow, search_id, with_for_update=lock or None)


async def page_searches(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery
) -> Page[SearchRow]:
    query = select(SearchRow).where(SearchRow.project_id == project_id)
    if page.mine:
        query = query.where(SearchRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=SearchRow.id,
        orders={"created_at": SearchRow.created_at, "updated_at": SearchRow.updated_at, "name": SearchRow.name},
        search_in=(SearchRow.name, SearchRow.id), state_column=SearchRow.state, tags_column=SearchRow.tags,
    )  # fmt: skip


async def list_open(session: AsyncSession) -> list[str]:
    states = [state for state in SearchState if not state.is_final]
    query = select(SearchRow.id).where(SearchRow.state.in_(states)).order_by(SearchRow.id)
    return list(await session.scalars(query))


async def count_trials(
    session: AsyncSession, search_ids: Collection[str]
) -> dict[str, dict[str, int]]:
    """How many trials of each search are in each state."""
    found: dict[str, dict[str, int]] = {search_id: {} for search_id in search_ids}
    rows = await session.execute(
        select(SearchTrialRow.search_id, SearchTrialRow.state, func.count())
        .where(SearchTrialRow.search_id.in_(search_ids))
        .group_by(SearchTrialRow.search_id, SearchTrialRow.state)
    )
    for search_id, state, count in rows:
        found[search_id][str(state)] = int(count)
    return found


async def one_frozen(session: AsyncSession, row: SearchRow) -> Search:
    return frozen(row, (await count_trials(session, [row.id]))[row.id])


async def trial_rows(session: AsyncSession, search_id: str) -> list[SearchTrialRow]:
    query = (
        select(SearchTrialRow)
        .where(SearchTrialRow.search_id == search_id)
        .order_by(SearchTrialRow.number)
    )
    return list(await session.scalars(query))


async def find_trial(session: AsyncSession, search_id: str, number: int) -> SearchTrialRow | None:
    return await session.get(SearchTrialRow, (search_id, number))


async def list_trials(session: AsyncSession, search: SearchRow) -> list[SearchTrial]:
    """By number, each with the state of its task."""
    rows = await trial_rows(session, search.id)
    return await with_tasks(session, search.project_id, rows)


async def with_tasks(
    session: AsyncSession, project_id: str, rows: Sequence[SearchTrialRow]
) -> list[SearchTrial]:
    found = await tasks.states_of(session, project_id, [row.task_id for row in rows])
    return [_frozen_trial(row, found) for row in rows]


def _frozen_trial(row: SearchTrialRow, found: dict[str, tasks.TaskTimes]) -> SearchTrial:
    task = found.get(row.task_id)
    return SearchTrial(
        search_id=row.search_id, number=row.number, task_id=row.task_id, parameters=dict(row.parameters),
        state=TrialState(row.state), reason=row.reason, value=row.value,
        rungs={int(rung): value for rung, value in row.rungs.items()}, created_at=row.created_at,
        ended_at=row.ended_at, task_state=task.state if task else None,
        task_reason=task.reason if task else "", started_at=task.started_at if task else None,
    )  # fmt: skip
