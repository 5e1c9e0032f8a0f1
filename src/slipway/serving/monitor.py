"""What a service was doing over a range: minutes of its versions, added up into steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.serving.statistics import step_start
from slipway.serving.tables import VersionMinuteRow


@dataclass(frozen=True, slots=True)
class MonitorPoint:
    """Means over the step; counts and sums are over all versions asked for. None: not measured."""

    time: datetime
    expected: float
    running: float
    cpu_pct: float | None
    mem_pct: float | None
    gpu_pct: float | None
    gpu_mem_pct: float | None
    in_flight: float | None
    llm_running: float | None
    llm_waiting: float | None
    kv_cache_pct: float | None


_MEANS = ("cpu_pct", "mem_pct", "gpu_pct", "gpu_mem_pct", "kv_cache_pct")
_SUMS = ("in_flight", "llm_running", "llm_waiting")


def points(rows: Sequence[VersionMinuteRow], step_s: int) -> list[MonitorPoint]:
    steps: dict[datetime, list[VersionMinuteRow]] = {}
    for row in rows:
        steps.setdefault(step_start(row.minute, step_s), []).append(row)
    return [_point(at, found) for at, found in sorted(steps.items())]


def _point(at: datetime, rows: Sequence[VersionMinuteRow]) -> MonitorPoint:
    minutes = len({row.minute for row in rows})
    means = {name: _mean(getattr(row, name) for row in rows) for name in _MEANS}
    sums = {name: _sum((getattr(row, name) for row in rows), minutes) for name in _SUMS}
    return MonitorPoint(
        time=at, expected=sum(row.expected for row in rows) / minutes,
        running=sum(row.running for row in rows) / minutes, **means, **sums,
    )  # fmt: skip


def _mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _sum(values: Iterable[float | None], minutes: int) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / minutes if known else None
