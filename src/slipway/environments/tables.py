from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class EnvironmentRow(Row):
    """One version. Name and number are its own for ever within the project."""

    __tablename__ = "environments"
    __table_args__ = (
        # "name v2" must mean one thing, also when two people make it at once.
        UniqueConstraint("project_id", "name", "version", name="uq_environments_version"),
        Index("ix_environments_list", "project_id", "created_at"),
        Index("ix_environments_content", "content_hash"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    version: Mapped[int]
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    framework: Mapped[str]
    modes: Mapped[list[Any]] = mapped_column(JsonValue)
    purposes: Mapped[list[Any]] = mapped_column(JsonValue)
    source: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    user: Mapped[str] = mapped_column("index_user", default="")
    credentials: Mapped[str | None]  # sealed
    content_hash: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    build_id: Mapped[str] = mapped_column(index=True)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BuildRow(Row):
    """One run of the builder and what it left on disk; shared by every environment of its content."""

    __tablename__ = "environment_builds"
    __table_args__ = (
        # Equal content is built once at a time, whoever asks.
        Index(
            "uq_environment_builds_running", "content_hash", unique=True,
            sqlite_where=text("state = 'building'"), postgresql_where=text("state = 'building'"),
        ),
        Index("ix_environment_builds_content", "content_hash", "created_at"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    workload_id: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    python: Mapped[str] = mapped_column(default="")
    packages: Mapped[list[Any]] = mapped_column(JsonValue, default=list)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
