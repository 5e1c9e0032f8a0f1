"""Counters and histograms of one server, in mosec's names, as Prometheus text."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

SECONDS = tuple(0.001 * 2**power for power in range(13))
SIZES = tuple(float(2**power) for power in range(10))


class Histogram:
    __slots__ = ("bounds", "count", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.count = 0
        self.sum = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.count += 1
        self.sum += value

    def lines(self, name: str, labels: str) -> list[str]:
        lines = [f"{name}_sum{{{labels}}} {self.sum:.9g}", f"{name}_count{{{labels}}} {self.count}"]
        below = 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            below += count
            lines.append(f'{name}_bucket{{le="{bound}",{labels}}} {below}')
        return lines


@dataclass
class StageMeters:
    """duration: of one task in the stage's processes; wait: of a batch until it was sent."""

    duration: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    batch_size: Histogram = field(default_factory=lambda: Histogram(SIZES))
    batch_wait: Histogram = field(default_factory=lambda: Histogram(SECONDS))


@dataclass
class Meters:
    """answers: by status and path."""

    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    total: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    stages: dict[str, StageMeters] = field(default_factory=dict)

    def stage(self, name: str) -> StageMeters:
        return self.stages.setdefault(name, StageMeters())

    def text(self, in_flight: int, limits: dict[str, int]) -> str:
        lines = _titled("throughput", "counter", "answers by status and path")
        for (status, path), count in sorted(self.answers.items()):
            labels = f'code="{status}",endpoint="{path}"'
            lines.append(f"mosec_service_throughput_total{{{labels}}} {count}")
        for what, told in (
            ("duration", "process_duration_second"),
            ("batch_size", "batch_size"),
            ("batch_wait", "batch_duration_second"),
        ):
            lines += _titled(told, "histogram", f"{told.replace('_', ' ')} in each stage")
            for name, stage in self.stages.items():
                histogram: Histogram = getattr(stage, what)
                if histogram.count:
                    lines += histogram.lines(f"mosec_service_{told}", f'stage="{name}"')
            if what == "duration":
                lines += self.total.lines(f"mosec_service_{told}", 'stage="total"')
        lines += _titled("batch_limit", "gauge", "largest batch at present")
        lines += [f'mosec_service_batch_limit{{stage="{n}"}} {v}' for n, v in limits.items()]
        lines += _titled("remaining_task", "gauge", "requests that are not answered yet")
        lines.append(f"mosec_service_remaining_task {in_flight}")
        return "\n".join(lines) + "\n"


def _titled(name: str, kind: str, words: str) -> list[str]:
    return [f"# HELP mosec_service_{name} {words}.", f"# TYPE mosec_service_{name} {kind}"]
