"""The loop for what the time calls for: steps of rollouts, and stops that were scheduled.

All of it is in rows: a crash loses nothing, and what was due meanwhile is done at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.serving import queries
from slipway.serving.canary.change import advance_rollout, running_rollouts
from slipway.serving.change import stop_as_scheduled

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
Act = Callable[[AsyncSession, str, datetime], Awaitable[None]]


class ClockLoop:
    def __init__(self, db: Database, now: Clock, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._db = db
        self._now = now
        self._look_every_s = look_every_s

    async def run(self) -> None:
        while True:
            now = self._now()
            async with self._db.read() as session:
                rollouts = await running_rollouts(session)
                stops = await queries.services_to_stop(session, now)
            await self._each(rollouts, advance_rollout, now)
            await self._each(stops, stop_as_scheduled, now)
            await asyncio.sleep(self._look_every_s)

    async def _each(self, services: list[str], act: Act, now: datetime) -> None:
        """One transaction each: one that fails holds up no other."""
        for service_id in services:
            try:
                async with self._db.begin() as session:
                    await act(session, service_id, now)
            except (StaleDataError, DBAPIError) as error:
                log.info("A look at a service is repeated.", extra={"reason": str(error)})
