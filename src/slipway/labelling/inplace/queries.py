"""SQL of labelling in place: which lines are still to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.labelling.tables import RecordRow, TaskRow, WriteRow
from slipway.labelling.types import TaskState, WriteState

_BUSY = (WriteState.WRITING, WriteState.OVER, WriteState.RESTORING)


async def want(session: AsyncSession, row: RecordRow) -> None:
    """The record's line is to be written as it is now."""
    wanted = await session.get(WriteRow, (row.task_id, row.number))
    if wanted is None:
        session.add(WriteRow(task_id=row.task_id, number=row.number, revision=row.revision))
    else:
        wanted.revision = row.revision


async def want_all(session: AsyncSession, task_id: str) -> None:
    await forget_all(session, task_id)
    touched = select(RecordRow.task_id, RecordRow.number, RecordRow.revision).where(
        RecordRow.task_id == task_id, RecordRow.revision > 0
    )
    await session.execute(insert(WriteRow).from_select(["task_id", "number", "revision"], touched))


async def forget_all(session: AsyncSession, task_id: str) -> None:
    await session.execute(delete(WriteRow).where(WriteRow.task_id == task_id))


async def list_busy(session: AsyncSession) -> list[str]:
    """Tasks of which files are to be written."""
    query = select(TaskRow.id).where(
        TaskRow.write_state.in_(_BUSY), TaskRow.state == TaskState.CREATED
    )
    return list(await session.scalars(query))


async def list_ids(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(TaskRow.id)))


async def list_wanted(session: AsyncSession, task_id: str, limit: int) -> list[RecordRow]:
    query = (
        select(RecordRow)
        .join(
            WriteRow,
            and_(WriteRow.task_id == RecordRow.task_id, WriteRow.number == RecordRow.number),
        )
        .where(WriteRow.task_id == task_id)
        .order_by(WriteRow.number)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def count_wanted(session: AsyncSession, task_id: str) -> int:
    query = select(func.count()).select_from(WriteRow).where(WriteRow.task_id == task_id)
    return await session.scalar(query) or 0


async def settle(session: AsyncSession, task_id: str, written: Mapping[int, int]) -> None:
    """`written`: revision by number. What was saved again meanwhile stays wanted."""
    for some in _batches(list(written.items())):
        exact = or_(
            *(and_(WriteRow.number == number, WriteRow.revision <= rev) for number, rev in some)
        )
        await session.execute(delete(WriteRow).where(WriteRow.task_id == task_id, exact))


def _batches(items: Sequence[tuple[int, int]]) -> list[Sequence[tuple[int, int]]]:
    return [items[at : at + 200] for at in range(0, len(items), 200)]
