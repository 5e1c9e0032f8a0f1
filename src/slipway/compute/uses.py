"""Which workloads run in an environment: the environments room may not look into our rows."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import queries
from slipway.compute.types import Workload


async def workloads_in(
    session: AsyncSession, environment_id: str, *, past: int = 0
) -> list[Workload]:
    """Everything open in the environment, then the newest `past` of what has ended."""
    rows = await queries.list_in_environment(session, environment_id, past)
    return [queries.frozen_workload(row) for row in rows]


async def builds_of_open_workloads(session: AsyncSession) -> set[str]:
    """Ids of builds (see `Installed`) that something open was submitted with."""
    return await queries.list_builds_of_open(session)
