"""The loop that closes load tests: keeps what an ended generator measured, and takes its key back.

Doing it twice does no harm, so no claim is needed: whoever comes second finds nothing to settle.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.compute.output.files import InstanceFiles, instances_of_owner
from slipway.compute.types import WorkloadState
from slipway.evaluation.keys import KeyFolders
from slipway.loadtests import queries
from slipway.loadtests.change import tell
from slipway.loadtests.follow import wake
from slipway.loadtests.results import read_results
from slipway.loadtests.types import ENDINGS, LoadTestState
from slipway.serving.internal_keys import take_back_key

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class LoadTestContext:
    db: Database
    files: InstanceFiles
    keys: KeyFolders
    now: Clock


class LoadTestLoop:
    def __init__(self, context: LoadTestContext) -> None:
        self._ctx = context

    async def run(self) -> None:
        async with self._ctx.db.read() as session:
            open_ids = await queries.list_open(session)
        await asyncio.to_thread(self._ctx.keys.sweep, open_ids)
        while True:
            async with self._ctx.db.read() as session:
                ended = await queries.list_to_settle(session)
            for test_id in ended:
                try:
                    await self.settle_one(test_id)
                except Exception:
                    log.exception(
                        "Closing a load test failed; it is repeated.",
                        extra={"load_test_id": test_id},
                    )
            await wake.wait(_LOOK_AGAIN_S)

    async def settle_one(self, test_id: str) -> None:
        ctx = self._ctx
        async with ctx.db.read() as session:
            instances = await instances_of_owner(session, test_id)
        files = ctx.files.metrics(instances)
        found = await asyncio.to_thread(_read_last, list(files.values()))
        await asyncio.to_thread(ctx.keys.remove, test_id)
        async with ctx.db.begin() as session:
            row = await queries.find_load_test(session, test_id)
            if row is None or row.ended_as is None:
                return
            row.state = ENDINGS[WorkloadState(row.ended_as)]
            row.results = found
            if row.state == LoadTestState.COMPLETED:
                row.reason = ""
            if row.lent_key is not None:
                await take_back_key(session, row.lent_key)
            row.lent_key = row.ended_as = None
            await session.flush()
            await tell(session, row, now=ctx.now())


def _read_last(files: list[Path]) -> dict[str, Any]:
    return read_results(files[-1]) if files else {"steps": [], "live": None}
