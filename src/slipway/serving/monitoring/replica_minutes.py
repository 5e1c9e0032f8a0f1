"""Calls of single replicas by the minute: what the charts of an instance are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving.statistics import step_start
from slipway.serving.tables_monitor import ReplicaMinuteRow

KEPT = timedelta(days=15)
_SUMS = ("calls", "failed", "request_bytes", "response_bytes", "duration_ms")


class Call(Protocol):
    @property
    def replica(self) -> str | None: ...
    @property
    def minute(self) -> datetime: ...
    @property
    def status(self) -> int: ...
    @property
    def request_bytes(self) -> int: ...
    @property
    def response_bytes(self) -> int: ...
    @property
    def duration_ms(self) -> float: ...


@dataclass(frozen=True, slots=True)
class TrafficPoint:
    """Of one step. `concurrent`: requests in it at once, as a mean; None without a call: mean_ms."""

    time: datetime
    qps: float
    failed: int
    request_bytes: int
    response_bytes: int
    mean_ms: float | None
    concurrent: float


async def add(session: AsyncSession, calls: Iterable[Call], now: datetime) -> None:
    """In the transaction that books the calls; one gateway batch at a time."""
    cells: dict[tuple[str, datetime], list[float]] = {}
    for call in calls:
        if not call.replica:
            continue
        sums = cells.setdefault((call.replica, call.minute), [0] * len(_SUMS))
        values = (
            1, call.status >= 400, call.request_bytes, call.response_bytes, call.duration_ms
        )  # fmt: skip
        for place, value in enumerate(values):
            sums[place] += value
    if not cells:
        return
    key = tuple_(ReplicaMinuteRow.replica_id, ReplicaMinuteRow.minute)
    rows = await session.scalars(select(ReplicaMinuteRow).where(key.in_(list(cells))))
    there = {(row.replica_id, row.minute): row for row in rows}
    for (replica_id, minute), sums in cells.items():
        row = there.get((replica_id, minute))
        if row is None:
            values_of = dict(zip(_SUMS, sums, strict=True))
            session.add(ReplicaMinuteRow(replica_id=replica_id, minute=minute, **values_of))
            continue
        for name, amount in zip(_SUMS, sums, strict=True):
            setattr(row, name, getattr(row, name) + amount)
    await session.flush()
    old = delete(ReplicaMinuteRow).where(ReplicaMinuteRow.minute < now - KEPT)
    await session.execute(old.execution_options(synchronize_session=False))


async def read(
    session: AsyncSession, replica_id: str, start: datetime, end: datetime, step_s: int
) -> list[TrafficPoint]:
    """Steps in which it answered anything."""
    query = select(ReplicaMinuteRow).where(
        ReplicaMinuteRow.replica_id == replica_id,
        ReplicaMinuteRow.minute >= start.replace(second=0, microsecond=0),
        ReplicaMinuteRow.minute < end,
    )
    steps: dict[datetime, list[ReplicaMinuteRow]] = {}
    for row in await session.scalars(query.order_by(ReplicaMinuteRow.minute)):
        steps.setdefault(step_start(row.minute, step_s), []).append(row)
    return [_point(at, rows, step_s) for at, rows in steps.items()]


def _point(at: datetime, rows: Sequence[ReplicaMinuteRow], step_s: int) -> TrafficPoint:
    calls = sum(row.calls for row in rows)
    busy_ms = sum(row.duration_ms for row in rows)
    return TrafficPoint(
        at, calls / step_s, sum(row.failed for row in rows),
        sum(row.request_bytes for row in rows), sum(row.response_bytes for row in rows),
        busy_ms / calls if calls else None, busy_ms / (step_s * 1000),
    )  # fmt: skip
