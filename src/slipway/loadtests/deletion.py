"""A load test ends with the service that it loads; its row goes with the service's."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import submit as compute
from slipway.loadtests import queries


async def service_deleted(session: AsyncSession, service_id: str) -> None:
    for row in await queries.list_open_of(session, service_id):
        await compute.want_stop(session, row.workload_id)
