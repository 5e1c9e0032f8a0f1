"""Personal keys: tokens for the API, access keys for signed protocols. Secrets are shown once."""

from __future__ import annotations

from datetime import datetime, timedelta

from slipway.base.crypto import Sealer, fingerprint
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id, new_secret
from slipway.iam import queries
from slipway.iam.tables import KeyRow
from slipway.iam.types import Actor, KeyInfo, KeyKind, NewKey

MAX_ACCESS_KEYS = 2  # IAM-40
MAX_TOKENS = 50


async def create_key(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    *,
    kind: KeyKind,
    name: str,
    lasts: timedelta | None,
    now: datetime,
) -> NewKey:
    if len(name) > 60:
        raise Invalid("A key's name has at most 60 characters.", field="name")
    secret = new_secret("slw_" if kind == KeyKind.TOKEN else "")
    row = KeyRow(
        id=new_id("key") if kind == KeyKind.TOKEN else "AK" + new_secret("", 18).upper(),
        user_id=actor.user_id, kind=kind, name=name, secret_hash=fingerprint(secret),
        secret_sealed=sealer.seal(secret) if kind == KeyKind.ACCESS else None,
        enabled=True, created_at=now, expires_at=now + lasts if lasts else None,
    )  # fmt: skip
    async with db.begin() as session:
        held = sum(key.kind == kind for key in await queries.list_keys(session, actor.user_id))
        limit = MAX_ACCESS_KEYS if kind == KeyKind.ACCESS else MAX_TOKENS
        if held >= limit:
            raise Conflict(
                f"You already have {held} keys of this kind, the most possible. Delete one first.",
                code="too_many_keys",
            )
        session.add(row)
        await record(
            session,
            "iam:keyCreated",
            subject=("key", row.id),
            project_id=None,
            actor_id=actor.user_id,
            kind=kind,
        )
    return NewKey(queries.frozen_key(row), secret)


async def list_keys(db: Database, actor: Actor) -> list[KeyInfo]:
    async with db.read() as session:
        return [queries.frozen_key(row) for row in await queries.list_keys(session, actor.user_id)]


async def switch_key(db: Database, actor: Actor, key_id: str, *, enabled: bool) -> KeyInfo:
    """A key that is off is refused until it is switched on again."""
    async with db.begin() as session:
        row = await queries.find_key(session, actor.user_id, key_id)
        if row is None:
            raise NotFound(f"You have no key {key_id}.")
        if row.enabled != enabled:
            row.enabled = enabled
            await record(
                session, "iam:keyEnabled" if enabled else "iam:keyDisabled", subject=("key", key_id),
                project_id=None, actor_id=actor.user_id,
            )  # fmt: skip
        return queries.frozen_key(row)


async def delete_key(db: Database, actor: Actor, key_id: str) -> None:
    async with db.begin() as session:
        row = await queries.find_key(session, actor.user_id, key_id)
        if row is None:
            raise NotFound(f"You have no key {key_id}.")
        await session.delete(row)
        await record(
            session,
            "iam:keyDeleted",
            subject=("key", key_id),
            project_id=None,
            actor_id=actor.user_id,
        )
