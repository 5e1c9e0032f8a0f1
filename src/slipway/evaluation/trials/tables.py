from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import Row


class TrialRow(Row):
    """A trial goes with its service: what is wanted and what was seen of it is kept there."""

    __tablename__ = "trials"
    __table_args__ = (
        # One trial a checkpoint: the card has one state.
        UniqueConstraint("project_id", "address", name="uq_trials_address"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    task_id: Mapped[str] = mapped_column(index=True)
    task_name: Mapped[str]
    checkpoint: Mapped[str]
    address: Mapped[str]
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    idle_s: Mapped[int]
    stop_reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
