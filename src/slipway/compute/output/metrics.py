"""User metrics and resource samples of instances: append-only JSON lines beside the log.

The files are the store: what a process wrote before a crash is there after it, of either side.
"""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

_KNOWN_FILES = 1024


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
        for record, _ in _records(path):
            time_s, step, epoch = _number(record.get("t")), record.get("step"), record.get("epoch")
            for name, value in _values(record):
                one = series.get((name, instance_id))
                if one is None:
                    one = series[name, instance_id] = Series(name, instance_id)
                one.time_s.append(time_s)
                one.step.append(step if isinstance(step, int) else None)
                one.epoch.append(epoch if isinstance(epoch, int | float) else None)
                one.value.append(value)
    return [_thinned(_in_order(one), points) for one in series.values()]


def history(files: Mapping[str, Path], name: str) -> Iterator[tuple[float | str, float, int]]:
    """Every value of one metric as (value, Unix seconds, step); NaN and infinities are text."""
    for path in files.values():
        for record, _ in _records(path):
            metrics = record.get("metrics")
            if isinstance(metrics, dict) and name in metrics:
                yield metrics[name], _number(record.get("t")), int(_number(record.get("step")))


def values_from(
    path: Path, position: int, name: str
) -> tuple[list[tuple[float, float, int | None]], int]:
    """Values of one metric behind `position` in the file as (value, Unix seconds, step), and where
    to go on. What is no finite number comes as NaN."""
    found: list[tuple[float, float, int | None]] = []
    for record, end in _records(path, position):
        position, metrics, step = end, record.get("metrics"), record.get("step")
        if isinstance(metrics, dict) and name in metrics:
            value = metrics[name]
            finite = isinstance(value, int | float) and math.isfinite(value)
            time_s = _number(record.get("t"))
            found.append(
                (
                    float(value) if finite else math.nan,
                    time_s,
                    step if isinstance(step, int) else None,
                )
            )
    return found, position


@dataclass(frozen=True, slots=True)
class Latest:
    value: float
    time_s: float
    step: int | None


def latest_values(files: Mapping[str, Path]) -> dict[str, Latest]:
    """The last reported value of each metric over all files, by time. Reads only what is new."""
    newest: dict[str, Latest] = {}
    for path in files.values():
        for name, found in _newest(path).values.items():
            if name not in newest or found.time_s >= newest[name].time_s:
                newest[name] = found
    return newest


def last_values(files: Mapping[str, Path]) -> dict[str, float]:
    return {name: found.value for name, found in latest_values(files).items()}


def read_progress(files: Mapping[str, Path]) -> dict[str, Any] | None:
    """The newest step, epoch and planned steps that were reported; None where nothing was."""
    found = [p for path in files.values() if (p := _newest(path).progress) is not None]
    return max(found, key=lambda progress: float(progress["t"]), default=None)


@dataclass(slots=True)
class _Newest:
    """What is known of a file up to `position`; files only grow."""

    position: int = 0
    values: dict[str, Latest] = field(default_factory=dict)
    progress: dict[str, Any] | None = None


_known: OrderedDict[Path, _Newest] = OrderedDict()
_lock = threading.Lock()


def _newest(path: Path) -> _Newest:
    with _lock:
        known = _known.setdefault(path, _Newest())
        _known.move_to_end(path)
        if len(_known) > _KNOWN_FILES:
            _known.popitem(last=False)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size < known.position:  # another file of the same name
            known = _known[path] = _Newest()
        if size > known.position:
            _read_on(path, known)
        return _Newest(known.position, dict(known.values), known.progress)


def _read_on(path: Path, known: _Newest) -> None:
    for record, end in _records(path, known.position):
        known.position = end
        time_s, step = _number(record.get("t")), record.get("step")
        for name, value in _values(record):
            if name not in known.values or time_s >= known.values[name].time_s:
                known.values[name] = Latest(value, time_s, step if isinstance(step, int) else None)
        before = known.progress["t"] if known.progress else -math.inf
        if record.get("total_steps") and time_s >= before:
            known.progress = {k: record.get(k) for k in ("step", "epoch", "total_steps")} | {"t": time_s}  # fmt: skip


def read_samples(path: Path, *, points: int = 1000) -> list[dict[str, Any]]:
    """Resource samples of one instance, oldest first, at most `points`. Blocking."""
    samples = [sample for sample, _ in _records(path)]
    return [samples[i] for i in _kept(len(samples), points)]


def _records(path: Path, start: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Each record of the file from `start` on, with the position behind it."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                start += len(line)
                try:
                    record = orjson.loads(line)
                except ValueError:
                    record = _loosely(line)
                if isinstance(record, dict):
                    yield record, start
    except FileNotFoundError:
        return


def _loosely(line: bytes) -> Any:
    """User code may write here: what Python writes for NaN is read, and a bad line spoils only itself."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _values(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    metrics = record.get("metrics")
    for name, value in metrics.items() if isinstance(metrics, dict) else ():
        if isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _in_order(one: Series) -> Series:
    """By time, then step: clients that send from several threads arrive in any order."""
    if all(earlier <= later for earlier, later in pairwise(one.time_s)):
        return one
    order = sorted(range(len(one.time_s)), key=lambda i: (one.time_s[i], one.step[i] or 0))
    return _picked(one, order)


def _thinned(one: Series, points: int) -> Series:
    if len(one.value) <= points:
        return one
    return _picked(one, _kept(len(one.value), points))


def _picked(one: Series, places: Sequence[int]) -> Series:
    return Series(
        one.name, one.instance_id, [one.time_s[i] for i in places], [one.step[i] for i in places],
        [one.epoch[i] for i in places], [one.value[i] for i in places],
    )  # fmt: skip


def _kept(count: int, points: int) -> list[int]:
    if count <= points:
        return list(range(count))
    return sorted({round(i * (count - 1) / (points - 1)) for i in range(points)})
