"""HTTP of training tasks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from slipway.assets.environments import BUILT_IN
from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.events import Event, bus, list_events
from slipway.base.forms import Form
from slipway.compute.http import (
    Files,
    InstanceList,
    InstanceView,
    LogArgs,
    LogPageView,
    MetricsView,
    SamplesView,
    SeriesView,
    download_log,
    live_log,
    log_page,
    one_instance,
    pick_instances,
)  # fmt: skip
from slipway.compute.lifecycle.attempts import attempts_of_owner
from slipway.compute.output.files import instances_of_owner
from slipway.compute.output.metrics import read_metrics, read_progress, read_samples
from slipway.compute.queue.queries import priorities_of
from slipway.compute.shells.opening import Where
from slipway.compute.shells.socket import serve_shell
from slipway.compute.types import InstalledKind, Instance, Mode
from slipway.environments import queries as environments
from slipway.environments.types import EnvironmentPurpose
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.models.views import ModelVersionView
from slipway.tracking.http import (
    PushForm,
    PushView,
    Reports,
    allow_run,
    push_form,
)
from slipway.training import change, plan, publish, queries, submit
from slipway.training.amounts import given_amounts
from slipway.training.checkpoints import address_of, checkpoints_of
from slipway.training.checks import why_not_mode
from slipway.training.code import CodeSources
from slipway.training.forms import TaskForm
from slipway.training.templates import all_templates
from slipway.training.types import Task, TaskSpec, TaskState
from slipway.training.views import AttemptList, AttemptView, RoleAmount, TaskPlan

router = APIRouter(prefix="/training", tags=["Training"])

Lister = Annotated[Actor, allow("train:task:list")]
Reader = Annotated[Actor, allow("train:task:get")]

_FINAL = frozenset(state for state in TaskState if state.is_final)


class TaskPatch(Form):
    tags: dict[str, str] | None = None
    description: str | None = None


class TaskView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    site: str
    state: str
    reason: str
    environment: str
    mode: str
    resource_group: str
    instances: int = Field(description="Of all roles together.")
    cpu_cores: float
    memory_bytes: int
    gpus: float
    flavour: str | None
    roles: list[RoleAmount] = Field(description="Where requests are by role: these, not the above.")
    restarts: int
    evictions: int
    reschedules: int
    priority: int | None
    output: str
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    run_time_s: float | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, t: Task, priority: int | None = None) -> TaskView:
        """`priority` as the queue computes it, where it is at hand."""
        return cls(**_summary(t, priority))


class GitSourceView(BaseModel):
    repository_id: str
    name: str
    url: str
    ref: str
    commit: str = Field(description="Empty where the server could not be asked before the start.")


class TaskDetail(TaskView):
    git: list[GitSourceView] = Field(description="Repositories of the last start.")
    spec: dict[str, Any] = Field(description="The whole configuration, as a form to copy.")
    progress: dict[str, Any] | None = Field(
        description="Newest reported step, epoch and planned steps."
    )


class TaskPage(BaseModel):
    items: list[TaskView]
    next_cursor: str | None
    total: int


class CheckpointView(BaseModel):
    name: str
    path: str
    address: str
    step: int | None
    epoch: float | None
    loss: float | None
    learning_rate: float | None
    conv_template_name: str | None
    size_bytes: int
    created_at: datetime


class CheckpointList(BaseModel):
    items: list[CheckpointView]


class PublishForm(Form):
    model_id: str | None = Field(None, description="An existing model; its next version is made.")
    name: str | None = Field(None, description="Name of a new model.")
    format: str = "PyTorch"
    metrics: dict[str, float] | None = Field(
        None, description="Left out: the last values the task reported."
    )
    checkpoint: str | None = Field(
        None, description="Path of a checkpoint instead of the final model."
    )
    tags: dict[str, str] = {}


class TaskEventView(BaseModel):
    seq: int
    time: datetime
    type: str
    actor_id: str | None
    data: dict[str, Any]


class TaskEventList(BaseModel):
    items: list[TaskEventView]


class EnvironmentView(BaseModel):
    id: str
    name: str
    framework: str
    modes: list[str]
    custom: bool = Field(description="One of the project's own.")
    unavailable_modes: dict[str, str] = Field(description="Modes that cannot run here, and why.")
    unavailable: str | None


class TemplateView(BaseModel):
    id: str
    name: dict[str, str]
    description: dict[str, str]
    command: str
    hyperparameters: dict[str, Any]


class EnvironmentList(BaseModel):
    items: list[EnvironmentView]


class TemplateList(BaseModel):
    items: list[TemplateView]


def get_code(db: Db, config: Config, sealer: Seal) -> CodeSources:
    return CodeSources(db, config, sealer)


Code = Annotated[CodeSources, Depends(get_code)]


@router.get("/environments")
async def list_environments(
    db: Db,
    actor: Annotated[Actor, allow("train:environment:list")],
) -> EnvironmentList:
    """What a task can run in, with the modes each offers (TRN-05)."""
    async with db.read() as session:
        own = await environments.list_ready(session, actor.project_id)
    built_in = [
        EnvironmentView(
            id=e.id, name=e.name, framework=e.framework, modes=list(e.modes), custom=False,
            unavailable_modes=_unavailable(e.modes, None), unavailable=e.unavailable_reason,
        )
        for e in BUILT_IN
        if "training" in e.purposes
    ]  # fmt: skip
    custom = [
        EnvironmentView(
            id=row.id, name=f"{row.name} v{row.version}", framework=row.framework,
            modes=row.modes, custom=True, unavailable_modes=_unavailable(row.modes, InstalledKind(row.source["kind"])),
            unavailable=None,
        )
        for row in own
        if EnvironmentPurpose.TRAINING in row.purposes
    ]  # fmt: skip
    return EnvironmentList(items=[*built_in, *custom])


def _unavailable(modes: Sequence[str], kind: InstalledKind | None) -> dict[str, str]:
    return {mode: reason for mode in modes if (reason := why_not_mode(Mode(mode), kind))}


@router.get("/templates")
async def list_templates(actor: Annotated[Actor, allow("train:template:list")]) -> TemplateList:
    return TemplateList(
        items=[
            TemplateView(
                id=t.id, name=dict(t.name), description=dict(t.description), command=t.command,
                hyperparameters=dict(t.hyperparameters),
            )
            for t in all_templates()
        ]
    )  # fmt: skip


@router.post("/tasks", status_code=201)
async def create_task(
    form: TaskForm, db: Db, storage: Store, code: Code,
    actor: Annotated[Actor, allow("train:task:create")],
) -> TaskView:  # fmt: skip
    spec = await _spec(db, form)
    made = await submit.create_task(db, storage, actor, spec, code=code, now=utc_now())
    return TaskView.of(made)


@router.post("/tasks/plan")
async def plan_task(
    form: TaskForm, db: Db, actor: Annotated[Actor, allow("train:task:plan")]
) -> TaskPlan:
    """What this configuration would become; creates nothing. The form may still have faults."""
    return TaskPlan.of(await plan.plan_task(db, actor, await _spec(db, form)))


async def _spec(db: Db, form: TaskForm) -> TaskSpec:
    return form.model_copy(update=await given_amounts(db, form)).spec()


@router.get("/tasks")
async def list_tasks(
    db: Db, page: PageArgs, actor: Lister,
    site: Annotated[list[str] | None, Query(description="Only tasks of these sites.")] = None,
) -> TaskPage:  # fmt: skip
    async with db.read() as session:
        found = await queries.page_tasks(session, actor.project_id, actor.user_id, page, sites=site)
        priorities = await priorities_of(session, [row.workload_id for row in found.items])
    return TaskPage(
        items=[
            TaskView.of(queries.frozen(row), priorities.get(row.workload_id)) for row in found.items
        ],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get("/tasks/{task_id}")
async def get_task(
    task_id: str, db: Db, files: Files, reports: Reports, actor: Reader
) -> TaskDetail:
    task, instances = await _load(db, actor, task_id)
    paths = files.metrics(_latest(instances)) | {task_id: reports.journal.path(task_id)}
    progress = await asyncio.to_thread(read_progress, paths)
    git = [GitSourceView(**source) for source in task.git]
    async with db.read() as session:
        priorities = await priorities_of(session, [task.workload_id])
    summary = _summary(task, priorities.get(task.workload_id))
    return TaskDetail(**summary, git=git, spec=task.spec.as_json(), progress=progress)


@router.get("/tasks/{task_id}/wait")
async def wait_for_task(
    task_id: str, db: Db, actor: Reader, timeout_s: Annotated[float, Query(ge=0, le=120)] = 60
) -> TaskView:
    """Answers when the task has ended, or after `timeout_s` with the state it is in."""
    ended = asyncio.Event()
    stop = bus.listen(lambda event: ended.set() if _says_end(event, task_id) else None)
    try:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            ended.clear()
            async with db.peek() as session:
                task = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
            left = deadline - asyncio.get_running_loop().time()
            if task.state.is_final or left <= 0:
                return TaskView.of(task)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await ended.wait()
    finally:
        stop()


@router.patch("/tasks/{task_id}")
async def edit_task(
    task_id: str, form: TaskPatch, db: Db, actor: Annotated[Actor, allow("train:task:update")]
) -> TaskView:
    task = await change.edit_task(
        db, actor, task_id, tags=form.tags, description=form.description, now=utc_now()
    )
    return TaskView.of(task)


@router.post("/tasks/{task_id}/stop")
async def stop_task(
    task_id: str, db: Db, actor: Annotated[Actor, allow("train:task:stop")]
) -> TaskView:
    return TaskView.of(await change.stop_task(db, actor, task_id, now=utc_now()))


@router.post("/tasks/{task_id}/start")
async def start_task(
    task_id: str, db: Db, storage: Store, code: Code,
    actor: Annotated[Actor, allow("train:task:start")],
) -> TaskView:  # fmt: skip
    found = await submit.start_task(db, storage, actor, task_id, code=code, now=utc_now())
    return TaskView.of(found)


@router.delete("/tasks/{task_id}", status_code=204)
async def delete_task(
    task_id: str,
    db: Db,
    storage: Store,
    reports: Reports,
    actor: Annotated[Actor, allow("train:task:delete")],
    with_outputs: bool = False,
) -> None:
    await change.delete_task(db, storage, actor, task_id, with_outputs=with_outputs, now=utc_now())
    await reports.journal.forget(task_id)


@router.post("/tasks/{task_id}/publish", status_code=201)
async def publish_task(
    task_id: str, form: PublishForm, db: Db, storage: Store, files: Files, reports: Reports,
    actor: Annotated[Actor, allow("model:version:create")],
) -> ModelVersionView:  # fmt: skip
    version = await publish.publish_task(
        db, storage, files, reports.journal, actor, task_id, model_id=form.model_id, name=form.name, fmt=form.format,
        metrics=form.metrics, checkpoint=form.checkpoint, tags=form.tags, now=utc_now(),
    )  # fmt: skip
    return ModelVersionView.of(version)


@router.get("/tasks/{task_id}/instances")
async def list_instances(task_id: str, db: Db, actor: Reader) -> InstanceList:
    _, instances = await _load(db, actor, task_id)
    return InstanceList(items=[InstanceView.of(i) for i in instances])


@router.get("/tasks/{task_id}/attempts")
async def list_attempts(task_id: str, db: Db, actor: Reader) -> AttemptList:
    """Every attempt of every run, newest first: its instances, its times, and why it ended."""
    async with db.read() as session:
        await queries.get_task(session, actor.project_id, task_id)
        found = await attempts_of_owner(session, task_id)
    return AttemptList(items=[AttemptView.of(a) for a in found])


@router.get("/tasks/{task_id}/logs")
async def read_task_logs(
    task_id: str, db: Db, files: Files, query: LogArgs, actor: Reader, instance: str | None = None
) -> LogPageView:
    """Log lines; `instance` may hold `*` and `?`. Without a time range: the last hour (TRN-48)."""
    _, instances = await _load(db, actor, task_id)
    return await log_page(files, pick_instances(instances, instance), query)


@router.get("/tasks/{task_id}/logs/stream", response_class=StreamingResponse)
async def stream_task_logs(
    task_id: str, request: Request, db: Db, files: Files, actor: Reader, instance: str | None = None
) -> StreamingResponse:
    """SSE of log lines as they are written; ends when the task has."""
    await _load(db, actor, task_id)

    async def instances() -> list[Instance]:
        return pick_instances((await _load(db, actor, task_id))[1], instance)

    async def finished() -> bool:
        return (await _load(db, actor, task_id))[0].state.is_final

    return StreamingResponse(
        live_log(files, instances, finished, request, subject=task_id),
        media_type="text/event-stream",
    )


@router.get("/tasks/{task_id}/logs/download", response_class=StreamingResponse)
async def download_task_log(
    task_id: str, db: Db, files: Files, actor: Reader, instance: str | None = None
) -> StreamingResponse:
    """The whole log as text, streamed; of several instances one, in order of time."""
    _, instances = await _load(db, actor, task_id)
    return await download_log(files, pick_instances(instances, instance), task_id)


@router.get("/tasks/{task_id}/metrics")
async def read_task_metrics(
    task_id: str,
    db: Db,
    files: Files,
    reports: Reports,
    actor: Reader,
    points: Annotated[int, Query(ge=2, le=20_000)] = 2000,
) -> MetricsView:
    """Every metric that the task's code reported, as curves. Those pushed over HTTP have the task's id."""
    _, instances = await _load(db, actor, task_id)
    paths = files.metrics(instances) | {task_id: reports.journal.path(task_id)}
    series = await asyncio.to_thread(lambda: read_metrics(paths, points=points))
    return MetricsView(items=[SeriesView.of(s) for s in series])


@router.post("/tasks/{task_id}/metrics")
async def push_task_metrics(
    task_id: str, form: PushForm, request: Request, db: Db, reports: Reports,
    actor: Annotated[Actor, allow_run("train:metric:push")],
) -> PushView:  # fmt: skip
    """Report metric values from anywhere; on disk when answered (TRN-46)."""
    async with db.read() as session:
        await queries.get_task(session, actor.project_id, task_id)
    return await push_form(reports, request, task_id, actor.user_id, form)


@router.get("/tasks/{task_id}/instances/{instance_id}/samples")
async def read_instance_samples(
    task_id: str,
    instance_id: str,
    db: Db,
    files: Files,
    actor: Reader,
    points: Annotated[int, Query(ge=2, le=5000)] = 500,
) -> SamplesView:
    """CPU, memory and GPU use of one instance over time."""
    _, instances = await _load(db, actor, task_id)
    own = pick_instances(instances, instance_id)[0]
    return SamplesView(
        items=await asyncio.to_thread(lambda: read_samples(files.samples(own.id), points=points))
    )


@router.websocket("/tasks/{task_id}/instances/{instance_id}/shell")
async def open_instance_shell(
    task_id: str,
    instance_id: str,
    socket: WebSocket,
    db: Db,
    actor: Annotated[Actor, allow("train:task:shell")],
) -> None:
    """A shell inside the instance (see `compute/shells/socket.py` for its messages)."""

    async def find() -> Where:
        task, instances = await _load(db, actor, task_id)
        return Where("task", task.id, task.spec.name, one_instance(instances, instance_id))

    await serve_shell(socket, actor, find)


@router.get("/tasks/{task_id}/events")
async def list_task_events(task_id: str, db: Db, actor: Reader) -> TaskEventList:
    await _load(db, actor, task_id)
    async with db.read() as session:
        found = await list_events(
            session, project_id=actor.project_id, subject_id=task_id, newest_first=True, limit=500
        )
    return TaskEventList(
        items=[
            TaskEventView(seq=e.seq, time=e.time, type=e.type, actor_id=e.actor_id, data=e.data)
            for e in found
        ]
    )


@router.get("/tasks/{task_id}/checkpoints")
async def list_task_checkpoints(
    task_id: str, db: Db, storage: Store, actor: Reader
) -> CheckpointList:
    task, _ = await _load(db, actor, task_id)
    found = await checkpoints_of(storage, task)
    return CheckpointList(
        items=[
            CheckpointView(
                name=c.name, path=c.path, address=address_of(task, c), step=c.step, epoch=c.epoch,
                loss=c.loss, learning_rate=c.learning_rate, conv_template_name=c.conv_template_name,
                size_bytes=c.size_bytes, created_at=c.created_at,
            )
            for c in found
        ]
    )  # fmt: skip


async def _load(db: Db, actor: Actor, task_id: str) -> tuple[Task, list[Instance]]:
    async with db.peek() as session:
        task = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
        return task, await instances_of_owner(session, task_id)


def _says_end(event: Event, task_id: str) -> bool:
    return event.subject_id == task_id and event.data.get("state") in _FINAL


def _latest(instances: list[Instance]) -> list[Instance]:
    return [i for i in instances if i.workload_id == instances[-1].workload_id] if instances else []


def _summary(t: Task, priority: int | None = None) -> dict[str, Any]:
    end = t.ended_at or (utc_now() if t.started_at else None)
    return {
        "id": t.id, "name": t.spec.name, "description": t.description, "tags": t.tags, "site": t.site, "state": t.state,
        "reason": t.reason, "environment": t.spec.environment, "mode": t.spec.mode,
        "resource_group": t.spec.resource_group, "instances": t.spec.instance_count, "cpu_cores": t.spec.cpu_cores,
        "memory_bytes": t.spec.memory_bytes, "gpus": t.spec.gpus, "flavour": t.spec.flavour, "roles": [RoleAmount.of_task(r) for r in t.spec.roles], "restarts": t.restarts, "evictions": t.evictions, "reschedules": t.reschedules, "priority": t.spec.priority if priority is None else priority, "output": t.output,
        "creator_id": t.created_by, "creator": t.creator_name, "created_at": t.created_at, "updated_at": t.updated_at,
        "queued_at": t.queued_at, "started_at": t.started_at, "ended_at": t.ended_at,
        "run_time_s": (end - t.started_at).total_seconds() if t.started_at and end else None,
        "blocked": {
            "stop": change.why_not_stop(t), "start": change.why_not_start(t), "delete": change.why_not_delete(t),
            "publish": publish.why_not_publish(t),
        },
    }  # fmt: skip
