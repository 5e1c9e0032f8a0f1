from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class SearchRow(Row):
    """What lists show is in columns; the whole of it stays in `spec`."""

    __tablename__ = "tuning_searches"
    __table_args__ = (
        # Trials are named after their search.
        UniqueConstraint("project_id", "name", name="uq_tuning_searches_name"),
        Index("ix_tuning_searches_list", "project_id", "created_at", "id"),
        Index("ix_tuning_searches_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    spec: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    best_number: Mapped[int | None]
    best_value: Mapped[float | None]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SearchTrialRow(Row):
    """The id of its task is chosen with its values, before the task exists: creating the task
    again after a crash finds the one that is there."""

    __tablename__ = "tuning_trials"
    __table_args__ = (Index("ix_tuning_trials_task", "task_id", unique=True),)

    search_id: Mapped[str] = mapped_column(
        ForeignKey("tuning_searches.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    task_id: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    value: Mapped[float | None]
    rungs: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
