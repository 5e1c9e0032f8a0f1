"""Hidden keys: those by which people call a service from the console, and those lent to evaluations.

With them the console and other rooms call a service the way everybody does, through the gateway,
and their calls are counted like all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.events import touch_service
from slipway.serving.groups.queries import get_offered
from slipway.serving.groups.tables import ModelRulesRow
from slipway.serving.keys import add_key
from slipway.serving.proxy import OwnKey
from slipway.serving.types import KeyPurpose


@dataclass(frozen=True, slots=True)
class LentKey:
    """How to call a service: `secret` as the bearer, `model` in the body of an LLM call.

    `path` is below the gateway's address, such as `/ms-abc/v1`.
    """

    key_id: str
    secret: str
    service_id: str
    model: str
    path: str


async def forget_own_keys(session: AsyncSession, service_id: str) -> None:
    """At each start of a service: whoever calls it from the console gets a new one then."""
    for old in await queries.list_keys(session, [service_id], purpose=KeyPurpose.PLAYGROUND):
        await session.delete(old)
    await session.flush()


async def own_key(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, *, now: datetime
) -> OwnKey:
    """The key by which this user calls the service from the console, made at the first call.

    So calls of the console are counted, limited and told apart by person like everybody's. A preset
    of another project is called as the own project, on its free trial.
    """
    async with db.read() as session:
        service = await get_offered(session, actor.project_id, service_id)
        tenant = None if service.project_id == actor.project_id else actor.project_id
        found = await queries.find_own_key(session, service_id, actor.user_id, tenant)
    if found is not None:
        return OwnKey(sealer.unseal(found.secret_sealed))
    async with db.begin() as session:
        service = await get_offered(session, actor.project_id, service_id, lock=True)
        found = await queries.find_own_key(session, service_id, actor.user_id, tenant)
        if found is not None:
            return OwnKey(sealer.unseal(found.secret_sealed), is_new=True)
        made = await add_key(
            session, sealer, service, actor=actor, name=actor.user_name,
            purpose=KeyPurpose.PLAYGROUND, tenant_id=tenant, now=now,
        )  # fmt: skip
        return OwnKey(made.secret, is_new=True)


async def lend_key(
    session: AsyncSession,
    sealer: Sealer,
    actor: Actor,
    service_id: str,
    *,
    borrower: str,
    now: datetime,
) -> LentKey:
    """A key for a task of another room (`borrower` is its id); `take_back_key` ends it."""
    service = await queries.get_service(session, actor.project_id, service_id)
    made = await add_key(
        session, sealer, service, actor=actor, name=borrower, purpose=KeyPurpose.EVALUATION,
        now=now,
    )  # fmt: skip
    model = await served_name(session, service_id)
    return LentKey(made.key.id, made.secret, service_id, model, f"/{service_id}/v1")


async def take_back_key(session: AsyncSession, key_id: str) -> None:
    """Harmless where it is gone already, or its service is."""
    row = await queries.find_key(session, key_id)
    if row is not None and row.purpose == KeyPurpose.EVALUATION:
        touch_service(session, row.service_id)
        await session.delete(row)
        await session.flush()


async def served_name(session: AsyncSession, service_id: str) -> str:
    """The model name of the version with the most traffic; '' where the service is no LLM."""
    rows = await queries.list_versions(session, [service_id])
    versions = [queries.frozen_version(row) for row in rows]
    best = max(versions, key=lambda v: (v.weight, v.number), default=None)
    if best is not None:
        return best.config.served_name
    rules = await session.get(ModelRulesRow, service_id)
    return next(iter(rules.aliases), "") if rules is not None else ""
