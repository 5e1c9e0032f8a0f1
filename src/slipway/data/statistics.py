"""Figures over all samples, gathered in one pass with bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

_MAX_BINS = 40
_BUFFERED = 1000
_MAX_FIELDS = 50


class Histogram:
    """Counts of numbers in bins of equal width, a power of two that grows with the range."""

    def __init__(self) -> None:
        self._buffer: Counter[float] = Counter()
        self._bins: Counter[int] = Counter()
        self._exponent: int | None = None
        self.count, self.total = 0, 0.0
        self.low, self.high = math.inf, -math.inf

    def add(self, value: float, times: int = 1) -> None:
        self.count += times
        self.total += value * times
        self.low, self.high = min(self.low, value), max(self.high, value)
        if self._exponent is not None:
            self._put(value, times)
            return
        self._buffer[value] += times
        if len(self._buffer) >= _BUFFERED:
            self._choose_width()

    def to_json(self) -> dict[str, Any] | None:
        if not self.count:
            return None
        if self._exponent is None:
            self._choose_width()
        width = 2.0 ** (self._exponent or 0)
        first, last = min(self._bins), max(self._bins)
        bins = [
            [number * width, (number + 1) * width, self._bins.get(number, 0)]
            for number in range(first, last + 1)
        ]
        mean = self.total / self.count
        return {"min": self.low, "max": self.high, "mean": mean, "histogram": bins}

    def _choose_width(self) -> None:
        span = self.high - self.low
        whole = all(value == int(value) for value in self._buffer)
        largest = max(abs(self.low), abs(self.high))
        # Not finer than the numbers themselves: the ends of a bin must differ.
        smallest = 0 if whole or not largest else math.frexp(largest)[1] - 40
        exponent = math.frexp(span / _MAX_BINS)[1] - 1 if span > 0 else 0
        self._exponent = max(exponent, smallest)
        for value, times in self._buffer.items():
            self._put(value, times)
        self._buffer.clear()

    def _put(self, value: float, times: int) -> None:
        assert self._exponent is not None
        self._bins[math.floor(value / 2.0**self._exponent)] += times
        while max(self._bins) - min(self._bins) >= _MAX_BINS:
            self._exponent += 1
            merged: Counter[int] = Counter()
            for number, count in self._bins.items():
                merged[number // 2] += count
            self._bins = merged


class Lengths:
    """Exact figures of lengths: few distinct values however many samples there are."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, length: int) -> None:
        self._counts[length] += 1

    def to_json(self) -> dict[str, Any] | None:
        histogram = Histogram()
        for length, count in self._counts.items():
            histogram.add(length, count)
        value = histogram.to_json()
        if value is None:
            return None
        ordered = sorted(self._counts.items())
        return value | {
            "median": _quantile(ordered, histogram.count, 0.5),
            "p95": _quantile(ordered, histogram.count, 0.95),
        }


class RecordStatistics:
    """Which fields records have, of which type, and how long their text is (DAT-34)."""

    def __init__(self) -> None:
        self._types: dict[str, Counter[str]] = {}
        self._lengths: dict[str, Lengths] = {}
        self._whole = Lengths()

    def add(self, record: dict[str, Any]) -> None:
        whole = 0
        for name, value in record.items():
            length = text_length(value)
            whole += length
            if name not in self._types:
                if len(self._types) >= _MAX_FIELDS:
                    continue
                self._types[name], self._lengths[name] = Counter(), Lengths()
            self._types[name][_json_type(value)] += 1
            if length or isinstance(value, str):
                self._lengths[name].add(length)
        self._whole.add(whole)

    def to_json(self) -> dict[str, Any]:
        fields = [
            {
                "name": name,
                "count": types.total(),
                "types": dict(types),
                "length": self._lengths[name].to_json(),
            }
            for name, types in self._types.items()
        ]
        return {"length": self._whole.to_json(), "fields": fields}


class ImageStatistics:
    def __init__(self) -> None:
        self._widths, self._heights, self._sizes = Histogram(), Histogram(), Histogram()
        self._labels, self._formats = Lengths(), Counter[str]()

    def add(self, *, width: int, height: int, size_bytes: int, kind: str, labels: int) -> None:
        self._widths.add(width)
        self._heights.add(height)
        self._sizes.add(size_bytes)
        self._labels.add(labels)
        self._formats[kind] += 1

    def to_json(self) -> dict[str, Any]:
        return {
            "width": self._widths.to_json(),
            "height": self._heights.to_json(),
            "size_bytes": self._sizes.to_json(),
            "labels_per_image": self._labels.to_json(),
            "formats": dict(self._formats),
        }


def text_length(value: Any) -> int:
    """Characters of all text in a JSON value, keys left out."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(text_length, value))
    if isinstance(value, dict):
        return sum(map(text_length, value.values()))
    return 0


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _quantile(ordered: list[tuple[int, int]], count: int, share: float) -> int:
    """The value below which at most `share` of the samples lie (nearest rank)."""
    rank = max(1, math.ceil(share * count))
    for value, times in ordered:
        rank -= times
        if rank <= 0:
            return value
    return ordered[-1][0]
