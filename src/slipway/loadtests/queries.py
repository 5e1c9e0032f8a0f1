"""Every SQL statement of load tests."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.loadtests.tables import LoadTestRow
from slipway.loadtests.types import LoadTest, LoadTestSpec, LoadTestState


def frozen(row: LoadTestRow) -> LoadTest:
    return LoadTest(
        id=row.id, project_id=row.project_id, service_id=row.service_id,
        spec=LoadTestSpec.of(row.spec), state=LoadTestState(row.state), reason=row.reason,
        settling=row.ended_as is not None, results=row.results, created_by=row.created_by,
        creator_name=row.creator_name, created_at=row.created_at, started_at=row.started_at,
        ended_at=row.ended_at,
    )  # fmt: skip


async def get_load_test(
    session: AsyncSession, project_id: str, service_id: str, test_id: str, *, lock: bool = False
) -> LoadTestRow:
    query = select(LoadTestRow).where(
        LoadTestRow.id == test_id, LoadTestRow.project_id == project_id,
        LoadTestRow.service_id == service_id,
    )  # fmt: skip
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no load test {test_id} of this service.")
    return row


async def find_load_test(session: AsyncSession, test_id: str) -> LoadTestRow | None:
    return await session.get(LoadTestRow, test_id)


async def find_by_workload(session: AsyncSession, workload_id: str) -> LoadTestRow | None:
    return await session.scalar(select(LoadTestRow).where(LoadTestRow.workload_id == workload_id))


async def page_load_tests(
    session: AsyncSession, project_id: str, service_id: str, page: PageQuery
) -> Page[LoadTestRow]:
    query = select(LoadTestRow).where(
        LoadTestRow.project_id == project_id, LoadTestRow.service_id == service_id
    )
    return await fetch_page(
        session, query, page, id_column=LoadTestRow.id,
        orders={"created_at": LoadTestRow.created_at}, search_in=(LoadTestRow.id,),
        state_column=LoadTestRow.state, tags_column=None,
    )  # fmt: skip


async def list_to_settle(session: AsyncSession) -> list[str]:
    return list(
        await session.scalars(select(LoadTestRow.id).where(LoadTestRow.ended_as.is_not(None)))
    )


async def list_open(session: AsyncSession) -> list[str]:
    final = [state for state in LoadTestState if state.is_final]
    return list(
        await session.scalars(select(LoadTestRow.id).where(LoadTestRow.state.not_in(final)))
    )


async def list_open_of(session: AsyncSession, service_id: str) -> list[LoadTestRow]:
    final = [state for state in LoadTestState if state.is_final]
    query = select(LoadTestRow).where(
        LoadTestRow.service_id == service_id, LoadTestRow.state.not_in(final)
    )
    return list(await session.scalars(query))
