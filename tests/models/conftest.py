from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.models.loop import ModelContext, ModelLoop
from slipway.models.router import router
from tests.models.house import House, close_house, open_house


@pytest.fixture
async def house(db: Database, settings: Settings) -> AsyncIterator[House]:
    house = await open_house(db, settings, router)
    yield house
    await close_house(house)


@pytest.fixture
async def loop(house: House) -> AsyncIterator[ModelLoop]:
    """The import loop, running."""
    loop = ModelLoop(ModelContext(house.db, house.storage, utc_now))
    task = asyncio.create_task(loop.run())
    yield loop
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
