"""The loop that makes workloads real.

It places what waits, starts what is placed, follows what runs, ends what must end, and writes down
what it saw. Woken by commits and by the ends of processes; every half minute it looks at everything
open in case a hint was lost. It remembers nothing: after a crash the next start looks and goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from slipway.compute import queries
from slipway.compute.context import ComputeContext
from slipway.compute.lifecycle.looks import LOOK_AGAIN_S, Looks
from slipway.compute.lifecycle.metering import meter_long_runs
from slipway.compute.lifecycle.sweep import Sweep
from slipway.compute.queries import Live
from slipway.compute.queue.placing import Placer
from slipway.compute.wake import Hints, wake

log = logging.getLogger(__name__)


class ComputeLoop:
    def __init__(self, context: ComputeContext) -> None:
        self._ctx = context
        self._looks = Looks(context)
        self._sweep = Sweep(context.db, context.engines, context.settings, context.now)
        self._placer = Placer(
            context.db, context.listeners, context.settings, context.now, context.ports
        )

    async def run(self) -> None:
        try:
            for engine in self._ctx.engines.values():
                await engine.open(self._instance_ended)
            next_full_s = 0.0
            while True:
                if time.monotonic() >= next_full_s:
                    await self._look_at_everything()
                    next_full_s = time.monotonic() + LOOK_AGAIN_S
                hints = await wake.wait(max(0.0, next_full_s - time.monotonic()))
                self._looks.look_at(hints.look)
                if hints.must_place:
                    await self._place_guarded(hints)
        finally:
            await self._looks.close()
            for engine in self._ctx.engines.values():
                await engine.close()

    def _instance_ended(self, instance_id: str) -> None:
        if workload_id := self._looks.owner.get(instance_id):
            wake.workload(workload_id)

    async def _look_at_everything(self) -> None:
        async with self._ctx.db.read() as session:
            open_ids = await queries.list_to_look_at(session)
            quiet_ids = await queries.list_quiet(session)
            live = await queries.list_live(session)
        self._looks.owner = {one.id: one.workload_id for one in live}
        await meter_long_runs(self._ctx)
        await self._sweep.run_if_due({one.id for one in live})
        self._looks.look_at([*open_ids, *(quiet_ids - self._followed(live))])
        wake.schedule()

    def _followed(self, live: Sequence[Live]) -> set[str]:
        """Workloads all of whose instances are being watched: the end of one is told at once."""
        alone = {i.workload_id for i in live if not self._ctx.engines[i.engine].watches(i.id)}
        return {i.workload_id for i in live} - alone

    async def _place_guarded(self, hints: Hints) -> None:
        try:
            await self._placer.run(hints)
        except Exception:
            log.exception("Placing failed; it is repeated.")
            asyncio.get_running_loop().call_later(1, wake.schedule)
