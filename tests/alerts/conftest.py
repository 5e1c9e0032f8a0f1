from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.alerts.receivers import MailReceiver, WebReceiver, mail_receiver, web_receiver
from tests.running import World, open_world


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    local = settings.model_copy(update={"webhook_reach": "local", "site": "site-a"})
    async with open_world(db, local) as world:
        yield world


@pytest.fixture
async def web() -> AsyncIterator[WebReceiver]:
    async with web_receiver() as receiver:
        yield receiver


@pytest.fixture
async def mail() -> AsyncIterator[MailReceiver]:
    async with mail_receiver() as receiver:
        yield receiver
