"""Every SQL statement of the labelling room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, case, cast, delete, func, insert, or_, select, true, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.data.types import LabelFormat, OcrType
from slipway.iam.types import Actor
from slipway.labelling.tables import (
    AnswerRow,
    GoldRow,
    HistoryRow,
    RecordRow,
    SpanRow,
    SuggestionRow,
    TaskRow,
    WriteRow,
)
from slipway.labelling.types import (
    DONE,
    OPEN,
    Counts,
    HistoryEntry,
    LabelKind,
    Labeller,
    LabelValue,
    Lock,
    OcrTask,
    Publication,
    PublishState,
    Record,
    RecordState,
    Sharing,
    Task,
    TaskState,
    WriteMode,
    WriteState,
)


def frozen_task(row: TaskRow) -> Task:
    counts = Counts(
        row.record_count, row.labelled_count, row.approved_count, row.sent_back_count,
        row.deleted_count,
    )  # fmt: skip
    return Task(
        row.id, row.project_id, row.name, row.description, row.tags, LabelKind(row.kind),
        row.dataset_id, row.dataset_name, row.dataset_version, LabelFormat(row.label_format),
        tuple(LabelValue.from_json(value) for value in row.labels), row.renames, row.schema_text,
        WriteMode(row.mode), Sharing(row.sharing), tuple(Labeller(**who) for who in row.labellers),
        row.needs_review, row.overlap, row.overlap_percent, row.gold_least_percent,
        TaskState(row.state), row.reason, counts,
        WriteState(row.write_state) if row.write_state else None, row.write_reason,
        _publication(row),
        row.created_at, row.updated_at, row.created_by, row.creator_name,
        _ocr(row),
    )  # fmt: skip


def _ocr(row: TaskRow) -> OcrTask | None:
    return None if row.ocr_type is None else OcrTask(OcrType(row.ocr_type), row.ocr_service)


def _publication(row: TaskRow) -> Publication | None:
    if row.publish_state is None or row.publish_by is None or row.publish_at is None:
        return None
    return Publication(
        row.publish_number, PublishState(row.publish_state),
        LabelFormat(row.publish_format or "none"), row.publish_description or "",
        row.publish_version, row.publish_reason, row.publish_by, row.publish_at,
    )  # fmt: skip


def frozen_record(row: RecordRow) -> Record:
    lock = None
    if row.lock_user is not None and row.lock_until is not None:
        lock = Lock(row.lock_user, row.lock_name or "", row.lock_until)
    return Record(
        row.number, RecordState(row.state), row.value, row.revision, row.owner or None, lock,
        row.labelled_by, row.labeller_name, row.labelled_at, row.reviewed_by, row.reviewer_name,
        row.comment, row.time_s, row.agreement,
    )  # fmt: skip


# Tasks


async def page_tasks(
    session: AsyncSession, actor: Actor, page: PageQuery, *, kinds: Sequence[LabelKind] = ()
) -> Page[TaskRow]:
    query = select(TaskRow).where(TaskRow.project_id == actor.project_id)
    if page.mine:
        query = query.where(TaskRow.created_by == actor.user_id)
    if kinds:
        query = query.where(TaskRow.kind.in_(kinds))
    if actor.may("label:record:update") and not actor.may("label:task:update"):
        # Those who only label see the tasks that are theirs.
        named = cast(TaskRow.labellers, Text)
        query = query.where(or_(named == "[]", named.contains(f'"{actor.user_id}"')))
    return await fetch_page(
        session, query, page, id_column=TaskRow.id,
        orders={"created_at": TaskRow.created_at, "name": TaskRow.name},
        search_in=(TaskRow.name, TaskRow.id, TaskRow.dataset_name), state_column=TaskRow.state,
        tags_column=TaskRow.tags,
    )  # fmt: skip


async def get_task(
    session: AsyncSession, project_id: str, task_id: str, *, lock: bool = False
) -> TaskRow:
    query = select(TaskRow).where(TaskRow.id == task_id, TaskRow.project_id == project_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"There is no labelling task {task_id} in this project.")
    return row


async def get_task_anywhere(session: AsyncSession, task_id: str) -> TaskRow:
    return await session.get_one(TaskRow, task_id)


async def count_tasks_of(session: AsyncSession, user_id: str) -> int:
    query = select(func.count()).select_from(TaskRow).where(TaskRow.created_by == user_id)
    return await session.scalar(query) or 0


async def list_tasks_of_dataset(session: AsyncSession, dataset_id: str) -> list[TaskRow]:
    return list(await session.scalars(select(TaskRow).where(TaskRow.dataset_id == dataset_id)))


async def list_due(session: AsyncSession) -> list[tuple[str, bool]]:
    """(task id, whether its records are still to be laid out) of what the loop has to do."""
    query = select(TaskRow.id, TaskRow.state).where(
        or_(TaskRow.state == TaskState.CREATING, TaskRow.publish_state == PublishState.WANTED)
    )
    found = await session.execute(query.order_by(TaskRow.created_at))
    return [(task_id, state == TaskState.CREATING) for task_id, state in found]


async def list_publishing(session: AsyncSession) -> list[TaskRow]:
    """Tasks whose last result may still be read by an import."""
    return list(await session.scalars(select(TaskRow).where(TaskRow.publish_state.is_not(None))))


async def delete_task(session: AsyncSession, task_id: str) -> None:
    for table in (HistoryRow, RecordRow, SpanRow, WriteRow, AnswerRow, GoldRow, SuggestionRow):
        await session.execute(delete(table).where(table.task_id == task_id))
    await session.execute(delete(TaskRow).where(TaskRow.id == task_id))


# Records nobody has touched


async def clear_layout(session: AsyncSession, task_id: str) -> None:
    for table in (RecordRow, SpanRow, WriteRow):
        await session.execute(delete(table).where(table.task_id == task_id))


async def add_records(session: AsyncSession, task_id: str, numbers: Iterable[int]) -> None:
    """Records that come with labels."""
    rows = [
        {"task_id": task_id, "number": number, "state": RecordState.LABELLED, "owner": ""}
        for number in numbers
    ]
    if rows:
        await session.execute(insert(RecordRow), rows)


async def add_spans(
    session: AsyncSession, task_id: str, spans: Iterable[tuple[str, int, int]]
) -> None:
    """(owner, first, last) each."""
    rows = [
        {"task_id": task_id, "owner": owner, "first": first, "last": last}
        for owner, first, last in spans
    ]
    if rows:
        await session.execute(insert(SpanRow), rows)


async def list_spans(session: AsyncSession, task_id: str) -> list[SpanRow]:
    query = select(SpanRow).where(SpanRow.task_id == task_id).order_by(SpanRow.last)
    return list(await session.scalars(query))


async def find_span(session: AsyncSession, task: TaskRow, number: int) -> SpanRow | None:
    """The span that holds the record; looked for with each of the task's labellers."""
    for owner in ("", *(who["user_id"] for who in task.labellers)):
        row = await session.scalar(
            select(SpanRow)
            .where(SpanRow.task_id == task.id, SpanRow.owner == owner, SpanRow.last >= number)
            .order_by(SpanRow.last)
            .limit(1)
        )
        if row is not None and row.first <= number:
            return row
    return None


