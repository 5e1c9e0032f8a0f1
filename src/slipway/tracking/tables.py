"""Rows of runs. Metric values are not here: they are appended to files (see `journal.py`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import Row


class ExperimentRow(Row):
    __tablename__ = "experiments"
    # A client asks for an experiment by its name and makes it if it is missing: two may do so at once.
    __table_args__ = (UniqueConstraint("project_id", "name", name="uq_experiments_name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted: Mapped[bool] = mapped_column(default=False)


class RunRow(Row):
    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_list", "project_id", "created_at"),
        Index("ix_runs_experiment", "experiment_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    experiment_id: Mapped[str]  # of an experiment, or the project's own id
    name: Mapped[str]
    state: Mapped[str]
    artifacts: Mapped[str]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    deleted: Mapped[bool] = mapped_column(default=False)


class RunValueRow(Row):
    """A parameter or a tag of a run, which may be a training task (so no foreign key)."""

    __tablename__ = "run_values"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
