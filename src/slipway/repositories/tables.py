from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class RepositoryRow(Row):
    __tablename__ = "repositories"
    __table_args__ = (
        # Two repositories of one name in a project would be told apart by nobody.
        UniqueConstraint("project_id", "name", name="uq_repositories_name"),
        Index("ix_repositories_list", "project_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    url: Mapped[str]
    ref: Mapped[str] = mapped_column(default="")
    credential: Mapped[str]
    user: Mapped[str] = mapped_column("git_user", default="")
    credentials: Mapped[str | None]  # sealed
    probed_at: Mapped[datetime | None]
    probe_commit: Mapped[str] = mapped_column(default="")
    probe_reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
