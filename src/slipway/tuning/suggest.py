"""Which values the next trial takes. Pure: the same seed, number and results give the same values."""

from __future__ import annotations

import random
from collections.abc import Sequence

from slipway.tuning.space import grid_point, random_point
from slipway.tuning.tpe import Seen, suggest_by_results
from slipway.tuning.types import Method, SearchSpec, SearchTrial, TrialState, Value


def suggest(
    spec: SearchSpec, number: int, trials: Sequence[SearchTrial]
) -> dict[str, Value] | None:
    """For the trial of this number, from 1. None: a grid has no more points."""
    if spec.method == Method.GRID:
        return grid_point(spec.space, number - 1)
    rng = random.Random(f"{spec.seed}/{number}")  # noqa: S311  not for secrets
    if spec.method == Method.BAYESIAN:
        found = suggest_by_results(spec, _seen(trials), [t.parameters for t in trials], rng)
        if found is not None:
            return found
    return random_point(spec.space, rng)


def _seen(trials: Sequence[SearchTrial]) -> list[Seen]:
    """What ended with a value; a trial that fell behind tells as much as one that completed."""
    known = (TrialState.COMPLETED, TrialState.PRUNED)
    return [
        Seen(trial.parameters, trial.value)
        for trial in trials
        if trial.state in known and trial.value is not None
    ]
