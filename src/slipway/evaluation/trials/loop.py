"""The loop that ends trials nobody uses. It looks at what is, twice a minute, and remembers nothing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.evaluation.trials import queries
from slipway.evaluation.trials.stop import delete_trial, stop_trial
from slipway.evaluation.trials.types import Trial, TrialState
from slipway.iam.roles import Role
from slipway.iam.types import Actor
from slipway.training import queries as training

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class TrialLoop:
    db: Database
    now: Clock

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def look(self) -> None:
        async with self.db.read() as session:
            trials = await queries.as_they_are(session, await queries.list_everywhere(session))
            tasks = await training.existing(session, {t.record.task_id for t in trials})
        for trial in trials:
            try:
                await self._look_at(trial, task_exists=trial.record.task_id in tasks)
            except SlipwayError as error:
                # Somebody changed it meanwhile: the next look sees it as it is.
                log.info("A trial was not ended.", extra={"reason": error.message})

    async def _look_at(self, trial: Trial, *, task_exists: bool) -> None:
        now, trial_id = self.now(), trial.record.id
        platform = Actor("", "", False, trial.record.project_id, Role.ADMIN)
        if trial.state == TrialState.STOPPING:
            return
        if not task_exists:
            if trial.state.is_down:
                await delete_trial(self.db, platform, trial_id, now=now)
            else:
                reason = "The training task of the checkpoint was deleted."
                await stop_trial(self.db, platform, trial_id, reason=reason, now=now)
        elif trial.idle_stop_at is not None and trial.idle_stop_at <= now:
            reason = f"It was not used for {_spoken(trial.record.idle_s)}."
            await stop_trial(self.db, platform, trial_id, reason=reason, now=now)


def _spoken(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
