"""What the API takes and shows of hyper-parameter searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.training.forms import TaskForm
from slipway.tuning.types import (
    Direction,
    EarlyStopping,
    Method,
    Parameter,
    ParameterKind,
    Search,
    SearchSpec,
    SearchState,
    SearchTrial,
    TrialState,
    Value,
    why_not_delete,
    why_not_stop,
)


class SearchParameterForm(Form):
    name: str = Field(description="Of the hyper-parameter; it is `HP_<name>` in the environment.")
    kind: ParameterKind
    values: list[bool | int | float | str] = Field([], description="Of a choice.")
    low: float = Field(0, description="Of a number: its least value.")
    high: float = Field(0, description="Of a number: its greatest value.")
    log: bool = Field(False, description="Every order of magnitude is as likely.")
    points: int | None = Field(None, description="How many values of a number a grid tries.")

    def parameter(self) -> Parameter:
        return Parameter(**{**self.model_dump(), "values": tuple(self.values)})


class EarlyStoppingForm(Form):
    min_reports: int = Field(1, description="Reports of the metric before the first comparison.")
    factor: int = Field(3, description="Of so many trials one goes on, with so many times reports.")


class SearchForm(Form):
    name: str
    description: str = ""
    tags: dict[str, str] = {}
    task: TaskForm = Field(
        description="What every trial has in common. Its name is the search's with a number."
    )
    space: list[SearchParameterForm]
    metric: str = Field(description="That the trials report; its last value decides.")
    direction: Direction = Direction.MINIMIZE
    method: Method = Field(
        Method.RANDOM,
        description="halving: random values, and early stopping. The others may stop early as well.",
    )
    max_trials: int = 20
    parallel: int = Field(2, description="Trials at once.")
    seed: int = 0
    early_stopping: EarlyStoppingForm | None = None
    max_failures: int = Field(3, description="The search ends after so many failures in a row.")

    def spec(self, task: Mapping[str, Any]) -> SearchSpec:
        """`task`: fields of the task's form that its resource group or flavour gives."""
        early = self.early_stopping
        return SearchSpec(
            name=self.name, task=self.task.model_copy(update=dict(task)).spec(),
            space=tuple(one.parameter() for one in self.space), metric=self.metric.strip(),
            direction=self.direction, method=self.method, max_trials=self.max_trials, parallel=self.parallel,
            seed=self.seed, early_stopping=EarlyStopping(early.min_reports, early.factor) if early else None,
            max_failures=self.max_failures, description=self.description, tags=self.tags,
        )  # fmt: skip


class SearchView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    state: SearchState
    reason: str
    method: Method
    metric: str
    direction: Direction
    max_trials: int
    parallel: int
    trials: dict[TrialState, int] = Field(description="How many are in each state.")
    best_number: int | None
    best_value: float | None
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, search: Search) -> SearchView:
        return cls(**_summary(search))


class SearchTrialView(BaseModel):
    number: int
    task_id: str
    parameters: dict[str, bool | int | float | str]
    state: TrialState
    reason: str
    task_state: str | None = Field(description="Null: its task is not there.")
    value: float | None = Field(description="The metric's last value; of an open trial, by now.")
    rungs: dict[int, float] = Field(description="The metric after so many reports.")
    run_time_s: float | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, t: SearchTrial, value: float | None) -> SearchTrialView:
        return cls(
            number=t.number, task_id=t.task_id, parameters=dict(t.parameters), state=t.state, reason=t.reason,
            task_state=t.task_state, value=value, rungs=t.rungs, run_time_s=_run_time_s(t), created_at=t.created_at,
            started_at=t.started_at, ended_at=t.ended_at,
        )  # fmt: skip


class SearchDetail(SearchView):
    task: dict[str, Any] = Field(description="What every trial has in common, as a form to copy.")
    space: list[SearchParameterForm]
    seed: int
    max_failures: int
    early_stopping: EarlyStoppingForm | None = Field(description="Null: no trial is stopped early.")
    trial_list: list[SearchTrialView]

    @classmethod
    def with_trials(
        cls, search: Search, trials: Sequence[SearchTrial], now_values: Mapping[str, float]
    ) -> SearchDetail:
        """`now_values`: of open trials, by task."""
        spec, early = search.spec, search.spec.stops_early
        return cls(
            **_summary(search), task=spec.task.as_json(), space=[_parameter_form(p) for p in spec.space],
            seed=spec.seed, max_failures=spec.max_failures,
            early_stopping=EarlyStoppingForm(min_reports=early.min_reports, factor=early.factor) if early else None,
            trial_list=[
                SearchTrialView.of(t, now_values.get(t.task_id, t.value)) for t in trials
            ],
        )  # fmt: skip


class SearchPage(BaseModel):
    items: list[SearchView]
    next_cursor: str | None
    total: int


def _summary(search: Search) -> dict[str, Any]:
    spec = search.spec
    return {
        "id": search.id, "name": spec.name, "description": spec.description, "tags": spec.tags,
        "state": search.state, "reason": search.reason, "method": spec.method, "metric": spec.metric,
        "direction": spec.direction, "max_trials": spec.max_trials, "parallel": spec.parallel,
        "trials": search.trials, "best_number": search.best_number, "best_value": search.best_value,
        "creator_id": search.created_by, "creator": search.creator_name, "created_at": search.created_at,
        "updated_at": search.updated_at, "ended_at": search.ended_at,
        "blocked": {"stop": why_not_stop(search), "delete": why_not_delete(search)},
    }  # fmt: skip


def _parameter_form(one: Parameter) -> SearchParameterForm:
    values: list[Value] = list(one.values)
    return SearchParameterForm(
        name=one.name, kind=one.kind, values=values, low=one.low, high=one.high, log=one.log,
        points=one.points,
    )  # fmt: skip


def _run_time_s(trial: SearchTrial) -> float | None:
    if trial.started_at is None:
        return None
    return max(((trial.ended_at or utc_now()) - trial.started_at).total_seconds(), 0.0)
