from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.delivery.tables import LogDeliveryRow, LogStoreRow
from slipway.delivery.types import Delivery, LogStore, StoreKind


def frozen_store(row: LogStoreRow, sealer: Sealer | None = None) -> LogStore:
    """With its secret only where a sealer is given."""
    secret = sealer.unseal(row.secret_sealed) if sealer and row.secret_sealed else None
    return LogStore(
        row.project_id, StoreKind(row.kind), row.address, row.options.get("index", ""),
        row.options.get("username", ""), dict(row.options.get("labels", {})), secret, row.updated_at,
    )  # fmt: skip


def frozen_delivery(row: LogDeliveryRow) -> Delivery:
    return Delivery(row.owner_id, row.project_id, row.name, row.enabled, row.error)


async def find_store(session: AsyncSession, project_id: str) -> LogStoreRow | None:
    return await session.get(LogStoreRow, project_id)


async def list_stores(session: AsyncSession, project_ids: Collection[str]) -> list[LogStoreRow]:
    return list(
        await session.scalars(select(LogStoreRow).where(LogStoreRow.project_id.in_(project_ids)))
    )


async def find_delivery(session: AsyncSession, owner_id: str) -> LogDeliveryRow | None:
    return await session.get(LogDeliveryRow, owner_id)


async def list_enabled(
    session: AsyncSession, project_id: str | None = None
) -> list[LogDeliveryRow]:
    query = select(LogDeliveryRow).where(LogDeliveryRow.enabled)
    if project_id is not None:
        query = query.where(LogDeliveryRow.project_id == project_id)
    return list(await session.scalars(query.order_by(LogDeliveryRow.owner_id)))
