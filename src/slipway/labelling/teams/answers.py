"""Several people label one record without seeing each other's labels; then it becomes one label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Forbidden, Invalid
from slipway.iam.types import Actor
from slipway.labelling.tables import AnswerRow, GoldRow, RecordRow, TaskRow
from slipway.labelling.teams import queries
from slipway.labelling.teams.agreement import value_agreement
from slipway.labelling.teams.consolidate import consolidated
from slipway.labelling.types import OPEN, Record, RecordState

MAX_OVERLAP = 9
GOLD_EVERY = 10  # a control question for so many records, and one to begin with
GOLD_BEFORE_PAUSE = 3


def checked_overlap(overlap: int, percent: int) -> None:
    if not 1 <= overlap <= MAX_OVERLAP:
        raise Invalid(f"A record is labelled by 1 to {MAX_OVERLAP} people.", field="overlap")
    if not 1 <= percent <= 100:
        raise Invalid("Between 1 and 100 percent overlap.", field="overlap_percent")


def is_shared(task: TaskRow, number: int) -> bool:
    """Whether several people label the record; spread evenly, and always the same."""
    return task.overlap > 1 and (number * 2654435761 % 2**32) % 100 < task.overlap_percent


def is_blind(task: TaskRow, row: RecordRow, gold: GoldRow | None, actor: Actor) -> bool:
    """Whether the actor answers for themselves, and sees nothing of the others."""
    if gold is not None:
        return gold.created_by != actor.user_id and not actor.may("label:review:update")
    return is_shared(task, row.number) and row.state in OPEN


async def as_seen(
    session: AsyncSession, task: TaskRow, row: RecordRow, record: Record, actor: Actor
) -> Record:
    """The record as it is for the actor: of a shared one their own answer, and nothing before."""
    if task.overlap == 1 and task.gold_least_percent is None:
        return record
    gold = await queries.find_gold(session, task.id, row.number)
    if not is_blind(task, row, gold, actor):
        return record
    mine = await queries.find_answer(session, task.id, row.number, actor.user_id)
    return own(record, None if mine is None else mine.value)


async def seen_by(
    session: AsyncSession, task: TaskRow, records: list[Record], actor: Actor
) -> list[Record]:
    """Of a list: control questions are no different, for those who are to answer them."""
    if task.gold_least_percent is None or actor.may("label:review:update"):
        return records
    gold = {row.number for row in await queries.list_gold(session, task.id)}
    numbers = [record.index for record in records if record.index in gold]
    mine = await queries.answers_of(session, task.id, actor.user_id, numbers)
    return [
        own(record, mine[record.index].value if record.index in mine else None)
        if record.index in gold
        else record
        for record in records
    ]


def own(record: Record, value: Mapping[str, Any] | None) -> Record:
    state = RecordState.UNLABELLED if value is None else RecordState.LABELLED
    return replace(
        record, value=value, state=state, labelled_by=None, labeller_name=None, labelled_at=None,
        reviewed_by=None, reviewer_name=None, comment=None, agreement=None,
    )  # fmt: skip


async def answer(
    session: AsyncSession,
    task: TaskRow,
    row: RecordRow,
    gold: GoldRow | None,
    actor: Actor,
    value: Mapping[str, Any],
    *,
    time_s: float,
    now: datetime,
) -> bool:
    """Keep one person's answer. True: it was the last one needed, and `row` has the label now."""
    mine = await queries.find_answer(session, task.id, row.number, actor.user_id)
    if mine is None:
        mine = AnswerRow(
            task_id=task.id, number=row.number, user_id=actor.user_id, user_name=actor.user_name,
            time_s=0,
        )  # fmt: skip
        session.add(mine)
    mine.value, mine.at, mine.time_s = dict(value), now, mine.time_s + time_s
    if gold is not None:
        mine.score = round(value_agreement(gold.value, value), 4)
        return False
    await session.flush()
    found = await queries.list_answers(session, task.id, row.number)
    if len(found) < task.overlap:
        return False
    scores = await queries.scores(session, task.id)
    reliability = [scores.get(one.user_id, (0, 1.0))[1] for one in found]
    row.value, row.agreement = consolidated([one.value for one in found], reliability)
    return True


async def check_not_paused(session: AsyncSession, task: TaskRow, actor: Actor) -> None:
    if task.gold_least_percent is None or actor.may("label:review:update"):
        return
    count, mean = await queries.score_of(session, task.id, actor.user_id)
    if count >= GOLD_BEFORE_PAUSE and 100 * mean < task.gold_least_percent:
        raise Forbidden(
            "You are paused in this task: too many of your answers to its control questions were "
            "different from the known ones. Talk to the owner of the task.",
            code="paused",
        )


async def gold_due(session: AsyncSession, task: TaskRow, actor: Actor) -> int | None:
    """A control question, if it is time for one."""
    if task.gold_least_percent is None or actor.may("label:review:update"):
        return None
    asked, _ = await queries.score_of(session, task.id, actor.user_id)
    work = await queries.count_work(session, task.id, actor.user_id)
    if asked * GOLD_EVERY > work - asked:
        return None
    return await queries.next_gold(session, task.id, actor.user_id)
