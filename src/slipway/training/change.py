"""Stopping, deleting and editing a task (TRN-38, TRN-39, TRN-44)."""

from __future__ import annotations

from datetime import datetime

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.assets.tree import delete_below
from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.names import checked_description, checked_tags
from slipway.compute import submit as compute
from slipway.delivery.switch import forget_delivery
from slipway.iam.types import Actor
from slipway.tracking.queries import delete_values
from slipway.training import queries
from slipway.training.events import tell
from slipway.training.types import Task, TaskState


def why_not_stop(task: Task) -> str | None:
    if task.state.is_final:
        return f"The task is {task.state} already."
    return "The task is being stopped." if task.state == TaskState.STOPPING else None


def why_not_start(task: Task) -> str | None:
    if task.state in (TaskState.STOPPED, TaskState.ABNORMAL):
        return None
    return f"Only a stopped or abnormal task can be started; this one is {task.state}."


def why_not_delete(task: Task) -> str | None:
    return None if task.state.is_final else "Stop the task first."


async def stop_task(db: Database, actor: Actor, task_id: str, *, now: datetime) -> Task:
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        if reason := why_not_stop(queries.frozen(row)):
            raise Conflict(f"{reason} Nothing to stop.", code="wrong_state")
        await compute.want_stop(session, row.workload_id)
        row.state, row.updated_at = TaskState.STOPPING, now
        await session.flush()
        await tell(session, row, "taskStopping", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def edit_task(
    db: Database,
    actor: Actor,
    task_id: str,
    *,
    tags: dict[str, str] | None,
    description: str | None,
    now: datetime,
) -> Task:
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        if tags is not None:
            row.tags = checked_tags(tags)
            await compute.set_tags(session, row.workload_id, row.tags)
        if description is not None:
            row.description = checked_description(description)
        row.updated_at = now
        await session.flush()
        await tell(session, row, "taskEdited", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def delete_task(
    db: Database, storage: Storage, actor: Actor, task_id: str, *, with_outputs: bool, now: datetime
) -> None:
    """Remove the record; outputs stay unless asked otherwise."""
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        if reason := why_not_delete(queries.frozen(row)):
            raise Conflict(reason, code="wrong_state")
        output = Address.parse(row.output)
        await tell(session, row, "taskDeleted", actor_id=actor.user_id, now=now)
        await session.delete(row)
        await delete_values(session, task_id)
        await forget_delivery(session, task_id)
    if with_outputs:
        try:
            await storage.run(delete_below, storage, output.bucket, output.key)
        except NotFound:
            return  # the task never wrote anything
