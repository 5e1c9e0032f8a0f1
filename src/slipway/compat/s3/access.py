"""Who a key belongs to, and what that person may do in a bucket: the native API's own rules.

Every request needs both, so what the database said is kept for a second: a key that was switched
off, or a member who was removed, is refused at most that much later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slipway.assets import buckets, links
from slipway.assets import queries as storage_queries
from slipway.assets.storage import Storage
from slipway.assets.types import ShareLink
from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import NotFound
from slipway.base.kept import Kept
from slipway.compat.s3.errors import S3Error
from slipway.iam import queries
from slipway.iam.roles import Role
from slipway.iam.types import Actor, Membership

KEPT_S = 1.0
_TOUCH_S = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """`link`: only this object may be read, nothing else."""

    key_id: str
    secret: str
    user_id: str
    user_name: str
    is_admin: bool
    memberships: tuple[Membership, ...]
    link: ShareLink | None = None

    def actor_in(self, project_id: str) -> Actor | None:
        """None: the project is not this person's to see."""
        for membership in self.memberships:
            if membership.project_id == project_id:
                return Actor(
                    self.user_id, self.user_name, self.is_admin, project_id, membership.role
                )
        if self.is_admin:
            return Actor(self.user_id, self.user_name, True, project_id, Role.ADMIN)
        return None


class Access:
    def __init__(self, db: Database, storage: Storage, sealer: Sealer) -> None:
        self._db, self._storage, self._sealer = db, storage, sealer
        self._identities: Kept[Identity | None] = Kept(self._load_identity, kept_s=KEPT_S)
        self._projects: Kept[str | None] = Kept(self._load_project, kept_s=KEPT_S)

    async def identity(self, key_id: str) -> Identity:
        found = await self._identities.get(key_id)
        if found is None:
            raise S3Error("InvalidAccessKeyId", f"There is no usable access key {key_id[:60]}.")
        return found

    async def actor_for(self, identity: Identity, bucket: str, action: str) -> Actor:
        """The actor in the bucket's project, who may do `action` there. Else the bucket is not
        there (another's) or access is denied (own, but not allowed)."""
        project = await self._projects.get(bucket)
        actor = identity.actor_in(project) if project is not None else None
        if actor is None:
            raise S3Error("NoSuchBucket", f"There is no bucket {bucket}.", BucketName=bucket)
        actor.require(action)
        return actor

    async def project_of(self, bucket: str) -> str | None:
        return await self._projects.get(bucket)

    def forget_bucket(self, bucket: str) -> None:
        self._projects.forget(bucket)

    async def _load_identity(self, key_id: str) -> Identity | None:
        if key_id.startswith(links.PREFIX):
            return await self._link_identity(key_id)
        now = utc_now()
        async with self._db.peek() as session:
            found = await queries.find_access_key(session, key_id, now)
            if found is None:
                return None
            key, user = found
            memberships = tuple(await queries.list_memberships(session, user.id))
        await self._touch(key.id, key.last_used_at, now)
        assert key.secret_sealed is not None
        return Identity(
            key_id, self._sealer.unseal(key.secret_sealed), user.id, user.name, user.is_admin,
            memberships,
        )  # fmt: skip

    async def _link_identity(self, link_id: str) -> Identity | None:
        async with self._db.peek() as session:
            link = await storage_queries.find_link(session, link_id)
            user = await queries.find_user(session, link.created_by) if link is not None else None
            if link is None or user is None or not user.enabled:
                return None
            memberships = tuple(await queries.list_memberships(session, user.id))
        return Identity(
            link_id, links.secret_of(self._sealer, link_id), user.id, user.name, user.is_admin,
            memberships, link,
        )  # fmt: skip

    async def _touch(self, key_id: str, last_used_at: datetime | None, now: datetime) -> None:
        if last_used_at is None or (now - last_used_at).total_seconds() > _TOUCH_S:
            async with self._db.begin() as session:
                await queries.touch_key(session, key_id, now)

    async def _load_project(self, bucket: str) -> str | None:
        async with self._db.peek() as session:
            row = await storage_queries.find_any_bucket(session, bucket)
            if row is not None:
                return row.project_id
            # A project's own bucket is there before its row is.
            if await queries.find_project(session, bucket) is None:
                return None
        async with self._db.begin() as session:
            await buckets.ensure_default_bucket(session, bucket)
        try:
            await self._storage.run(self._storage.make_bucket, bucket)
        except NotFound:
            return None
        return bucket
