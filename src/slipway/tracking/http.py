"""What routers use to report for a run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.iam.http import asked_project, sent_secret
from slipway.tracking.access import AllowRun
from slipway.tracking.push import Reporting, points_of


def get_reporting(request: Request) -> Reporting:
    reporting: Reporting = request.app.state.reporting
    return reporting


Reports = Annotated[Reporting, Depends(get_reporting)]


class PointForm(Form):
    timestamp: float = Field(description="Seconds since 1970 (UTC).")
    metrics: dict[str, float] = Field(description='Name to finite number, such as {"loss": 0.1}.')
    step: int | None = None
    epoch: float | None = None
    total_steps: int | None = None


class PushForm(Form):
    """One point, or `points`."""

    timestamp: float | None = Field(None, description="Seconds since 1970 (UTC).")
    metrics: dict[str, float] | None = None
    step: int | None = None
    epoch: float | None = None
    total_steps: int | None = None
    points: list[PointForm] | None = None
    batch: str | None = Field(None, description="Sent again with the same id, it is taken once.")


class PushView(BaseModel):
    points: int
    duplicate: bool = Field(description="The batch had been taken before; nothing was added.")


def allow_run(action: str) -> Any:
    """Like `allow`, and lets in the run itself with its own token."""
    return Depends(AllowRun(action))


async def push_form(
    reports: Reporting, request: Request, run_id: str, user_id: str, form: PushForm
) -> PushView:
    """Push, and let the quick route take the following calls of this caller."""
    points, batch = points_of(form.model_dump(exclude_none=True))
    new = await reports.push(run_id, user_id, points, batch)
    if secret := sent_secret(request):
        reports.grants.remember(secret, asked_project(request) or "", run_id, user_id)
    return PushView(points=len(points), duplicate=not new)
