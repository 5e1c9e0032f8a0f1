"""The usage ledger: append-only. `source` makes every record exactly-once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class UsageRow(Row):
    __tablename__ = "usage"
    __table_args__ = (
        Index("ix_usage_project_time", "project_id", "time"),
        Index("ix_usage_subject", "subject_id", "time"),
        Index("ix_usage_kind_time", "kind", "time"),  # reports over all projects
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    time: Mapped[datetime]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    quantity: Mapped[float]
    details: Mapped[dict[str, Any]] = mapped_column(JsonValue)
