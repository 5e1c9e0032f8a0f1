"""Alembic's entry: runs the migrations over the given URL, or compares the models with it."""

import asyncio

from alembic import context
from sqlalchemy.engine import Connection

from slipway.base.database import Database, Row


def _run(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # To change a column SQLite drops the table and makes it anew. With foreign keys on, the
        # drop deletes what hangs on its rows. The pragma does nothing inside a transaction.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            _check_references(connection)
    connection.commit()


def _check_references(connection: Connection) -> None:
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        table, row, parent, _ = broken[0]
        raise RuntimeError(
            f"After the migration row {row} of {table} has lost its row of {parent}, "
            f"one of {len(broken)} such rows. Nothing was changed."
        )


async def _online(url: str) -> None:
    db = Database(url)
    try:
        async with db.engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await db.close()


asyncio.run(_online(context.config.attributes["url"]))
