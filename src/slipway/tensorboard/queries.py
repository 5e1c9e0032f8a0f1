from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.tensorboard.tables import BoardRow
from slipway.tensorboard.types import Board, BoardState, BoardStore


def frozen(row: BoardRow) -> Board:
    return Board(
        row.id, row.task_id, row.project_id, BoardStore(row.store), row.container_path, row.address, row.workload_id,
        BoardState(row.state), row.reason, row.created_by, row.created_at, row.updated_at,
    )  # fmt: skip


async def find_of_task(session: AsyncSession, project_id: str, task_id: str) -> BoardRow | None:
    query = select(BoardRow).where(BoardRow.task_id == task_id, BoardRow.project_id == project_id)
    return await session.scalar(query)


async def get_of_task(session: AsyncSession, project_id: str, task_id: str) -> BoardRow:
    row = await find_of_task(session, project_id, task_id)
    if row is None:
        raise NotFound(f"The task {task_id} has no TensorBoard.")
    return row


async def find_anywhere(session: AsyncSession, board_id: str) -> BoardRow | None:
    """Of any project: for whoever checks the project afterwards."""
    return await session.get(BoardRow, board_id)


async def find_by_workload(session: AsyncSession, workload_id: str) -> BoardRow | None:
    return await session.scalar(select(BoardRow).where(BoardRow.workload_id == workload_id))


async def list_open(session: AsyncSession) -> list[BoardRow]:
    query = select(BoardRow).where(BoardRow.state.in_((BoardState.STARTING, BoardState.READY)))
    return list(await session.scalars(query))
