"""Usage of what runs on and on: an open stretch is closed once an hour, so that it is seen."""

from __future__ import annotations

from datetime import timedelta

from slipway.compute import queries
from slipway.compute.context import ComputeContext
from slipway.compute.types import InstanceState

_EVERY = timedelta(hours=1)


async def meter_long_runs(ctx: ComputeContext) -> None:
    now = ctx.now()
    async with ctx.db.read() as session:
        due = await queries.list_unmetered_since(session, now - _EVERY)
    for instance_id in due:
        async with ctx.db.begin() as session:
            row = await queries.find_instance(session, instance_id)
            if row is None or row.started_at is None or row.state == InstanceState.EXITED:
                continue
            workload = await queries.find_workload(session, row.workload_id)
            if workload is None:
                continue
            start, row.metered_until = row.metered_until or row.started_at, now
            await ctx.listeners.instance_ran(
                session,
                queries.frozen_workload(workload),
                queries.frozen_instance(row),
                start,
                now,
            )
