"""Writing to the ledger and adding it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute.types import Instance, Workload
from slipway.usage.tables import UsageRow
from slipway.usage.types import Usage, UsageKind

_TABLE = cast(Table, UsageRow.__table__)
_APPEND = {
    "postgresql": insert_pg(_TABLE).on_conflict_do_nothing(index_elements=["source"]),
    "sqlite": insert_sqlite(_TABLE).on_conflict_do_nothing(index_elements=["source"]),
}


async def append(session: AsyncSession, records: Sequence[Usage]) -> None:
    """Add records; one whose `source` is already there is left as it is."""
    if not records:
        return
    values = [
        {
            "source": r.source, "project_id": r.project_id, "time": r.time, "kind": r.kind,
            "subject_kind": r.subject_kind, "subject_id": r.subject_id, "quantity": r.quantity, "details": r.details,
        }
        for r in records
    ]  # fmt: skip
    await session.execute(_APPEND[session.get_bind().dialect.name], values)


async def totals(
    session: AsyncSession,
    *,
    project_id: str,
    start: datetime,
    end: datetime,
    subject_id: str | None = None,
) -> dict[str, float]:
    """Sum by kind of what happened in [start, end)."""
    query = (
        select(UsageRow.kind, func.sum(UsageRow.quantity))
        .where(UsageRow.project_id == project_id, UsageRow.time >= start, UsageRow.time < end)
        .group_by(UsageRow.kind)
    )
    if subject_id is not None:
        query = query.where(UsageRow.subject_id == subject_id)
    return {kind: float(total) for kind, total in await session.execute(query)}


async def list_usage(
    session: AsyncSession, *, project_id: str, before: datetime | None = None, limit: int = 100
) -> list[UsageRow]:
    query = select(UsageRow).where(UsageRow.project_id == project_id)
    if before is not None:
        query = query.where(UsageRow.time < before)
    return list(
        await session.scalars(query.order_by(UsageRow.time.desc(), UsageRow.source).limit(limit))
    )


class LedgerMeter:
    """Implements `compute.listeners.InstanceMeter` on the ledger."""

    async def instance_ran(
        self,
        session: AsyncSession,
        workload: Workload,
        instance: Instance,
        start: datetime,
        end: datetime,
    ) -> None:
        held = instance.resources
        await append(
            session,
            [
                Usage(
                    source=f"{instance.id}:{start.isoformat()}", project_id=workload.project_id, time=end,
                    kind=UsageKind.INSTANCE_SECONDS, subject_kind=workload.kind, subject_id=workload.owner_id,
                    quantity=(end - start).total_seconds(),
                    details={"instance_id": instance.id, "cpu_cores": held.cpu_cores, "memory_bytes": held.memory_bytes,
                             "gpus": held.gpus, "start": start.isoformat(), "end": end.isoformat()},
                )
            ],
        )  # fmt: skip
