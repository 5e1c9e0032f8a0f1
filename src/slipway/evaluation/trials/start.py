"""Serving a checkpoint for a trial: a service of its own that no list shows."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.evaluation.trials import queries
from slipway.evaluation.trials.tables import TrialRow
from slipway.evaluation.trials.types import Trial, TrialAsk
from slipway.iam.types import Actor
from slipway.serving.change import remove_service
from slipway.serving.config import ModelSource, ModelSourceKind, Runtime, VersionConfig
from slipway.serving.create import NewService, add_service, checked_service
from slipway.serving.types import ServicePurpose
from slipway.training import queries as training
from slipway.training.checkpoints import address_of, checkpoints_of
from slipway.training.types import MountKind, Purpose, Task

SHORTEST_IDLE_S, LONGEST_IDLE_S = 60, 7 * 86_400


async def start_trial(
    db: Database, storage: Storage, sealer: Sealer, actor: Actor, ask: TrialAsk, *, now: datetime
) -> Trial:
    """Also again, where the trial of this checkpoint has stopped or failed."""
    if not SHORTEST_IDLE_S <= ask.idle_s <= LONGEST_IDLE_S:
        raise Invalid(
            f"The idle time is {SHORTEST_IDLE_S} s to {LONGEST_IDLE_S} s.", field="idle_s"
        )
    async with db.read() as session:
        task = training.frozen(await training.get_task(session, actor.project_id, ask.task_id))
    address = await _address(storage, task, ask.checkpoint)
    asked = await checked_service(
        db, storage, actor, await _service(storage, task, address, ask), now=now
    )
    try:
        async with db.begin() as session:
            await _make_room(session, actor, address, now)
            made = await add_service(session, storage, sealer, actor, asked, now=now)
            row = TrialRow(
                id=new_id("trial"), project_id=actor.project_id, task_id=task.id,
                task_name=task.spec.name, checkpoint=ask.checkpoint, address=address,
                service_id=made.service.id, idle_s=ask.idle_s, stop_reason="",
                created_by=actor.user_id, creator_name=actor.user_name, created_at=now,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            await tell(session, row, "started", actor_id=actor.user_id, now=now)
            return (await queries.as_they_are(session, [row]))[0]
    except IntegrityError as error:
        raise _tried_already() from error


async def tell(
    session: AsyncSession, row: TrialRow, event: str, *, actor_id: str | None, now: datetime
) -> None:
    await record(
        session, f"trial:{event}", subject=("trial", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, task_id=row.task_id, name=row.task_name,
        checkpoint=row.checkpoint, reason=row.stop_reason,
    )  # fmt: skip


async def _make_room(session: AsyncSession, actor: Actor, address: str, now: datetime) -> None:
    """An earlier trial of the checkpoint goes, if it is over."""
    earlier = await queries.find_at(session, actor.project_id, address)
    if earlier is None:
        return
    [trial] = await queries.as_they_are(session, [earlier])
    if not trial.state.is_down:
        raise _tried_already()
    await remove_service(session, actor, earlier.service_id, now=now)


def _tried_already() -> Conflict:
    return Conflict(
        "There is a trial of this checkpoint already. Chat with it, or stop it first.",
        code="trial_exists",
    )


async def _address(storage: Storage, task: Task, path: str) -> str:
    for checkpoint in await checkpoints_of(storage, task):
        if checkpoint.path == path:
            return address_of(task, checkpoint)
    raise NotFound(
        f"The task {task.spec.name} has no checkpoint {path}. It may have been replaced by a newer "
        "one: look at the list again.",
        field="checkpoint",
        code="no_checkpoint",
    )


async def _service(storage: Storage, task: Task, address: str, ask: TrialAsk) -> NewService:
    name = PurePosixPath(ask.checkpoint).name
    place = Address.parse(address)
    folder = storage.path_of(place.bucket, place.key)
    config = VersionConfig(
        Runtime.LLM, ModelSource(ModelSourceKind.STORAGE, address),
        base=await asyncio.to_thread(_base, folder, task), cpu_cores=ask.cpu_cores,
        memory_bytes=ask.memory_bytes, gpus=ask.gpus, gpu_model=ask.gpu_model, served_name=name,
        grace_s=5, retries=1,
    )  # fmt: skip
    return NewService(
        name, config, resource_group=ask.resource_group, auth=True, purpose=ServicePurpose.TRIAL
    )


def _base(folder: Path, task: Task) -> ModelSource:
    """What an adapter builds on is the model that its task started from. Blocking."""
    if not (folder / "adapter_config.json").is_file():
        return ModelSource()
    for mount in task.spec.mounts:
        if mount.purpose == Purpose.OWN_MODEL and mount.kind == MountKind.MODEL:
            return ModelSource(ModelSourceKind.REGISTRY, mount.source)
        if mount.purpose == Purpose.OWN_MODEL and mount.kind == MountKind.STORAGE:
            return ModelSource(ModelSourceKind.STORAGE, mount.source)
    return ModelSource()
