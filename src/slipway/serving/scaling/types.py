"""How many replicas a version shall have: a fixed count, a count by time, or one that follows load."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ScalingStrategy(StrEnum):
    MANUAL = "manual"
    TIME = "time"  # rules, each with a time and a count
    HPA = "hpa"  # what is measured, each against a threshold


class ScalingMetric(StrEnum):
    CPU = "cpu-util"
    MEMORY = "memory-util"
    GPU = "gpu-util"
    QPS = "service-qps"
    CONCURRENCY = "concurrency-util"
    # Of language models, as their engines tell them.
    WAITING = "waiting-requests"
    TTFT = "ttft-p95"
    KV_CACHE = "kv-cache-util"


# Lowest and highest threshold; %, requests a second, requests per replica, ms.
THRESHOLDS: dict[ScalingMetric, tuple[int, int]] = {
    ScalingMetric.CPU: (10, 100), ScalingMetric.MEMORY: (10, 100), ScalingMetric.GPU: (10, 100),
    ScalingMetric.QPS: (1, 5000), ScalingMetric.CONCURRENCY: (10, 100), ScalingMetric.WAITING: (1, 10_000),
    ScalingMetric.TTFT: (1, 600_000), ScalingMetric.KV_CACHE: (10, 100),
}  # fmt: skip
OF_LLMS = frozenset({ScalingMetric.WAITING, ScalingMetric.TTFT, ScalingMetric.KV_CACHE})


@dataclass(frozen=True, slots=True)
class TimeRule:
    """At `time` (cron of five fields) the count becomes `replicas`; not on days of an exception.

    With the strategy hpa it may also move the bounds, until another rule does.
    """

    time: str
    replicas: int
    exceptions: tuple[str, ...] = ()
    min_replicas: int | None = None
    max_replicas: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    metric: ScalingMetric
    threshold: float


@dataclass(frozen=True, slots=True)
class Hpa:
    """`min_replicas` 0 is `Scaling.idle_s`, not a bound."""

    min_replicas: int = 1
    max_replicas: int = 1
    targets: tuple[Target, ...] = ()
    up_window_s: int = 0
    down_window_s: int = 300


@dataclass(frozen=True, slots=True)
class Scaling:
    """`idle_s`: without a call for so long the version sleeps, and the next call wakes it.

    `max_held` calls wait at most `hold_s` seconds each while it wakes.
    """

    strategy: ScalingStrategy = ScalingStrategy.MANUAL
    rules: tuple[TimeRule, ...] = ()
    hpa: Hpa | None = None
    idle_s: int | None = None
    max_held: int = 100
    hold_s: int = 120

    @property
    def is_automatic(self) -> bool:
        return self.strategy != ScalingStrategy.MANUAL or self.idle_s is not None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any] | None) -> Scaling:
        if not data:
            return cls()
        hpa = data.get("hpa")
        return cls(
            ScalingStrategy(data["strategy"]),
            tuple(
                TimeRule(**(rule | {"exceptions": tuple(rule["exceptions"])}))
                for rule in data["rules"]
            ),
            Hpa(**(hpa | {"targets": tuple(_target(t) for t in hpa["targets"])})) if hpa else None,
            data["idle_s"], data["max_held"], data["hold_s"],
        )  # fmt: skip


def _target(data: dict[str, Any]) -> Target:
    return Target(ScalingMetric(data["metric"]), data["threshold"])
