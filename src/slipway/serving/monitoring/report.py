"""What was called in a range: all together, by model, by group and service, and what failed.

Of the project's own calls, and of metadata only: what was asked and answered is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving.groups import queries as groups
from slipway.serving.key_rules import MILLIONTHS
from slipway.serving.tables import CallTotalRow, ServiceRow

MAX_ROWS = 2000  # of one table of the report


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Of one project. None is every one; '' as a group is calls without one."""

    project_id: str
    start: datetime
    end: datetime
    group_id: str | None = None
    service_id: str | None = None
    model: str | None = None

    def narrow(self, query: Any) -> Any:
        start = self.start.replace(second=0, microsecond=0)
        query = query.where(
            CallTotalRow.project_id == self.project_id,
            CallTotalRow.minute >= start,
            CallTotalRow.minute < self.end,
        )
        for column, value in (
            (CallTotalRow.group_id, self.group_id), (CallTotalRow.service_id, self.service_id),
            (CallTotalRow.model, self.model),
        ):  # fmt: skip
            if value is not None:
                query = query.where(column == value)
        return query


@dataclass(frozen=True, slots=True)
class CallSums:
    """cost: in the currency of the models' prices."""

    calls: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    images: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class CallShare:
    """Sums of one model, group and service; '' where a call had none (or it was not understood)."""

    model: str
    group_id: str
    group_name: str
    group_deleted: bool
    service_id: str
    service_name: str
    sums: CallSums


@dataclass(frozen=True, slots=True)
class Failure:
    """share: of all failed calls of the range."""

    code: str
    calls: int
    share: float


@dataclass(frozen=True, slots=True)
class CallReport:
    """`shares` most called first; `points` are (start of a step, sums), without empty steps."""

    step_s: int
    total: CallSums
    shares: Sequence[CallShare]
    failures: Sequence[Failure]
    points: Sequence[tuple[datetime, CallSums]]


_FAILED = func.sum(case((CallTotalRow.code != "", CallTotalRow.calls), else_=0))
_SUMS = (
    func.sum(CallTotalRow.calls), _FAILED, func.sum(CallTotalRow.prompt_tokens),
    func.sum(CallTotalRow.completion_tokens), func.sum(CallTotalRow.images),
    func.sum(CallTotalRow.cost),
)  # fmt: skip


async def read_report(session: AsyncSession, asked: CallFilter, *, step_s: int) -> CallReport:
    total = (await session.execute(asked.narrow(select(*_SUMS)))).one()
    sums = _sums(total)
    return CallReport(
        step_s, sums, await list_shares(session, asked),
        await _failures(session, asked, sums.failed), await _points(session, asked, step_s),
    )  # fmt: skip


async def list_shares(session: AsyncSession, asked: CallFilter) -> list[CallShare]:
    columns = (CallTotalRow.model, CallTotalRow.group_id, CallTotalRow.service_id)
    query = asked.narrow(select(*columns, *_SUMS)).group_by(*columns)
    ordered = query.order_by(func.sum(CallTotalRow.calls).desc(), *columns)
    rows = list(await session.execute(ordered.limit(MAX_ROWS)))
    names = await groups.names_of(session, {row[1] for row in rows if row[1]})
    services = await _service_names(session, {row[2] for row in rows if row[2]})
    return [
        CallShare(
            model=model, group_id=group, group_name=names.get(group, (group, False))[0],
            group_deleted=names.get(group, (group, False))[1], service_id=service,
            service_name=services.get(service, service), sums=_sums(numbers),
        )
        for model, group, service, *numbers in rows
    ]  # fmt: skip


async def _failures(session: AsyncSession, asked: CallFilter, failed: int) -> list[Failure]:
    calls = func.sum(CallTotalRow.calls)
    query = asked.narrow(select(CallTotalRow.code, calls)).where(CallTotalRow.code != "")
    rows = await session.execute(
        query.group_by(CallTotalRow.code).order_by(calls.desc(), CallTotalRow.code).limit(MAX_ROWS)
    )
    return [Failure(code, int(count), int(count) / failed) for code, count in rows]


async def _points(
    session: AsyncSession, asked: CallFilter, step_s: int
) -> list[tuple[datetime, CallSums]]:
    query = asked.narrow(select(CallTotalRow.minute, *_SUMS)).group_by(CallTotalRow.minute)
    steps: dict[datetime, list[int]] = {}
    for minute, *numbers in await session.execute(query.order_by(CallTotalRow.minute)):
        at = datetime.fromtimestamp(int(minute.timestamp()) // step_s * step_s, UTC)
        held = steps.setdefault(at, [0] * len(_SUMS))
        for place, number in enumerate(numbers):
            held[place] += int(number)
    return [(at, _sums(numbers)) for at, numbers in steps.items()]


async def _service_names(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    query = select(ServiceRow.id, ServiceRow.name).where(ServiceRow.id.in_(ids))
    return {row[0]: row[1] for row in await session.execute(query)}


def _sums(numbers: Sequence[Any] | Row[Any]) -> CallSums:
    calls, failed, prompt, completion, images, cost = (int(number or 0) for number in numbers)
    return CallSums(calls, failed, prompt, completion, images, cost / MILLIONTHS)
