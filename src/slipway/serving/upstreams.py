"""Somebody else's OpenAI-compatible servers: as a model of their own, or beside own versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.address import checked_url
from slipway.serving.events import tell_of_service
from slipway.serving.groups.model_rules import ModelRules, new_rules, require_alias
from slipway.serving.keys import FIRST_KEY, add_key
from slipway.serving.tables import ServiceOwnerRow, ServiceRow
from slipway.serving.tables_calls import ServiceUpstreamRow
from slipway.serving.types import NewServiceKey, ServiceState

MAX_UPSTREAMS = 20


@dataclass(frozen=True, slots=True)
class NewUpstream:
    name: str
    url: str
    model: str
    key: str
    weight: int


@dataclass(frozen=True, slots=True)
class UpstreamChange:
    """What is None stays; the key never stays when the address changes."""

    name: str | None = None
    url: str | None = None
    model: str | None = None
    key: str | None = None
    weight: int | None = None
    enabled: bool | None = None


async def create_external(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    *,
    name: str,
    description: str,
    served_name: str,
    upstream: NewUpstream,
    now: datetime,
) -> tuple[str, NewServiceKey]:
    """A service without instances: a provider answers under our name. Its id and first key."""
    _check(upstream)
    served = served_name or name
    require_alias(served, "served_name")
    async with db.begin() as session:
        service = ServiceRow(
            id=new_id("ms", 8), project_id=actor.project_id, name=checked_name(name),
            description=checked_description(description), tags={}, resource_group="", llm=True,
            auth=True, last_number=0, state=ServiceState.NORMAL, created_by=actor.user_id,
            creator_name=actor.user_name, created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(service)
        await session.flush()
        session.add(ServiceOwnerRow(service_id=service.id, project_id=service.project_id))
        session.add(new_rules(service.id, ModelRules(aliases=(served,)), now))
        made = await add_key(session, sealer, service, actor=actor, name=FIRST_KEY, now=now)
        session.add(_row(sealer, actor, service, upstream, now))
        await session.flush()
        await tell_of_service(session, service, "created", actor_id=actor.user_id, now=now)
        return service.id, made


async def add_upstream(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, new: NewUpstream, *, now: datetime
) -> ServiceUpstreamRow:
    _check(new)
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id, lock=True)
        if not service.llm:
            raise Invalid("Only an LLM service can have upstreams.", code="not_an_llm")
        if len(await list_upstreams(session, [service_id])) >= MAX_UPSTREAMS:
            raise Conflict(f"A service has at most {MAX_UPSTREAMS} upstreams. Delete one first.")
        row = _row(sealer, actor, service, new, now)
        session.add(row)
        await session.flush()
        await tell_of_service(
            session, service, "upstreamAdded", actor_id=actor.user_id, now=now, description=new.name
        )
        return row


async def change_upstream(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    service_id: str,
    upstream_id: str,
    change: UpstreamChange,
    *,
    now: datetime,
) -> ServiceUpstreamRow:
    async with db.begin() as session:
        service, row = await _load(session, actor, service_id, upstream_id)
        moved = change.url is not None and change.url.rstrip("/") != row.url
        if moved and change.key is None and row.key_sealed:
            raise Invalid(
                "The address changes, so say the key again: it is never sent to another address "
                "unasked.",
                field="key",
            )
        fresh = NewUpstream(
            change.name if change.name is not None else row.name,
            change.url if change.url is not None else row.url,
            change.model if change.model is not None else row.model,
            change.key or "",
            change.weight if change.weight is not None else row.weight,
        )
        _check(fresh)
        row.name, row.url, row.model = fresh.name, fresh.url.rstrip("/"), fresh.model
        row.weight = fresh.weight
        if change.key is not None:
            row.key_sealed, row.key_hint = _sealed(sealer, change.key)
        if change.enabled is not None:
            row.enabled = change.enabled
        row.updated_at = now
        await session.flush()
        await tell_of_service(
            session,
            service,
            "upstreamChanged",
            actor_id=actor.user_id,
            now=now,
            description=row.name,
        )
        return row


async def delete_upstream(
    db: Database, actor: Actor, service_id: str, upstream_id: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        service, row = await _load(session, actor, service_id, upstream_id)
        await session.delete(row)
        await session.flush()
        await tell_of_service(
            session,
            service,
            "upstreamDeleted",
            actor_id=actor.user_id,
            now=now,
            description=row.name,
        )


async def list_upstreams(session: AsyncSession, service_ids: list[str]) -> list[ServiceUpstreamRow]:
    query = select(ServiceUpstreamRow).where(ServiceUpstreamRow.service_id.in_(service_ids))
    return list(
        await session.scalars(query.order_by(ServiceUpstreamRow.created_at, ServiceUpstreamRow.id))
    )


async def _load(
    session: AsyncSession, actor: Actor, service_id: str, upstream_id: str
) -> tuple[ServiceRow, ServiceUpstreamRow]:
    service = await queries.get_service(session, actor.project_id, service_id, lock=True)
    row = await session.get(ServiceUpstreamRow, upstream_id)
    if row is None or row.service_id != service_id:
        raise NotFound(f"There is no upstream {upstream_id} in this service.", code="no_upstream")
    return service, row


def _row(
    sealer: Sealer, actor: Actor, service: ServiceRow, new: NewUpstream, now: datetime
) -> ServiceUpstreamRow:
    sealed, hint = _sealed(sealer, new.key)
    return ServiceUpstreamRow(
        id=new_id("up"), service_id=service.id, project_id=service.project_id, name=new.name,
        url=new.url.rstrip("/"), model=new.model, key_sealed=sealed, key_hint=hint,
        weight=new.weight, enabled=True, created_by=actor.user_id, creator_name=actor.user_name,
        created_at=now, updated_at=now,
    )  # fmt: skip


def _sealed(sealer: Sealer, key: str) -> tuple[str, str]:
    """(sealed, what is shown of it)"""
    if not key:
        return "", ""
    return sealer.seal(key), f"...{key[-4:]}" if len(key) >= 12 else "..."


def _check(new: NewUpstream) -> None:
    checked_name(new.name)
    checked_url(new.url, field="url")
    if len(new.model) > 200 or any(ord(c) < 33 for c in new.model):
        raise Invalid("The model's name has at most 200 characters, without spaces.", field="model")
    if len(new.key) > 2000 or not new.key.isascii() or any(ord(c) < 33 for c in new.key):
        raise Invalid("The key holds letters that cannot be sent.", field="key")
    if not 0 <= new.weight <= 100:
        raise Invalid("A weight is a whole number from 0 to 100.", field="weight")
