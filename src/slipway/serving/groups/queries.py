"""Every SQL statement of service groups and of the rules of models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.serving import queries as services
from slipway.serving.groups.tables import (
    GroupKeyRow,
    GroupLinkRow,
    ModelRulesRow,
    ServiceGroupRow,
)
from slipway.serving.groups.types import AppKey, Ban, ServiceGroup
from slipway.serving.key_rules import KeyRules
from slipway.serving.tables import ServiceKeyRow, ServiceRow
from slipway.serving.types import ServicePurpose


async def get_group(
    session: AsyncSession, project_id: str, group_id: str, *, lock: bool = False
) -> ServiceGroupRow:
    query = select(ServiceGroupRow).where(
        ServiceGroupRow.id == group_id,
        ServiceGroupRow.project_id == project_id,
        ServiceGroupRow.deleted_at.is_(None),
    )
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(
            f"There is no service group {group_id} in this project.", code="no_service_group"
        )
    return row


async def is_name_taken(
    session: AsyncSession, project_id: str, name: str, but: str | None = None
) -> bool:
    query = select(ServiceGroupRow.id).where(
        ServiceGroupRow.project_id == project_id,
        ServiceGroupRow.name == name,
        ServiceGroupRow.deleted_at.is_(None),
    )
    if but is not None:
        query = query.where(ServiceGroupRow.id != but)
    return await session.scalar(query) is not None


async def page_groups(
    session: AsyncSession, project_id: str, user_id: str, page: PageQuery
) -> Page[ServiceGroupRow]:
    query = select(ServiceGroupRow).where(
        ServiceGroupRow.project_id == project_id, ServiceGroupRow.deleted_at.is_(None)
    )
    if page.mine:
        query = query.where(ServiceGroupRow.created_by == user_id)
    return await fetch_page(
        session, query, page, id_column=ServiceGroupRow.id,
        orders={"created_at": ServiceGroupRow.created_at, "name": ServiceGroupRow.name},
        search_in=(ServiceGroupRow.name, ServiceGroupRow.id),
    )  # fmt: skip


async def list_group_ids(session: AsyncSession) -> list[str]:
    query = select(ServiceGroupRow.id).where(ServiceGroupRow.deleted_at.is_(None))
    return list(await session.scalars(query))


async def list_groups(session: AsyncSession, ids: Collection[str]) -> list[ServiceGroupRow]:
    query = select(ServiceGroupRow).where(
        ServiceGroupRow.id.in_(ids), ServiceGroupRow.deleted_at.is_(None)
    )
    return list(await session.scalars(query))


async def names_of(session: AsyncSession, ids: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Group id -> (name, whether it is deleted), also of deleted ones."""
    query = select(ServiceGroupRow.id, ServiceGroupRow.name, ServiceGroupRow.deleted_at)
    rows = await session.execute(query.where(ServiceGroupRow.id.in_(ids)))
    return {group_id: (name, gone is not None) for group_id, name, gone in rows}


