"""SQL of several people's answers and of control questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.labelling.tables import AnswerRow, GoldRow, HistoryRow, RecordRow
from slipway.labelling.types import Answer

MOST_LOOKED_AT = 20_000  # answers for a report: the newest


def frozen_answer(row: AnswerRow) -> Answer:
    return Answer(
        row.number, row.user_id, row.user_name, row.value, row.score, row.time_s, row.at
    )  # fmt: skip


async def find_answer(
    session: AsyncSession, task_id: str, number: int, user_id: str
) -> AnswerRow | None:
    return await session.get(AnswerRow, (task_id, number, user_id))


async def list_answers(session: AsyncSession, task_id: str, number: int) -> list[Answer]:
    """In the order in which they came."""
    query = select(AnswerRow).where(AnswerRow.task_id == task_id, AnswerRow.number == number)
    rows = await session.scalars(query.order_by(AnswerRow.at, AnswerRow.user_id))
    return [frozen_answer(row) for row in rows]


async def answers_of(
    session: AsyncSession, task_id: str, user_id: str, numbers: Iterable[int]
) -> dict[int, Answer]:
    query = select(AnswerRow).where(
        AnswerRow.task_id == task_id, AnswerRow.user_id == user_id,
        AnswerRow.number.in_(list(numbers)),
    )  # fmt: skip
    return {row.number: frozen_answer(row) for row in await session.scalars(query)}


async def newest_answers(session: AsyncSession, task_id: str) -> list[Answer]:
    query = select(AnswerRow).where(AnswerRow.task_id == task_id)
    rows = await session.scalars(query.order_by(AnswerRow.at.desc()).limit(MOST_LOOKED_AT))
    return [frozen_answer(row) for row in rows]


async def scores(session: AsyncSession, task_id: str) -> dict[str, tuple[int, float]]:
    """Control questions by person: how many were answered, and the mean of how right."""
    query = (
        select(AnswerRow.user_id, func.count(), func.avg(AnswerRow.score))
        .where(AnswerRow.task_id == task_id, AnswerRow.score.is_not(None))
        .group_by(AnswerRow.user_id)
    )
    return {user: (count, float(mean)) for user, count, mean in await session.execute(query)}


async def score_of(session: AsyncSession, task_id: str, user_id: str) -> tuple[int, float]:
    query = select(func.count(), func.avg(AnswerRow.score)).where(
        AnswerRow.task_id == task_id, AnswerRow.user_id == user_id, AnswerRow.score.is_not(None)
    )
    count, mean = (await session.execute(query)).one()
    return count, float(mean if mean is not None else 1)


async def forget_scores(session: AsyncSession, task_id: str, user_id: str) -> None:
    """The control questions are asked anew."""
    await session.execute(
        delete(AnswerRow).where(
            AnswerRow.task_id == task_id, AnswerRow.user_id == user_id,
            AnswerRow.score.is_not(None),
        )
    )  # fmt: skip


async def forget_answers(session: AsyncSession, task_id: str, number: int) -> None:
    await session.execute(
        delete(AnswerRow).where(AnswerRow.task_id == task_id, AnswerRow.number == number)
    )


async def find_gold(session: AsyncSession, task_id: str, number: int) -> GoldRow | None:
    return await session.get(GoldRow, (task_id, number))


async def list_gold(session: AsyncSession, task_id: str) -> list[GoldRow]:
    query = select(GoldRow).where(GoldRow.task_id == task_id).order_by(GoldRow.number)
    return list(await session.scalars(query))


async def next_gold(session: AsyncSession, task_id: str, user_id: str) -> int | None:
    """A control question that the person has not answered."""
    answered = select(AnswerRow.number).where(
        AnswerRow.task_id == task_id, AnswerRow.user_id == user_id
    )
    query = select(GoldRow.number).where(
        GoldRow.task_id == task_id, GoldRow.number.not_in(answered), GoldRow.created_by != user_id
    )
    return await session.scalar(query.order_by(GoldRow.number).limit(1))


async def count_work(session: AsyncSession, task_id: str, user_id: str) -> int:
    query = select(func.count(func.distinct(HistoryRow.number))).where(
        HistoryRow.task_id == task_id, HistoryRow.user_id == user_id
    )
    return await session.scalar(query) or 0


async def list_disputed(
    session: AsyncSession, task_id: str, states: Sequence[str], below: float, limit: int
) -> list[RecordRow]:
    """Records whose answers agree less, the worst first."""
    query = (
        select(RecordRow)
        .where(RecordRow.task_id == task_id, RecordRow.state.in_(states))
        .where(RecordRow.agreement < below)
        .order_by(RecordRow.agreement, RecordRow.number)
        .limit(limit)
    )
    return list(await session.scalars(query))
