"""Sending the logs of a version's instances to the project's log store (SRV-22).

Each replica is an owner of its own; it is switched in the transaction that makes it, or that changes
the version, so no line is missed and no instance is restarted.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.delivery import queries as delivery
from slipway.delivery.switch import forget_deliveries, require_store, set_delivery
from slipway.serving import queries
from slipway.serving.config import VersionConfig
from slipway.serving.tables import ServiceVersionRow


async def check_store(session: AsyncSession, project_id: str, config: VersionConfig | None) -> None:
    """Raises where logs shall be delivered and the project has nowhere to deliver them to."""
    if config is not None and config.deliver_logs:
        await require_store(session, project_id)


async def begin(
    session: AsyncSession, row: ServiceVersionRow, replica_id: str, name: str, now: datetime
) -> None:
    """For a new replica."""
    if VersionConfig.of(row.config).deliver_logs:
        await set_delivery(session, row.project_id, replica_id, name, on=True, now=now)


async def switch(session: AsyncSession, row: ServiceVersionRow, now: datetime) -> None:
    """For the replicas that there are, also those that have just ended: their last lines count."""
    on = VersionConfig.of(row.config).deliver_logs
    service = await queries.find_service(session, row.service_id)
    name = f"{service.name if service else row.service_id} V{row.number}"
    for replica in await queries.replicas_of(session, row.id):
        await set_delivery(session, row.project_id, replica.id, name, on=on, now=now)


async def forget(session: AsyncSession, version_id: str) -> None:
    """With the version."""
    rows = await queries.replicas_of(session, version_id, ended=True)
    await forget_deliveries(session, [row.id for row in rows])


async def last_error(session: AsyncSession, version_id: str) -> str:
    """Why lines of some replica could not be delivered; '' where all is well."""
    for replica in reversed(await queries.replicas_of(session, version_id, ended=True)):
        found = await delivery.find_delivery(session, replica.id)
        if found is not None and found.enabled and found.error:
            return found.error
    return ""
