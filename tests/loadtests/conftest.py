"""The serving tests' platform with the load tests' loop beside it, and the real gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from slipway.base.clock import utc_now
from slipway.compute.listeners import Listeners
from slipway.evaluation.keys import KeyFolders
from slipway.loadtests.change import KEYS_FOLDER
from slipway.loadtests.follow import LoadTestFollower, wake
from slipway.loadtests.loop import LoadTestContext, LoadTestLoop
from slipway.loadtests.router import router
from slipway.loadtests.types import KIND
from tests.models.house import House
from tests.serving import conftest as serving
from tests.serving.conftest import Platform, entrance, house

__all__ = ["entrance", "house"]


class HeardListeners(Listeners):
    def __init__(self) -> None:
        super().__init__()
        self.add(KIND, LoadTestFollower(utc_now))


class LoadedPlatform(Platform):
    def start(self) -> None:
        super().start()
        keys = KeyFolders(self.settings.root, KEYS_FOLDER)
        context = LoadTestContext(self.house.db, self.house.app.state.files, keys, utc_now)
        self.loops.append(asyncio.create_task(LoadTestLoop(context).run()))


@pytest.fixture
async def platform(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    wake.reset()
    house.app.include_router(router, prefix="/api/v1")
    monkeypatch.setattr(serving, "Platform", LoadedPlatform)
    monkeypatch.setattr(serving, "Listeners", HeardListeners)
    async with serving.running(house, house.settings) as platform:
        yield platform
