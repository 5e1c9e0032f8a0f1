from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class WaitRow(Row):
    """A task that waits for the completion of another; see `dependencies.py`."""

    __tablename__ = "training_waits"

    task_id: Mapped[str] = mapped_column(
        ForeignKey("training_tasks.id", ondelete="CASCADE"), primary_key=True
    )
    after_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class LockRow(Row):
    """What an environment holds, once for all tasks that ran in it; see `record.py`."""

    __tablename__ = "training_locks"

    digest: Mapped[str] = mapped_column(primary_key=True)
    packages: Mapped[list[Any]] = mapped_column(JsonValue)


class TaskRow(Row):
    """What lists scan is in columns; the full configuration stays in `spec`."""

    __tablename__ = "training_tasks"
    __table_args__ = (
        # Two tasks of one name in a project would be told apart by nobody.
        UniqueConstraint("project_id", "name", name="uq_training_tasks_name"),
        # All that a list filters, searches and orders by: 100,000 tasks are not read to show 20.
        Index(
            "ix_training_tasks_list",
            "project_id",
            "created_at",
            "id",
            "state",
            "name",
            "created_by",
        ),
        Index("ix_training_tasks_updated", "project_id", "updated_at", "id"),
        Index("ix_training_tasks_workload", "workload_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    site: Mapped[str]  # where it was submitted; it runs there
    description: Mapped[str]
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    spec: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    # Repositories of the last start with the commit of each; see `repositories.mounting.GitSource`.
    git: Mapped[list[Any]] = mapped_column(JsonValue, default=list)
    # Of the last start: what it depended on; see `record.py`.
    record: Mapped[dict[str, Any] | None] = mapped_column(JsonValue, default=None)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    workload_id: Mapped[str]
    output: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=1)
    restarts: Mapped[int] = mapped_column(default=0)
    evictions: Mapped[int] = mapped_column(default=0)
    reschedules: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
