"""Counts per bucket of milliseconds, small enough to keep for each minute and to add up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

# Upper bounds in ms; one more bucket holds what is above the last.
BOUNDS = (
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
)  # fmt: skip
EMPTY = (0,) * (len(BOUNDS) + 1)


def bucket_of(value_ms: float) -> int:
    return bisect_left(BOUNDS, value_ms)


def added(first: Sequence[int], second: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(first, second, strict=True)]


def total(rows: Iterable[Sequence[int]]) -> list[int]:
    found = list(EMPTY)
    for row in rows:
        found = added(found, row)
    return found


def quantile(counts: Sequence[int], share: float) -> float | None:
    """The value below which `share` of the calls lie, interpolated inside its bucket; in ms."""
    wanted = share * sum(counts)
    if wanted <= 0:
        return None
    passed = 0
    for index, count in enumerate(counts):
        if passed + count >= wanted and count:
            low = BOUNDS[index - 1] if index else 0
            high = BOUNDS[index] if index < len(BOUNDS) else BOUNDS[-1]
            return low + (high - low) * (wanted - passed) / count
        passed += count
    return float(BOUNDS[-1])
