"""How good the answers are found, by service and period (PLY-16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Invalid
from slipway.playground import queries
from slipway.playground.tables import DayRow
from slipway.playground.views import QualityList, QualityView

MAX_DAYS = 366


async def quality(session: AsyncSession, project_id: str, start: date, end: date) -> QualityList:
    """Counts of everybody in the project; nobody's words are in them."""
    if end < start:
        raise Invalid("The period ends before it begins.", field="end")
    if (end - start).days >= MAX_DAYS:
        raise Invalid(f"A period has at most {MAX_DAYS} days.", field="start")
    rows = await queries.list_days(session, project_id, start, end)
    by_service: dict[str, list[DayRow]] = {}
    for row in rows:
        by_service.setdefault(row.service_id, []).append(row)
    items = [_added(days, None) for days in by_service.values()]
    return QualityList(
        start=start, end=end, items=sorted(items, key=lambda one: -one.answers),
        days=[_added([row], row.day) for row in rows],
    )  # fmt: skip


def _added(rows: Sequence[DayRow], day: date | None) -> QualityView:
    first = sum(row.first_count for row in rows)
    mean = round(sum(row.first_ms for row in rows) / first, 1) if first else None
    return QualityView(
        service_id=rows[-1].service_id, service_name=rows[-1].service_name, day=day,
        answers=_sum(r.answers for r in rows), stopped=_sum(r.stopped for r in rows),
        failed=_sum(r.failed for r in rows), up=_sum(r.up for r in rows),
        down=_sum(r.down for r in rows),
        completion_tokens=_sum(r.completion_tokens for r in rows), mean_first_ms=mean,
    )  # fmt: skip


def _sum(values: Iterable[int]) -> int:
    return sum(values)
