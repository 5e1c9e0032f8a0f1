"""Alarms: a figure of a service, a threshold, and for how long it must be beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlarmMetric(StrEnum):
    """What a minute of a service shows; of all its versions together."""

    QPS = "qps"
    ERROR_PCT = "error-pct"  # of the calls that were let in
    THROTTLED = "throttled"  # calls a minute
    MEAN_MS = "mean-ms"
    P95_MS = "p95-ms"
    CONCURRENT = "concurrent"
    RUNNING = "running-instances"
    CPU = "cpu-util"
    MEMORY = "memory-util"
    GPU = "gpu-util"
    GPU_MEMORY = "gpu-memory-util"
    # Of language models.
    TOKENS = "tokens"  # a minute
    TTFT = "ttft-p95"  # ms
    WAITING = "waiting-requests"
    KV_CACHE = "kv-cache-util"


OF_LLMS = frozenset(
    {AlarmMetric.TOKENS, AlarmMetric.TTFT, AlarmMetric.WAITING, AlarmMetric.KV_CACHE}
)
_UNITS = {
    AlarmMetric.ERROR_PCT: " %", AlarmMetric.CPU: " %", AlarmMetric.MEMORY: " %",
    AlarmMetric.GPU: " %", AlarmMetric.GPU_MEMORY: " %", AlarmMetric.KV_CACHE: " %",
    AlarmMetric.MEAN_MS: " ms", AlarmMetric.P95_MS: " ms", AlarmMetric.TTFT: " ms",
}  # fmt: skip


class AlarmComparison(StrEnum):
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="

    def holds(self, value: float, threshold: float) -> bool:
        match self:
            case AlarmComparison.ABOVE:
                return value > threshold
            case AlarmComparison.AT_LEAST:
                return value >= threshold
            case AlarmComparison.BELOW:
                return value < threshold
            case AlarmComparison.AT_MOST:
                return value <= threshold


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """Beyond the threshold in each of `minutes` minutes in a row. `targets`: whom the alerts tell."""

    name: str
    metric: AlarmMetric
    comparison: AlarmComparison
    threshold: float
    minutes: int = 3
    severity: Severity = Severity.WARNING
    targets: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Alarm:
    id: str
    service_id: str
    rule: AlarmRule
    firing: bool
    value: float | None
    since: datetime | None
    creator_name: str
    created_at: datetime
    updated_at: datetime


def shown(metric: AlarmMetric, value: float) -> str:
    return f"{value:.4g}{_UNITS.get(metric, '')}"
