"""HTTP of light trials. Chatting goes through the service: `POST /services/{service_id}/chat`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.evaluation.trials import queries, start, stop
from slipway.evaluation.trials.types import (
    Trial,
    TrialAsk,
    why_not_chat,
    why_not_delete,
    why_not_stop,
)
from slipway.iam.http import Db, Seal, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/trials", tags=["Trials"])


class TrialForm(Form):
    task_id: str
    checkpoint: str = Field(description="Path of the checkpoint below the task's output.")
    resource_group: str = "rsg-local"
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: int = 0
    gpu_model: str | None = None
    idle_s: int = Field(3600, description="Seconds without a call after which it stops itself.")


class TrialView(BaseModel):
    id: str
    task_id: str
    task_name: str
    checkpoint: str
    address: str
    state: str
    reason: str
    service_id: str
    model: str = Field(description="Its name in requests.")
    resource_group: str
    cpu_cores: float
    memory_bytes: int
    gpus: int
    gpu_model: str | None
    idle_s: int
    idle_stop_at: datetime | None = Field(
        description="When it stops by itself unless it is called before."
    )
    creator_id: str
    creator: str
    created_at: datetime
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, trial: Trial) -> TrialView:
        record, config = trial.record, trial.version.config
        return cls(
            id=record.id, task_id=record.task_id, task_name=record.task_name,
            checkpoint=record.checkpoint, address=record.address, state=trial.state,
            reason=trial.reason, service_id=record.service_id, model=config.served_name,
            resource_group=trial.service.resource_group, cpu_cores=config.cpu_cores,
            memory_bytes=config.memory_bytes, gpus=config.gpus, gpu_model=config.gpu_model,
            idle_s=record.idle_s, idle_stop_at=trial.idle_stop_at, creator_id=record.created_by,
            creator=record.creator_name, created_at=record.created_at,
            blocked={
                "chat": why_not_chat(trial), "stop": why_not_stop(trial),
                "delete": why_not_delete(trial),
            },
        )  # fmt: skip


class TrialList(BaseModel):
    items: list[TrialView]


@router.post("", status_code=201)
async def start_trial(
    form: TrialForm, db: Db, storage: Store, sealer: Seal,
    actor: Annotated[Actor, allow("eval:trial:create")],
) -> TrialView:  # fmt: skip
    """Serve a checkpoint of a training task, also while it is running, to chat with it."""
    ask = TrialAsk(**form.model_dump())
    return TrialView.of(await start.start_trial(db, storage, sealer, actor, ask, now=utc_now()))


@router.get("")
async def list_trials(
    db: Db,
    actor: Annotated[Actor, allow("eval:trial:list")],
    task_id: Annotated[str | None, Query(description="Only of this task's checkpoints.")] = None,
) -> TrialList:
    """Newest first; at most one a checkpoint."""
    async with db.read() as session:
        rows = await queries.list_trials(session, actor.project_id, task_id)
        trials = await queries.as_they_are(session, rows)
    return TrialList(items=[TrialView.of(trial) for trial in trials])


@router.get("/{trial_id}")
async def get_trial(
    trial_id: str, db: Db, actor: Annotated[Actor, allow("eval:trial:get")]
) -> TrialView:
    async with db.read() as session:
        row = await queries.get_trial(session, actor.project_id, trial_id)
        [trial] = await queries.as_they_are(session, [row])
    return TrialView.of(trial)


@router.post("/{trial_id}/stop")
async def stop_trial(
    trial_id: str, db: Db, actor: Annotated[Actor, allow("eval:trial:stop")]
) -> TrialView:
    return TrialView.of(await stop.stop_trial(db, actor, trial_id, now=utc_now()))


@router.delete("/{trial_id}", status_code=204)
async def delete_trial(
    trial_id: str, db: Db, actor: Annotated[Actor, allow("eval:trial:delete")]
) -> None:
    await stop.delete_trial(db, actor, trial_id, now=utc_now())
