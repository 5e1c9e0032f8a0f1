"""User metrics and resource samples of instances: append-only JSON lines beside the log.

The files are the store: what a process wrote before a crash is there after it, of either side.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. `time_s` is Unix seconds; `step` and `epoch` are None where they were not given."""

    name: str
    instance_id: str
    time_s: list[float] = field(default_factory=list)
    step: list[int | None] = field(default_factory=list)
    epoch: list[float | None] = field(default_factory=list)
    value: list[float] = field(default_factory=list)


def read_metrics(files: Mapping[str, Path], *, points: int = 2000) -> list[Series]:
    """Every metric as a curve of at most `points` points (first and last are always kept). Blocking."""
    series: dict[tuple[str, str], Series] = {}
    for instance_id, path in files.items():
        for record in _records(path):
            for name, value in (record.get("metrics") or {}).items():
                if not isinstance(value, int | float) or not math.isfinite(value):
                    continue
                one = series.setdefault((name, instance_id), Series(name, instance_id))
                one.time_s.append(float(record.get("t") or 0))
                one.step.append(record.get("step"))
                one.epoch.append(record.get("epoch"))
                one.value.append(float(value))
    return [_thinned(one, points) for one in series.values()]


def last_values(files: Mapping[str, Path]) -> dict[str, float]:
    """The last reported value of each metric over all instances (by time)."""
    newest: dict[str, tuple[float, float]] = {}
    for path in files.values():
        for record in _records(path):
            time_s = float(record.get("t") or 0)
            for name, value in (record.get("metrics") or {}).items():
                if isinstance(value, int | float) and math.isfinite(value):
                    newest[name] = max(
                        newest.get(name, (time_s, value)),
                        (time_s, float(value)),
                        key=lambda v: v[0],
                    )
    return {name: value for name, (_, value) in newest.items()}


def read_progress(files: Mapping[str, Path]) -> dict[str, Any] | None:
    """The newest step, epoch and planned steps that were reported; None where nothing was."""
    newest: dict[str, Any] | None = None
    for path in files.values():
        for record in _records(path):
            if record.get("total_steps") and (newest is None or record["t"] >= newest["t"]):
                newest = {k: record.get(k) for k in ("t", "step", "epoch", "total_steps")}
    return newest


def read_samples(path: Path, *, points: int = 1000) -> list[dict[str, Any]]:
    """Resource samples of one instance, oldest first, at most `points`. Blocking."""
    samples = list(_records(path))
    return [samples[i] for i in _kept(len(samples), points)]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return
                try:
                    record = json.loads(line)
                except ValueError:
                    continue  # user code may write here; one bad line spoils only itself
                if isinstance(record, dict):
                    yield record
    except FileNotFoundError:
        return


def _thinned(one: Series, points: int) -> Series:
    if len(one.value) <= points:
        return one
    keep = _kept(len(one.value), points)
    return Series(
        one.name, one.instance_id, [one.time_s[i] for i in keep], [one.step[i] for i in keep],
        [one.epoch[i] for i in keep], [one.value[i] for i in keep],
    )  # fmt: skip


def _kept(count: int, points: int) -> list[int]:
    if count <= points:
        return list(range(count))
    return sorted({round(i * (count - 1) / (points - 1)) for i in range(points)})
