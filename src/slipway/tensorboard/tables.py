from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import Row


class BoardRow(Row):
    """A task has one TensorBoard at most; starting it again changes what it shows."""

    __tablename__ = "tensorboards"
    __table_args__ = (Index("ix_tensorboards_workload", "workload_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    store: Mapped[str]  # "summary" or "mount"
    container_path: Mapped[str]
    address: Mapped[str]  # where the files are, in words
    workload_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
