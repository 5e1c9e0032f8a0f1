"""The events of a task, in the shape of table T6."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.base.names import tag_text
from slipway.training.tables import TaskRow
from slipway.training.types import TaskEvent


async def tell(
    session: AsyncSession,
    row: TaskRow,
    event: TaskEvent | str,
    *,
    actor_id: str | None = None,
    now: datetime,
) -> None:
    await record(
        session, f"training:{event}", subject=("task", row.id), project_id=row.project_id, actor_id=actor_id, now=now,
        taskId=row.id, taskName=row.name, taskSubUin=row.created_by,
        tags=tag_text(row.tags), state=row.state, reason=row.reason,
    )  # fmt: skip
