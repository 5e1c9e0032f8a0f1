"""What scaling takes and gives over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.serving.scaling.decide import ScalingStepKind
from slipway.serving.scaling.types import (
    Hpa,
    Scaling,
    ScalingMetric,
    ScalingStrategy,
    Target,
    TimeRule,
)


class TimeRuleForm(Form):
    """Of several rules that fire in one minute the highest in the list holds."""

    time: str = Field(description="Cron of five fields: minute hour day month weekday.")
    replicas: int
    exceptions: list[str] = Field(
        [], description="Days without the rule, at most three: cron of six fields."
    )
    min_replicas: int | None = Field(None, description="Moves the lower bound (hpa).")
    max_replicas: int | None = Field(None, description="Moves the upper bound (hpa).")


class TargetForm(Form):
    metric: ScalingMetric
    threshold: float


class HpaForm(Form):
    """The largest count that any metric asks for, within the bounds."""

    min_replicas: int = 1
    max_replicas: int = 1
    targets: list[TargetForm] = []
    up_window_s: int = Field(0, description="A rise must last so long.")
    down_window_s: int = Field(300, description="A fall must last so long.")


class ScalingForm(Form):
    """How the number of replicas follows time or load."""

    strategy: ScalingStrategy = ScalingStrategy.MANUAL
    rules: list[TimeRuleForm] = []
    hpa: HpaForm | None = None
    idle_s: int | None = Field(
        None, description="Without a call for so long it sleeps, at 0 replicas; null: never."
    )
    max_held: int = Field(100, description="Calls that may wait for it to wake.")
    hold_s: int = Field(120, description="How long each of them waits.")

    def scaling(self) -> Scaling:
        return Scaling(
            self.strategy,
            tuple(
                TimeRule(r.time, r.replicas, tuple(r.exceptions), r.min_replicas, r.max_replicas)
                for r in self.rules
            ),
            _hpa(self.hpa), self.idle_s, self.max_held, self.hold_s,
        )  # fmt: skip

    @classmethod
    def of(cls, scaling: Scaling) -> ScalingForm:
        return cls.model_validate(scaling.as_json())


def _hpa(form: HpaForm | None) -> Hpa | None:
    if form is None:
        return None
    return Hpa(
        form.min_replicas, form.max_replicas,
        tuple(Target(t.metric, t.threshold) for t in form.targets), form.up_window_s,
        form.down_window_s,
    )  # fmt: skip


class ScalingSignalView(BaseModel):
    metric: ScalingMetric
    value: float | None = Field(description="Now; null: nothing was measured.")
    threshold: float
    replicas: int | None = Field(description="What it asks for.")


class ScalingStepView(BaseModel):
    time: datetime
    kind: ScalingStepKind
    before: int
    after: int
    reason: str


class NextRuleView(BaseModel):
    time: datetime
    rule: int = Field(description="Its place in the list, from 1.")
    replicas: int


class ScalingView(BaseModel):
    scaling: ScalingForm
    replicas: int = Field(description="Wanted now; 0: asleep.")
    default_replicas: int = Field(description="What a start, and waking, brings back.")
    min_replicas: int | None
    max_replicas: int | None
    signals: list[ScalingSignalView]
    next_rule: NextRuleView | None
    time_zone: str
    waiting_calls: int = Field(description="Calls that wait for it to wake.")
    last_start_s: float | None = Field(description="From waking to ready, of the newest replica.")
    warnings: list[str] = Field(description="What is accepted and has no effect.")
    steps: list[ScalingStepView] = Field(description="Changes of the count, newest first.")
