"""Switching the delivery of an owner's logs on and off: of a task (TRN-12), of a replica (SRV-22)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.errors import Conflict
from slipway.base.events import record
from slipway.delivery import queries
from slipway.delivery.tables import LogDeliveryRow
from slipway.delivery.wake import deliveries
from slipway.iam.types import Actor


async def require_store(session: AsyncSession, project_id: str) -> None:
    if await queries.find_store(session, project_id) is None:
        raise Conflict(
            "This project has no log store to deliver to. A project administrator sets one in the project's settings.",
            code="no_log_store", field="deliver_logs",
        )  # fmt: skip


async def switch_delivery(
    session: AsyncSession, actor: Actor, owner_id: str, name: str, *, on: bool, now: datetime
) -> None:
    """In the caller's transaction. On again, it goes on where it stopped."""
    if on:
        await require_store(session, actor.project_id)
    await set_delivery(session, actor.project_id, owner_id, name, on=on, now=now)
    await record(
        session, "logs:deliveryOn" if on else "logs:deliveryOff", subject=("task", owner_id),
        project_id=actor.project_id, actor_id=actor.user_id, now=now,
    )  # fmt: skip


async def set_delivery(
    session: AsyncSession, project_id: str, owner_id: str, name: str, *, on: bool, now: datetime
) -> None:
    """Without asking for a store: where there is none, lines wait until there is one."""
    row = await queries.find_delivery(session, owner_id)
    if row is None:
        row = LogDeliveryRow(owner_id=owner_id, project_id=project_id, error="")
        session.add(row)
    row.enabled, row.name, row.changed_at = on, name, now
    if not on:
        row.error = ""
    await session.flush()
    after_commit(session, deliveries.set)


async def forget_delivery(session: AsyncSession, owner_id: str) -> None:
    row = await queries.find_delivery(session, owner_id)
    if row is not None:
        await session.delete(row)


async def forget_deliveries(session: AsyncSession, owner_ids: Collection[str]) -> None:
    gone = delete(LogDeliveryRow).where(LogDeliveryRow.owner_id.in_(owner_ids))
    await session.execute(gone.execution_options(synchronize_session=False))
