from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.claims import Claimable
from slipway.base.database import JsonValue, Row


class ModelRow(Row):
    """A deleted model stays (`deleted_at`) until the files of its versions are gone."""

    __tablename__ = "models"
    __table_args__ = (
        # One living model of a name in a project; a deleted one frees its name at once.
        Index(
            "uq_models_name", "project_id", "name", unique=True,
            sqlite_where=text("deleted_at IS NULL"), postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_models_list", "project_id", "created_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    optimised: Mapped[bool] = mapped_column(default=False)
    last_number: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ModelVersionRow(Claimable, Row):
    """The loop claims a row to copy its files, and to remove them after `deleted_at`."""

    __tablename__ = "model_versions"
    __table_args__ = (
        # A number names one version for ever, also after deletion.
        UniqueConstraint("model_id", "number", name="uq_model_versions_number"),
        Index("ix_model_versions_work", "state", "deleted_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id"))
    model_name: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    warnings: Mapped[list[Any]] = mapped_column(JsonValue)
    source_kind: Mapped[str]
    source_address: Mapped[str]
    task_id: Mapped[str | None]
    task_name: Mapped[str | None]
    move: Mapped[bool]
    format: Mapped[str]
    framework: Mapped[str]
    environment: Mapped[str]
    metrics: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    metrics_text: Mapped[str]
    save_path: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    file_count: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
