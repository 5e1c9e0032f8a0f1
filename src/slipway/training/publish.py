"""From a finished task to the model repository in one step (TRN-43, MOD-15, MOD-32)."""

from __future__ import annotations

import asyncio
from datetime import datetime

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.compute.output.files import InstanceFiles, instances_of_owner
from slipway.compute.output.metrics import last_values
from slipway.iam.types import Actor
from slipway.models.import_version import TaskSource, import_version
from slipway.models.types import ModelVersion
from slipway.tracking.journal import MetricJournal
from slipway.training import queries
from slipway.training.types import Task, TaskState


def why_not_publish(task: Task) -> str | None:
    return None if task.state == TaskState.COMPLETED else "Only a completed task can be published."


async def publish_task(
    db: Database,
    storage: Storage,
    files: InstanceFiles,
    journal: MetricJournal,
    actor: Actor,
    task_id: str,
    *,
    model_id: str | None,
    name: str | None,
    fmt: str,
    metrics: dict[str, float] | None,
    checkpoint: str | None,
    tags: dict[str, str],
    now: datetime,
) -> ModelVersion:
    """A new model `name`, or the next version of `model_id`, from the task's model folder (or a checkpoint)."""
    async with db.read() as session:
        task = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
        instances = await instances_of_owner(session, task_id)
    if checkpoint is None and (reason := why_not_publish(task)):
        raise Conflict(reason, code="wrong_state")
    output = Address.parse(task.output)
    below = f"output/{checkpoint.strip('/')}/" if checkpoint else "model/"
    source = Address(output.bucket, f"{output.key.rstrip('/')}/{below}")
    await _check_there(storage, source)
    if metrics is None:
        paths = files.metrics(instances) | {task_id: journal.path(task_id)}
        metrics = await asyncio.to_thread(last_values, paths)
    return await import_version(
        db, storage, actor, model_id=model_id, name=name, source=source, fmt=fmt, framework=task.spec.environment,
        environment=task.spec.environment, metrics=metrics, tags=tags, move=False,
        task=TaskSource(task.id, task.spec.name), now=now,
    )  # fmt: skip


async def _check_there(storage: Storage, source: Address) -> None:
    folder = storage.path_of(source.bucket, source.key)
    empty = await asyncio.to_thread(lambda: not folder.is_dir() or not any(folder.iterdir()))
    if empty:
        raise Conflict(
            f"There is nothing in {source}. A task publishes what it wrote to /opt/ml/model ($ML_MODEL_DIR).",
            code="no_model",
        )
