"""HTTP of progressive rollouts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.canary import change
from slipway.serving.canary.types import Rollout
from slipway.serving.canary.views import RolloutForm, RolloutView

router = APIRouter(prefix="/services/{service_id}/rollout")

Updater = Annotated[Actor, allow("serve:service:update")]


@router.get("")
async def get_service_rollout(
    service_id: str, db: Db, actor: Annotated[Actor, allow("serve:service:get")]
) -> RolloutView | None:
    """The rollout that is running, or how the last one ended; null where there was none."""
    async with db.read() as session:
        row = await queries.get_service(session, actor.project_id, service_id)
        return RolloutView.of(Rollout.of(row.rollout)) if row.rollout else None


@router.post("", status_code=201)
async def start_service_rollout(
    service_id: str, form: RolloutForm, db: Db, actor: Updater
) -> RolloutView | None:
    """Move traffic to a version in steps; back at once when a check fails."""
    steps, checks = form.parts()
    await change.start_rollout(db, actor, service_id, form.version_id, steps, checks, now=utc_now())
    return await get_service_rollout(service_id, db, actor)


@router.post("/cancel")
async def cancel_service_rollout(service_id: str, db: Db, actor: Updater) -> RolloutView | None:
    """Traffic goes back to where it was."""
    await change.cancel_rollout(db, actor, service_id, now=utc_now())
    return await get_service_rollout(service_id, db, actor)
