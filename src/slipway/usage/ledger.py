"""Writing to the ledger and adding it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, exists, func, select
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from slipway.compute.queries import card_model_of
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


_CARD_KINDS = (
    UsageKind.INSTANCE_SECONDS, UsageKind.CARD_SECONDS_WAITED, UsageKind.CARD_SECONDS_USED,
)  # fmt: skip
USED = ":used"  # what the source of a record of use ends in, behind that of its stretch
_HAS_CARDS = UsageRow.details["gpus"].as_float() > 0


async def list_card_records(
    session: AsyncSession, project_id: str | None, start: datetime, end: datetime
) -> list[UsageRow]:
    """Everything about cards that was written in [start, end)."""
    query = select(UsageRow).where(
        UsageRow.kind.in_(_CARD_KINDS), UsageRow.time >= start, UsageRow.time < end, _HAS_CARDS
    )
    if project_id is not None:
        query = query.where(UsageRow.project_id == project_id)
    return list(await session.scalars(query))


async def list_unmeasured(session: AsyncSession, *, since: datetime, limit: int) -> list[UsageRow]:
    """Stretches in which cards were held, without a record of how busy those were; oldest first."""
    other = aliased(UsageRow)
    query = select(UsageRow).where(
        UsageRow.kind == UsageKind.INSTANCE_SECONDS, UsageRow.time >= since, _HAS_CARDS,
        ~exists().where(other.source == UsageRow.source + USED),
    )  # fmt: skip
    return list(await session.scalars(query.order_by(UsageRow.time).limit(limit)))


async def details_of(
    session: AsyncSession, workload: Workload, instance: Instance
) -> dict[str, Any]:
    """Who held what, by what reports group."""
    held = instance.resources
    return {
        "cpu_cores": held.cpu_cores, "memory_bytes": held.memory_bytes, "gpus": held.gpus,
        "user": workload.created_by, "tags": workload.tags, "group_id": workload.group_id,
        "card_model": await card_model_of(session, instance) if held.gpus else "",
    }  # fmt: skip


def about(details: Mapping[str, Any]) -> dict[str, Any]:
    """Of a record's details those that reports group by."""
    return {
        k: details[k] for k in ("gpus", "user", "tags", "group_id", "card_model") if k in details
    }


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
        details = await details_of(session, workload, instance)
        ran = Usage(
            source=f"{instance.id}:{start.isoformat()}", project_id=workload.project_id, time=end,
            kind=UsageKind.INSTANCE_SECONDS, subject_kind=workload.kind, subject_id=workload.owner_id,
            quantity=(end - start).total_seconds(),
            details={"instance_id": instance.id, **details, "start": start.isoformat(), "end": end.isoformat()},
        )  # fmt: skip
        cards = instance.resources.gpus
        waited = replace(
            ran, source=f"{instance.id}:waited", kind=UsageKind.CARD_SECONDS_WAITED,
            quantity=instance.waited_s * cards, details=about(details),
        )  # fmt: skip
        await append(session, [ran, waited] if cards else [ran])
