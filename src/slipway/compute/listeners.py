"""What the rooms above are told, in the same transaction that changes a workload.

The compute floor owns these two protocols; `api/` hands in who implements them. An implementation
writes its own rows through the given session and must not wait for anything else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute.types import Instance, Workload


class WorkloadListener(Protocol):
    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        """`workload` as it now is: state, reason, attempt or times differ from before."""


class InstanceMeter(Protocol):
    async def instance_ran(
        self,
        session: AsyncSession,
        workload: Workload,
        instance: Instance,
        start: datetime,
        end: datetime,
    ) -> None:
        """The instance held its resources from `start` to `end`; told once per stretch, without gaps."""


class Listeners:
    """One listener per workload kind, and one meter."""

    def __init__(self) -> None:
        self._by_kind: dict[str, WorkloadListener] = {}
        self.meter: InstanceMeter | None = None

    def add(self, kind: str, listener: WorkloadListener) -> None:
        self._by_kind[kind] = listener

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        if listener := self._by_kind.get(workload.kind):
            await listener.workload_changed(session, workload)

    async def instance_ran(
        self,
        session: AsyncSession,
        workload: Workload,
        instance: Instance,
        start: datetime,
        end: datetime,
    ) -> None:
        if self.meter is not None and end > start:
            await self.meter.instance_ran(session, workload, instance, start, end)
