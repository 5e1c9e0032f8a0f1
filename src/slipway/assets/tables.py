"""Rows of storage. The bytes and their names are on disk only; the database knows who owns them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import Row


class BucketRow(Row):
    __tablename__ = "buckets"
    __table_args__ = (Index("ix_buckets_project", "project_id", "created_at"),)

    # The name is the directory's name, so it is unique on the whole platform.
    name: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    description: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)


class ShareLinkRow(Row):
    """An address that anybody may read one object at. Its secret is derived, not kept."""

    __tablename__ = "share_links"
    __table_args__ = (Index("ix_share_links_bucket", "bucket", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    bucket: Mapped[str] = mapped_column(ForeignKey("buckets.name", ondelete="CASCADE"))
    key: Mapped[str]
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class UploadRow(Row):
    """An upload under way. How far it is, the temporary file's length tells."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_project", "project_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    bucket: Mapped[str] = mapped_column(ForeignKey("buckets.name", ondelete="CASCADE"))
    key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]
