"""Metric points as they come in: checked, and written as the lines that `compute.metrics` reads.

Values are finite numbers. A loss that became NaN is said with a sentence, not drawn as a gap that
nobody notices; the MLflow API, whose clients expect it, keeps such values as text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from slipway.base.errors import Invalid

MAX_POINTS, MAX_VALUES = 1000, 10_000
MAX_NAME = 250
_MAX_STEP = 2**53
_LATEST_S = 1e11  # later than this it is not seconds
_KEYS = frozenset(("timestamp", "metrics", "step", "epoch", "total_steps"))


def checked_lines(points: Sequence[Mapping[str, Any]]) -> bytes:
    """JSON lines of the points; raises Invalid naming what is wrong. All are taken or none."""
    if not 1 <= len(points) <= MAX_POINTS:
        raise Invalid(f"A call carries 1 to {MAX_POINTS} points; this one has {len(points)}.", field="points")  # fmt: skip
    if sum(len(point.get("metrics") or ()) for point in points) > MAX_VALUES:
        raise Invalid(f"A call carries at most {MAX_VALUES} values.", field="points")
    return b"".join(_line(point) for point in points)


def checked_batch(batch: Any) -> str | None:
    if batch is None:
        return None
    if not isinstance(batch, str) or not 1 <= len(batch) <= 100 or not batch.isprintable():
        raise Invalid("A batch id is a text of 1 to 100 printable characters.", field="batch")
    return batch


def checked_name(name: Any) -> str:
    if isinstance(name, str) and name.strip() and len(name) <= MAX_NAME and name.isprintable():
        return name
    raise Invalid(
        f"A metric's name has 1 to {MAX_NAME} printable characters; got {str(name)[:60]!r}.", field="metrics"
    )  # fmt: skip


def _line(point: Mapping[str, Any]) -> bytes:
    if unknown := point.keys() - _KEYS:
        raise Invalid(f"A point has no field {sorted(unknown)[0]!r}.", field="points")
    time_s = _finite("timestamp", point.get("timestamp"))
    if not 0 <= time_s < _LATEST_S:
        raise Invalid("timestamp is in seconds since 1970 (UTC), such as time.time() gives.", field="timestamp")  # fmt: skip
    metrics = point.get("metrics")
    if not isinstance(metrics, Mapping) or not metrics:
        raise Invalid('metrics maps names to numbers, such as {"loss": 0.1}.', field="metrics")
    record: dict[str, Any] = {"t": time_s}
    for name in ("step", "total_steps"):
        if (value := point.get(name)) is not None:
            record[name] = _count(name, value)
    if (epoch := point.get("epoch")) is not None:
        record["epoch"] = _finite("epoch", epoch)
    record["metrics"] = {checked_name(name): _finite(name, v) for name, v in metrics.items()}
    return orjson.dumps(record) + b"\n"


def _finite(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
        raise Invalid(f"{name} is {value}; only finite numbers can be reported.", field=name)
    raise Invalid(f"{name} must be a number, not {str(value)[:60]!r}.", field=name)


def _count(name: str, value: Any) -> int:
    number = _finite(name, value)
    if number != int(number) or not 0 <= number < _MAX_STEP:
        raise Invalid(f"{name} is a whole number from 0 on, not {value}.", field=name)
    return int(number)
