"""Early stopping by successive halving, asynchronously (ASHA, Li et al. 2020): a trial is judged as
it reaches a rung, by what others had there, and waits for nobody. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from slipway.tuning.types import Direction, EarlyStopping, SearchSpec, SearchTrial


def rungs_reached(early: EarlyStopping, reports: int) -> list[int]:
    """Numbers of reports at which trials are compared, up to this many."""
    found, at = [], early.min_reports
    while at <= reports:
        found.append(at)
        at *= early.factor
    return found


def why_pruned(
    spec: SearchSpec, early: EarlyStopping, number: int, rung: int, trials: Sequence[SearchTrial]
) -> str:
    """Why the trial is not among the best in `factor` that reached the rung; empty: it goes on.

    Nobody is stopped before as many have been there as of which one goes on.
    """
    there = [(trial.number, trial.rungs[rung]) for trial in trials if rung in trial.rungs]
    if len(there) < early.factor:
        return ""
    sign = 1 if spec.direction == Direction.MINIMIZE else -1
    ranked = [n for n, _ in sorted(there, key=lambda one: (sign * one[1], one[0]))]
    place = ranked.index(number) + 1
    if place <= max(1, len(ranked) // early.factor):
        return ""
    return f"After {rung} reports of {spec.metric} it was number {place} of {len(ranked)} trials."
