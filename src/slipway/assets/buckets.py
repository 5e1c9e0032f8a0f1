"""Buckets: who owns which directory, and the ways other rooms get at a place in storage."""

from __future__ import annotations

import errno
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import queries
from slipway.assets.errors import translated
from slipway.assets.keys import Address, checked_bucket_name
from slipway.assets.odd import odd_root
from slipway.assets.storage import Storage
from slipway.assets.tables import BucketRow
from slipway.assets.types import Bucket
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.events import record
from slipway.base.names import checked_description
from slipway.iam.types import Actor


async def ensure_default_bucket(session: AsyncSession, project_id: str) -> str:
    """The project's own bucket, named after the project; made on first use."""
    if await queries.find_bucket(session, project_id, project_id) is None:
        await queries.add_bucket_if_absent(
            session, name=project_id, project_id=project_id, description="", now=utc_now()
        )
    return project_id


async def resolve_directory(
    session: AsyncSession,
    storage: Storage,
    project: Actor | str,
    address: str,
    *,
    create: bool = False,
) -> Path:
    """The real directory at `address` ("bucket/path") in the project; NotFound if it is not one."""
    path, place = await _resolve(session, storage, project, address)
    if create:
        with translated(str(place)):
            path.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        raise NotFound(f"There is no folder {place} in this project's storage.", field="address")
    return path


async def resolve_file(
    session: AsyncSession, storage: Storage, project: Actor | str, address: str
) -> Path:
    """The real file at `address` ("bucket/path") in the project; NotFound if it is not one."""
    path, place = await _resolve(session, storage, project, address)
    if not path.is_file():
        raise NotFound(f"There is no file {place} in this project's storage.", field="address")
    return path


async def resolve_any(
    session: AsyncSession, storage: Storage, project: Actor | str, address: str
) -> Path:
    """The real file or directory at `address`; NotFound if nothing is there."""
    path, place = await _resolve(session, storage, project, address)
    if not path.exists():
        raise NotFound(f"There is nothing at {place} in this project's storage.", field="address")
    return path


async def _resolve(
    session: AsyncSession, storage: Storage, project: Actor | str, address: str
) -> tuple[Path, Address]:
    place = Address.parse(address)
    project_id = project if isinstance(project, str) else project.project_id
    await require_bucket(session, project_id, place.bucket)
    if place.bucket == project_id:
        storage.make_bucket(place.bucket)
    return storage.path_of(place.bucket, place.key), place


async def require_bucket(session: AsyncSession, project_id: str, name: str) -> Bucket:
    """The bucket, if it belongs to the project. Another project's is not there at all."""
    row = await queries.find_bucket(session, project_id, name)
    if row is not None:
        return queries.frozen_bucket(row)
    if name == project_id:  # its own bucket is always there, also before its row is
        return Bucket(name, project_id, "", utc_now(), None)
    raise NotFound(f"There is no bucket {name} in this project.", code="no_bucket")


async def list_buckets(db: Database, actor: Actor) -> list[Bucket]:
    """The project's buckets; its own one is made here if nobody needed it before."""
    async with db.read() as session:
        found = await queries.list_buckets(session, actor.project_id)
    if any(bucket.name == actor.project_id for bucket in found) or not actor.project_id:
        return found
    async with db.begin() as session:
        await ensure_default_bucket(session, actor.project_id)
        return await queries.list_buckets(session, actor.project_id)


async def create_bucket(
    db: Database, storage: Storage, actor: Actor, *, name: str, description: str, now: datetime
) -> Bucket:
    row = BucketRow(
        name=checked_bucket_name(name), project_id=actor.project_id, created_at=now,
        description=checked_description(description), created_by=actor.user_id,
    )  # fmt: skip
    # Directory first: a bucket in the database always has one. One without a bucket is empty.
    await storage.run(storage.make_bucket, name)
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            await record(
                session, "storage:bucketCreated", subject=("bucket", name),
                project_id=actor.project_id, actor_id=actor.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(
            f"The bucket name {name} is taken on this platform. Choose another.",
            code="name_taken",
            field="name",
        ) from error
    return queries.frozen_bucket(row)


async def set_quota(db: Database, actor: Actor, name: str, *, quota_bytes: int | None) -> Bucket:
    async with db.begin() as session:
        if name == actor.project_id:
            await ensure_default_bucket(session, name)
        row = await queries.find_bucket(session, actor.project_id, name)
        if row is None:
            raise NotFound(f"There is no bucket {name} in this project.", code="no_bucket")
        row.quota_bytes = quota_bytes
        await record(
            session, "storage:quotaChanged", subject=("bucket", name),
            project_id=actor.project_id, actor_id=actor.user_id, quota_bytes=quota_bytes,
        )  # fmt: skip
        return queries.frozen_bucket(row)


async def delete_bucket(db: Database, storage: Storage, actor: Actor, name: str) -> None:
    """Only an empty bucket goes; its directory first, so that a file arriving now keeps it."""
    async with db.read() as session:
        await require_bucket(session, actor.project_id, name)
    if name == actor.project_id:
        raise Conflict("The project's own bucket stays with the project.", code="default_bucket")
    await storage.run(_remove_directory, storage, name)
    async with db.begin() as session:
        await queries.delete_bucket(session, name)
        await record(
            session, "storage:bucketDeleted", subject=("bucket", name),
            project_id=actor.project_id, actor_id=actor.user_id,
        )  # fmt: skip


def _remove_directory(storage: Storage, name: str) -> None:
    directory = storage.bucket_root(name)
    try:
        if odd_root(storage, name).exists():  # gone with its last object
            raise OSError(errno.ENOTEMPTY, "objects under other names")
        directory.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        raise Conflict(
            f"The bucket {name} is not empty. Delete what is in it first.", code="not_empty"
        ) from error
    shutil.rmtree(storage.parts / name, ignore_errors=True)  # uploads that nobody completed
