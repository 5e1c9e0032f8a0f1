"""Hears of the ends of building workloads."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.compute.types import Workload
from slipway.compute.wake import Wake
from slipway.environments.types import KIND

__all__ = ["KIND", "BuildFollower", "wake"]

# Builds whose workload has changed; a hint for the loop.
wake = Wake()


class BuildFollower:
    """A `WorkloadListener`, for workloads of the kind `KIND`. The loop reads what a build left."""

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        build_id = workload.owner_id
        after_commit(session, lambda: wake.workload(build_id))
