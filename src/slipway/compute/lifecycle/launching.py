"""Starting instances whose owner records are written: starting twice runs once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from slipway.compute import queries
from slipway.compute.context import ComputeContext
from slipway.compute.engines.base import CannotStart
from slipway.compute.lifecycle.launch import launchable
from slipway.compute.nodes.network import variables_for
from slipway.compute.tables import InstanceRow, WorkloadRow
from slipway.compute.types import Instance, InstanceState


class Launcher:
    def __init__(self, ctx: ComputeContext) -> None:
        self._ctx = ctx

    async def engine_nodes(self, instances: Sequence[Instance]) -> Mapping[str, str]:
        """What the engines call the nodes of these instances."""
        if not instances:
            return {}
        async with self._ctx.db.peek() as session:
            return await queries.engine_nodes(session, {i.node_id for i in instances})

    async def launch(
        self,
        row: WorkloadRow,
        instances: Sequence[InstanceRow],
        waiting: Sequence[Instance],
        nodes: Mapping[str, str],
    ) -> None:
        """Start those of the instances that wait; one that is refused is written down as ended."""
        frozen = [queries.frozen_instance(i) for i in instances]
        network: Mapping[str, str] = {}
        if len(frozen) > 1:
            async with self._ctx.db.read() as session:
                network = await variables_for(session, frozen)
        now = {one.id for one in waiting}
        starts = [
            self._start(row, instance, own, frozen, nodes[own.node_id], network)
            for instance, own in zip(instances, frozen, strict=True)
            if own.id in now
        ]
        await asyncio.gather(*starts)

    async def _start(
        self,
        row: WorkloadRow,
        instance: InstanceRow,
        own: Instance,
        frozen: Sequence[Instance],
        engine_node: str,
        network: Mapping[str, str],
    ) -> None:
        ctx, engine = self._ctx, self._ctx.engines[own.engine]
        workload = queries.frozen_workload(row)
        launch = launchable(
            workload, frozen, own, engine_node=engine_node, directory=engine.directory(own.id), hide=ctx.settings.root,
            isolate=ctx.settings.isolate, sample_interval_s=ctx.settings.sample_interval_s, unseal=ctx.unseal,
            secret_of=ctx.secret_of, variables=ctx.listeners.variables(workload, own), network=network,
        )  # fmt: skip
        try:
            await engine.start(launch)
        except CannotStart as refusal:
            await self._refused(instance, str(refusal))

    async def _refused(self, row: InstanceRow, reason: str) -> None:
        async with self._ctx.db.begin() as session:
            session.add(row)
            row.state, row.reason, row.ended_at = InstanceState.EXITED, reason, self._ctx.now()
            await queries.free_ports(session, [row])
