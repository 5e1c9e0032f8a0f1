"""What trials have become, from their tasks and their reports. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from slipway.tuning.decide import ended
from slipway.tuning.halving import rungs_reached, why_pruned
from slipway.tuning.reports import Reported
from slipway.tuning.types import EarlyStopping, SearchSpec, SearchTrial, TrialState


def settled(
    spec: SearchSpec,
    trials: Sequence[SearchTrial],
    reported: Mapping[str, Reported],
    *,
    now: datetime,
) -> list[SearchTrial]:
    """The trials as they are to be written down, in the same order.

    `reported`: by task, read after the tasks were looked at, so that of an ended one it is all.
    """
    found = {t.number: _after_end(spec, t, reported.get(t.task_id), now) for t in trials}
    early = spec.stops_early
    for number, trial in list(found.items()) if early else ():
        known = reported.get(trial.task_id)
        if early and known and trial.state == TrialState.RUNNING:
            found[number] = _judged(spec, early, trial, known, found)
    return list(found.values())


def _after_end(
    spec: SearchSpec, trial: SearchTrial, known: Reported | None, now: datetime
) -> SearchTrial:
    end = ended(trial)
    if end is None:
        return trial
    last = known.last if known else None
    value = None if last is None or math.isnan(last) else last
    state, reason = end.state, end.reason
    if end.needs_value and value is None:
        state, reason = TrialState.FAILED, _why_without_value(spec, last)
    rungs = _rungs(spec.stops_early, trial, known) if known else trial.rungs
    return replace(trial, state=state, reason=reason, value=value, rungs=rungs, ended_at=now)


def _rungs(early: EarlyStopping | None, trial: SearchTrial, known: Reported) -> dict[int, float]:
    """Others are compared also with what it reported just before its end."""
    reached = rungs_reached(early, len(known.values)) if early else []
    values = {rung: known.values[rung - 1] for rung in reached}
    return {**{r: v for r, v in values.items() if not math.isnan(v)}, **trial.rungs}


def _why_without_value(spec: SearchSpec, last: float | None) -> str:
    if last is None:
        return f"Its task completed without a report of the metric {spec.metric}."
    return f"The last {spec.metric} it reported is no number."


def _judged(
    spec: SearchSpec,
    early: EarlyStopping,
    trial: SearchTrial,
    known: Reported,
    others: Mapping[int, SearchTrial],
) -> SearchTrial:
    """Compared once at each number of reports, by what the others had there at that time."""
    for rung in rungs_reached(early, len(known.values)):
        if rung in trial.rungs:
            continue
        value = known.values[rung - 1]
        if math.isnan(value):
            reason = f"The last {spec.metric} it reported is no number."
            return replace(trial, state=TrialState.PRUNING, reason=reason)
        trial = replace(trial, rungs={**trial.rungs, rung: value})
        there = [one for one in others.values() if one.number != trial.number]
        if reason := why_pruned(spec, early, trial.number, rung, [*there, trial]):
            return replace(trial, state=TrialState.PRUNING, reason=reason)
    return trial
