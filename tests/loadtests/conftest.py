"""The serving tests' platform with the load tests' loop beside it, and the real gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from slipway.base.clock import utc_now
from slipway.compute.context import ComputeContext
from slipway.compute.lifecycle.reconcile import ComputeLoop
from slipway.compute.listeners import Listeners
from slipway.evaluation.keys import KeyFolders
from slipway.loadtests.change import KEYS_FOLDER
from slipway.loadtests.follow import LoadTestFollower, wake
from slipway.loadtests.loop import LoadTestContext, LoadTestLoop
from slipway.loadtests.router import router
from slipway.loadtests.types import KIND
from slipway.serving.follow import ServiceFollower
from slipway.serving.reconcile import ServingContext, ServingLoop
from slipway.serving.types import KIND as SERVICE
from slipway.usage.ledger import LedgerMeter
from tests.models.house import House
from tests.serving import conftest as serving
from tests.serving.conftest import Platform, entrance, house

__all__ = ["entrance", "house"]


class LoadedPlatform(Platform):
    def start(self) -> None:
        house = self.house
        listeners = Listeners()
        listeners.add(SERVICE, ServiceFollower(utc_now))
        listeners.add(KIND, LoadTestFollower(utc_now))
        listeners.meter = LedgerMeter()
        compute = ComputeContext(
            house.db, {"process": self.engine}, listeners, self.settings, utc_now, str
        )
        files = house.app.state.files
        keys = KeyFolders(self.settings.root, KEYS_FOLDER)
        loops = (
            ComputeLoop(compute),
            ServingLoop(ServingContext(house.db, house.storage, files, utc_now)),
            LoadTestLoop(LoadTestContext(house.db, files, keys, utc_now)),
        )
        self.loops = [asyncio.create_task(loop.run()) for loop in loops]


@pytest.fixture
async def platform(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    wake.reset()
    house.app.include_router(router, prefix="/api/v1")
    monkeypatch.setattr(serving, "Platform", LoadedPlatform)
    async with serving.running(house, house.settings) as platform:
        yield platform
