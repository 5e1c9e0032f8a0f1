"""The AppKey of a group: issued with it, shown again to its owner, replaced with or without a time
in which the old one still works."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer, fingerprint
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.ids import new_id
from slipway.iam.types import Actor
from slipway.serving.groups import queries
from slipway.serving.groups.events import tell_of_group
from slipway.serving.groups.tables import GroupKeyRow
from slipway.serving.groups.types import NewGroup

LONGEST_OVERLAP = timedelta(days=90)


async def issue_key(session: AsyncSession, sealer: Sealer, group_id: str, now: datetime) -> str:
    """The group's AppKey from now on. Returns the secret."""
    secret = "ak-" + secrets.token_hex(24)
    session.add(
        GroupKeyRow(
            id=new_id("key"), group_id=group_id, hint=f"{secret[:6]}...{secret[-4:]}",
            secret_hash=fingerprint(secret), secret_sealed=sealer.seal(secret), created_at=now,
            ends_at=None,
        )
    )  # fmt: skip
    await session.flush()
    return secret


async def reveal_key(
    db: Database, sealer: Sealer, actor: Actor, group_id: str, *, now: datetime
) -> NewGroup:
    """The secret again. Who looked is an event."""
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id)
        key = (await queries.keys_of(session, [row.id]))[row.id][0]
        await tell_of_group(session, row, "keyRevealed", actor_id=actor.user_id, now=now)
        (group,) = await queries.freeze(session, [row], now)
        return NewGroup(group, sealer.unseal(key.secret_sealed))


async def reset_key(
    db: Database, sealer: Sealer, actor: Actor, group_id: str, *, overlap: timedelta, now: datetime
) -> NewGroup:
    """A new AppKey. The old one works on for `overlap`; without any it is refused at once.

    Limits and budgets are the group's, so a new key does not start them anew; nor does it lift a
    ban.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(
            f"The old key works on for 0 seconds to {LONGEST_OVERLAP.days} days.",
            field="overlap_s",
        )
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        for key in (await queries.keys_of(session, [row.id]))[row.id]:
            end = now + overlap
            if not overlap or (key.ends_at is not None and key.ends_at <= now):
                await session.delete(key)
            elif key.ends_at is None or key.ends_at > end:
                key.ends_at = end
        await session.flush()
        secret = await issue_key(session, sealer, row.id, now)
        row.updated_at = now
        await tell_of_group(session, row, "keyReset", actor_id=actor.user_id, now=now)
        (group,) = await queries.freeze(session, [row], now)
        return NewGroup(group, secret)


async def end_old_keys(db: Database, actor: Actor, group_id: str, *, now: datetime) -> None:
    """What the AppKey replaced is refused from now on."""
    async with db.begin() as session:
        row = await queries.get_group(session, actor.project_id, group_id, lock=True)
        for key in (await queries.keys_of(session, [row.id]))[row.id][1:]:
            await session.delete(key)
        await session.flush()
        await tell_of_group(session, row, "oldKeysEnded", actor_id=actor.user_id, now=now)
