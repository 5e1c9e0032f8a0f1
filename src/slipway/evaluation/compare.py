"""Several models over several sets, side by side (EVA-38 to EVA-42).

Values keep their full precision; rounding is for whoever shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.evaluation.types import Evaluation, EvaluationState, Metric

MAX_COMPARED = 10
_WIDENED = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """One model of one evaluation, with its figures: set -> metric -> value."""

    evaluation_id: str
    evaluation_name: str
    model: str
    source: str
    values: dict[str, dict[str, float]]

    @property
    def key(self) -> str:
        return f"{self.evaluation_id}/{self.model}"


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` and `high` are the ends of the relative scale."""

    set: str
    metric: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RadarLine:
    key: str
    absolute: tuple[float | None, ...]
    relative: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`sets` and `models` are all that could be ticked; `lines` are what is."""

    metric: str
    metrics: tuple[str, ...]
    sets: tuple[str, ...]
    models: tuple[Line, ...]
    shown_sets: tuple[str, ...]
    lines: tuple[Line, ...]
    axes: tuple[Axis, ...]
    radar: tuple[RadarLine, ...]


def compare(
    evaluations: Sequence[Evaluation],
    *,
    sets: Sequence[str] | None,
    models: Sequence[str] | None,
    metric: str | None,
) -> Comparison:
    """`models` are keys of lines (`<evaluation id>/<model>`); None ticks everything."""
    _check_tasks(evaluations)
    lines = tuple(line for evaluation in evaluations for line in _lines(evaluation))
    all_sets = _in_order(name for line in lines for name in line.values)
    shown_sets = _ticked(all_sets, sets, "sets")
    shown_keys = _ticked(tuple(line.key for line in lines), models, "models")
    shown = tuple(line for line in lines if line.key in shown_keys)
    _refuse_mismatches(evaluations, shown, shown_sets)
    metrics = _in_order(m for line in lines for values in line.values.values() for m in values)
    chosen = _metric(metric, metrics)
    axes = tuple(_axis(name, chosen, shown) for name in shown_sets)
    radar = tuple(_radar_line(line, axes) for line in shown)
    return Comparison(chosen, metrics, all_sets, lines, shown_sets, shown, axes, radar)


def _check_tasks(evaluations: Sequence[Evaluation]) -> None:
    if not 1 <= len(evaluations) <= MAX_COMPARED:
        raise Invalid(f"Choose 1 to {MAX_COMPARED} evaluations to compare.", field="ids")
    for evaluation in evaluations:
        if evaluation.state != EvaluationState.COMPLETED:
            raise Conflict(
                f"The evaluation {evaluation.spec.name} is {evaluation.state}; "
                "only completed ones can be compared.",
                code="not_completed",
            )


def _lines(evaluation: Evaluation) -> list[Line]:
    parts = (evaluation.results or {}).get("models", [])
    sources = {model.name: str(model.kind) for model in evaluation.spec.models}
    return [
        Line(
            evaluation.id, evaluation.spec.name, part["name"], sources.get(part["name"], ""),
            {result["set"]: dict(result["metrics"]) for result in part["results"]},
        )
        for part in parts
    ]  # fmt: skip


def _ticked(known: Sequence[str], wanted: Sequence[str] | None, field: str) -> tuple[str, ...]:
    if wanted is None:
        return tuple(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise NotFound(f"The chosen evaluations have no {unknown[0]!r}.", field=field)
    return tuple(name for name in known if name in wanted)


def _refuse_mismatches(
    evaluations: Sequence[Evaluation], shown: Sequence[Line], sets: Sequence[str]
) -> None:
    """Figures of one set compare only where questions, prompts and scoring were the same."""
    keys = {line.key for line in shown}
    ways: dict[str, tuple[str, str]] = {}
    for evaluation in evaluations:
        for part in (evaluation.results or {}).get("models", []):
            if f"{evaluation.id}/{part['name']}" not in keys:
                continue
            for result in part["results"]:
                name, way = result["set"], _way(part, result)
                other = ways.setdefault(name, (way, evaluation.spec.name))
                if name in sets and other[0] != way:
                    raise Conflict(
                        f"{evaluation.spec.name} and {other[1]} asked or scored the set {name} "
                        "differently (questions, prompt, tokenizer or scorer), so their figures "
                        "cannot be compared. Leave out the set or one of the two.",
                        code="not_comparable", set=name,
                    )  # fmt: skip


def _way(part: dict[str, Any], result: dict[str, Any]) -> str:
    sets: list[dict[str, Any]] = part["settings"].get("sets", [])
    asked = [s for s in sets if s["name"] == result["set"]]
    scored = {k: part["backend"].get(k) for k in ("scored_by", "rouge", "bleu")}
    kept = [asked, result["tokenizer"], result["template"], result["format"], scored]
    return json.dumps(kept, sort_keys=True)


def _metric(wanted: str | None, known: Sequence[str]) -> str:
    if wanted is None:
        return next((str(m) for m in Metric if m in known), known[0] if known else Metric.ACCURACY)
    if wanted not in known:
        raise Invalid(
            f"No result has the metric {wanted!r}. Possible: {', '.join(known)}.", field="metric"
        )
    return wanted


def _axis(set_name: str, metric: str, lines: Sequence[Line]) -> Axis:
    """From the lowest to the highest model shown, widened by a tenth at both ends."""
    values = [v for line in lines if (v := _value(line, set_name, metric)) is not None]
    if not values:
        return Axis(set_name, metric, None, None)
    low, high = min(values), max(values)
    margin = (high - low) * _WIDENED
    return Axis(set_name, metric, low - margin, high + margin)


def _radar_line(line: Line, axes: Sequence[Axis]) -> RadarLine:
    absolute = tuple(_value(line, axis.set, axis.metric) for axis in axes)
    relative = tuple(_relative(v, axis) for v, axis in zip(absolute, axes, strict=True))
    return RadarLine(line.key, absolute, relative)


def _relative(value: float | None, axis: Axis) -> float | None:
    """0 to 1 along the axis; the middle where all are equal; None where there is no result."""
    if value is None or axis.low is None or axis.high is None:
        return None
    if axis.high == axis.low:
        return 0.5
    return (value - axis.low) / (axis.high - axis.low)


def _value(line: Line, set_name: str, metric: str) -> float | None:
    return line.values.get(set_name, {}).get(metric)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
