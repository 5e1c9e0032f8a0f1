"""Calls added up by who called what and how it ended; and all calls ever, for lists and trials."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving.tables import CallCountRow, CallTotalRow


class Call(Protocol):
    @property
    def minute(self) -> datetime: ...
    @property
    def service(self) -> str: ...
    @property
    def group(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def code(self) -> str: ...
    @property
    def prompt_tokens(self) -> int: ...
    @property
    def completion_tokens(self) -> int: ...
    @property
    def images(self) -> int: ...
    @property
    def cost(self) -> int: ...


async def add(session: AsyncSession, calls: Sequence[tuple[str, Call]]) -> None:
    """calls: each with the project of its caller. One gateway batch at a time: see `booking`."""
    totals: dict[tuple[object, ...], list[int]] = {}
    counts: dict[tuple[object, ...], list[int]] = {}
    for project, call in calls:
        cell = (
            project, call.minute, call.group or "", call.service, (call.model or "")[:200],
            call.code,
        )  # fmt: skip
        tokens = call.prompt_tokens, call.completion_tokens
        _sum_up(totals, cell, (1, *tokens, call.images, call.cost))
        if call.service:
            _sum_up(counts, (call.service, project), (1, int(call.code != ""), sum(tokens)))
    await _write(session, CallTotalRow, totals, _TOTAL_KEY, _TOTAL_SUMS)
    await _write(session, CallCountRow, counts, _COUNT_KEY, _COUNT_SUMS)


async def counts_of_services(
    session: AsyncSession, service_ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Service id -> (failed, all) calls, whoever made them."""
    rows = await session.execute(
        select(CallCountRow.service_id, func.sum(CallCountRow.failed), func.sum(CallCountRow.calls))
        .where(CallCountRow.service_id.in_(service_ids))
        .group_by(CallCountRow.service_id)
    )
    return {service_id: (int(failed), int(calls)) for service_id, failed, calls in rows}


async def tokens_of_project(session: AsyncSession, project_id: str) -> dict[str, int]:
    """Service id -> tokens that the project used of it, ever."""
    query = select(CallCountRow.service_id, CallCountRow.tokens)
    rows = await session.execute(query.where(CallCountRow.project_id == project_id))
    return {row[0]: row[1] for row in rows}


_TOTAL_KEY = ("project_id", "minute", "group_id", "service_id", "model", "code")
_TOTAL_SUMS = ("calls", "prompt_tokens", "completion_tokens", "images", "cost")
_COUNT_KEY = ("service_id", "project_id")
_COUNT_SUMS = ("calls", "failed", "tokens")


def _sum_up(
    cells: dict[tuple[object, ...], list[int]], cell: tuple[object, ...], amounts: Sequence[int]
) -> None:
    sums = cells.setdefault(cell, [0] * len(amounts))
    for place, amount in enumerate(amounts):
        sums[place] += amount


async def _write(
    session: AsyncSession,
    table: type[CallTotalRow] | type[CallCountRow],
    cells: dict[tuple[object, ...], list[int]],
    key: Sequence[str],
    sums: Sequence[str],
) -> None:
    """Adds to the rows that are there and makes the others."""
    columns: list[ColumnElement[object]] = [getattr(table, name) for name in key]
    query: Any = select(table).where(tuple_(*columns).in_(list(cells)))
    rows = list(await session.scalars(query)) if cells else []
    there = {tuple(getattr(row, name) for name in key): row for row in rows}
    for place in cells:
        amounts, row = cells[place], there.get(place)
        if row is None:
            values = dict(zip((*key, *sums), (*place, *amounts), strict=True))
            session.add(table(**values))
            continue
        for name, amount in zip(sums, amounts, strict=True):
            setattr(row, name, getattr(row, name) + amount)
    await session.flush()
