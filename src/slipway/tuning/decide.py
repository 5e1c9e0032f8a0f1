"""What a search does next, from what is there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.training.types import TaskState
from slipway.tuning.suggest import suggest
from slipway.tuning.types import Search, SearchState, SearchTrial, TrialState, Value

TASK_DELETED = "Its task was deleted."


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial whose task has ended. `needs_value`: whether it completes depends on its metric."""

    number: int
    state: TrialState
    reason: str
    needs_value: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    create: tuple[SearchTrial, ...] = ()  # planned before, without a task yet
    plan: tuple[tuple[int, dict[str, Value]], ...] = ()
    stop: tuple[SearchTrial, ...] = ()  # tasks that go on and should not
    finish: tuple[SearchState, str] | None = None


def ended(trial: SearchTrial) -> Ended | None:
    """What the end of its task means for a trial; None while it goes on."""
    if not trial.state.is_open or trial.state == TrialState.PLANNED:
        return None
    match trial.task_state:
        case None:
            return Ended(trial.number, TrialState.FAILED, TASK_DELETED)
        case TaskState.COMPLETED:
            return Ended(trial.number, TrialState.COMPLETED, "", needs_value=True)
        case TaskState.ABNORMAL:
            return Ended(trial.number, TrialState.FAILED, trial.task_reason)
        case TaskState.STOPPED:
            if trial.state == TrialState.PRUNING:
                return Ended(trial.number, TrialState.PRUNED, trial.reason)
            return Ended(trial.number, TrialState.STOPPED, "Its task was stopped.")
    return None


def next_step(search: Search, trials: Sequence[SearchTrial]) -> Step:
    """`trials`: by number, with the ends of their tasks settled."""
    still = [trial for trial in trials if trial.state.is_open]
    if search.state == SearchState.STOPPING:
        finish = None if still else (SearchState.STOPPED, search.reason)
        return Step(stop=_going_on(still), finish=finish)
    if problem := _too_many_failures(search, trials):
        if not still:
            return Step(finish=(SearchState.ABNORMAL, problem))
        return Step(stop=_going_on(still))
    spec = search.spec
    room = min(spec.parallel - len(still), spec.max_trials - len(trials))
    plan: list[tuple[int, dict[str, Value]]] = []
    known, exhausted = list(trials), False
    for number in range(len(trials) + 1, len(trials) + 1 + max(room, 0)):
        point = suggest(spec, number, known)
        if point is None:
            exhausted = True
            break
        plan.append((number, point))
        known.append(_planned(search, number, point))
    if not still and not plan and (exhausted or len(trials) >= spec.max_trials):
        return Step(finish=_outcome(trials))
    return Step(
        create=tuple(t for t in still if t.state == TrialState.PLANNED), plan=tuple(plan),
        stop=_going_on([t for t in still if t.state == TrialState.PRUNING]),
    )  # fmt: skip


def best_of(search: Search, trials: Sequence[SearchTrial]) -> SearchTrial | None:
    """Of those that completed, the one with the best last value; of equals the earliest."""
    best: SearchTrial | None = None
    for trial in trials:
        if trial.state != TrialState.COMPLETED or trial.value is None:
            continue
        if best is None or best.value is None or search.spec.better(trial.value, best.value):
            best = trial
    return best


def _going_on(trials: Sequence[SearchTrial]) -> tuple[SearchTrial, ...]:
    return tuple(t for t in trials if t.task_state != TaskState.STOPPING)


def _too_many_failures(search: Search, trials: Sequence[SearchTrial]) -> str | None:
    over = sorted(
        (t for t in trials if t.ended_at is not None), key=lambda t: (t.ended_at, t.number)
    )
    last = over[-search.spec.max_failures :]
    if len(last) < search.spec.max_failures or any(t.state != TrialState.FAILED for t in last):
        return None
    return f"{len(last)} trials in a row failed, the last of them number {last[-1].number}."


def _outcome(trials: Sequence[SearchTrial]) -> tuple[SearchState, str]:
    if any(trial.state == TrialState.COMPLETED for trial in trials):
        return SearchState.COMPLETED, ""
    return SearchState.ABNORMAL, "No trial completed."


def _planned(search: Search, number: int, point: dict[str, Value]) -> SearchTrial:
    return SearchTrial(
        search.id, number, "", point, TrialState.PLANNED, "", None, {}, search.created_at, None
    )
