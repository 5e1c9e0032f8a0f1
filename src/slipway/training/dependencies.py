"""Tasks that start after others (X7): held outside the queue until all of them have completed.

A task that waits has a row for each one it waits for. The rows go when those complete, and with the
last of them the task enters the queue. Where one ends otherwise, the task that waits fails, and so
do those that wait for it. All of that happens in the transaction that ends the task waited for.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Conflict, Invalid
from slipway.training import queries
from slipway.training.tables import TaskRow, WaitRow
from slipway.training.types import TaskState

MAX_AFTER = 100
_SHOWN = 3


async def to_wait_for(
    session: AsyncSession, project_id: str, after: Sequence[str], *, lock: bool = False
) -> list[TaskRow]:
    """Those of the tasks that have not completed yet. Refuses what could never come true.

    `lock`: until the transaction ends none of them may end unseen.
    """
    if len(after) > MAX_AFTER:
        raise Invalid(f"A task waits for at most {MAX_AFTER} others.", field="after")
    rows = {row.id: row for row in await queries.list_these(session, project_id, after, lock=lock)}
    for task_id in after:
        if task_id not in rows:
            raise Invalid(
                f"There is no training task {task_id} in this project to wait for.", field="after"
            )
    found = [rows[i] for i in after if rows[i].state != TaskState.COMPLETED]
    for row in found:
        if TaskState(row.state).is_final:
            raise Conflict(
                f"The task {row.name} is {row.state}: waiting for it would never end. Start it again first, or leave it out.",
                code="never_completes", field="after",
            )  # fmt: skip
    return found


def waiting_reason(waited_for: Sequence[TaskRow]) -> str:
    names = [row.name for row in waited_for[:_SHOWN]]
    if (more := len(waited_for) - _SHOWN) > 0:
        names.append(f"... (+{more})")
    return f"Waiting for other tasks to complete: {', '.join(names)}."


def failed_reason(other: TaskRow) -> str:
    return f"It was to start after the task {other.name}, which ended as {other.state}."


async def note(session: AsyncSession, row: TaskRow, waited_for: Sequence[TaskRow]) -> None:
    """Replaces what an earlier start may have left."""
    await queries.delete_waits_of(session, row.id)
    session.add_all(WaitRow(task_id=row.id, after_id=other.id) for other in waited_for)
    await session.flush()
