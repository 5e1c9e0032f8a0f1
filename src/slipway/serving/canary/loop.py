"""The loop that moves rollouts on. All of a rollout is in its row: a crash loses nothing."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.serving.canary.change import advance_rollout, running_rollouts

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class RolloutLoop:
    def __init__(self, db: Database, now: Clock, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._db = db
        self._now = now
        self._look_every_s = look_every_s

    async def run(self) -> None:
        while True:
            async with self._db.read() as session:
                services = await running_rollouts(session)
            for service_id in services:
                try:
                    async with self._db.begin() as session:
                        await advance_rollout(session, service_id, self._now())
                except (StaleDataError, DBAPIError) as error:
                    log.info("A look at a rollout is repeated.", extra={"reason": str(error)})
            await asyncio.sleep(self._look_every_s)
