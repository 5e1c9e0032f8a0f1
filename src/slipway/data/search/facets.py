"""How the values of a field are spread over the samples that match a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slipway.base.errors import NotFound
from slipway.data.search.index import Index
from slipway.data.search.language import FieldType

_SHOWN, _LETTERS, _BINS = 20, 120, 20


@dataclass(frozen=True, slots=True)
class Facet:
    """`values` with their counts, the most frequent first, or the spread of numbers in `bins`."""

    field: str
    type: FieldType
    of_length: bool  # the numbers are lengths of texts
    values: tuple[tuple[str, int], ...] = ()
    distinct_count: int = 0
    empty_count: int = 0
    bins: tuple[tuple[float, float, int], ...] = ()


def facet_of(index: Index, name: str, query: str) -> Facet:
    """Texts that hardly repeat say more by their length."""
    field = index.fields.get(name)
    if field is None:
        raise NotFound(f"There is no field {name[:60]!r}.", field="field")
    where = index.condition(query)
    if field.type is FieldType.NUMBER:
        return _numbers(index, name, field.type, field.column, where.sql, where.values, False)
    source = f"unnest({field.column})" if field.type is FieldType.LIST else field.column
    if field.type is FieldType.JSON:
        source = f"{field.column}->>'$'"
    base = f"with v as (select {source} as value from samples where {where.sql})"  # noqa: S608
    total, known, distinct = index.rows(
        f"{base} select count(*), count(value), approx_count_distinct(value) from v",  # noqa: S608
        where.values,
    )[0]
    if field.length is not None and distinct > 1000 and distinct > known / 10:
        return _numbers(index, name, field.type, field.length, where.sql, where.values, True)
    values = index.rows(
        f"{base} select left(cast(value as varchar), {_LETTERS}), count(*) from v "  # noqa: S608
        f"where value is not null group by 1 order by 2 desc, 1 limit {_SHOWN}",
        where.values,
    )
    return Facet(
        name, field.type, False, tuple((str(value), count) for value, count in values),
        max(distinct, len(values)), total - known,
    )  # fmt: skip


def _numbers(
    index: Index, name: str, kind: FieldType, column: str, where: str, values: Any, lengths: bool
) -> Facet:
    low, high, known, total = index.rows(
        f"select min({column}), max({column}), count({column}), count(*) from samples where {where}",  # noqa: S608
        values,
    )[0]
    if not known:
        return Facet(name, kind, lengths, empty_count=total)
    width = (high - low) / _BINS or 1.0
    if high - low <= _BINS and kind is not FieldType.NUMBER:
        width = 1.0
    counted = dict(
        index.rows(
            f"select least(floor(({column} - ?) / ?), ?)::integer as bin, count(*) from samples "  # noqa: S608
            f"where ({where}) and {column} is not null group by 1",
            [float(low), float(width), _BINS - 1, *values],
        )
    )
    bins = tuple(
        (low + number * width, low + (number + 1) * width, counted.get(number, 0))
        for number in range(max(counted) + 1)
    )
    return Facet(name, kind, lengths, (), len(counted), total - known, bins)
