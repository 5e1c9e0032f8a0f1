"""Every SQL statement of storage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.tables import BucketRow, ShareLinkRow, UploadRow
from slipway.assets.types import Bucket, ShareLink

# Made once: to build a statement costs more than to run it.
_IN_PROJECT = select(BucketRow).where(
    BucketRow.name == bindparam("bucket"), BucketRow.project_id == bindparam("project")
)


def frozen_bucket(row: BucketRow) -> Bucket:
    return Bucket(
        row.name, row.project_id, row.description, row.created_at, row.created_by, row.quota_bytes
    )


def frozen_link(row: ShareLinkRow) -> ShareLink:
    return ShareLink(
        row.id, row.project_id, row.bucket, row.key, row.created_by, row.created_at, row.expires_at
    )


async def find_bucket(session: AsyncSession, project_id: str, name: str) -> BucketRow | None:
    return await session.scalar(_IN_PROJECT, {"bucket": name, "project": project_id})


async def find_any_bucket(session: AsyncSession, name: str) -> BucketRow | None:
    """Of whatever project; whoever asks must look at whose it is."""
    return await session.get(BucketRow, name)


async def list_buckets_of(session: AsyncSession, project_ids: set[str]) -> list[Bucket]:
    query = (
        select(BucketRow)
        .where(BucketRow.project_id.in_(sorted(project_ids)))
        .order_by(BucketRow.name)
    )
    return [frozen_bucket(row) for row in await session.scalars(query)]


async def list_buckets(session: AsyncSession, project_id: str) -> list[Bucket]:
    query = (
        select(BucketRow)
        .where(BucketRow.project_id == project_id)
        .order_by(BucketRow.created_at, BucketRow.name)
    )
    return [frozen_bucket(row) for row in await session.scalars(query)]


async def list_all_buckets(session: AsyncSession) -> list[Bucket]:
    """Of every project; for the platform's own loops."""
    rows = await session.scalars(select(BucketRow).order_by(BucketRow.name))
    return [frozen_bucket(row) for row in rows]


async def add_bucket_if_absent(
    session: AsyncSession, *, name: str, project_id: str, description: str, now: datetime
) -> None:
    """Two first users at once make one bucket, on both databases."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    await session.execute(
        insert(BucketRow)
        .values(name=name, project_id=project_id, description=description, created_at=now)
        .on_conflict_do_nothing()
    )


async def delete_bucket(session: AsyncSession, name: str) -> None:
    await session.execute(delete(BucketRow).where(BucketRow.name == name))


async def find_upload(session: AsyncSession, project_id: str, upload_id: str) -> UploadRow | None:
    return await session.scalar(
        select(UploadRow).where(UploadRow.id == upload_id, UploadRow.project_id == project_id)
    )


async def list_uploads(session: AsyncSession, project_id: str) -> list[UploadRow]:
    query = (
        select(UploadRow)
        .where(UploadRow.project_id == project_id)
        .order_by(UploadRow.created_at.desc(), UploadRow.id)
    )
    return list(await session.scalars(query))


async def list_uploads_before(session: AsyncSession, moment: datetime) -> list[UploadRow]:
    return list(await session.scalars(select(UploadRow).where(UploadRow.created_at < moment)))


async def list_upload_ids(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(UploadRow.id)))


async def delete_upload(session: AsyncSession, upload_id: str) -> None:
    await session.execute(delete(UploadRow).where(UploadRow.id == upload_id))


async def find_link(session: AsyncSession, link_id: str) -> ShareLink | None:
    row = await session.get(ShareLinkRow, link_id)
    return frozen_link(row) if row is not None else None


async def list_links(session: AsyncSession, project_id: str, bucket: str) -> list[ShareLink]:
    query = (
        select(ShareLinkRow)
        .where(ShareLinkRow.project_id == project_id, ShareLinkRow.bucket == bucket)
        .order_by(ShareLinkRow.created_at.desc(), ShareLinkRow.id)
    )
    return [frozen_link(row) for row in await session.scalars(query)]


async def delete_link(session: AsyncSession, link_id: str) -> None:
    await session.execute(delete(ShareLinkRow).where(ShareLinkRow.id == link_id))


async def delete_ended_links(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(ShareLinkRow).where(ShareLinkRow.expires_at < before))
