"""Alembic's entry: runs the migrations over the given URL, or compares the models with it."""

import asyncio

from alembic import context
from sqlalchemy.engine import Connection

from slipway.base.database import Database, Row


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


async def _online(url: str) -> None:
    db = Database(url)
    try:
        async with db.engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await db.close()


asyncio.run(_online(context.config.attributes["url"]))
