"""The sweeper: ends instances that no record owns, and deletes what is past its keeping time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.engines.base import Engine

log = logging.getLogger(__name__)

_EVERY = timedelta(minutes=5)
_AT_ONCE = 500


class Sweep:
    def __init__(
        self, db: Database, engines: Mapping[str, Engine], settings: Settings, now: Clock
    ) -> None:
        self._db, self._engines, self._settings, self._now = db, engines, settings, now
        self._last: datetime | None = None
        self._suspects: set[str] = set()

    async def run_if_due(self, live: set[str]) -> None:
        """`live` are the instances that should be alive. At start, then every five minutes."""
        now = self._now()
        if self._last is not None and now - self._last < _EVERY:
            return
        first, self._last = self._last is None, now
        for engine in self._engines.values():
            await self._end_strays(engine, live, first)
            await self._forget_old(engine, now)

    async def _end_strays(self, engine: Engine, live: set[str], first: bool) -> None:
        strays = set(await asyncio.to_thread(engine.list_alive)) - live
        # Seen once could be one just being placed; at start nothing is being placed.
        for instance_id in strays if first else strays & self._suspects:
            log.warning("Ending an instance that nobody owns.", extra={"instance_id": instance_id})
            engine.stop(instance_id, at_once=True)
        self._suspects = strays

    async def _forget_old(self, engine: Engine, now: datetime) -> None:
        before = now - timedelta(days=self._settings.log_retention_days)
        services = now - timedelta(days=self._settings.service_log_retention_days)
        # From what lies there, and not from all that ever ended: that grows for ever.
        kept = await asyncio.to_thread(_kept, engine)
        for at in range(0, len(kept), _AT_ONCE):
            async with self._db.read() as session:
                old = await queries.ended_before(
                    session, kept[at : at + _AT_ONCE], before, services
                )
            for instance_id in old:
                await asyncio.to_thread(engine.forget, instance_id)


def _kept(engine: Engine) -> list[str]:
    """The instances that an engine has a directory of; each lies beside the others."""
    root = engine.directory("any").parent
    return sorted(place.name for place in root.iterdir()) if root.is_dir() else []
