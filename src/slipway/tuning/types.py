"""Hyper-parameter searches (TRN-X1): many training tasks that differ in their hyper-parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.training.types import TaskSpec, TaskState

Value = str | int | float | bool
Point = Mapping[str, Value]


class ParameterKind(StrEnum):
    CHOICE = "choice"
    INTEGER = "integer"
    FLOAT = "float"


class Method(StrEnum):
    GRID = "grid"
    RANDOM = "random"
    BAYESIAN = "bayesian"
    HALVING = "halving"


class Direction(StrEnum):
    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`values` of a choice; of a number `low` to `high`, both included.

    `log`: every order of magnitude is as likely. `points`: how many values a grid takes of a number.
    """

    name: str
    kind: ParameterKind
    values: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    log: bool = False
    points: int | None = None


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """Trials are compared after `min_reports` reports of the metric, then after `factor` times as
    many, and so on; only the best in `factor` go on."""

    min_reports: int = 1
    factor: int = 3


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """`task`: what every trial has in common; a trial adds its hyper-parameters."""

    name: str
    task: TaskSpec
    space: tuple[Parameter, ...]
    metric: str
    direction: Direction = Direction.MINIMIZE
    method: Method = Method.RANDOM
    max_trials: int = 20
    parallel: int = 2
    seed: int = 0
    early_stopping: EarlyStopping | None = None
    max_failures: int = 3  # trials in a row
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"task": self.task.as_json()}

    @classmethod
    def of(cls, data: dict[str, Any]) -> SearchSpec:
        early = data["early_stopping"]
        changed = {
            "task": TaskSpec.of(data["task"]),
            "space": tuple(parameter_of(one) for one in data["space"]),
            "direction": Direction(data["direction"]),
            "method": Method(data["method"]),
            "early_stopping": EarlyStopping(**early) if early else None,
        }
        return cls(**{**data, **changed})

    @property
    def stops_early(self) -> EarlyStopping | None:
        return self.early_stopping or (EarlyStopping() if self.method == Method.HALVING else None)

    def better(self, one: float, other: float) -> bool:
        return one < other if self.direction == Direction.MINIMIZE else one > other


def parameter_of(data: Mapping[str, Any]) -> Parameter:
    return Parameter(
        **{**data, "kind": ParameterKind(data["kind"]), "values": tuple(data.get("values") or ())}
    )


class SearchState(StrEnum):
    RUNNING = "Running"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    COMPLETED = "Completed"
    ABNORMAL = "Abnormal"

    @property
    def is_final(self) -> bool:
        return self not in (SearchState.RUNNING, SearchState.STOPPING)


class TrialState(StrEnum):
    """Planned -> Running -> Completed, Failed or Stopped; or Running -> Pruning -> Pruned.

    Planned: its values are chosen and its task is about to be created. Pruning: it fell behind,
    and its task is being stopped.
    """

    PLANNED = "Planned"
    RUNNING = "Running"
    PRUNING = "Pruning"
    COMPLETED = "Completed"
    PRUNED = "Pruned"
    STOPPED = "Stopped"
    FAILED = "Failed"

    @property
    def is_open(self) -> bool:
        return self in (TrialState.PLANNED, TrialState.RUNNING, TrialState.PRUNING)


@dataclass(frozen=True, slots=True)
class SearchTrial:
    """`value`: the metric's last report. `rungs`: the metric at each number of reports compared at."""

    search_id: str
    number: int
    task_id: str
    parameters: dict[str, Value]
    state: TrialState
    reason: str
    value: float | None
    rungs: dict[int, float]
    created_at: datetime
    ended_at: datetime | None
    task_state: TaskState | None = None  # None: there is no such task (any more)
    task_reason: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    id: str
    project_id: str
    spec: SearchSpec
    state: SearchState
    reason: str
    best_number: int | None
    best_value: float | None
    trials: dict[str, int]  # how many in each state
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


def why_not_stop(search: Search) -> str | None:
    if search.state.is_final:
        return f"The search is {search.state} already."
    return "The search is being stopped." if search.state == SearchState.STOPPING else None


def why_not_delete(search: Search) -> str | None:
    return None if search.state.is_final else "Stop the search first."
