"""Every SQL statement of accounts and access."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.iam.roles import Role
from slipway.iam.tables import KeyRow, MemberRow, ProjectRow, SessionRow, UserRow
from slipway.iam.types import KeyInfo, KeyKind, Membership, User

# Made once: to build a statement costs more than to run it, and these run with every request.
_TOKEN = (
    select(KeyRow, UserRow)
    .join(UserRow, UserRow.id == KeyRow.user_id)
    .where(KeyRow.secret_hash == bindparam("hash"), KeyRow.kind == KeyKind.TOKEN)
    .where(KeyRow.enabled, UserRow.enabled)
    .where((KeyRow.expires_at.is_(None)) | (KeyRow.expires_at > bindparam("now")))
)
_ACCESS_KEY = (
    select(KeyRow, UserRow)
    .join(UserRow, UserRow.id == KeyRow.user_id)
    .where(KeyRow.id == bindparam("key_id"), KeyRow.kind == KeyKind.ACCESS)
    .where(KeyRow.enabled, UserRow.enabled)
    .where((KeyRow.expires_at.is_(None)) | (KeyRow.expires_at > bindparam("now")))
)
_MEMBERSHIPS = (
    select(MemberRow.project_id, ProjectRow.name, MemberRow.role)
    .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
    .where(MemberRow.user_id == bindparam("user_id"))
    .order_by(MemberRow.created_at, MemberRow.project_id)
)


def frozen_user(row: UserRow) -> User:
    return User(
        row.id, row.name, row.display_name, row.is_admin, row.enabled, row.created_at, row.last_login_at,
        row.last_login_from,
    )  # fmt: skip


def frozen_key(row: KeyRow) -> KeyInfo:
    return KeyInfo(
        row.id, KeyKind(row.kind), row.name, row.created_at, row.last_used_at, row.expires_at,
        row.enabled,
    )  # fmt: skip


async def find_user_by_name(session: AsyncSession, name: str) -> UserRow | None:
    return await session.scalar(select(UserRow).where(func.lower(UserRow.name) == name.lower()))


async def find_user(session: AsyncSession, user_id: str) -> UserRow | None:
    return await session.get(UserRow, user_id)


async def user_names(session: AsyncSession, user_ids: set[str]) -> dict[str, str]:
    """What to call users who did something; deleted ones are left out."""
    rows = await session.execute(
        select(UserRow.id, UserRow.name).where(UserRow.id.in_(sorted(user_ids)))
    )
    return {row.id: row.name for row in rows}


async def count_users(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(UserRow)) or 0


async def count_enabled_admins(session: AsyncSession) -> int:
    query = select(func.count()).select_from(UserRow).where(UserRow.is_admin, UserRow.enabled)
    return await session.scalar(query) or 0


async def page_users(session: AsyncSession, page: PageQuery) -> Page[UserRow]:
    return await fetch_page(
        session, select(UserRow), page, id_column=UserRow.id,
        orders={"created_at": UserRow.created_at, "name": UserRow.name},
        search_in=(UserRow.name, UserRow.display_name, UserRow.id),
    )  # fmt: skip


async def list_memberships(session: AsyncSession, user_id: str) -> list[Membership]:
    rows = await session.execute(_MEMBERSHIPS, {"user_id": user_id})
    return [Membership(project, name, Role(role)) for project, name, role in rows]


async def list_projects(session: AsyncSession) -> list[ProjectRow]:
    return list(
        await session.scalars(select(ProjectRow).order_by(ProjectRow.created_at, ProjectRow.id))
    )


async def find_project(session: AsyncSession, project_id: str) -> ProjectRow | None:
    return await session.get(ProjectRow, project_id)


async def list_members(session: AsyncSession, project_id: str) -> list[tuple[UserRow, MemberRow]]:
    rows = await session.execute(
        select(UserRow, MemberRow)
        .join(MemberRow, MemberRow.user_id == UserRow.id)
        .where(MemberRow.project_id == project_id)
        .order_by(UserRow.name)
    )
    return [(user, member) for user, member in rows]


async def find_member(session: AsyncSession, project_id: str, user_id: str) -> MemberRow | None:
    return await session.get(MemberRow, (project_id, user_id))


async def delete_member(session: AsyncSession, project_id: str, user_id: str) -> None:
    await session.execute(
        delete(MemberRow).where(MemberRow.project_id == project_id, MemberRow.user_id == user_id)
    )


async def find_session(
    session: AsyncSession, token_hash: str, now: datetime
) -> tuple[SessionRow, UserRow] | None:
    found = await session.execute(
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(SessionRow.token_hash == token_hash, SessionRow.expires_at > now, UserRow.enabled)
    )
    row = found.first()
    return (row[0], row[1]) if row else None


async def delete_session(session: AsyncSession, token_hash: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


async def delete_sessions_of(session: AsyncSession, user_id: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


async def find_key_by_hash(
    session: AsyncSession, secret_hash: str, now: datetime
) -> tuple[KeyRow, UserRow] | None:
    found = await session.execute(_TOKEN, {"hash": secret_hash, "now": now})
    row = found.first()
    return (row[0], row[1]) if row else None


async def find_access_key(
    session: AsyncSession, key_id: str, now: datetime
) -> tuple[KeyRow, UserRow] | None:
    """A key that may be used now, with whose it is."""
    found = await session.execute(_ACCESS_KEY, {"key_id": key_id, "now": now})
    row = found.first()
    return (row[0], row[1]) if row else None


async def list_keys(session: AsyncSession, user_id: str) -> list[KeyRow]:
    query = (
        select(KeyRow)
        .where(KeyRow.user_id == user_id)
        .order_by(KeyRow.created_at.desc(), KeyRow.id)
    )
    return list(await session.scalars(query))


async def find_key(session: AsyncSession, user_id: str, key_id: str) -> KeyRow | None:
    return await session.scalar(
        select(KeyRow).where(KeyRow.id == key_id, KeyRow.user_id == user_id)
    )


async def touch_key(session: AsyncSession, key_id: str, now: datetime) -> None:
    await session.execute(update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=now))
