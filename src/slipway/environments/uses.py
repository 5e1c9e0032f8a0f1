"""What runs in an environment, and what keeps a build on disk."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import uses as compute
from slipway.compute.types import Workload

_PAST = 20


async def list_uses(session: AsyncSession, environment_id: str) -> list[Workload]:
    """Everything open in it, then the newest of what has ended."""
    return await compute.workloads_in(session, environment_id, past=_PAST)


async def builds_in_use(session: AsyncSession) -> set[str]:
    """Builds that something open was submitted with."""
    return await compute.builds_of_open_workloads(session)
