"""Rows of what instances were asked, minute by minute, and of the alarms on a service's figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class ReplicaMinuteRow(Row):
    """Calls that one replica answered in one minute. It may be booked after the replica has gone."""

    __tablename__ = "replica_minutes"

    replica_id: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    calls: Mapped[int]
    failed: Mapped[int]
    request_bytes: Mapped[int] = mapped_column(BigInteger)
    response_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[float]  # sum


class ServiceAlarmRow(Row):
    """A threshold on one figure of a service, whom to tell, and how it stands."""

    __tablename__ = "service_alarms"

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    metric: Mapped[str]
    comparison: Mapped[str]
    threshold: Mapped[float]
    minutes: Mapped[int]
    severity: Mapped[str]
    targets: Mapped[list[Any]] = mapped_column(JsonValue)
    enabled: Mapped[bool]
    firing: Mapped[bool] = mapped_column(default=False)
    value: Mapped[float | None]  # of the last minute that was looked at
    since: Mapped[datetime | None]  # it fires, or has been quiet again
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
