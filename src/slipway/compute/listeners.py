"""What the rooms above are told, in the same transaction that changes a workload.

The compute floor owns these protocols; `api/` hands in who implements them. An implementation
writes its own rows through the given session and must not wait for anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
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


class RunVariables(Protocol):
    """Variables that a room adds when an instance is launched, such as a token for it. Not kept."""

    def __call__(self, workload: Workload, own: Instance) -> Mapping[str, str]: ...


class Listeners:
    """One listener per workload kind, and one meter."""

    def __init__(self) -> None:
        self._by_kind: dict[str, WorkloadListener] = {}
        self.meter: InstanceMeter | None = None
        self.variables: RunVariables = _no_variables

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


def _no_variables(workload: Workload, own: Instance) -> Mapping[str, str]:
    return {}
