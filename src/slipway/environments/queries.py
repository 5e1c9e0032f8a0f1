"""Every SQL statement of environments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.environments.tables import BuildRow, EnvironmentRow
from slipway.environments.types import (
    Build,
    BuildState,
    CustomEnvironment,
    EnvironmentState,
    Package,
    Source,
    SourceKind,
)


def frozen(row: EnvironmentRow) -> CustomEnvironment:
    source = Source(**(row.source | {"kind": SourceKind(row.source["kind"])}))
    return CustomEnvironment(
        id=row.id, project_id=row.project_id, name=row.name, version=row.version, description=row.description,
        tags=dict(row.tags), framework=row.framework, modes=tuple(row.modes), purposes=tuple(row.purposes),
        source=source, user=row.user, content_hash=row.content_hash, state=EnvironmentState(row.state),
        reason=row.reason, build_id=row.build_id, created_by=row.created_by, creator_name=row.creator_name,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def frozen_build(row: BuildRow) -> Build:
    return Build(
        id=row.id, content_hash=row.content_hash, kind=SourceKind(row.kind), state=BuildState(row.state),
        reason=row.reason, workload_id=row.workload_id, location=row.location, python=row.python,
        packages=tuple(Package(**p) for p in row.packages), size_bytes=row.size_bytes,
        created_at=row.created_at, ended_at=row.ended_at, last_used_at=row.last_used_at,
    )  # fmt: skip


async def get_environment(
    session: AsyncSession, project_id: str, environment_id: str, *, lock: bool = False
) -> EnvironmentRow:
    query = select(EnvironmentRow).where(
        EnvironmentRow.id == environment_id, EnvironmentRow.project_id == project_id
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(
            f"There is no environment {environment_id} in this project.", code="unknown_environment"
        )
    return row


async def page_environments(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery, purpose: str | None
) -> Page[EnvironmentRow]:
    query = select(EnvironmentRow).where(EnvironmentRow.project_id == project_id)
    if page.mine:
        query = query.where(EnvironmentRow.created_by == user_id)
    if purpose is not None:
        # A list of one or two words: as text it can be searched on both databases.
        query = query.where(cast(EnvironmentRow.purposes, Text).contains(f'"{purpose}"'))
    return await fetch_page(
        session, query, page, id_column=EnvironmentRow.id,
        orders={
            "created_at": EnvironmentRow.created_at, "updated_at": EnvironmentRow.updated_at,
            "name": EnvironmentRow.name,
        },
        search_in=(EnvironmentRow.name, EnvironmentRow.id, EnvironmentRow.framework),
        state_column=EnvironmentRow.state, tags_column=EnvironmentRow.tags,
    )  # fmt: skip


async def list_ready(session: AsyncSession, project_id: str) -> list[EnvironmentRow]:
    query = (
        select(EnvironmentRow)
        .where(
            EnvironmentRow.project_id == project_id, EnvironmentRow.state == EnvironmentState.READY
        )
        .order_by(EnvironmentRow.name, EnvironmentRow.version.desc())
    )
    return list(await session.scalars(query))


async def last_version(session: AsyncSession, project_id: str, name: str) -> int:
    query = select(func.max(EnvironmentRow.version)).where(
        EnvironmentRow.project_id == project_id, EnvironmentRow.name == name
    )
    return await session.scalar(query) or 0


async def list_of_content(session: AsyncSession, content_hash: str) -> list[EnvironmentRow]:
    query = select(EnvironmentRow).where(EnvironmentRow.content_hash == content_hash)
    return list(await session.scalars(query.order_by(EnvironmentRow.id)))


async def find_build(session: AsyncSession, build_id: str) -> BuildRow | None:
    return await session.get(BuildRow, build_id)


async def usable_build(session: AsyncSession, content_hash: str) -> BuildRow | None:
    """The ready one of this content if there is one, else the one under way.

    Locked, so that the sweeper does not take it away before it is named.
    """
    for state in (BuildState.READY, BuildState.BUILDING):
        query = (
            select(BuildRow)
            .where(BuildRow.content_hash == content_hash, BuildRow.state == state)
            .order_by(BuildRow.created_at.desc())
            .limit(1)
            .with_for_update()
        )
        if row := await session.scalar(query):
            return row
    return None


async def running_build(session: AsyncSession, content_hash: str) -> BuildRow | None:
    return await session.scalar(
        select(BuildRow).where(
            BuildRow.content_hash == content_hash, BuildRow.state == BuildState.BUILDING
        )
    )


async def list_builds(
    session: AsyncSession, state: BuildState, *, lock: bool = False
) -> list[BuildRow]:
    query = select(BuildRow).where(BuildRow.state == state).order_by(BuildRow.id)
    return list(await session.scalars(query.with_for_update() if lock else query))


async def builds_kept(session: AsyncSession) -> set[str]:
    """Ids of builds that an environment names."""
    return set(await session.scalars(select(EnvironmentRow.build_id)))


async def touch_builds(session: AsyncSession, build_ids: Sequence[str], now: datetime) -> None:
    await session.execute(
        update(BuildRow)
        .where(BuildRow.id.in_(build_ids))
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
