"""Making, editing, switching and deleting service groups (GWY-01..13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.base.names import checked_description
from slipway.iam.types import Actor
from slipway.serving.groups import queries
from slipway.serving.groups.app_keys import issue_key
from slipway.serving.groups.events import tell_of_group
from slipway.serving.groups.tables import ServiceGroupRow
from slipway.serving.groups.types import NewGroup, ServiceGroup
from slipway.serving.key_rules import KeyRules, check_rules
from slipway.serving.tables import ServiceRow
from slipway.serving.types import ServiceState

NAME_LIMIT, DESCRIPTION_LIMIT = 64, 255
MAX_SERVICES = 200


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What is None stays."""

    name: str | None = None
    description: str | None = None
    services: Sequence[str] | None = None
    rules: KeyRules | None = None


async def create_group(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    *,
    name: str,
    description: str,
    services: Sequence[str],
    rules: KeyRules,
    now: datetime,
) -> NewGroup:
    """With its AppKey."""
    checked_name(name)
    checked_description(description, limit=DESCRIPTION_LIMIT)
    check_rules(rules, llm=True)
    async with db.begin() as session:
        if await queries.is_name_taken(session, actor.project_id, name):
            raise _taken(name)
        await _check_services(session, actor.project_id, services, known=())
        row = ServiceGroupRow(
            id=new_id("sg"), project_id=actor.project_id, name=name, description=description,
            enabled=True, rules=rules.as_json(), created_by=actor.user_id,
            creator_name=actor.user_name, created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        await queries.replace_links(session, row.id, services)
        secret = await issue_key(session, sealer, row.id, now)
        await tell_of_group(session, row, "created", actor_id=actor.user_id, now=now)
        return NewGroup(await _frozen(session, row, now), secret)


async def edit_group(
    db: Database, actor: Actor, group_id: str, change: GroupChange, *, now: datetime
) -> ServiceGroup:
    """The key stays; what changed holds for the next call."""
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        if change.name is not None and change.name != row.name:
            checked_name(change.name)
            if await queries.is_name_taken(session, actor.project_id, change.name, row.id):
                raise _taken(change.name)
            row.name = change.name
        if change.description is not None:
            row.description = checked_description(change.description, limit=DESCRIPTION_LIMIT)
        if change.rules is not None:
            check_rules(change.rules, llm=True)
            row.rules = change.rules.as_json()
        if change.services is not None:
            known = (await queries.links_of(session, [row.id]))[row.id]
            await _check_services(session, actor.project_id, change.services, known)
            await queries.replace_links(session, row.id, change.services)
        row.updated_at = now
        await session.flush()
        await tell_of_group(session, row, "changed", actor_id=actor.user_id, now=now)
        return await _frozen(session, row, now)


async def switch_group(
    db: Database, actor: Actor, group_id: str, *, enabled: bool, now: datetime
) -> ServiceGroup:
    """The owner's switch: a disabled group refuses every call, and comes back with the same key."""
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        row.enabled, row.updated_at = enabled, now
        await session.flush()
        event = "enabled" if enabled else "disabled"
        await tell_of_group(session, row, event, actor_id=actor.user_id, now=now)
        return await _frozen(session, row, now)


async def ban_group(
    db: Database, actor: Actor, group_id: str, *, reason: str | None, now: datetime
) -> ServiceGroup:
    """The staff's switch; `reason` None lifts the ban. It outlives resets of the key."""
    if reason is not None and not 1 <= len(reason.strip()) <= 500:
        raise Invalid("Say in 1 to 500 characters why the key is banned.", field="reason")
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        if reason is None:
            row.banned_at, row.banned_by, row.ban_reason = None, None, ""
        else:
            row.banned_at, row.banned_by, row.ban_reason = now, actor.user_name, reason.strip()
        await session.flush()
        await tell_of_group(
            session, row, "unbanned" if reason is None else "banned", actor_id=actor.user_id,
            now=now, description=row.ban_reason,
        )  # fmt: skip
        return await _frozen(session, row, now)


async def delete_group(db: Database, actor: Actor, group_id: str, *, now: datetime) -> None:
    """Its key dies with it; what was called stays to be seen under its name."""
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        for key in (await queries.keys_of(session, [row.id]))[row.id]:
            await session.delete(key)
        await queries.replace_links(session, row.id, ())
        row.deleted_at = now
        await session.flush()
        await tell_of_group(session, row, "deleted", actor_id=actor.user_id, now=now)


def checked_name(name: str) -> str:
    if not 1 <= len(name) <= NAME_LIMIT or name != name.strip() or not name.isprintable():
        raise Invalid(
            f"A group's name has 1 to {NAME_LIMIT} characters and no blank at its ends.",
            field="name", code="bad_name",
        )  # fmt: skip
    return name


async def _check_services(
    session: AsyncSession, project_id: str, services: Sequence[str], known: Sequence[str]
) -> None:
    """Only running services are linked; what was linked before may have stopped since."""
    if not 1 <= len(services) <= MAX_SERVICES or len(set(services)) != len(services):
        raise Invalid(f"A group links 1 to {MAX_SERVICES} services, each once.", field="services")
    found = await queries.services_for_groups(session, services)
    for service_id in services:
        row, rules = found.get(service_id, (None, None))
        if row is None or not (row.project_id == project_id or (rules and rules.preset)):
            raise Invalid(
                f"There is no service {service_id} that this project may call.",
                field="services", code="no_service",
            )  # fmt: skip
        if service_id not in known and not _runs(row):
            raise Invalid(
                f"The service {row.name} ({service_id}) is not running. Start it, then link it.",
                field="services", code="service_not_running",
            )  # fmt: skip


def _runs(row: ServiceRow) -> bool:
    return row.state == ServiceState.NORMAL


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a service group {name} already. Choose another name.", code="name_taken"
    )


async def _frozen(session: AsyncSession, row: ServiceGroupRow, now: datetime) -> ServiceGroup:
    (found,) = await queries.freeze(session, [row], now)
    return found
