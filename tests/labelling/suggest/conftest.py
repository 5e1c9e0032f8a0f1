"""Labelling over the serving room's real platform: a model behind the real gateway proposes labels."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from slipway.api.label_asker import GatewayAsker
from slipway.data.reconcile import DataLoop
from slipway.data.router import router as data_router
from slipway.labelling.loop import LabelLoop
from slipway.labelling.router import router as label_router
from slipway.labelling.router_start import router as start_router
from slipway.labelling.suggest.loop import SuggestLoop
from slipway.labelling.suggest.router import router as suggest_router
from tests.models.house import House
from tests.playground.conftest import Player
from tests.serving.conftest import Entrance, Platform, entrance, house, platform

__all__ = ["entrance", "house", "platform"]


@pytest.fixture
async def player(house: House, platform: Platform, entrance: Entrance) -> AsyncIterator[Player]:
    for router in (data_router, label_router, start_router, suggest_router):
        house.app.include_router(router, prefix="/api/v1")
    asker = GatewayAsker(house.db, house.app.state.sealer, house.settings)
    house.app.state.label_asker = asker
    home = house.settings.root
    runs = (
        DataLoop(house.db, house.storage, home).run, LabelLoop(house.db, home).run,
        SuggestLoop(house.db, home, asker).run,
    )  # fmt: skip
    tasks = [asyncio.create_task(run()) for run in runs]
    yield Player(house, platform, entrance)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
