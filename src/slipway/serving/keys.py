"""Keys of a service (SRV-21, SRV-40..44): who may call it, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer, fingerprint
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.ids import new_id, new_secret
from slipway.base.names import checked_description, checked_name
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.events import tell_of_service, touch_service
from slipway.serving.key_rules import KeyRules, check_rules
from slipway.serving.tables import ServiceKeyRow, ServiceRow
from slipway.serving.types import KeyPurpose, NewServiceKey, ServiceKey

MAX_KEYS = 200
FIRST_KEY = "default"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What is None stays."""

    name: str | None = None
    remark: str | None = None
    enabled: bool | None = None
    limits: KeyRules | None = None


async def create_key(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    service_id: str,
    *,
    name: str,
    remark: str,
    limits: KeyRules,
    now: datetime,
) -> NewServiceKey:
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
        check_rules(limits, llm=service.llm)
        if await queries.count_keys(session, service_id) >= MAX_KEYS:
            raise Conflict(f"A service has at most {MAX_KEYS} keys. Delete one first.")
        return await add_key(
            session, sealer, service, actor=actor, name=checked_name(name),
            remark=checked_description(remark, field="remark"), limits=limits, now=now,
        )  # fmt: skip


async def add_key(
    session: AsyncSession,
    sealer: Sealer,
    service: ServiceRow,
    *,
    actor: Actor,
    name: str,
    remark: str = "",
    limits: KeyRules = KeyRules(),
    purpose: KeyPurpose = KeyPurpose.USER,
    tenant_id: str | None = None,
    now: datetime,
) -> NewServiceKey:
    secret = new_secret("sk-")
    row = ServiceKeyRow(
        id=new_id("key"), service_id=service.id, purpose=purpose, name=name, remark=remark,
        hint=f"{secret[:6]}...{secret[-4:]}", secret_hash=fingerprint(secret),
        secret_sealed=sealer.seal(secret), enabled=True, rpm=limits.rpm, tpm=limits.tpm,
        tpd=limits.tpd, rules=limits.as_json(), tenant_id=tenant_id, created_by=actor.user_id,
        creator_name=actor.user_name, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    touch_service(session, service.id)
    if purpose == KeyPurpose.USER:
        await tell_of_service(
            session, service, "keyCreated", actor_id=actor.user_id, now=now, description=name
        )
    return NewServiceKey(queries.frozen_key(row), secret)


async def list_keys(db: Database, actor: Actor, service_id: str) -> list[ServiceKey]:
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        rows = await queries.list_keys(session, [service_id], purpose=KeyPurpose.USER)
    return [queries.frozen_key(row) for row in rows]


async def reveal_key(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, key_id: str, *, now: datetime
) -> NewServiceKey:
    """The secret again. Who looked is an event."""
    async with db.begin() as session:
        service, row = await _load(session, actor, service_id, key_id)
        await tell_of_service(
            session, service, "keyRevealed", actor_id=actor.user_id, now=now, description=row.name
        )
        return NewServiceKey(queries.frozen_key(row), sealer.unseal(row.secret_sealed))


async def change_key(
    db: Database, actor: Actor, service_id: str, key_id: str, change: KeyChange, *, now: datetime
) -> ServiceKey:
    async with db.begin() as session:
        service, row = await _load(session, actor, service_id, key_id)
        if change.name is not None:
            row.name = checked_name(change.name)
        if change.remark is not None:
            row.remark = checked_description(change.remark, field="remark")
        if change.enabled is not None:
            row.enabled = change.enabled
        if change.limits is not None:
            check_rules(change.limits, llm=service.llm)
            row.rpm, row.tpm, row.tpd = change.limits.rpm, change.limits.tpm, change.limits.tpd
            row.rules = change.limits.as_json()
        row.updated_at = now
        await session.flush()
        await tell_of_service(
            session, service, "keyChanged", actor_id=actor.user_id, now=now, description=row.name
        )
        return queries.frozen_key(row)


async def reset_key(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, key_id: str, *, now: datetime
) -> NewServiceKey:
    """A new value under a new id; the old value is refused at once."""
    async with db.begin() as session:
        service, old = await _load(session, actor, service_id, key_id)
        made = await add_key(
            session, sealer, service, actor=actor, name=old.name, remark=old.remark,
            limits=queries.frozen_key(old).rules, now=now,
        )  # fmt: skip
        fresh = await queries.get_key(session, service_id, made.key.id)
        fresh.enabled = old.enabled
        await session.delete(old)
        await session.flush()
        return NewServiceKey(queries.frozen_key(fresh), made.secret)


async def delete_key(
    db: Database, actor: Actor, service_id: str, key_id: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        service, row = await _load(session, actor, service_id, key_id)
        await session.delete(row)
        await session.flush()
        await tell_of_service(
            session, service, "keyDeleted", actor_id=actor.user_id, now=now, description=row.name
        )


async def require_keys(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, *, required: bool, now: datetime
) -> NewServiceKey | None:
    """Switch the key requirement, without a restart. Switched on with no key, one is made."""
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id, lock=True)
        service.auth, service.updated_at = required, now
        made = None
        if required and await queries.count_keys(session, service_id) == 0:
            made = await add_key(session, sealer, service, actor=actor, name=FIRST_KEY, now=now)
        await session.flush()
        event = "keysRequired" if required else "keysNotRequired"
        await tell_of_service(session, service, event, actor_id=actor.user_id, now=now)
        return made


async def _load(
    session: AsyncSession, actor: Actor, service_id: str, key_id: str
) -> tuple[ServiceRow, ServiceKeyRow]:
    service = await queries.get_service(session, actor.project_id, service_id)
    return service, await queries.get_key(session, service_id, key_id)
