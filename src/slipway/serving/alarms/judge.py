"""Whether an alarm fires, from the minutes that it looks at. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from slipway.serving.alarms.types import AlarmMetric, AlarmRule
from slipway.serving.monitor import points
from slipway.serving.statistics import figures
from slipway.serving.tables import CallMinuteRow, VersionMinuteRow

Minute = Mapping[AlarmMetric, float]
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """`value`: of the last minute; None where nothing was measured in it."""

    firing: bool
    value: float | None


def judge(rule: AlarmRule, firing: bool, minutes: Sequence[Minute]) -> Verdict:
    """`minutes`: the last `rule.minutes` of them, oldest first.

    What was not measured neither raises an alarm nor ends it.
    """
    values = [minute.get(rule.metric) for minute in minutes]
    last = values[-1] if values else None
    if last is None:
        return Verdict(firing, None)
    beyond = [v is not None and rule.comparison.holds(v, rule.threshold) for v in values]
    if len(values) >= rule.minutes and all(beyond):
        return Verdict(True, last)
    return Verdict(firing and beyond[-1], last)


def minute_of(
    calls: Sequence[CallMinuteRow], load: Sequence[VersionMinuteRow], *, up: bool
) -> Minute:
    """The figures of one minute. `up`: the service runs, so that silence means no calls."""
    found: dict[AlarmMetric, float | None] = {}
    if up or calls:
        sums = figures(calls)
        admitted = sums.received - sums.throttled
        found = {
            AlarmMetric.QPS: sums.received / MINUTE_S, AlarmMetric.THROTTLED: sums.throttled,
            AlarmMetric.ERROR_PCT: 100 * sums.failed / admitted if admitted else 0.0,
            AlarmMetric.MEAN_MS: sums.mean_ms, AlarmMetric.P95_MS: sums.p95_ms,
            AlarmMetric.TOKENS: sums.prompt_tokens + sums.completion_tokens,
            AlarmMetric.TTFT: sums.p95_ttft_ms,
        }  # fmt: skip
    for point in points(load, MINUTE_S):
        found |= {
            AlarmMetric.CONCURRENT: point.in_flight, AlarmMetric.RUNNING: point.running,
            AlarmMetric.CPU: point.cpu_pct, AlarmMetric.MEMORY: point.mem_pct,
            AlarmMetric.GPU: point.gpu_pct, AlarmMetric.GPU_MEMORY: point.gpu_mem_pct,
            AlarmMetric.WAITING: point.llm_waiting, AlarmMetric.KV_CACHE: point.kv_cache_pct,
        }  # fmt: skip
    return {metric: value for metric, value in found.items() if value is not None}


R = TypeVar("R", CallMinuteRow, VersionMinuteRow)


def by_minute(rows: Sequence[R]) -> dict[datetime, list[R]]:
    found: dict[datetime, list[R]] = {}
    for row in rows:
        found.setdefault(row.minute, []).append(row)
    return found
