"""Fixtures of the storage tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slipway.base.database import Database
from tests.assets.house import House, open_house


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(db, tmp_path / "home") as opened:
        yield opened
