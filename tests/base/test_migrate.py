"""An upgrade keeps what is in the database, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, func, inspect, select, types
from sqlalchemy.engine import Connection, make_url

from slipway.base import migrate as migration
from slipway.base.database import Database
from tests.conftest import _execute as execute

# The first schema that was in use before tables with dependents were changed in place.
BEFORE = "0011"


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
        yield database
        await database.close()
        return
    server: str = request.getfixturevalue("postgres_uri")
    await execute(server, "CREATE DATABASE upgrades")
    url = make_url(server).set(drivername="postgresql+asyncpg", database="upgrades")
    database = Database(url.render_as_string(hide_password=False))
    yield database
    await database.close()
    await execute(server, "DROP DATABASE upgrades WITH (FORCE)")


async def test_no_row_is_lost_between_two_versions(empty_db: Database) -> None:
    url = empty_db.engine.url.render_as_string(hide_password=False)
    await asyncio.to_thread(_upgrade, url, BEFORE)
    async with empty_db.engine.begin() as connection:
        filled = await connection.run_sync(_fill)
    assert {"service_keys", "training_waits", "service_versions", "instances"} <= set(filled)
    await migration.migrate(empty_db)
    async with empty_db.engine.connect() as connection:
        left = await connection.run_sync(_count)
    gone = {name for name in filled if name in left and left[name] == 0}
    assert gone == set()


async def test_other_names_of_a_model_move_to_its_rules(empty_db: Database) -> None:
    url = empty_db.engine.url.render_as_string(hide_password=False)
    await asyncio.to_thread(_upgrade, url, "0020")
    async with empty_db.engine.begin() as connection:
        await connection.run_sync(_fill)
        await connection.run_sync(_say_names)
    await migration.migrate(empty_db)
    async with empty_db.engine.connect() as connection:
        rules, policies = await connection.run_sync(_said)
    assert rules == [["kept", "moved"]]
    assert policies == [{"retries": 2}]


def _say_names(connection: Connection) -> None:
    policies, rules = _table(connection, "call_policies"), _table(connection, "service_model_rules")
    connection.execute(
        policies.update().values(policy={"retries": 2, "aliases": ["kept", "moved"]})
    )
    connection.execute(rules.update().values(aliases=["moved"]))


def _said(connection: Connection) -> tuple[list[Any], list[Any]]:
    policies, rules = _table(connection, "call_policies"), _table(connection, "service_model_rules")
    return (
        list(connection.scalars(select(rules.c.aliases))),
        list(connection.scalars(select(policies.c.policy))),
    )


def _table(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection)


def _upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migration._MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _fill(connection: Connection) -> list[str]:
    """One row in each table; a reference names the row of the table it points to."""
    values: dict[str, dict[str, Any]] = {}
    for table in _tables(connection):
        row = {column.name: _value(column.type, column.name) for column in table.columns}
        for column in table.columns:
            for key in column.foreign_keys:
                row[column.name] = values[key.column.table.name][key.column.name]
        connection.execute(table.insert().values(row))
        values[table.name] = row
    return list(values)


def _value(kind: types.TypeEngine[Any], name: str) -> Any:
    if isinstance(kind, types.Boolean):
        return False
    if isinstance(kind, types.Integer | types.Float | types.Numeric):
        return 1
    if isinstance(kind, types.JSON):
        return {}
    if isinstance(kind, types.DateTime):
        return datetime(2026, 1, 2, tzinfo=UTC)
    if isinstance(kind, types.Date):
        return date(2026, 1, 2)
    if isinstance(kind, types.LargeBinary):
        return b"x"
    return name


def _count(connection: Connection) -> dict[str, int]:
    present = set(inspect(connection).get_table_names())
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in _tables(connection)
        if table.name in present
    }
