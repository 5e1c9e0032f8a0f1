"""Keyset pages: as quick at row one million as at row one, and stable while rows are added.

A cursor is the last row's (order value, id), so a page starts where the one before ended.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from slipway.base.errors import Invalid

MAX_LIMIT = 200
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What a list was asked for. `tags` are (key, value), all of which must match."""

    limit: int = 20
    cursor: str | None = None
    search: str | None = None
    states: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    order: str = "-created_at"
    mine: bool = False

    def words(self) -> list[str]:
        return [word.strip() for word in (self.search or "").split("|") if word.strip()]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None
    total: int


async def fetch_page(
    session: AsyncSession,
    query: Select[R],
    page: PageQuery,
    *,
    id_column: InstrumentedAttribute[str],
    orders: dict[str, InstrumentedAttribute[Any]],
    search_in: Sequence[InstrumentedAttribute[Any]] = (),
    state_column: InstrumentedAttribute[Any] | None = None,
    tags_column: InstrumentedAttribute[dict[str, Any]] | None = None,
) -> Page[R]:
    """Run `query` filtered, ordered and cut as `page` says. The order columns must not be null."""
    base = query
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    query = _filtered(query, page, search_in, state_column, tags_column, on_sqlite)
    counting = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = await session.scalar(counting) or 0
    name, descending = page.order.removeprefix("-"), page.order.startswith("-")
    if name not in orders:
        raise Invalid(
            f"Cannot order by {name!r}; possible: {', '.join(sorted(orders))}.", field="order"
        )
    if not total:
        return Page([], None, 0)
    column = orders[name]
    if page.cursor:
        query = query.where(_after(column, id_column, _decode(page.cursor, page.order), descending))
    ordering = (column.desc(), id_column.desc()) if descending else (column, id_column)
    limit = max(1, min(page.limit, MAX_LIMIT))
    # Ids first: that and the count can be answered from an index, and only the rows shown are read.
    chosen = query.with_only_columns(id_column, maintain_column_froms=True)
    ids = list(await session.scalars(chosen.order_by(*ordering).limit(limit + 1)))
    rows = list(await session.scalars(base.where(id_column.in_(ids)).order_by(*ordering)))
    more, rows = len(rows) > limit, rows[:limit]
    cursor = (
        _encode(getattr(rows[-1], column.key), getattr(rows[-1], id_column.key), page.order)
        if more
        else None
    )
    return Page(rows, cursor, total)


def _filtered(
    query: Select[R],
    page: PageQuery,
    search_in: Sequence[InstrumentedAttribute[Any]],
    state_column: InstrumentedAttribute[Any] | None,
    tags_column: InstrumentedAttribute[dict[str, Any]] | None,
    on_sqlite: bool,
) -> Select[R]:
    if words := page.words():
        # SQLite's LIKE ignores case by itself; lower() on both sides makes it six times slower.
        query = query.where(
            or_(
                *(
                    column.contains(word, autoescape=True)
                    if on_sqlite
                    else column.icontains(word, autoescape=True)
                    for word in words
                    for column in search_in
                )
            )
        )
    if page.states and state_column is not None:
        query = query.where(state_column.in_(page.states))
    if tags_column is not None:
        for key, value in page.tags:
            query = query.where(tags_column[key].as_string() == value)
    return query


def _after(
    column: InstrumentedAttribute[Any],
    id_column: InstrumentedAttribute[str],
    at: tuple[Any, str],
    descending: bool,
) -> ColumnElement[bool]:
    value, row_id = at
    if descending:
        return or_(column < value, and_(column == value, id_column < row_id))
    return or_(column > value, and_(column == value, id_column > row_id))


def _encode(value: Any, row_id: str, order: str) -> str:
    kind = "t" if isinstance(value, datetime) else "v"
    plain = value.isoformat() if isinstance(value, datetime) else value
    return (
        base64.urlsafe_b64encode(json.dumps([kind, plain, row_id, order]).encode())
        .decode()
        .rstrip("=")
    )


def _decode(cursor: str, order: str) -> tuple[Any, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        kind, value, row_id, made_for = json.loads(base64.urlsafe_b64decode(padded))
        decoded = datetime.fromisoformat(value) if kind == "t" else value
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid("The cursor is not one this list gave out.", field="cursor") from error
    if made_for != order:
        raise Invalid(
            "The cursor belongs to another order; start again without it.", field="cursor"
        )
    return decoded, str(row_id)
