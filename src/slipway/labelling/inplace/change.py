"""What the owner wants of the user's files: written again, written over, or as they were at first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Forbidden, Invalid
from slipway.base.events import record
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.inplace import queries as write_queries
from slipway.labelling.tables import TaskRow
from slipway.labelling.types import LabelKind, Task, TaskState, WriteMode, WriteState


async def write_files(
    db: Database, actor: Actor, task_id: str, *, over: bool, now: datetime
) -> Task:
    """Every label into the files, from now on, too; with `over` even where somebody changed them."""
    async with db.begin() as session:
        row = await _task(session, actor, task_id)
        row.mode = WriteMode.IN_PLACE
        row.write_state = WriteState.OVER if over else WriteState.WRITING
        await write_queries.want_all(session, task_id)
        return await _told(session, actor, row, now)


async def restore_files(db: Database, actor: Actor, task_id: str, *, now: datetime) -> Task:
    """The files as they were before the first label. The labels stay, and go on in safe mode."""
    async with db.begin() as session:
        row = await _task(session, actor, task_id)
        if row.mode != WriteMode.IN_PLACE:
            raise Conflict("The task does not write into files.", code="wrong_state")
        row.write_state = WriteState.RESTORING
        return await _told(session, actor, row, now)


async def _told(session: AsyncSession, actor: Actor, row: TaskRow, now: datetime) -> Task:
    row.write_reason, row.updated_at = None, now
    await record(
        session, "label:filesWanted", subject=("label-task", row.id), now=now,
        project_id=actor.project_id, actor_id=actor.user_id, name=row.name, wanted=row.write_state,
    )  # fmt: skip
    return queries.frozen_task(row)


async def _task(session: AsyncSession, actor: Actor, task_id: str) -> TaskRow:
    row = await queries.get_task(session, actor.project_id, task_id, lock=True)
    if row.kind != LabelKind.RECORDS:
        raise Invalid("Only text records can be labelled in place.", field="mode")
    if row.state != TaskState.CREATED:
        raise Conflict(
            f"The task is {row.state}; try again once it is created.", code="wrong_state"
        )
    if not actor.may("storage:object:update"):
        raise Forbidden(
            "Labelling in place writes into the files of the dataset, which your role may not.",
            code="may_not_write",
        )
    return row
