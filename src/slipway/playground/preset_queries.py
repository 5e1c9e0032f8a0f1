"""Every SQL statement of saved prompts."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Forbidden, NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.playground.tables import PresetRow, PresetVersionRow
from slipway.playground.types import Preset, PresetVersion, TryKind


def frozen_preset(row: PresetRow) -> Preset:
    return Preset(
        row.id, row.name, row.description, TryKind(row.kind), row.shared, row.latest, row.owner_id,
        row.owner, row.created_at, row.updated_at,
    )  # fmt: skip


def frozen_version(row: PresetVersionRow) -> PresetVersion:
    return PresetVersion(row.number, row.note, dict(row.content), row.author, row.created_at)


async def page_presets(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery
) -> Page[PresetRow]:
    """One's own, and those that others of the project share."""
    query = select(PresetRow).where(PresetRow.project_id == project_id)
    mine = PresetRow.owner_id == user_id
    query = query.where(mine if page.mine else or_(mine, PresetRow.shared))
    return await fetch_page(
        session, query, page, id_column=PresetRow.id,
        orders={
            "updated_at": PresetRow.updated_at, "created_at": PresetRow.created_at,
            "name": PresetRow.name,
        },
        search_in=(PresetRow.name, PresetRow.description, PresetRow.owner),
        state_column=PresetRow.kind,
    )  # fmt: skip


async def get_preset(
    session: AsyncSession, project_id: str, user_id: str, preset_id: str
) -> PresetRow:
    row = await session.scalar(
        select(PresetRow).where(
            PresetRow.id == preset_id,
            PresetRow.project_id == project_id,
            or_(PresetRow.owner_id == user_id, PresetRow.shared),
        )
    )
    if row is None:
        raise NotFound(
            f"There is no saved prompt {preset_id}, or its owner does not share it.",
            code="no_preset",
        )
    return row


async def get_own_preset(
    session: AsyncSession, project_id: str, user_id: str, preset_id: str
) -> PresetRow:
    """For changing it. Locked."""
    row = await get_preset(session, project_id, user_id, preset_id)
    if row.owner_id != user_id:
        raise Forbidden(
            f"The saved prompt {row.name} belongs to {row.owner}. Save a copy of your own."
        )
    await session.refresh(row, with_for_update=True)
    return row


async def list_versions(session: AsyncSession, preset_id: str) -> list[PresetVersionRow]:
    query = select(PresetVersionRow).where(PresetVersionRow.preset_id == preset_id)
    return list(await session.scalars(query.order_by(PresetVersionRow.number.desc())))


async def get_version(session: AsyncSession, preset: PresetRow, number: int) -> PresetVersionRow:
    row = await session.get(PresetVersionRow, (preset.id, number))
    if row is None:
        raise NotFound(f"The saved prompt {preset.name} has no version {number}.")
    return row
