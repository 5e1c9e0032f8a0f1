"""Rows of log delivery. How far a log was delivered stands beside the log itself, in a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class LogStoreRow(Row):
    """A project has one store at most."""

    __tablename__ = "log_stores"

    project_id: Mapped[str] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str]
    address: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    secret_sealed: Mapped[str | None]
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class LogDeliveryRow(Row):
    """Whether the logs of an owner (a training task) are delivered, and what last went wrong."""

    __tablename__ = "log_deliveries"
    __table_args__ = (Index("ix_log_deliveries_project", "project_id", "enabled"),)

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    enabled: Mapped[bool]
    error: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
