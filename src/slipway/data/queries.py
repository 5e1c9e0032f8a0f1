"""Every SQL statement of the datasets room."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.data.tables import (
    AccessRow,
    AnalysisRow,
    DatasetRow,
    ShareRow,
    VersionRow,
    ViewRow,
)
from slipway.data.types import (
    Analysis,
    AnalysisKind,
    AnalysisState,
    Dataset,
    DatasetKind,
    DatasetState,
    LabelFormat,
    Problem,
    TableOptions,
    Version,
    VersionState,
    View,
    ViewDefinition,
    ViewState,
)
from slipway.iam.tables import ProjectRow
from slipway.iam.types import Actor


def frozen_dataset(row: DatasetRow) -> Dataset:
    return Dataset(
        row.id, row.project_id, row.name, DatasetKind(row.kind), LabelFormat(row.label_format),
        row.description, row.address, tuple(row.labels), row.tags,
        TableOptions.from_json(row.table_options), DatasetState(row.state), row.reason,
        row.latest_version, row.sample_count, row.labelled_count, row.size_bytes, row.created_at,
        row.updated_at, row.created_by, row.output_address, row.preview,
    )  # fmt: skip


def frozen_version(row: VersionRow) -> Version:
    return Version(
        row.id, row.dataset_id, row.number, VersionState(row.state), row.description, row.reason,
        tuple(Problem.from_json(problem) for problem in row.problems), row.problem_count,
        row.content_hash, row.sample_count, row.labelled_count, row.size_bytes, row.file_count,
        row.ignored_count, row.created_at, row.published_at, row.created_by,
    )  # fmt: skip


async def page_datasets(
    session: AsyncSession, actor: Actor, page: PageQuery, *, kind: DatasetKind | None
) -> Page[DatasetRow]:
    query = select(DatasetRow).where(DatasetRow.project_id == actor.project_id)
    if kind is not None:
        query = query.where(DatasetRow.kind == kind)
    if page.mine:
        query = query.where(DatasetRow.created_by == actor.user_id)
    return await fetch_page(
        session, query, page, id_column=DatasetRow.id,
        orders={
            "created_at": DatasetRow.created_at, "name": DatasetRow.name,
            "updated_at": DatasetRow.updated_at, "size_bytes": DatasetRow.size_bytes,
            "sample_count": DatasetRow.sample_count,
        },
        search_in=(DatasetRow.name, DatasetRow.id, DatasetRow.label_text),
        state_column=DatasetRow.state, tags_column=DatasetRow.tags,
    )  # fmt: skip


async def lock_project(session: AsyncSession, project_id: str) -> None:
    """Quotas are counted while this row is held (PostgreSQL; SQLite has one writer anyway)."""
    await session.execute(
        select(ProjectRow.id).where(ProjectRow.id == project_id).with_for_update()
    )


async def count_datasets(session: AsyncSession, project_id: str) -> int:
    query = select(func.count()).select_from(DatasetRow).where(DatasetRow.project_id == project_id)
    return await session.scalar(query) or 0


async def find_dataset(
    session: AsyncSession, project_id: str, dataset_id: str, *, lock: bool = False
) -> DatasetRow | None:
    query = select(DatasetRow).where(
        DatasetRow.id == dataset_id, DatasetRow.project_id == project_id
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def find_dataset_anywhere(session: AsyncSession, dataset_id: str) -> DatasetRow | None:
    """For the loop, which works for every project."""
    return await session.scalar(
        select(DatasetRow).where(DatasetRow.id == dataset_id).with_for_update()
    )


async def list_versions(session: AsyncSession, dataset_id: str) -> list[VersionRow]:
    query = (
        select(VersionRow)
        .where(VersionRow.dataset_id == dataset_id)
        .order_by(VersionRow.number.desc())
    )
    return list(await session.scalars(query))


async def find_version(session: AsyncSession, dataset_id: str, number: int) -> VersionRow | None:
    return await session.scalar(
        select(VersionRow).where(VersionRow.dataset_id == dataset_id, VersionRow.number == number)
    )


async def project_of(session: AsyncSession, dataset_id: str) -> str | None:
    return await session.scalar(select(DatasetRow.project_id).where(DatasetRow.id == dataset_id))


async def list_published(session: AsyncSession, project_id: str) -> list[DatasetRow]:
    query = (
        select(DatasetRow)
        .where(DatasetRow.project_id == project_id, DatasetRow.latest_version > 0)
        .where(DatasetRow.state != DatasetState.UNAVAILABLE)
        .order_by(DatasetRow.created_at.desc())
    )
    return list(await session.scalars(query))


async def list_newest_versions(session: AsyncSession, dataset_ids: list[str]) -> list[VersionRow]:
    newest = (
        select(VersionRow.dataset_id, func.max(VersionRow.number).label("number"))
        .where(VersionRow.dataset_id.in_(dataset_ids))
        .group_by(VersionRow.dataset_id)
        .subquery()
    )
    query = select(VersionRow).join(
        newest,
        (VersionRow.dataset_id == newest.c.dataset_id) & (VersionRow.number == newest.c.number),
    )
    return list(await session.scalars(query))


async def list_due_imports(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """(version id, dataset id) of imports that nobody holds, the oldest first."""
    query = (
        select(VersionRow.id, VersionRow.dataset_id)
        .join(DatasetRow, DatasetRow.id == VersionRow.dataset_id)
        .where(VersionRow.state == VersionState.IMPORTING)
        .where(DatasetRow.state != DatasetState.UNAVAILABLE)
        .where(VersionRow.claim_token.is_(None) | (VersionRow.claim_expires_at < now))
        .order_by(VersionRow.created_at, VersionRow.id)
    )
    return [(version, dataset) for version, dataset in await session.execute(query)]


def frozen_view(row: ViewRow) -> View:
    return View(
        row.id, row.dataset_id, row.version, row.name, ViewDefinition.from_json(row.definition),
        ViewState(row.state), row.reason, row.content_hash, row.sample_count, row.size_bytes,
        row.created_at, row.created_by,
    )  # fmt: skip


def frozen_analysis(row: AnalysisRow) -> Analysis:
    return Analysis(
        row.id, row.dataset_id, row.version, AnalysisKind(row.kind), row.options,
        AnalysisState(row.state), row.reason, row.created_at, row.finished_at,
    )  # fmt: skip


async def list_views(session: AsyncSession, dataset_id: str, version: int) -> list[ViewRow]:
    query = (
        select(ViewRow)
        .where(ViewRow.dataset_id == dataset_id, ViewRow.version == version)
        .order_by(ViewRow.created_at, ViewRow.name)
    )
    return list(await session.scalars(query))


async def find_view(
    session: AsyncSession, dataset_id: str, version: int, name: str
) -> ViewRow | None:
    query = select(ViewRow).where(
        ViewRow.dataset_id == dataset_id, ViewRow.version == version, ViewRow.name == name
    )
    return await session.scalar(query)


async def list_analyses(session: AsyncSession, dataset_id: str, version: int) -> list[AnalysisRow]:
    query = select(AnalysisRow).where(
        AnalysisRow.dataset_id == dataset_id, AnalysisRow.version == version
    )
    return list(await session.scalars(query))


async def find_analysis(
    session: AsyncSession, dataset_id: str, version: int, kind: AnalysisKind
) -> AnalysisRow | None:
    query = select(AnalysisRow).where(
        AnalysisRow.dataset_id == dataset_id,
        AnalysisRow.version == version,
        AnalysisRow.kind == kind,
    )
    return await session.scalar(query)


async def list_shares(session: AsyncSession, dataset_id: str) -> list[ShareRow]:
    query = select(ShareRow).where(ShareRow.dataset_id == dataset_id)
    return list(await session.scalars(query.order_by(ShareRow.created_at.desc())))


async def find_share(session: AsyncSession, dataset_id: str, share_id: str) -> ShareRow | None:
    query = select(ShareRow).where(ShareRow.id == share_id, ShareRow.dataset_id == dataset_id)
    return await session.scalar(query.with_for_update())


async def find_share_by_hash(session: AsyncSession, token_hash: str) -> ShareRow | None:
    query = select(ShareRow).where(ShareRow.token_hash == token_hash)
    return await session.scalar(query.with_for_update())


async def list_accesses(session: AsyncSession, dataset_id: str, limit: int) -> list[AccessRow]:
    query = select(AccessRow).where(AccessRow.dataset_id == dataset_id)
    return list(await session.scalars(query.order_by(AccessRow.id.desc()).limit(limit)))


async def list_due_views(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """(view id, dataset id) of those to be built that nobody holds."""
    return await _due(session, ViewRow, ViewState.BUILDING, now)


async def list_due_analyses(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """(analysis id, dataset id) of those to be made that nobody holds."""
    return await _due(session, AnalysisRow, AnalysisState.RUNNING, now)


async def _due(
    session: AsyncSession, table: type[ViewRow] | type[AnalysisRow], state: str, now: datetime
) -> list[tuple[str, str]]:
    query = (
        select(table.id, table.dataset_id)
        .join(DatasetRow, DatasetRow.id == table.dataset_id)
        .where(table.state == state, DatasetRow.state != DatasetState.UNAVAILABLE)
        .where(table.claim_token.is_(None) | (table.claim_expires_at < now))
        .order_by(table.created_at, table.id)
    )
    return [(row_id, dataset) for row_id, dataset in await session.execute(query)]


async def list_due_deletions(session: AsyncSession, now: datetime) -> list[str]:
    query = (
        select(DatasetRow.id)
        .where(DatasetRow.state == DatasetState.UNAVAILABLE)
        .where(DatasetRow.claim_token.is_(None) | (DatasetRow.claim_expires_at < now))
        .order_by(DatasetRow.updated_at)
    )
    return list(await session.scalars(query))


async def list_dataset_ids(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(DatasetRow.id)))


async def get_version(session: AsyncSession, version_id: str) -> VersionRow:
    return await session.get_one(VersionRow, version_id)


async def renew_claim(
    session: AsyncSession,
    table: type[VersionRow] | type[ViewRow] | type[AnalysisRow],
    row_id: str,
    token: str,
    *,
    now: datetime,
    lease: timedelta,
) -> None:
    await session.execute(
        update(table)
        .where(table.id == row_id, table.claim_token == token)
        .values(claim_expires_at=now + lease)
    )


async def free_all_claims(session: AsyncSession) -> None:
    """After a restart nobody works on anything any more, whatever the claims say."""
    for table in (DatasetRow, VersionRow, ViewRow, AnalysisRow):
        await session.execute(
            update(table)
            .where(table.claim_token.is_not(None))
            .values(claim_token=None, claim_expires_at=None)
        )


async def delete_dataset(session: AsyncSession, dataset_id: str) -> None:
    for table in (ViewRow, AnalysisRow, ShareRow, AccessRow):
        await session.execute(delete(table).where(table.dataset_id == dataset_id))
    await session.execute(delete(VersionRow).where(VersionRow.dataset_id == dataset_id))
    await session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id))
