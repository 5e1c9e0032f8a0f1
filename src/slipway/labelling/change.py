"""Change or delete a task, and lay out again one that could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.data.types import OcrType
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.content import manifest_of
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
    ocr_type: OcrType | None = None
    ocr_service: str | None = None  # '' is none
    renames: Mapping[str, str] = field(default_factory=dict)
    gold_least_percent: int | None = None


async def change_task(
    db: Database, home: Path, actor: Actor, task_id: str, changes: Changes, *, now: datetime
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
                came = _labels_of_data(home, row)
                await _change_labels(session, row, changes.labels, changes.renames, came)
            if changes.labellers is not None:
                await _change_labellers(session, actor, row, changes.labellers)
            if changes.schema is not None:
                _change_schema(row, changes.schema)
            if changes.ocr_type is not None or changes.ocr_service is not None:
                _change_ocr(row, changes.ocr_type, changes.ocr_service)
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


async def _change_labels(
    session: AsyncSession,
    row: TaskRow,
    labels: tuple[tuple[str, str | None], ...],
    renames: Mapping[str, str],
    came: set[str],
) -> None:
    """New ones, other colours, other names. A label in use is renamed or merged, never removed.

    Records keep the names that they were saved with; `renames` says what these are called now."""
    checked = checked_labels(labels)
    names = {label.name for label in checked}
    before = {old["name"] for old in row.labels}
    moved = {old: new.strip() for old, new in renames.items() if old in before and old != new}
    for old, new in moved.items():
        if new not in names or old in names:
            raise Invalid(f"{old!r} cannot be renamed to {new[:64]!r}.", field="renames")
    kept = {old: moved.get(new, new) for old, new in row.renames.items()} | moved
    kept = {old: new for old, new in kept.items() if old != new}
    for name in names - before:
        if name in kept:
            raise Conflict(
                f"{name!r} was renamed to {kept[name]!r} in this task. Choose another name.",
                code="label_renamed", field="labels",
            )  # fmt: skip
    gone = before - names - moved.keys()
    used = await _in_use(session, row, gone, came) if gone else None
    if used is not None:
        raise Conflict(
            f"The label {used!r} is in use, so it cannot be removed. Rename it, or merge it into "
            "another.",
            code="label_in_use",
        )
    row.labels = [label.to_json() for label in checked]
    row.renames = kept


def _labels_of_data(home: Path, row: TaskRow) -> set[str]:
    """Labels that the dataset carries; what nobody has changed keeps them."""
    try:
        manifest = manifest_of(home, queries.frozen_task(row))
    except NotFound:
        return set()
    return {label.name for label in manifest.summary.labels}


async def _in_use(
    session: AsyncSession, row: TaskRow, names: set[str], came: set[str]
) -> str | None:
    """One of the labels that a record carries, by the name it is called now."""
    asked = {name: name for name in names}
    asked |= {old: new for old, new in row.renames.items() if new in names}
    if came & asked.keys():
        return asked[min(came & asked.keys())]
    async for value in queries.values(session, row.id):
        used = {*value.get("labels", ()), *(box["label"] for box in value.get("boxes", ()))}
        if found := used & asked.keys():
            return asked[min(found)]
    return None


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


def _change_ocr(row: TaskRow, asked: OcrType | None, service: str | None) -> None:
    """Relations would be lost on the way back to boxes with text only (LAB-45)."""
    if row.kind != LabelKind.OCR:
        raise Invalid("Only OCR tasks have a label type and an OCR service.", field="ocr_type")
    if asked is OcrType.RECOGNITION and row.ocr_type == OcrType.STRUCTURED:
        raise Conflict(
            "Smart structuring cannot become recognition again: its keys and values would be lost. "
            "Create another task for that.",
            code="ocr_type_fixed",
        )
    row.ocr_type = asked or row.ocr_type
    if service is not None:
        row.ocr_service = service or None
