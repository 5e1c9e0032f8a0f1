"""Rows of the datasets room. Samples are files (see manifest.py); rows hold what lists show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.claims import Claimable
from slipway.base.database import JsonValue, Row


class DatasetRow(Claimable, Row):
    __tablename__ = "datasets"
    __table_args__ = (
        # Two datasets of one project never share a name (DAT-05), also not when made at once.
        UniqueConstraint("project_id", "name", name="uq_datasets_project_name"),
        Index("ix_datasets_project_created", "project_id", "created_at", "id"),
        Index("ix_datasets_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    kind: Mapped[str]
    label_format: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    labels: Mapped[list[Any]]
    label_text: Mapped[str]  # the labels in one text, for searching
    tags: Mapped[dict[str, Any]]
    table_options: Mapped[dict[str, Any]]
    state: Mapped[str]
    reason: Mapped[str | None]
    latest_version: Mapped[int] = mapped_column(default=0)  # 0: none is available yet
    sample_count: Mapped[int] = mapped_column(BigInteger, default=0)
    labelled_count: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str]
    output_address: Mapped[str | None] = mapped_column(default=None)
    preview: Mapped[bool] = mapped_column(default=True)


class VersionRow(Claimable, Row):
    __tablename__ = "dataset_versions"
    __table_args__ = (
        # Numbers are given once and never again, so "v3" always means the same data.
        UniqueConstraint("dataset_id", "number", name="uq_dataset_versions_number"),
        Index("ix_dataset_versions_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None]
    derivation: Mapped[dict[str, Any] | None] = mapped_column(JsonValue, default=None)
    problems: Mapped[list[Any]]
    problem_count: Mapped[int] = mapped_column(default=0)
    content_hash: Mapped[str | None]
    sample_count: Mapped[int] = mapped_column(BigInteger, default=0)
    labelled_count: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    file_count: Mapped[int] = mapped_column(BigInteger, default=0)
    ignored_count: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    created_by: Mapped[str]


class ViewRow(Claimable, Row):
    """A part of a version that stands for itself: a split, a search, a random subset."""

    __tablename__ = "dataset_views"
    __table_args__ = (
        # "v2/train" means one thing.
        UniqueConstraint("dataset_id", "version", "name", name="uq_dataset_views_name"),
        Index("ix_dataset_views_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    version: Mapped[int]
    name: Mapped[str]
    definition: Mapped[dict[str, Any]]
    state: Mapped[str]
    reason: Mapped[str | None]
    content_hash: Mapped[str | None]
    sample_count: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class AnalysisRow(Claimable, Row):
    """What is worked out of a version in the background; the result is a file (see analyses.py)."""

    __tablename__ = "dataset_analyses"
    __table_args__ = (
        # The result lies at one place, so there is one of each kind; asking again replaces it.
        UniqueConstraint("dataset_id", "version", "kind", name="uq_dataset_analyses_kind"),
        Index("ix_dataset_analyses_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    version: Mapped[int]
    kind: Mapped[str]
    options: Mapped[dict[str, Any]]
    state: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[str]


class ShareRow(Row):
    """A token that lets another project copy a version. The token itself is not kept."""

    __tablename__ = "dataset_shares"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_dataset_shares_token"),
        Index("ix_dataset_shares_dataset", "dataset_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    version: Mapped[int]
    token_hash: Mapped[str]
    expires_at: Mapped[datetime]
    max_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class AccessRow(Row):
    """Who took a version out of the platform, or shared it; and who looked into it, once an hour."""

    __tablename__ = "dataset_accesses"
    __table_args__ = (Index("ix_dataset_accesses_dataset", "dataset_id", "id"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    version: Mapped[int]
    action: Mapped[str]
    user_id: Mapped[str]
    user_name: Mapped[str]
    detail: Mapped[str]
    at: Mapped[datetime]
