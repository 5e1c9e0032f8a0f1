"""Every SQL statement of repositories."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.repositories.tables import RepositoryRow
from slipway.repositories.types import CredentialKind, Probe, Repository


def frozen(row: RepositoryRow) -> Repository:
    probe = Probe(row.probed_at, row.probe_commit, row.probe_reason) if row.probed_at else None
    return Repository(
        id=row.id, project_id=row.project_id, name=row.name, description=row.description,
        tags=dict(row.tags), url=row.url, ref=row.ref, credential=CredentialKind(row.credential),
        user=row.user, probe=probe, created_by=row.created_by, creator_name=row.creator_name,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


async def get_repository(
    session: AsyncSession, project_id: str, repository_id: str, *, lock: bool = False
) -> RepositoryRow:
    query = select(RepositoryRow).where(
        RepositoryRow.id == repository_id, RepositoryRow.project_id == project_id
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(
            f"There is no Git repository {repository_id} in this project.", code="no_repository"
        )
    return row


async def page_repositories(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery
) -> Page[RepositoryRow]:
    query = select(RepositoryRow).where(RepositoryRow.project_id == project_id)
    if page.mine:
        query = query.where(RepositoryRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=RepositoryRow.id,
        orders={
            "created_at": RepositoryRow.created_at, "updated_at": RepositoryRow.updated_at,
            "name": RepositoryRow.name,
        },
        search_in=(RepositoryRow.name, RepositoryRow.id, RepositoryRow.url),
        tags_column=RepositoryRow.tags,
    )  # fmt: skip
