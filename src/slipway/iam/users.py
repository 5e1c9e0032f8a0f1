"""Users, projects and who belongs where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id, new_secret
from slipway.base.names import checked_description, checked_name
from slipway.iam import queries
from slipway.iam.roles import Role
from slipway.iam.signin import hash_password
from slipway.iam.tables import MemberRow, ProjectRow, UserRow
from slipway.iam.types import Actor, User

_USER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._@-]{0,59}")
DEFAULT_PROJECT = "default"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    name: str
    password: str | None  # None: it was given, so there is nothing to show


async def ensure_first_admin(
    db: Database, *, password: str | None, now: datetime
) -> FirstAdmin | None:
    """On an empty database: the administrator `admin` and the project `default`. Else None."""
    async with db.read() as session:
        if await queries.count_users(session):
            return None
    made_up = None if password else new_secret("", 16)
    hashed = await hash_password(password or made_up or "")
    async with db.begin() as session:
        if await queries.count_users(session):
            return None
        user = UserRow(
            id=new_id("user"), name="admin", display_name="Administrator", password_hash=hashed, is_admin=True,
            enabled=True, created_at=now,
        )  # fmt: skip
        project = ProjectRow(id=new_id("prj"), name=DEFAULT_PROJECT, description="", created_at=now)
        session.add_all([user, project])
        await session.flush()
        session.add(
            MemberRow(project_id=project.id, user_id=user.id, role=Role.ADMIN, created_at=now)
        )
    return FirstAdmin("admin", made_up)


async def create_user(
    db: Database,
    actor: Actor,
    *,
    name: str,
    password: str,
    display_name: str,
    is_admin: bool,
    now: datetime,
) -> User:
    if not _USER_NAME.fullmatch(name):
        raise Invalid(
            "A user name has 1 to 60 English letters, digits and '.', '_', '@', '-', and starts with a letter or digit.",
            field="name", code="bad_name",
        )  # fmt: skip
    hashed = await hash_password(password)
    row = UserRow(
        id=new_id("user"), name=name, display_name=display_name or name, password_hash=hashed, is_admin=is_admin,
        enabled=True, created_at=now,
    )  # fmt: skip
    async with db.begin() as session:
        if await queries.find_user_by_name(session, name):
            raise Conflict(
                f"There is already a user named {name}.", code="name_taken", field="name"
            )
        session.add(row)
        await record(
            session,
            "iam:userCreated",
            subject=("user", row.id),
            project_id=None,
            actor_id=actor.user_id,
            name=name,
        )
    return queries.frozen_user(row)


async def update_user(
    db: Database, actor: Actor, user_id: str, *,
    display_name: str | None = None, enabled: bool | None = None, is_admin: bool | None = None, password: str | None = None,
) -> User:  # fmt: skip
    hashed = await hash_password(password) if password is not None else None
    async with db.begin() as session:
        row = await _user(session, user_id)
        before_last = (
            row.is_admin and row.enabled and await queries.count_enabled_admins(session) == 1
        )
        if before_last and (enabled is False or is_admin is False):
            raise Conflict(
                "This is the last administrator. Make another one first.", code="last_admin"
            )
        row.display_name = row.display_name if display_name is None else display_name
        row.enabled = row.enabled if enabled is None else enabled
        row.is_admin = row.is_admin if is_admin is None else is_admin
        row.password_hash = hashed or row.password_hash
        if hashed or enabled is False:
            await queries.delete_sessions_of(session, user_id)
        await record(
            session, "iam:userUpdated", subject=("user", user_id), project_id=None, actor_id=actor.user_id,
            enabled=row.enabled, is_admin=row.is_admin, password_reset=hashed is not None,
        )  # fmt: skip
        return queries.frozen_user(row)


async def create_project(
    db: Database, actor: Actor, *, name: str, description: str, now: datetime
) -> ProjectRow:
    row = ProjectRow(
        id=new_id("prj"),
        name=checked_name(name),
        description=checked_description(description),
        created_at=now,
    )
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            session.add(
                MemberRow(project_id=row.id, user_id=actor.user_id, role=Role.ADMIN, created_at=now)
            )
            await record(
                session,
                "iam:projectCreated",
                subject=("project", row.id),
                project_id=row.id,
                actor_id=actor.user_id,
                name=name,
            )
    except IntegrityError as error:
        raise Conflict(
            f"There is already a project named {name}.", code="name_taken", field="name"
        ) from error
    return row


async def set_member(
    db: Database, actor: Actor, project_id: str, *, user_name: str, role: Role, now: datetime
) -> None:
    async with db.begin() as session:
        if await queries.find_project(session, project_id) is None:
            raise NotFound(f"There is no project {project_id}.")
        user = await queries.find_user_by_name(session, user_name)
        if user is None:
            raise NotFound(f"There is no user named {user_name}.", field="user")
        member = await queries.find_member(session, project_id, user.id)
        if member is None:
            session.add(
                MemberRow(project_id=project_id, user_id=user.id, role=role, created_at=now)
            )
        else:
            member.role = role
        await record(
            session, "iam:memberSet", subject=("project", project_id), project_id=project_id, actor_id=actor.user_id,
            user=user_name, role=role,
        )  # fmt: skip


async def remove_member(db: Database, actor: Actor, project_id: str, user_id: str) -> None:
    async with db.begin() as session:
        if await queries.find_member(session, project_id, user_id) is None:
            raise NotFound("That user is not a member of this project.")
        await queries.delete_member(session, project_id, user_id)
        await record(
            session, "iam:memberRemoved", subject=("project", project_id), project_id=project_id,
            actor_id=actor.user_id, user_id=user_id,
        )  # fmt: skip


async def _user(session: AsyncSession, user_id: str) -> UserRow:
    row = await queries.find_user(session, user_id)
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return row
