"""HTTP of service versions: actions, instances, logs, events, update records, samples."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.events import list_events
from slipway.compute.http import (
    Files,
    LogArgs,
    LogPageView,
    SamplesView,
    live_log,
    log_page,
    pick_instances,
)
from slipway.compute.output.metrics import read_samples
from slipway.compute.types import Instance
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.serving import change, event_log, instances, log_delivery, queries, reading
from slipway.serving.checks import check_fixed_mode
from slipway.serving.config import DeploymentMode
from slipway.serving.types import Version
from slipway.serving.views import (
    MergedEventList,
    MergedEventView,
    ReplicaList,
    ServiceLogDeliveryView,
    ServiceRollbackForm,
    ServiceScaleForm,
    ServiceUpdateForm,
    ServiceUpdateList,
    ServiceUpdateView,
    ServiceVersionDetail,
)

router = APIRouter(prefix="/services/versions/{version_id}")

Reader = Annotated[Actor, allow("serve:service:get")]
Updater = Annotated[Actor, allow("serve:service:update")]
_MOST_EVENTS = 2000


@router.get("")
async def get_service_version(version_id: str, db: Db, actor: Reader) -> ServiceVersionDetail:
    return await _view(db, actor, version_id)


@router.delete("", status_code=204)
async def delete_service_version(
    version_id: str, db: Db, actor: Annotated[Actor, allow("serve:service:delete")]
) -> None:
    await change.delete_version(db, actor, version_id, now=utc_now())


@router.post("/start")
async def start_service_version(
    version_id: str, db: Db, storage: Store,
    actor: Annotated[Actor, allow("serve:service:start")],
) -> ServiceVersionDetail:  # fmt: skip
    await change.start_version(db, storage, actor, version_id, now=utc_now())
    return await _view(db, actor, version_id)


@router.post("/stop")
async def stop_service_version(
    version_id: str, db: Db, actor: Annotated[Actor, allow("serve:service:stop")]
) -> ServiceVersionDetail:
    await change.stop_version(db, actor, version_id, now=utc_now())
    return await _view(db, actor, version_id)


@router.post("/scale")
async def scale_service_version(
    version_id: str, form: ServiceScaleForm, db: Db,
    actor: Annotated[Actor, allow("serve:service:scale")],
) -> ServiceVersionDetail:  # fmt: skip
    """Change the number of replicas or how it scales; those that stay are not touched."""
    await change.scale_version(
        db, actor, version_id, replicas=form.replicas, now=utc_now(),
        scaling=form.scaling.scaling() if form.scaling else None,
    )  # fmt: skip
    return await _view(db, actor, version_id)


@router.post("/update")
async def update_service_version(
    version_id: str, form: ServiceUpdateForm, db: Db, storage: Store, actor: Updater
) -> ServiceVersionDetail:
    """Change the configuration; running replicas are replaced by the rolling policy."""
    async with db.read() as session:
        old = await reading.get_version(session, actor, version_id)
        service = await queries.get_service(session, actor.project_id, old.service_id)
        check_fixed_mode(DeploymentMode(service.mode), form.mode)
    wanted = change.VersionChange(
        form.config(old.config), form.replicas,
        form.scaling.scaling() if form.scaling else None, form.description,
    )  # fmt: skip
    await change.update_version(db, storage, actor, version_id, wanted, now=utc_now())
    return await _view(db, actor, version_id)


@router.post("/restart")
async def restart_service_version(version_id: str, db: Db, actor: Updater) -> ServiceVersionDetail:
    """Replace every replica by the rolling policy, with the same configuration."""
    await change.restart_version(db, actor, version_id, now=utc_now())
    return await _view(db, actor, version_id)


@router.get("/updates")
async def list_service_updates(version_id: str, db: Db, actor: Reader) -> ServiceUpdateList:
    """What was changed, by whom, and what became of it; newest first."""
    async with db.read() as session:
        await queries.get_version(session, actor.project_id, version_id)
        rows = await queries.list_updates(session, version_id)
    return ServiceUpdateList(
        items=[ServiceUpdateView.of(queries.frozen_update(row)) for row in rows]
    )


@router.post("/rollback")
async def roll_back_service_version(
    version_id: str, form: ServiceRollbackForm, db: Db, storage: Store, actor: Updater
) -> ServiceVersionDetail:
    """Back to the configuration and count of an update record."""
    await change.roll_back(db, storage, actor, version_id, form.update_id, now=utc_now())
    return await _view(db, actor, version_id)


@router.get("/instances")
async def list_service_instances(
    version_id: str, db: Db, actor: Reader, ended: bool = False
) -> ReplicaList:
    """Newest first; with `ended` also those that are gone, as long as they are kept."""
    async with db.read() as session:
        version = await reading.get_version(session, actor, version_id)
        return ReplicaList(items=await reading.replica_views(session, version, ended=ended))


@router.post("/instances/{instance_id}/isolate")
async def isolate_service_instance(
    version_id: str, instance_id: str, db: Db, actor: Updater
) -> ReplicaList:
    """Nothing new is sent to it; it goes on running for diagnosis."""
    await instances.isolate(db, actor, version_id, instance_id, now=utc_now())
    return await list_service_instances(version_id, db, actor)


@router.post("/instances/{instance_id}/release")
async def release_service_instance(
    version_id: str, instance_id: str, db: Db, actor: Updater
) -> ReplicaList:
    await instances.release(db, actor, version_id, instance_id, now=utc_now())
    return await list_service_instances(version_id, db, actor)


@router.post("/instances/{instance_id}/rebuild")
async def rebuild_service_instance(
    version_id: str, instance_id: str, db: Db, actor: Updater
) -> ReplicaList:
    """Replace one instance by a new one."""
    await instances.rebuild(db, actor, version_id, instance_id, now=utc_now())
    return await list_service_instances(version_id, db, actor)


@router.get("/instances/{instance_id}/samples")
async def read_service_samples(
    version_id: str, instance_id: str, db: Db, files: Files, actor: Reader,
    points: Annotated[int, Query(ge=2, le=5000)] = 500,
) -> SamplesView:  # fmt: skip
    """CPU, memory and GPU use of one instance over time."""
    _, known = await _load(db, actor, version_id)
    own = [i for i in known if instance_id in (i.id, _replica_of(i))]
    if not own:
        raise NotFound(f"There is no instance {instance_id} of {version_id}.")
    first = max(own, key=lambda i: (i.attempt, -i.rank))  # of several, the one that is called
    path = files.samples(first.id)
    return SamplesView(items=await asyncio.to_thread(lambda: read_samples(path, points=points)))


@router.get("/logs")
async def read_service_logs(
    version_id: str, db: Db, files: Files, query: LogArgs, actor: Reader,
    instance: str | None = None,
) -> LogPageView:  # fmt: skip
    """Log lines of all instances, also of those that are gone; `instance` may hold `*`."""
    _, known = await _load(db, actor, version_id)
    return await log_page(files, _picked(known, instance), query)


@router.get("/logs/stream", response_class=StreamingResponse)
async def stream_service_logs(
    version_id: str, request: Request, db: Db, files: Files, actor: Reader,
    instance: str | None = None,
) -> StreamingResponse:  # fmt: skip
    """SSE of log lines as they are written; ends when the version is stopped."""
    await _load(db, actor, version_id)

    async def now_known() -> list[Instance]:
        return _picked((await _load(db, actor, version_id))[1], instance)

    async def finished() -> bool:
        return (await _load(db, actor, version_id))[0].state.is_down

    lines = live_log(files, now_known, finished, request, subject=version_id.rpartition("-")[0])
    return StreamingResponse(lines, media_type="text/event-stream")


@router.get("/log-delivery")
async def get_service_log_delivery(
    version_id: str, db: Db, actor: Reader
) -> ServiceLogDeliveryView:
    """Whether the instances' logs go to the project's log store, and what last went wrong."""
    async with db.read() as session:
        version = await reading.get_version(session, actor, version_id)
        error = await log_delivery.last_error(session, version_id)
    return ServiceLogDeliveryView(enabled=version.config.deliver_logs, error=error)


@router.get("/events")
async def list_service_version_events(version_id: str, db: Db, actor: Reader) -> MergedEventList:
    """Of the last 24 hours; equal ones are merged and counted."""
    async with db.read() as session:
        version = await reading.get_version(session, actor, version_id)
        found = await list_events(
            session, project_id=actor.project_id, subject_id=version.service_id,
            newest_first=True, limit=_MOST_EVENTS,
        )  # fmt: skip
    events = event_log.merged(found, version_id, utc_now())
    return MergedEventList(items=[MergedEventView(**asdict(event)) for event in events])


async def _view(db: Db, actor: Actor, version_id: str) -> ServiceVersionDetail:
    async with db.read() as session:
        return await reading.version_detail(session, actor, version_id)


async def _load(db: Db, actor: Actor, version_id: str) -> tuple[Version, list[Instance]]:
    async with db.read() as session:
        version = await reading.get_version(session, actor, version_id)
        return version, await reading.instances_of(session, version_id)


def _picked(known: list[Instance], pattern: str | None) -> list[Instance]:
    """By the name of the instance, or of its replica."""
    own = [i for i in known if pattern is not None and _replica_of(i) == pattern]
    return own or pick_instances(known, pattern)


def _replica_of(instance: Instance) -> str:
    """`ms-x-1-abcde-replica-0-fghij` belongs to the replica `ms-x-1-abcde`."""
    return instance.id.rpartition(f"-{instance.role}-")[0]
