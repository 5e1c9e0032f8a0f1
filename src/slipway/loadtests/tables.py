from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row

_OPEN = text("state IN ('Queued', 'Running', 'Stopping')")


class LoadTestRow(Row):
    """`ended_as` is how the workload ended while its results are still to be read; `lent_key` is
    given back then."""

    __tablename__ = "load_tests"
    __table_args__ = (
        Index("ix_load_tests_list", "service_id", "created_at"),
        Index("ix_load_tests_workload", "workload_id"),
        Index("ix_load_tests_ended_as", "ended_as"),
        # Two at once would measure each other.
        Index(
            "uq_load_tests_one_open", "service_id", unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    spec: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    lent_key: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    ended_as: Mapped[str | None]
    workload_id: Mapped[str]
    results: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
