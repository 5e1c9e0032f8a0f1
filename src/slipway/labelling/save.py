"""Keep what a labeller did to a record: labels, state, deletion. Nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import Conflict
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.inplace import queries as write_queries
from slipway.labelling.inplace.bell import bell
from slipway.labelling.tables import GoldRow, RecordRow, TaskRow
from slipway.labelling.take import LOCK, is_held_by_other, open_task, row_of
from slipway.labelling.teams import queries as team_queries
from slipway.labelling.teams.answers import answer, is_blind, own
from slipway.labelling.types import HistoryEntry, Record, RecordState, WriteMode, WriteState

MAX_TIME_S = 4 * 3600.0
_ONE_ENTRY = timedelta(minutes=10)  # saves of one person this close make one line of history
_COUNTERS = {
    RecordState.LABELLED: "labelled_count", RecordState.APPROVED: "approved_count",
    RecordState.SENT_BACK: "sent_back_count", RecordState.DELETED: "deleted_count",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saving:
    """`value` is checked already; None leaves the labels as they are and only sets the state."""

    number: int
    revision: int  # the one that the labeller saw
    value: Mapping[str, Any] | None
    state: RecordState
    time_s: float
    release: bool  # the labeller goes on to another record


async def save_record(
    db: Database, actor: Actor, task_id: str, saving: Saving, *, now: datetime
) -> Record:
    async with db.begin() as session:
        task = await open_task(session, actor, task_id)
        row = await row_of(session, task, saving.number)
        gold = await team_queries.find_gold(session, task.id, row.number)
        blind = is_blind(task, row, gold, actor)
        check_unchanged(row, actor, saving.revision, now, shows=not blind)
        if blind:
            return await _answer(session, task, row, gold, actor, saving, now)
        if saving.value is not None:
            row.value = dict(saving.value)
        action = "save" if saving.value is not None else f"mark_{saving.state}"
        move(task, row, saving.state)
        row.labelled_by, row.labeller_name, row.labelled_at = actor.user_id, actor.user_name, now
        row.owner = row.owner or actor.user_id
        await write_history(
            session, row, actor, action, now, time_s=min(max(saving.time_s, 0), MAX_TIME_S)
        )
        _relock(row, actor, now, release=saving.release)
        task.updated_at = now
        if task.mode == WriteMode.IN_PLACE:
            await want_written(session, task, row)
        return queries.frozen_record(row)


async def _answer(
    session: AsyncSession,
    task: TaskRow,
    row: RecordRow,
    gold: GoldRow | None,
    actor: Actor,
    saving: Saving,
    now: datetime,
) -> Record:
    """One person's label of a record that several people label."""
    if saving.value is None or saving.state != RecordState.LABELLED:
        raise Conflict(
            "Several people label this record, each for themselves: it can only be labelled.",
            code="shared_record",
        )
    time_s = min(max(saving.time_s, 0), MAX_TIME_S)
    is_last = await answer(
        session, task, row, gold, actor, saving.value, time_s=time_s, now=now
    )  # fmt: skip
    row.time_s += time_s
    await _answer_history(session, row, actor, saving.value, now, time_s)
    if is_last:
        move(task, row, RecordState.LABELLED)
        row.labelled_by, row.labeller_name, row.labelled_at = None, None, now
        if task.mode == WriteMode.IN_PLACE:
            await want_written(session, task, row)
    _relock(row, actor, now, release=saving.release)
    task.updated_at = now
    return own(queries.frozen_record(row), saving.value)


async def _answer_history(
    session: AsyncSession,
    row: RecordRow,
    actor: Actor,
    value: Mapping[str, Any],
    now: datetime,
    time_s: float,
) -> None:
    newest = await queries.newest_history(session, row.task_id, row.number)
    if newest is not None and (newest.action, newest.user_id) == ("answer", actor.user_id):
        newest.value, newest.at, newest.time_s = dict(value), now, newest.time_s + time_s
        return
    entry = HistoryEntry(
        row.revision, "answer", actor.user_id, actor.user_name, now, value, RecordState(row.state),
        None, time_s,
    )  # fmt: skip
    queries.add_history(session, row.task_id, row.number, entry)


async def want_written(session: AsyncSession, task: TaskRow, row: RecordRow) -> None:
    """Have the record's line written into the user's file."""
    await write_queries.want(session, row)
    if task.write_state == WriteState.WRITTEN:
        task.write_state = WriteState.WRITING
    after_commit(session, bell.ring)


def check_unchanged(
    row: RecordRow, actor: Actor, revision: int, now: datetime, *, shows: bool = True
) -> None:
    """Conflict, with who and what, if another has the record open or has changed it. shows: the
    labels that are there now; not to those who answer for themselves."""
    if is_held_by_other(row, actor, now):
        raise Conflict(
            f"{row.lock_name} has this record open. Your labels are kept in this browser; save them "
            "when it is free.",
            code="record_locked", user_name=row.lock_name, revision=row.revision,
        )  # fmt: skip
    if row.revision != revision:
        raise Conflict(
            "Somebody else has changed this record since you opened it. Take their labels, or save "
            "yours over them; both stay in the history.",
            code="record_changed", revision=row.revision, value=row.value if shows else None,
        )  # fmt: skip


def move(task: TaskRow, row: RecordRow, state: RecordState) -> None:
    """Give the record a state and keep the task's counts right."""
    old = RecordState(row.state)
    for name, step in ((_COUNTERS.get(old), -1), (_COUNTERS.get(state), 1)):
        if name is not None:
            setattr(task, name, getattr(task, name) + step)
    row.state = state
    row.revision += 1
    if state != RecordState.SENT_BACK:
        row.comment = None


async def write_history(
    session: AsyncSession,
    row: RecordRow,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    comment: str | None = None,
    time_s: float = 0,
) -> None:
    row.time_s += time_s
    newest = await queries.newest_history(session, row.task_id, row.number)
    if (
        action == "save" and newest is not None and newest.action == "save"
        and newest.user_id == actor.user_id and now - newest.at < _ONE_ENTRY
    ):  # fmt: skip
        newest.revision, newest.value, newest.state = row.revision, row.value, row.state
        newest.at, newest.time_s = now, newest.time_s + time_s
        return
    entry = HistoryEntry(
        row.revision, action, actor.user_id, actor.user_name, now, row.value,
        RecordState(row.state), comment, time_s,
    )  # fmt: skip
    queries.add_history(session, row.task_id, row.number, entry)


def _relock(row: RecordRow, actor: Actor, now: datetime, *, release: bool) -> None:
    if release:
        row.lock_user = row.lock_name = row.lock_until = None
    else:
        row.lock_user, row.lock_name, row.lock_until = actor.user_id, actor.user_name, now + LOCK
