"""The loop that closes evaluations: reads the results of an ended workload and writes them down.

Woken by the commit that ended the workload; looks at everything besides when it starts and now and
then. It claims a row, reads outside any transaction, and settles only while the claim holds.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.claims import claim, release, still_holds
from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.compute.types import WorkloadState
from slipway.evaluation import queries
from slipway.evaluation.collect import Collected, collect
from slipway.evaluation.events import tell
from slipway.evaluation.follow import wake
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.tables import EvaluationRow
from slipway.evaluation.types import EvaluationState
from slipway.serving.internal_keys import take_back_key

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    db: Database
    storage: Storage
    keys: KeyFolders
    now: Clock


class EvaluationLoop:
    def __init__(self, context: EvaluationContext) -> None:
        self._ctx = context

    async def run(self) -> None:
        async with self._ctx.db.read() as session:
            open_ids = {row.id for row in await queries.list_open(session)}
        await asyncio.to_thread(self._ctx.keys.sweep, open_ids)
        while True:
            async with self._ctx.db.read() as session:
                ended = await queries.list_to_settle(session, self._ctx.now())
            for evaluation_id in ended:
                await self._guarded(evaluation_id)
            await wake.wait(_LOOK_AGAIN_S)

    async def _guarded(self, evaluation_id: str) -> None:
        try:
            await self.settle_one(evaluation_id)
        except Exception:
            log.exception(
                "Closing an evaluation failed; it is repeated when the claim has run out.",
                extra={"evaluation_id": evaluation_id},
            )

    async def settle_one(self, evaluation_id: str) -> None:
        ctx = self._ctx
        async with ctx.db.begin() as session:
            token = await claim(session, EvaluationRow, evaluation_id, now=ctx.now())
            row = await queries.find_evaluation(session, evaluation_id) if token else None
            if token and (row is None or row.ended_as is None):
                await release(session, EvaluationRow, evaluation_id, token)
        if token is None or row is None or row.ended_as is None:
            return
        evaluation = queries.frozen(row)
        place = Address.parse(evaluation.output)
        folder = ctx.storage.path_of(place.bucket, place.key)
        names = [model.name for model in evaluation.spec.models]
        found = await ctx.storage.run(collect, folder, names)
        await asyncio.to_thread(ctx.keys.remove, evaluation_id)
        await self._settle(evaluation_id, token, found)

    async def _settle(self, evaluation_id: str, token: str, found: Collected) -> None:
        now = self._ctx.now()
        async with self._ctx.db.begin() as session:
            if not await still_holds(session, EvaluationRow, evaluation_id, token):
                return  # another has it now
            row = await queries.find_evaluation(session, evaluation_id)
            assert row is not None and row.ended_as is not None
            row.state, row.reason = outcome(WorkloadState(row.ended_as), row.reason, found)
            row.results, row.progress = found.results, found.progress
            for key_id in row.lent_keys:
                await take_back_key(session, key_id)
            row.lent_keys, row.ended_as, row.updated_at = [], None, now
            row.claim_token = row.claim_expires_at = None
            await session.flush()
            await tell(session, row, now=now)


def outcome(ended_as: WorkloadState, reason: str, found: Collected) -> tuple[EvaluationState, str]:
    """The final state and its reason. Results of models that were done are kept in any case."""
    if ended_as == WorkloadState.STOPPED:
        return EvaluationState.STOPPED, reason
    if ended_as == WorkloadState.SUCCEEDED and found.complete:
        return EvaluationState.COMPLETED, ""
    if found.reasons:
        return EvaluationState.FAILED, " ".join(found.reasons)
    return EvaluationState.FAILED, reason or "The evaluation ended without results."
