"""Open a record to work on it: the next one, or a certain one. Whoever has it open holds its lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Forbidden, NotFound
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.queries import Wanted
from slipway.labelling.suggest.queries import next_uncertain
from slipway.labelling.tables import RecordRow, TaskRow
from slipway.labelling.teams.answers import as_seen, check_not_paused, gold_due
from slipway.labelling.types import Record, RecordState, TaskState

LOCK = timedelta(minutes=10)


async def take_next(
    db: Database, actor: Actor, task_id: str, *, after: int, review: bool, now: datetime
) -> Record | None:
    """The first record after `after` that waits for the actor, else the first at all; locked for them."""
    async with db.begin() as session:
        task = await open_task(session, actor, task_id)
        if not review and (row := await _control_question(session, task, actor, now)) is not None:
            return await as_seen(session, task, row, queries.frozen_record(row), actor)
        find = queries.find_next_to_review if review else queries.find_next
        wanted = Wanted(task_id, actor.user_id, after, now, several=task.overlap > 1)
        number = None
        if not review and (task.suggest or {}).get("uncertain_first"):
            number = await next_uncertain(session, wanted, ("", actor.user_id))
        if number is None:
            number = await find(session, wanted)
        if number is None and after >= 0:
            number = await find(session, replace(wanted, after=-1))
        if number is None:
            return None
        row = await row_of(session, task, number)
        _lock(row, actor, now)
        return await as_seen(session, task, row, queries.frozen_record(row), actor)


async def take(db: Database, actor: Actor, task_id: str, number: int, *, now: datetime) -> Record:
    """A certain record. If another has it open it is only to be read: its lock says who."""
    async with db.begin() as session:
        task = await open_task(session, actor, task_id)
        row = await row_of(session, task, number)
        if not is_held_by_other(row, actor, now):
            _lock(row, actor, now)
        return await as_seen(session, task, row, queries.frozen_record(row), actor)


async def _control_question(
    session: AsyncSession, task: TaskRow, actor: Actor, now: datetime
) -> RecordRow | None:
    """One that is due and that nobody has open. Raises Forbidden where the actor is paused."""
    await check_not_paused(session, task, actor)
    number = await gold_due(session, task, actor)
    if number is None:
        return None
    row = await row_of(session, task, number)
    if is_held_by_other(row, actor, now):
        return None
    _lock(row, actor, now)
    return row


async def give_back(db: Database, actor: Actor, task_id: str, number: int) -> None:
    async with db.begin() as session:
        await queries.get_task(session, actor.project_id, task_id)
        await queries.free_locks(session, task_id, number, actor.user_id)


async def open_task(session: AsyncSession, actor: Actor, task_id: str) -> TaskRow:
    """The task, locked: changes of its records take turns. Only its labellers and reviewers may."""
    row = await queries.get_task(session, actor.project_id, task_id, lock=True)
    if row.state != TaskState.CREATED:
        raise Conflict(
            f"The task is {row.state}; it can be opened once it is created.", code="wrong_state"
        )
    if not may_label(row, actor):
        raise Forbidden("You are not one of the labellers of this task.", code="no_labeller")
    return row


def may_label(row: TaskRow, actor: Actor) -> bool:
    named = {who["user_id"] for who in row.labellers}
    return not named or actor.user_id in named or actor.may("label:review:update")


def may_see(row: TaskRow, actor: Actor) -> bool:
    """Those who only label see the tasks that are theirs."""
    only_labels = actor.may("label:record:update") and not actor.may("label:task:update")
    return not only_labels or may_label(row, actor)


async def row_of(session: AsyncSession, task: TaskRow, number: int) -> RecordRow:
    """The record's row; the first touch takes it out of the span it lay in."""
    row = await queries.find_record(session, task.id, number)
    if row is not None:
        return row
    span = await queries.find_span(session, task, number)
    if span is None:
        raise NotFound(f"There is no record {number}; the task has {task.record_count}.")
    row = RecordRow(
        task_id=task.id, number=number, state=RecordState.UNLABELLED, owner=span.owner, revision=0,
        time_s=0,
    )  # fmt: skip
    await queries.split_span(session, span, number)
    session.add(row)
    await session.flush()
    return row


def is_held_by_other(row: RecordRow, actor: Actor, now: datetime) -> bool:
    return (
        row.lock_user not in (None, actor.user_id)
        and row.lock_until is not None
        and row.lock_until > now
    )


def _lock(row: RecordRow, actor: Actor, now: datetime) -> None:
    row.lock_user, row.lock_name, row.lock_until = actor.user_id, actor.user_name, now + LOCK
