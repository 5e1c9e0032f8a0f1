"""Metrics between MLflow's form (milliseconds, one value a point) and ours (seconds, by step)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from slipway.base.errors import Invalid
from slipway.tracking.points import checked_name

MAX_METRICS = 1000
_TEXT_VALUES = ("NaN", "Infinity", "-Infinity")


def quick_lines(body: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """Run id and lines of a call that logs metrics and nothing else."""
    if body.get("params") or body.get("tags"):
        return None
    metrics = body.get("metrics") if "metrics" in body else (body,)
    return (str(body["run_id"]), lines_of(metrics)) if metrics else None


def lines_of(metrics: Sequence[Mapping[str, Any]]) -> bytes:
    """JSON lines; neighbours of one time and step share a line."""
    if len(metrics) > MAX_METRICS:
        raise Invalid(f"A call logs at most {MAX_METRICS} metrics; this one has {len(metrics)}.", field="metrics")  # fmt: skip
    records: list[dict[str, Any]] = []
    values: dict[str, float | str] = {}
    last: tuple[Any, Any] | None = None
    checked: set[str] = set()
    for metric in metrics:
        name, at = str(metric.get("key")), (metric.get("timestamp"), metric.get("step"))
        if name not in checked:
            checked.add(checked_name(metric.get("key")))
        if at != last or name in values:
            last, values = at, {}
            records.append(
                {"t": _whole("timestamp", at[0]) / 1000, "step": _whole("step", at[1] or 0), "metrics": values}
            )  # fmt: skip
        values[name] = _value(name, metric.get("value"))
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def _value(name: str, value: Any) -> float | str:
    if isinstance(value, str):  # how the client's JSON writes what JSON has no number for
        if value in _TEXT_VALUES:
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else _as_text(value)
    raise Invalid(f"The value of {name} is not a number.", field="value")


def _as_text(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _whole(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Invalid(f"{name} is a whole number, not {str(value)[:40]!r}.", field=name) from error
    if not -(2**63) <= number < 2**63:
        raise Invalid(f"{name} is out of range.", field=name)
    return number