async def free_spans_of_others(session: AsyncSession, task_id: str, owners: Iterable[str]) -> None:
    """What belonged to somebody who is no labeller any more is anybody's."""
    for table in (SpanRow, RecordRow):
        query = update(table).where(table.task_id == task_id, table.owner.not_in(list(owners)))
        if table is RecordRow:
            query = query.where(RecordRow.state.in_(OPEN))
        await session.execute(query.values(owner=""))


async def split_span(session: AsyncSession, span: SpanRow, number: int) -> None:
    """Take one record out of a span."""
    first, last = span.first, span.last
    if first == last:
        await session.delete(span)
    elif number == first:
        span.first = number + 1
    elif number == last:
        span.last = number - 1
    else:
        span.first = number + 1
        session.add(SpanRow(task_id=span.task_id, owner=span.owner, first=first, last=number - 1))
    await session.flush()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose next record is asked for, and after which one."""

    task_id: str
    user_id: str
    after: int
    now: datetime
    several: bool = False  # people label one record, so some of the open ones are done for the user


async def find_next(session: AsyncSession, wanted: Wanted) -> int | None:
    """The first record after `after` that the user may label now: one statement, index only."""
    parts = []
    for owner in (wanted.user_id, ""):
        parts.append(
            select(SpanRow.first.label("number"))
            .where(SpanRow.task_id == wanted.task_id, SpanRow.owner == owner)
            .where(SpanRow.last > wanted.after)
            .order_by(SpanRow.last)
            .limit(1)
        )
        for state in OPEN:
            parts.append(
                select(RecordRow.number)
                .where(RecordRow.task_id == wanted.task_id, RecordRow.state == state)
                .where(RecordRow.owner == owner, RecordRow.number > wanted.after)
                .where(_free_for(wanted.user_id, wanted.now), _not_answered(wanted))
                .order_by(RecordRow.number)
                .limit(1)
            )
    found = await session.scalars(union_all(*(select(part.subquery().c.number) for part in parts)))
    numbers = [max(number, wanted.after + 1) for number in found]
    return min(numbers, default=None)


async def find_next_to_review(session: AsyncSession, wanted: Wanted) -> int | None:
    return await session.scalar(
        select(RecordRow.number)
        .where(RecordRow.task_id == wanted.task_id, RecordRow.state == RecordState.LABELLED)
        .where(RecordRow.number > wanted.after, _free_for(wanted.user_id, wanted.now))
        .order_by(RecordRow.number)
        .limit(1)
    )


def _not_answered(wanted: Wanted) -> Any:
    if not wanted.several:
        return true()
    mine = select(AnswerRow.number).where(
        AnswerRow.task_id == RecordRow.task_id, AnswerRow.number == RecordRow.number,
        AnswerRow.user_id == wanted.user_id,
    )  # fmt: skip
    return ~mine.exists()


def _free_for(user_id: str, now: datetime) -> Any:
    return or_(
        RecordRow.lock_user.is_(None), RecordRow.lock_user == user_id, RecordRow.lock_until < now
    )


# Records


async def find_record(session: AsyncSession, task_id: str, number: int) -> RecordRow | None:
    return await session.get(RecordRow, (task_id, number))


async def list_records(
    session: AsyncSession, task_id: str, *, first: int, last: int
) -> list[RecordRow]:
    query = select(RecordRow).where(
        RecordRow.task_id == task_id, RecordRow.number >= first, RecordRow.number <= last
    )
    return list(await session.scalars(query.order_by(RecordRow.number)))


async def list_in_states(
    session: AsyncSession,
    task_id: str,
    states: Iterable[RecordState],
    *,
    after: int,
    limit: int,
) -> list[RecordRow]:
    """In order of number. Each state by itself: that is a look at an index, together it is a sort."""
    found: list[RecordRow] = []
    for state in states:
        query = select(RecordRow).where(
            RecordRow.task_id == task_id, RecordRow.state == state, RecordRow.number > after
        )
        found += await session.scalars(query.order_by(RecordRow.number).limit(limit))
    return sorted(found, key=lambda row: row.number)[:limit]


async def list_untouched(
    session: AsyncSession, task_id: str, *, after: int, limit: int
) -> list[int]:
    """Numbers of records without a row, in order."""
    query = (
        select(SpanRow)
        .where(SpanRow.task_id == task_id, SpanRow.last > after)
        .order_by(SpanRow.last)
        .limit(limit)
    )
    numbers: list[int] = []
    for span in await session.scalars(query):
        start = max(span.first, after + 1)
        numbers += range(start, min(span.last, start + limit - len(numbers) - 1) + 1)
        if len(numbers) >= limit:
            break
    return numbers[:limit]


async def results(
    session: AsyncSession, task_id: str, *, also_untouched: bool = False
) -> AsyncIterator[RecordRow]:
    """Records that somebody has changed or deleted, in order, a few at a time; with
    `also_untouched` those that came labelled, too."""
    after = -1
    while True:
        query = (
            select(RecordRow)
            .where(RecordRow.task_id == task_id, RecordRow.number > after)
            .order_by(RecordRow.number)
            .limit(2000)
        )
        rows = list(await session.scalars(query))
        for row in rows:
            if row.revision > 0 or (also_untouched and row.state in DONE):
                yield row
        if not rows:
            return
        after = rows[-1].number
        session.expunge_all()


async def values(session: AsyncSession, task_id: str) -> AsyncIterator[dict[str, Any]]:
    """The labels that people gave, a few records at a time."""
    after = -1
    while True:
        query = (
            select(RecordRow.number, RecordRow.value)
            .where(RecordRow.task_id == task_id, RecordRow.number > after)
            .where(RecordRow.revision > 0)
            .order_by(RecordRow.number)
            .limit(2000)
        )
        found = list(await session.execute(query))
        for _, value in found:
            yield value or {}
        if not found:
            return
        after = found[-1][0]


async def free_locks(session: AsyncSession, task_id: str, number: int, user_id: str) -> None:
    await session.execute(
        update(RecordRow)
        .where(RecordRow.task_id == task_id, RecordRow.number == number)
        .where(RecordRow.lock_user == user_id)
        .values(lock_user=None, lock_name=None, lock_until=None)
    )


# History


def add_history(session: AsyncSession, task_id: str, number: int, entry: HistoryEntry) -> None:
    session.add(
        HistoryRow(
            task_id=task_id, number=number, revision=entry.revision, action=entry.action,
            user_id=entry.user_id, user_name=entry.user_name, at=entry.at, state=entry.state,
            value=dict(entry.value) if entry.value is not None else None, comment=entry.comment,
            time_s=entry.time_s,
        )
    )  # fmt: skip


async def newest_history(session: AsyncSession, task_id: str, number: int) -> HistoryRow | None:
    query = select(HistoryRow).where(HistoryRow.task_id == task_id, HistoryRow.number == number)
    return await session.scalar(query.order_by(HistoryRow.id.desc()).limit(1))


async def list_history(session: AsyncSession, task_id: str, number: int) -> list[HistoryEntry]:
    """Newest first; the last two hundred."""
    query = select(HistoryRow).where(HistoryRow.task_id == task_id, HistoryRow.number == number)
    rows = await session.scalars(query.order_by(HistoryRow.id.desc()).limit(200))
    return [
        HistoryEntry(
            row.revision, row.action, row.user_id, row.user_name, row.at, row.value,
            RecordState(row.state), row.comment, row.time_s,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """What one person has done in a task."""

    user_id: str
    user_name: str
    records: int
    reviewed: int
    sent_back: int
    time_s: float


async def shares(session: AsyncSession, task_id: str) -> list[Share]:
    """By person, the busiest first."""
    saved = func.count(func.distinct(_if(HistoryRow.action == "save", HistoryRow.number)))
    query = (
        select(
            HistoryRow.user_id, func.max(HistoryRow.user_name), saved,
            func.count(func.distinct(_if(HistoryRow.action.in_(("approve", "send_back")), HistoryRow.number))),
            func.sum(HistoryRow.time_s),
        )
        .where(HistoryRow.task_id == task_id)
        .group_by(HistoryRow.user_id)
        .order_by(saved.desc())
    )  # fmt: skip
    returned: dict[str, int] = {}
    query_back = (
        select(RecordRow.owner, func.count())
        .where(RecordRow.task_id == task_id, RecordRow.state == RecordState.SENT_BACK)
        .group_by(RecordRow.owner)
    )
    for owner, count in await session.execute(query_back):
        returned[owner] = count
    return [
        Share(user_id, name, records, reviewed, returned.get(user_id, 0), float(time_s or 0))
        for user_id, name, records, reviewed, time_s in await session.execute(query)
    ]


def _if(condition: Any, value: Any) -> Any:
    return case((condition, value))
