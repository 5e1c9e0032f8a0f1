"""SQL of suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.labelling.queries import Wanted, list_in_states, list_untouched
from slipway.labelling.tables import AnswerRow, RecordRow, SuggestionRow, TaskRow
from slipway.labelling.types import OPEN, SuggestionState, SuggestState


async def list_running(session: AsyncSession) -> list[str]:
    query = select(TaskRow.id).where(TaskRow.suggest_state == SuggestState.RUNNING)
    return list(await session.scalars(query))


async def find(session: AsyncSession, task_id: str, number: int) -> SuggestionRow | None:
    return await session.get(SuggestionRow, (task_id, number))


async def count(session: AsyncSession, task_id: str) -> dict[str, int]:
    """By state."""
    query = (
        select(SuggestionRow.state, func.count())
        .where(SuggestionRow.task_id == task_id)
        .group_by(SuggestionRow.state)
    )
    found = await session.execute(query)
    return {row[0]: row[1] for row in found}


async def list_without(session: AsyncSession, task_id: str, after: int, limit: int) -> list[int]:
    """Open records after `after` for which nothing has been proposed, in order."""
    found: list[int] = []
    while len(found) < limit:
        rows = await list_in_states(session, task_id, OPEN, after=after, limit=limit)
        untouched = await list_untouched(session, task_id, after=after, limit=limit)
        numbers = sorted({row.number for row in rows} | set(untouched))[:limit]
        if not numbers:
            break
        there = set(
            await session.scalars(
                select(SuggestionRow.number).where(
                    SuggestionRow.task_id == task_id, SuggestionRow.number.in_(numbers)
                )
            )
        )
        found += [number for number in numbers if number not in there]
        after = numbers[-1]
    return found[:limit]


async def offer(
    session: AsyncSession,
    task_id: str,
    offers: Sequence[tuple[int, dict[str, Any], float]],
    service_name: str,
    now: datetime,
) -> None:
    """(number, answers, confidence) each. What has been decided on stays."""
    for number, answers, confidence in offers:
        if await find(session, task_id, number) is None:
            session.add(
                SuggestionRow(
                    task_id=task_id, number=number, value={"answers": answers},
                    confidence=confidence, state=SuggestionState.OFFERED,
                    service_name=service_name, at=now,
                )
            )  # fmt: skip


async def next_uncertain(
    session: AsyncSession, wanted: Wanted, owners: Sequence[str]
) -> int | None:
    """Of the open records that the user may have, the one the model is least sure of."""
    answered = select(AnswerRow.number).where(
        AnswerRow.task_id == wanted.task_id, AnswerRow.user_id == wanted.user_id
    )
    query = (
        select(SuggestionRow.number)
        .outerjoin(
            RecordRow,
            (RecordRow.task_id == SuggestionRow.task_id)
            & (RecordRow.number == SuggestionRow.number),
        )
        .where(SuggestionRow.task_id == wanted.task_id)
        .where(SuggestionRow.state == SuggestionState.OFFERED)
        .where(SuggestionRow.number.not_in(answered), SuggestionRow.number != wanted.after)
        .where(
            RecordRow.number.is_(None)
            | (
                RecordRow.state.in_(OPEN)
                & RecordRow.owner.in_(list(owners))
                & (
                    RecordRow.lock_user.is_(None)
                    | (RecordRow.lock_user == wanted.user_id)
                    | (RecordRow.lock_until < wanted.now)
                )
            )
        )
        .order_by(SuggestionRow.confidence, SuggestionRow.number)
        .limit(1)
    )
    return await session.scalar(query)
