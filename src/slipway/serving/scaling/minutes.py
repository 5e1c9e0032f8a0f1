"""Readings of one minute, added up into the row that charts are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from slipway.serving.scaling.measure import Reading

_FIGURES = (
    "cpu_pct", "mem_pct", "gpu_pct", "gpu_mem_pct", "in_flight", "llm_running", "llm_waiting",
    "kv_cache_pct",
)  # fmt: skip


class Minutes:
    """A minute that a crash cuts short is lost; it is a curve, not a bill."""

    def __init__(self) -> None:
        self._sums: dict[tuple[datetime, str], dict[str, list[float]]] = {}

    def add(self, now: datetime, version_id: str, expected: int, reading: Reading) -> None:
        cell = self._sums.setdefault((now.replace(second=0, microsecond=0), version_id), {})
        values: dict[str, float | None] = {name: getattr(reading, name) for name in _FIGURES}
        for name, value in (values | {"expected": expected, "running": reading.ready}).items():
            if value is not None:
                cell.setdefault(name, []).append(float(value))

    def complete(self, now: datetime) -> list[Mapping[str, object]]:
        """The rows of minutes that are over, once."""
        this_minute = now.replace(second=0, microsecond=0)
        rows: list[Mapping[str, object]] = []
        for at, version_id in sorted(self._sums):
            if at < this_minute:
                sums = self._sums.pop((at, version_id))
                means = {name: sum(v) / len(v) for name, v in sums.items()}
                rows.append({"version_id": version_id, "minute": at, **means})
        return rows
