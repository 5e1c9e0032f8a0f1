"""Hidden keys: one of a service's playground, and those lent to evaluation tasks.

With them the console and other rooms call a service the way everybody does, through the gateway,
and their calls are counted like all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.events import touch_service
from slipway.serving.keys import add_key
from slipway.serving.tables import ServiceRow
from slipway.serving.tables_calls import CallPolicyRow
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


async def renew_playground_key(
    session: AsyncSession, sealer: Sealer, service: ServiceRow, actor: Actor, now: datetime
) -> None:
    for old in await queries.list_keys(session, [service.id], purpose=KeyPurpose.PLAYGROUND):
        await session.delete(old)
    await session.flush()
    await add_key(
        session, sealer, service, actor=actor, name="playground", purpose=KeyPurpose.PLAYGROUND,
        now=now,
    )  # fmt: skip


async def playground_secret(session: AsyncSession, sealer: Sealer, service_id: str) -> str | None:
    rows = await queries.list_keys(session, [service_id], purpose=KeyPurpose.PLAYGROUND)
    return sealer.unseal(rows[-1].secret_sealed) if rows else None


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
    policy = await session.get(CallPolicyRow, service_id)
    return next(iter(policy.policy["aliases"]), "") if policy is not None else ""