async def projects_of(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Group id -> project, also of deleted ones."""
    query = select(ServiceGroupRow.id, ServiceGroupRow.project_id)
    rows = await session.execute(query.where(ServiceGroupRow.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


async def links_of(session: AsyncSession, ids: Collection[str]) -> dict[str, list[str]]:
    """Group id -> services that its project may call, in the order in which they were picked."""
    query = (
        select(GroupLinkRow.group_id, GroupLinkRow.service_id)
        .join(ServiceGroupRow, ServiceGroupRow.id == GroupLinkRow.group_id)
        .join(ServiceRow, ServiceRow.id == GroupLinkRow.service_id)
        .outerjoin(ModelRulesRow, ModelRulesRow.service_id == GroupLinkRow.service_id)
        .where(
            GroupLinkRow.group_id.in_(ids),
            or_(
                ServiceRow.project_id == ServiceGroupRow.project_id, ModelRulesRow.preset.is_(True)
            ),
        )
        .order_by(GroupLinkRow.place)
    )
    found: dict[str, list[str]] = {group_id: [] for group_id in ids}
    for group_id, service_id in await session.execute(query):
        found[group_id].append(service_id)
    return found


async def groups_linked_to(session: AsyncSession, service_id: str) -> list[str]:
    query = select(GroupLinkRow.group_id).where(GroupLinkRow.service_id == service_id)
    return list(await session.scalars(query))


async def replace_links(session: AsyncSession, group_id: str, services: Sequence[str]) -> None:
    await session.execute(
        delete(GroupLinkRow)
        .where(GroupLinkRow.group_id == group_id)
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        GroupLinkRow(group_id=group_id, service_id=service_id, place=place)
        for place, service_id in enumerate(services)
    )
    await session.flush()


async def keys_of(session: AsyncSession, ids: Collection[str]) -> dict[str, list[GroupKeyRow]]:
    """Group id -> its keys: the AppKey first, then those that it replaced, newest first."""
    query = (
        select(GroupKeyRow)
        .where(GroupKeyRow.group_id.in_(ids))
        .order_by(GroupKeyRow.ends_at.is_not(None), GroupKeyRow.ends_at.desc())
    )
    found: dict[str, list[GroupKeyRow]] = {group_id: [] for group_id in ids}
    for row in await session.scalars(query):
        found[row.group_id].append(row)
    return found


async def linkable_services(
    session: AsyncSession, project_id: str, *, preset: bool
) -> list[tuple[ServiceRow, ModelRulesRow | None]]:
    """The project's own services, or the presets of the platform."""
    query = (
        select(ServiceRow, ModelRulesRow)
        .outerjoin(ModelRulesRow, ModelRulesRow.service_id == ServiceRow.id)
        .where(ServiceRow.purpose == ServicePurpose.ONLINE)
        .order_by(ServiceRow.name, ServiceRow.id)
    )
    if preset:
        query = query.where(ModelRulesRow.preset.is_(True))
    else:
        query = query.where(ServiceRow.project_id == project_id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def get_offered(
    session: AsyncSession, project_id: str, service_id: str, *, lock: bool = False
) -> ServiceRow:
    """A service that the project may call: its own, or a preset. Raises NotFound."""
    rules = (await rules_of(session, [service_id])).get(service_id)
    owner = project_id
    if rules is not None and rules.preset:
        row = await session.get(ServiceRow, service_id)
        owner = row.project_id if row is not None else project_id
    return await services.get_service(session, owner, service_id, lock=lock)


async def drop_foreign_keys(session: AsyncSession, service_id: str) -> None:
    """Those by which people of other projects tried it: it is no preset any more."""
    query = delete(ServiceKeyRow).where(
        ServiceKeyRow.service_id == service_id, ServiceKeyRow.tenant_id.is_not(None)
    )
    await session.execute(query)


async def services_for_groups(
    session: AsyncSession, ids: Collection[str]
) -> dict[str, tuple[ServiceRow, ModelRulesRow | None]]:
    query = (
        select(ServiceRow, ModelRulesRow)
        .outerjoin(ModelRulesRow, ModelRulesRow.service_id == ServiceRow.id)
        .where(ServiceRow.id.in_(ids))
    )
    return {row[0].id: (row[0], row[1]) for row in await session.execute(query)}


async def rules_of(session: AsyncSession, ids: Collection[str]) -> dict[str, ModelRulesRow]:
    query = select(ModelRulesRow).where(ModelRulesRow.service_id.in_(ids))
    return {row.service_id: row for row in await session.scalars(query)}


async def freeze(
    session: AsyncSession, rows: Sequence[ServiceGroupRow], now: datetime
) -> list[ServiceGroup]:
    """Keys that ended are left out."""
    ids = [row.id for row in rows]
    links, keys = await links_of(session, ids), await keys_of(session, ids)
    return [_frozen(row, links[row.id], keys[row.id], now) for row in rows]


def _frozen(
    row: ServiceGroupRow, links: list[str], keys: list[GroupKeyRow], now: datetime
) -> ServiceGroup:
    ban = None
    if row.banned_at is not None:
        ban = Ban(row.banned_at, row.banned_by or "", row.ban_reason)
    return ServiceGroup(
        id=row.id, project_id=row.project_id, name=row.name, description=row.description,
        enabled=row.enabled, ban=ban, rules=KeyRules.of(row.rules), services=tuple(links),
        keys=tuple(frozen_key(k) for k in keys if k.ends_at is None or k.ends_at > now),
        created_by=row.created_by, creator_name=row.creator_name, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def frozen_key(row: GroupKeyRow) -> AppKey:
    return AppKey(row.id, row.group_id, row.hint, row.secret_hash, row.created_at, row.ends_at)
