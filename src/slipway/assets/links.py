"""Share links: an address that anybody may open until it ends or is taken back.

A link is a presigned address of the object-storage endpoint. It is signed with a key of its own,
which may read that one object and nothing else, and which is gone when the link is taken back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from slipway.assets import queries
from slipway.assets.objects import checked_object_key
from slipway.assets.tables import ShareLinkRow
from slipway.assets.types import ShareLink
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_secret
from slipway.iam.types import Actor

PREFIX = "SL"
LONGEST = timedelta(days=7)  # the most that the protocol allows


def secret_of(sealer: Sealer, link_id: str) -> str:
    """Nothing is stored: the platform's own key gives it again."""
    return sealer.derive(f"share-link:{link_id}")


async def create_link(
    db: Database, actor: Actor, *, bucket: str, key: str, lasts: timedelta, now: datetime
) -> ShareLink:
    checked_object_key(key)
    if not timedelta(0) < lasts <= LONGEST:
        raise Invalid("A share link lasts from a second to 7 days.", field="lasts_s")
    row = ShareLinkRow(
        id=PREFIX + new_secret("", 22).upper(), project_id=actor.project_id, bucket=bucket, key=key,
        created_by=actor.user_id, created_at=now, expires_at=now + lasts,
    )  # fmt: skip
    async with db.begin() as session:
        await queries.delete_ended_links(session, now - LONGEST)
        session.add(row)
        await record(
            session, "storage:linkCreated", subject=("bucket", bucket),
            project_id=actor.project_id, actor_id=actor.user_id, key=key, link=row.id,
        )  # fmt: skip
    return queries.frozen_link(row)


async def list_links(db: Database, actor: Actor, bucket: str) -> list[ShareLink]:
    async with db.read() as session:
        return await queries.list_links(session, actor.project_id, bucket)


async def delete_link(db: Database, actor: Actor, bucket: str, link_id: str) -> None:
    """Whoever has the address is refused from now on."""
    async with db.begin() as session:
        link = await queries.find_link(session, link_id)
        if link is None or link.project_id != actor.project_id or link.bucket != bucket:
            raise NotFound(f"There is no share link {link_id} in this bucket.")
        await queries.delete_link(session, link_id)
        await record(
            session, "storage:linkDeleted", subject=("bucket", bucket),
            project_id=actor.project_id, actor_id=actor.user_id, key=link.key, link=link_id,
        )  # fmt: skip
