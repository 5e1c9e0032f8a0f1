"""What a progressive rollout takes and gives over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.serving.canary.types import Rollout, RolloutChecks, RolloutState, RolloutStep


class RolloutStepForm(Form):
    weight: int = Field(description="Percentage of the traffic.")
    hold_s: int = Field(300, description="At least so long before the next step.")


class RolloutChecksForm(Form):
    """Null: not checked."""

    error_pct: float | None = 1.0
    p95_ms: float | None = None
    ttft_p95_ms: float | None = None
    min_calls: int = Field(20, description="Calls in a step that are needed to judge it.")


class RolloutForm(Form):
    version_id: str
    steps: list[RolloutStepForm] = [
        RolloutStepForm(weight=5),
        RolloutStepForm(weight=25),
        RolloutStepForm(weight=100, hold_s=0),
    ]
    checks: RolloutChecksForm = Field(default_factory=RolloutChecksForm)

    def parts(self) -> tuple[tuple[RolloutStep, ...], RolloutChecks]:
        steps = tuple(RolloutStep(s.weight, s.hold_s) for s in self.steps)
        return steps, RolloutChecks(**self.checks.model_dump())


class RolloutView(BaseModel):
    version_id: str
    state: RolloutState
    reason: str
    at: int = Field(description="The step that holds, from 0.")
    weight: int
    steps: list[RolloutStepForm]
    checks: RolloutChecksForm
    before: dict[str, int] = Field(description="The weights that it goes back to.")
    step_since: datetime
    started_at: datetime
    started_by: str
    ended_at: datetime | None

    @classmethod
    def of(cls, rollout: Rollout) -> RolloutView:
        return cls.model_validate(rollout.as_json() | {"weight": rollout.weight})
