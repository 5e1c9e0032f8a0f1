"""HTTP of live profiling: where a running instance spends its time, without a restart."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute.http import one_instance
from slipway.compute.output.files import instances_of_owner
from slipway.compute.shells import profiling
from slipway.compute.shells.opening import Where
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.training import queries

router = APIRouter(prefix="/training/tasks/{task_id}/instances", tags=["Training"])


class ProfileForm(Form):
    seconds: int = Field(10, description="1 to 60.")
    idle: bool = Field(False, description="With the time in which the program waits.")


class ProcessProfileView(BaseModel):
    pid: int
    command: str
    speedscope: dict[str, Any] = Field(
        description="A file for https://www.speedscope.app, 100 samples a second."
    )


class ProfileView(BaseModel):
    processes: list[ProcessProfileView]


@router.post("/{instance_id}/profile")
async def profile_instance(
    task_id: str, instance_id: str, form: ProfileForm, request: Request, db: Db,
    actor: Annotated[Actor, allow("train:task:shell")],
) -> ProfileView:  # fmt: skip
    """Samples every Python program of the instance for `seconds`, and answers then."""
    async with db.read() as session:
        task = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
        instances = await instances_of_owner(session, task_id)
    where = Where("task", task.id, task.spec.name, one_instance(instances, instance_id))
    found = await profiling.profile(
        db, request.app.state.shells, actor, where, seconds=form.seconds, idle=form.idle, now=utc_now
    )  # fmt: skip
    return ProfileView(
        processes=[ProcessProfileView.model_validate(one, from_attributes=True) for one in found]
    )
