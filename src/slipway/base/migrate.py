"""Brings the database to this version's schema. Refuses to go on when that fails or the schema is newer."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from slipway.base.database import Database
from slipway.base.errors import Unavailable

_MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def head() -> str:
    """The newest revision: file names start with their number, which is the revision."""
    return max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


async def migrate(db: Database) -> None:
    async with db.engine.connect() as connection:
        present = await connection.run_sync(_present)
    if present == head():
        return
    if present is not None and present > head():
        raise Unavailable(
            f"The database is at schema {present}, newer than this version's {head()}. Start the newer version of Slipway."
        )
    if present is not None and db.is_sqlite:
        _back_up(db, present)
    await asyncio.to_thread(_upgrade, db.engine.url.render_as_string(hide_password=False))


def _present(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _back_up(db: Database, present: str) -> None:
    """Through SQLite itself: a plain copy of the file would miss what is still in the log beside it."""
    file = Path(db.engine.url.database or "")
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(file.with_name(f"{file.name}.{present}.bak"))) as copy,
    ):
        source.backup(copy)


def _upgrade(url: str) -> None:
    # Alembic takes a while to load, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "head")
