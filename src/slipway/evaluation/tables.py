from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.claims import Claimable
from slipway.base.database import JsonValue, Row


class EvaluatedCheckpointRow(Row):
    """Which checkpoints of which tasks an evaluation is about: what a task's page asks for."""

    __tablename__ = "evaluated_checkpoints"

    evaluation_id: Mapped[str] = mapped_column(
        ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True
    )
    task_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class EvaluationRow(Claimable, Row):
    """`ended_as` is how the workload ended while its results are still to be read: the loop's
    work. Keys of third parties are sealed by model index; `lent_keys` are given back at the end."""

    __tablename__ = "evaluations"
    __table_args__ = (
        # Two evaluations of one name in a project would be told apart by nobody.
        UniqueConstraint("project_id", "name", name="uq_evaluations_name"),
        Index("ix_evaluations_list", "project_id", "created_at"),
        Index("ix_evaluations_workload", "workload_id"),
        Index("ix_evaluations_ended_as", "ended_as"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    spec: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    sealed_keys: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    lent_keys: Mapped[list[Any]] = mapped_column(JsonValue)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    ended_as: Mapped[str | None]
    workload_id: Mapped[str]
    output: Mapped[str]
    results: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
