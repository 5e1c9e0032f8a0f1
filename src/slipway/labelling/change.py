"""Change or delete a task, and lay out again one that could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.create import checked_labels, find_labellers, name_taken
from slipway.labelling.schema.check import checked_schema
from slipway.labelling.tables import TaskRow
from slipway.labelling.types import LabelKind, Sharing, Task, TaskState, WriteState


@dataclass(frozen=True, slots=True)
class Changes:
    """What is None stays as it is."""

    name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] | None = None
    labels: tuple[tuple[str, str | None], ...] | None = None
    labellers: tuple[str, ...] | None = None
    needs_review: bool | None = None
    schema: str | None = None
    gold_least_percent: int | None = None


async def change_task(
    db: Database, actor: Actor, task_id: str, changes: Changes, *, now: datetime
) -> Task:
    try:
        async with db.begin() as session:
            row = await queries.get_task(session, actor.project_id, task_id, lock=True)
            if changes.name is not None:
                row.name = checked_name(changes.name)
            if changes.description is not None:
                row.description = checked_description(changes.description)
            if changes.tags is not None:
                row.tags = checked_tags(dict(changes.tags))
            if changes.needs_review is not None:
                row.needs_review = changes.needs_review
            if changes.labels is not None:
                _change_labels(row, changes.labels)
            if changes.labellers is not None:
                await _change_labellers(session, actor, row, changes.labellers)
            if changes.schema is not None:
                _change_schema(row, changes.schema)
            if changes.gold_least_percent is not None:
                row.gold_least_percent = checked_percent(changes.gold_least_percent)
            row.updated_at = now
            await session.flush()
            await record(
                session, "label:taskUpdated", subject=("label-task", task_id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
            )  # fmt: skip
            return queries.frozen_task(row)
    except IntegrityError as error:
        raise name_taken(changes.name or "") from error


async def delete_task(db: Database, actor: Actor, task_id: str, *, now: datetime) -> None:
    """Versions that were published from it stay."""
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id, lock=True)
        if row.write_state in (WriteState.WRITING, WriteState.OVER, WriteState.RESTORING):
            raise Conflict(
                "Labels of the task are being written into files. Try again in a moment.",
                code="being_written",
            )
        await record(
            session, "label:taskDeleted", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
        )  # fmt: skip
        await queries.delete_task(session, task_id)


async def retry_task(db: Database, actor: Actor, task_id: str, *, now: datetime) -> Task:
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id, lock=True)
        if row.state != TaskState.FAILED:
            raise Conflict("Nothing has failed: there is nothing to try again.", code="wrong_state")
        row.state, row.reason, row.updated_at = TaskState.CREATING, None, now
        await record(
            session, "label:taskRetried", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
        )  # fmt: skip
        return queries.frozen_task(row)


def checked_percent(percent: int) -> int:
    if not 0 <= percent <= 100:
        raise Invalid("The least share is between 0 and 100 percent.", field="gold_least_percent")
    return percent


def _change_labels(row: TaskRow, labels: tuple[tuple[str, str | None], ...]) -> None:
    """New ones and other colours. A label may be in use in any record, so none goes away."""
    checked = checked_labels(labels)
    kept = {label.name for label in checked}
    gone = [old["name"] for old in row.labels if old["name"] not in kept]
    if gone and row.labelled_count + row.approved_count + row.sent_back_count:
        raise Conflict(
            f"The label {gone[0]!r} may be in use, so it cannot be removed. Labels can be added.",
            code="label_in_use",
        )
    row.labels = [label.to_json() for label in checked]


async def _change_labellers(
    session: AsyncSession, actor: Actor, row: TaskRow, named: tuple[str, ...]
) -> None:
    labellers = await find_labellers(session, actor, named)
    if row.sharing == Sharing.SPLIT and not labellers:
        raise Invalid("Name the labellers among whom the records are split.", field="labellers")
    row.labellers = [who.to_json() for who in labellers]
    await queries.free_spans_of_others(session, row.id, [who.user_id for who in labellers])


def _change_schema(row: TaskRow, text: str) -> None:
    if row.kind != LabelKind.RECORDS:
        raise Invalid("Only records are labelled by a schema.", field="schema")
    checked_schema(text)
    row.schema_text = text
