"""Show records: one in full, or a page of a task in brief."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.content import Content, manifest_of, read_content, read_contents
from slipway.labelling.schema.answers import console_of, with_answers
from slipway.labelling.schema.check import refused
from slipway.labelling.schema.document import Document
from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.teams.answers import seen_by
from slipway.labelling.types import DONE, OPEN, LabelKind, Record, RecordState, Task


class Shown(StrEnum):
    """The filter of LAB-28, and the states of a review."""

    ALL = "all"
    LABELLED = "labelled"
    UNLABELLED = "unlabelled"
    TO_REVIEW = "to_review"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    DELETED = "deleted"


_STATES = {
    Shown.LABELLED: DONE,
    Shown.TO_REVIEW: (RecordState.LABELLED,),
    Shown.APPROVED: (RecordState.APPROVED,),
    Shown.SENT_BACK: (RecordState.SENT_BACK,),
    Shown.DELETED: (RecordState.DELETED,),
}


@dataclass(frozen=True, slots=True)
class Full:
    record: Record
    content: Content
    document: Document | None


async def read_full(home: Path, task: Task, record: Record) -> Full:
    content = await read_sample(home, task, record.index)
    return Full(record, content, _document(task, record, content))


async def read_sample(home: Path, task: Task, index: int) -> Content:
    manifest = manifest_of(home, task)
    return await asyncio.to_thread(read_content, manifest, task.kind, index)


async def list_page(
    db: Database, home: Path, actor: Actor, task_id: str, shown: Shown, *, after: int, limit: int
) -> tuple[Task, list[tuple[Record, Content]]]:
    async with db.read() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        task = queries.frozen_task(row)
        records = await _records(session, task, shown, after=after, limit=limit)
        records = await seen_by(session, row, records, actor)
    manifest = manifest_of(home, task)
    numbers = [record.index for record in records]
    contents = await asyncio.to_thread(read_contents, manifest, task.kind, numbers)
    return task, list(zip(records, contents, strict=True))


async def _records(
    session: AsyncSession, task: Task, shown: Shown, *, after: int, limit: int
) -> list[Record]:
    if shown in _STATES:
        rows = await queries.list_in_states(
            session, task.id, _STATES[shown], after=after, limit=limit
        )
        return [queries.frozen_record(row) for row in rows]
    if shown is Shown.UNLABELLED:
        touched = await queries.list_in_states(session, task.id, OPEN, after=after, limit=limit)
        untouched = await queries.list_untouched(session, task.id, after=after, limit=limit)
        found = [queries.frozen_record(row) for row in touched] + [Record(n) for n in untouched]
        return sorted(found, key=lambda record: record.index)[:limit]
    last = min(after + limit, task.counts.records - 1)
    rows = await queries.list_records(session, task.id, first=after + 1, last=last)
    known = {row.number: queries.frozen_record(row) for row in rows}
    return _in_order(known, range(after + 1, last + 1))


def _in_order(known: dict[int, Record], numbers: Iterable[int]) -> list[Record]:
    return [known.get(number) or Record(number) for number in numbers]


def _document(task: Task, record: Record, content: Content) -> Document | None:
    if task.kind is not LabelKind.RECORDS:
        return None
    try:
        came_done = record.value is None and record.state in DONE
        document = console_of(task.schema or "", content.sample, is_done=came_done)
    except SchemaProblem as problem:
        raise refused(problem) from problem
    return with_answers(document, (record.value or {}).get("answers", {}))
