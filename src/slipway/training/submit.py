"""Creating a task, and starting one again (TRN-01, TRN-37, TRN-38)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.base.settings import Settings
from slipway.compute import queries as nodes
from slipway.compute import submit as compute
from slipway.compute.types import Mode, WorkloadSpec
from slipway.delivery.switch import switch_delivery
from slipway.environments.choose import choose
from slipway.iam.types import Actor
from slipway.repositories.mounting import GitSource
from slipway.training import inputs, queries, record
from slipway.training.checks import check_spec
from slipway.training.code import CodeSources, cloned_first
from slipway.training.dependencies import note, to_wait_for, waiting_reason
from slipway.training.events import tell
from slipway.training.follow import KIND
from slipway.training.health import why_no_health_check
from slipway.training.shape import roles_of
from slipway.training.tables import TaskRow
from slipway.training.templates import with_template
from slipway.training.types import MountKind, Task, TaskEvent, TaskSpec, TaskState


async def check_task(db: Database, actor: Actor, spec: TaskSpec) -> TaskSpec:
    """The spec with what its template supplies; refuses what `create_task` would refuse by itself."""
    spec = with_template(spec)
    async with db.read() as session:
        environment = await choose(session, actor.project_id, spec.environment, purpose="training")
    check_spec(spec, environment)
    return spec


async def create_task(
    db: Database, storage: Storage, actor: Actor, spec: TaskSpec, *, code: CodeSources, now: datetime,
    task_id: str | None = None,
) -> Task:  # fmt: skip
    """`task_id`: chosen beforehand by whoever must find the task again after a crash."""
    spec = await check_task(db, actor, spec)
    sources = await code.find(actor.project_id, spec)
    lock = await record.keep_lock(db, actor.project_id, spec.environment)
    task_id = task_id or new_id("train")
    try:
        async with db.begin() as session:
            spec = await inputs.pinned(session, actor.project_id, spec)
            output = await _output_address(session, storage, actor.project_id, spec, task_id)
            row = TaskRow(
                id=task_id, project_id=actor.project_id, name=spec.name, site=code.settings.site, description=spec.description,
                tags=spec.tags, spec=spec.as_json(), state=TaskState.SUBMITTING, workload_id="", output=str(output),
                created_by=actor.user_id, creator_name=actor.user_name, created_at=now, updated_at=now,
            )  # fmt: skip
            if spec.deliver_logs:
                await switch_delivery(session, actor, task_id, spec.name, on=True, now=now)
            await _enqueue(session, storage, actor, row, code.settings, sources, lock, now)
            return queries.frozen(row)
    except IntegrityError as error:
        raise Conflict(
            f"There is already a task named {spec.name} in this project. Choose another name.",
            code="name_taken", field="name",
        ) from error  # fmt: skip


async def start_task(
    db: Database, storage: Storage, actor: Actor, task_id: str, *, code: CodeSources, now: datetime
) -> Task:  # fmt: skip
    """Run a stopped or failed task again with the same configuration."""
    async with db.read() as session:
        known = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
    sources = await code.find(actor.project_id, known.spec)
    lock = await record.keep_lock(db, actor.project_id, known.spec.environment)
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        task = queries.frozen(row)
        if task.state not in (TaskState.STOPPED, TaskState.ABNORMAL):
            raise Conflict(
                f"The task is {task.state}; only a stopped or abnormal one can be started.",
                code="wrong_state",
            )
        await _enqueue(session, storage, actor, row, code.settings, sources, lock, now)
        return queries.frozen(row)


async def _enqueue(
    session: AsyncSession,
    storage: Storage,
    actor: Actor,
    row: TaskRow,
    settings: Settings,
    sources: tuple[GitSource, ...],
    lock: str,
    now: datetime,
) -> None:
    spec = TaskSpec.of(row.spec)
    await _check_health_check(session, spec)
    waited_for = await to_wait_for(session, row.project_id, spec.after, lock=True)
    address = Address.parse(row.output)
    folder = storage.path_of(address.bucket, address.key)
    workload = await compute.submit(
        session, project_id=row.project_id, kind=KIND, owner_id=row.id, name=row.name,
        spec=await _workload_spec(session, storage, row.project_id, spec, folder, settings, sources),
        created_by=actor.user_id, now=now, group_id=spec.resource_group, tags=row.tags,
        priority=spec.priority, held=waiting_reason(waited_for) if waited_for else None,
    )  # fmt: skip
    row.git = [source.as_json() for source in sources]
    row.record = await record.record_of(session, storage, row.project_id, spec, lock)
    row.workload_id, row.state, row.reason = workload.id, TaskState.QUEUED, workload.reason
    row.attempt, row.restarts, row.evictions, row.reschedules = 1, 0, 0, 0
    row.queued_at, row.updated_at, row.started_at, row.ended_at = now, now, None, None
    session.add(row)
    await note(session, row, waited_for)
    await tell(session, row, TaskEvent.SCHEDULING, actor_id=actor.user_id, now=now)


async def _check_health_check(session: AsyncSession, spec: TaskSpec) -> None:
    if spec.health_check_s is None:
        return
    group = await nodes.list_nodes(session, spec.resource_group)
    if reason := why_no_health_check(roles_of(spec), group):
        raise Invalid(reason, field="health_check_s", code="no_health_check")


async def _workload_spec(
    session: AsyncSession, storage: Storage, project_id: str, spec: TaskSpec, folder: Path,
    settings: Settings, sources: tuple[GitSource, ...],
) -> WorkloadSpec:  # fmt: skip
    environment = await choose(session, project_id, spec.environment, purpose="training")
    mounts = await inputs.mounts_of(session, storage, project_id, spec, settings)
    cloned = [
        m for m, asked in zip(mounts, spec.mounts, strict=True) if asked.kind == MountKind.GIT
    ]
    git_files, cloning = await cloned_first(session, settings, project_id, sources, cloned)
    record_mounts, recording = record.recording(spec, mounts, str(folder / record.FOLDER))
    pre_start = "\n".join(filter(None, (cloning, recording))) or None
    if not any(mount.target == "/opt/ml/code" for mount in mounts):
        mounts.append(inputs.code_mount(folder))
    return WorkloadSpec(
        mode=Mode(spec.mode), roles=roles_of(spec), environment=spec.environment, env=spec.env,
        mounts=(*mounts, *inputs.output_mounts(folder), *record_mounts), files=(inputs.hyperparameter_file(spec), *git_files),
        max_restarts=spec.max_restarts, max_reschedules=spec.max_reschedules, grace_s=spec.grace_s,
        health_check_s=spec.health_check_s, hang_s=spec.hang_s, max_run_s=spec.max_run_s,
        max_queue_s=spec.max_queue_s, checkpoints="/opt/ml/output", pre_start=pre_start,
        installed=environment.installed,
    )  # fmt: skip


async def _output_address(
    session: AsyncSession, storage: Storage, project_id: str, spec: TaskSpec, task_id: str
) -> Address:
    """The task's own folder: below the address the user chose, or `training/` in the project's bucket."""
    if spec.output is None:
        bucket = await buckets.ensure_default_bucket(session, project_id)
        return Address(bucket, f"training/{task_id}/")
    chosen = Address.parse(spec.output)
    await buckets.require_bucket(session, project_id, chosen.bucket)
    prefix = chosen.key.strip("/")
    return Address(chosen.bucket, f"{prefix}/{task_id}/" if prefix else f"{task_id}/")
