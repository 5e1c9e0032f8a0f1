"""Call statistics of a service over a range, in steps; of one key or version, or of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Invalid
from slipway.serving import histogram
from slipway.serving.tables import CallMinuteRow

_STEPS_S = (60, 300, 900, 3_600, 21_600, 86_400)
_POINTS = 300  # about as many as a chart can show
LONGEST = timedelta(days=400)


async def last_calls(session: AsyncSession, service_ids: Sequence[str]) -> dict[str, datetime]:
    """Service id -> the end of the last minute in which it was called."""
    rows = await session.execute(
        select(CallMinuteRow.service_id, func.max(CallMinuteRow.minute))
        .where(CallMinuteRow.service_id.in_(service_ids))
        .group_by(CallMinuteRow.service_id)
    )
    return {service_id: minute + timedelta(minutes=1) for service_id, minute in rows}


class CallRange(StrEnum):
    HOUR = "1h"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "7d"
    FORTNIGHT = "15d"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole range or of one step. Means and quantiles are None where nothing was called."""

    received: int
    succeeded: int
    failed: int
    throttled: int
    prompt_tokens: int
    completion_tokens: int
    request_bytes: int
    response_bytes: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    mean_ttft_ms: float | None
    p95_ttft_ms: float | None
    mean_later_ms: float | None = None  # per token after the first, of streamed answers


@dataclass(frozen=True, slots=True)
class Statistics:
    start: datetime
    end: datetime
    step_s: int
    total: Figures
    points: Sequence[tuple[datetime, Figures]]  # steps in which something was called
    by_key: dict[str, Figures]


def span(
    chosen: CallRange | None, start: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """[start, end) of a named range or of custom dates; the last hour where nothing is said."""
    if start is not None or end is not None:
        until = (end or now).astimezone(UTC)
        since = (start or until - timedelta(hours=1)).astimezone(UTC)
        if not since < until:
            raise Invalid("The range must end after it starts.", field="end")
        if until - since > LONGEST:
            raise Invalid(f"A range is at most {LONGEST.days} days long.", field="start")
        return since, until
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match chosen:
        case CallRange.TODAY:
            return midnight, now
        case CallRange.YESTERDAY:
            return midnight - timedelta(days=1), midnight
        case CallRange.WEEK:
            return now - timedelta(days=7), now
        case CallRange.FORTNIGHT:
            return now - timedelta(days=15), now
    return now - timedelta(hours=1), now


def step_of(start: datetime, end: datetime, asked_s: int | None) -> int:
    """A step that gives no more points than a chart shows, and not less than asked for."""
    length_s = (end - start).total_seconds()
    fitting = next((s for s in _STEPS_S if length_s / s <= _POINTS), _STEPS_S[-1])
    return fitting if asked_s is None else max(fitting, asked_s // 60 * 60)


async def read(
    session: AsyncSession,
    service_id: str,
    start: datetime,
    end: datetime,
    *,
    step_s: int,
    key_id: str | None = None,
    version_id: str | None = None,
) -> Statistics:
    query = select(CallMinuteRow).where(
        CallMinuteRow.service_id == service_id,
        CallMinuteRow.minute >= start.replace(second=0, microsecond=0),
        CallMinuteRow.minute < end,
    )
    if key_id is not None:
        query = query.where(CallMinuteRow.key_id == key_id)
    if version_id is not None:
        query = query.where(CallMinuteRow.version_id == version_id)
    rows = list(await session.scalars(query.order_by(CallMinuteRow.minute)))
    steps: dict[datetime, list[CallMinuteRow]] = {}
    keys: dict[str, list[CallMinuteRow]] = {}
    for row in rows:
        steps.setdefault(step_start(row.minute, step_s), []).append(row)
        keys.setdefault(row.key_id, []).append(row)
    return Statistics(
        start, end, step_s, figures(rows), [(at, figures(found)) for at, found in steps.items()],
        {key: figures(found) for key, found in keys.items()},
    )  # fmt: skip


def figures(rows: Iterable[CallMinuteRow]) -> Figures:
    own = list(rows)
    latency = histogram.total(row.latency for row in own)
    ttft = histogram.total(row.ttft for row in own)
    later = sum(row.later_tokens for row in own)
    answered, first = sum(latency), sum(row.ttft_count for row in own)
    counters = (
        "received", "succeeded", "failed", "throttled", "prompt_tokens", "completion_tokens",
        "request_bytes", "response_bytes",
    )  # fmt: skip
    return Figures(
        **{name: sum(getattr(row, name) for row in own) for name in counters},
        mean_ms=sum(row.duration_ms for row in own) / answered if answered else None,
        p50_ms=histogram.quantile(latency, 0.5), p95_ms=histogram.quantile(latency, 0.95),
        p99_ms=histogram.quantile(latency, 0.99),
        mean_ttft_ms=sum(row.ttft_ms for row in own) / first if first else None,
        p95_ttft_ms=histogram.quantile(ttft, 0.95),
        mean_later_ms=sum(row.later_ms for row in own) / later if later else None,
    )  # fmt: skip


def step_start(minute: datetime, step_s: int) -> datetime:
    seconds = int(minute.timestamp()) // step_s * step_s
    return datetime.fromtimestamp(seconds, UTC)
