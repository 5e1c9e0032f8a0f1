"""What the replicas of a version are doing now: samples of their instances, engines, gateways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from slipway.compute.output.files import InstanceFiles
from slipway.serving.scaling import engines
from slipway.serving.scaling.signals import Signals
from slipway.serving.scaling.types import ScalingMetric
from slipway.serving.types import Replica, Service, Version

_TAIL_BYTES = 16_384
# A sample that is older says nothing of now; they are written every few seconds.
_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Means over the ready replicas; None: not known. `in_flight` is their sum."""

    ready: int = 0
    cpu_pct: float | None = None
    mem_pct: float | None = None
    gpu_pct: float | None = None
    gpu_mem_pct: float | None = None
    in_flight: int | None = None
    qps: float | None = None  # of the whole version
    ttft_p95_ms: float | None = None
    llm_running: float | None = None  # sums over the replicas
    llm_waiting: float | None = None
    kv_cache_pct: float | None = None

    def values(self, concurrency_per_replica: int | None) -> dict[ScalingMetric, float]:
        """In the unit of each metric's threshold; what is not known is left out."""
        ready = self.ready
        found = {
            ScalingMetric.CPU: self.cpu_pct, ScalingMetric.MEMORY: self.mem_pct, ScalingMetric.GPU: self.gpu_pct,
            ScalingMetric.QPS: _each(self.qps, ready), ScalingMetric.WAITING: _each(self.llm_waiting, ready),
            ScalingMetric.TTFT: self.ttft_p95_ms, ScalingMetric.KV_CACHE: self.kv_cache_pct,
        }  # fmt: skip
        if concurrency_per_replica is not None and ready and self.in_flight is not None:
            found[ScalingMetric.CONCURRENCY] = (
                100 * self.in_flight / (concurrency_per_replica * ready)
            )
        return {metric: value for metric, value in found.items() if value is not None}


async def measure(
    files: InstanceFiles,
    signals: Signals,
    service: Service,
    version: Version,
    replicas: Sequence[Replica],
) -> Reading:
    """`replicas` are the live ones of the version."""
    ready = [r for r in replicas if r.takes_requests]
    paths = [files.samples(r.instance_id) for r in ready if r.instance_id is not None]
    samples = await asyncio.to_thread(_last_samples, paths, time.time())
    loads = await _engines(ready) if service.llm else []
    cards = [card for sample in samples for card in sample.get("gpus") or ()]
    return Reading(
        ready=len(ready),
        cpu_pct=_mean_of(samples, "cpu_pct"), mem_pct=_mean_of(samples, "mem_pct"),
        gpu_pct=_mean_of(cards, "util_pct"), gpu_mem_pct=_mean_of(cards, "mem_pct"),
        in_flight=signals.in_flight(r.id for r in ready), qps=signals.qps(version.id),
        ttft_p95_ms=signals.ttft_p95_ms(version.id),
        llm_running=_sum(load.running for load in loads),
        llm_waiting=_sum(load.waiting for load in loads),
        kv_cache_pct=_mean([x for load in loads if (x := load.kv_cache_pct) is not None]),
    )  # fmt: skip


async def _engines(ready: Sequence[Replica]) -> list[engines.EngineLoad]:
    asked = [engines.ask(r.host, r.port) for r in ready if r.host and r.port]
    return [load for load in await asyncio.gather(*asked) if load is not None]


def _last_samples(paths: Iterable[Path], now: float) -> list[dict[str, Any]]:
    found = [last_sample(path) for path in paths]
    return [s for s in found if s is not None and now - float(s.get("t") or 0) <= _FRESH_S]


def last_sample(path: Path) -> dict[str, Any] | None:
    """The newest sample of an instance; None where there is none. Blocking."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().splitlines(keepends=True)
    except OSError:
        return None
    for line in reversed(lines):
        if line.endswith(b"\n"):
            try:
                sample = orjson.loads(line)
            except ValueError:
                continue
            return sample if isinstance(sample, dict) else None
    return None


def _mean_of(items: Sequence[dict[str, Any]], name: str) -> float | None:
    return _mean([float(v) for item in items if isinstance(v := item.get(name), int | float)])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _each(value: float | None, ready: int) -> float | None:
    return None if value is None or not ready else value / ready
