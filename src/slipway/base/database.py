"""One database, two engines: SQLite by default, PostgreSQL for teams.

`Database.begin()` is a write transaction, `Database.read()` a read-only one. On SQLite all writes
share one connection and take turns (first come, first served); commits are grouped: a writer that
finishes while others wait leaves the commit to the last of the group, and none of them returns
before that commit is on disk. A failure inside one writer's block rolls back only that block.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, MetaData, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from slipway.base import sqlite

_GROUP_LIMIT = 64


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases (SQLite itself keeps none)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (
            value.astimezone(UTC)
            if dialect.name != "sqlite"
            else value.astimezone(UTC).replace(tzinfo=None)
        )

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


JsonValue = JSON().with_variant(JSONB(), "postgresql")


class Row(DeclarativeBase):
    """Base of every table. Relationships are not used: rooms join by query."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: UtcTime(),
        dict[str, Any]: JsonValue,
        list[Any]: JsonValue,
    }


class Database:
    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine: AsyncEngine = (
            _sqlite_engine(url, sqlite.threaded) if self.is_sqlite else _postgresql_engine(url)
        )
        # PostgreSQL needs no such differences.
        self._peeks = self._writes = self.engine
        if self.is_sqlite:
            self._writes = _sqlite_engine(url, sqlite.inline)
            self._peeks = _sqlite_engine(url, sqlite.inline, autocommit=True)
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._group: list[_Pending] = []
        self._writer: AsyncConnection | None = None
        self._rescue: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @contextlib.asynccontextmanager
    async def peek(self) -> AsyncIterator[AsyncSession]:
        """As `read`, for a few rows by key: cheaper, but a scan here would hold up everything else."""
        async with AsyncSession(self._peeks, expire_on_commit=False) as session:
            yield session

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A write transaction, durable when the block has been left.

        Callables added with `after_commit(session, ...)` run once it is.
        """
        if self.is_sqlite:
            async with self._begin_grouped() as session:
                yield session
            return
        async with (
            AsyncSession(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        _run_hooks(session)

    @contextlib.asynccontextmanager
    async def _begin_grouped(self) -> AsyncIterator[AsyncSession]:
        pending = _Pending()
        await self._take_turn()
        try:
            async with self._savepoint() as session:
                yield session
            pending.session = session
            self._group.append(pending)
        finally:
            # Shielded: a cancelled request must not leave the group's commit half done.
            await asyncio.shield(asyncio.ensure_future(self._end_turn()))
        await pending.done
        _run_hooks(session)

    async def _take_turn(self) -> None:
        self._waiting += 1
        try:
            await self._turn.acquire()
        except BaseException:
            self._waiting -= 1
            # Others may have counted on this writer to commit for them.
            if self._waiting == 0 and self._group:
                self._rescue = asyncio.ensure_future(self._commit_leftovers())
            raise
        self._waiting -= 1

    async def _commit_leftovers(self) -> None:
        async with self._turn:
            if self._group:
                await self._commit_group()

    @contextlib.asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[AsyncSession]:
        if self._writer is None:
            self._writer = await self._writes.connect()
        if not self._writer.in_transaction():
            await self._writer.begin()
        # The first of a group has nobody to spare: its failure may roll everything back.
        nested = await self._writer.begin_nested() if self._group else None
        session = AsyncSession(
            self._writer, expire_on_commit=False, join_transaction_mode="rollback_only"
        )
        try:
            yield session
            await session.flush()
        except BaseException:
            if nested is None:
                await self._writer.rollback()
            elif nested.is_active:  # a flush that failed has rolled back to the savepoint already
                await nested.rollback()
            raise
        else:
            if nested is not None:
                await nested.commit()
        finally:
            session.sync_session.expunge_all()
            await session.close()

    async def _end_turn(self) -> None:
        try:
            if self._group and (self._waiting == 0 or len(self._group) >= _GROUP_LIMIT):
                await self._commit_group()
            elif (
                not self._group
                and self._waiting == 0
                and self._writer
                and self._writer.in_transaction()
            ):
                await self._writer.rollback()
        finally:
            self._turn.release()

    async def _commit_group(self) -> None:
        group, self._group = self._group, []
        assert self._writer is not None
        try:
            await self._writer.commit()
        except BaseException as error:  # noqa: BLE001  handed on to everybody who waits
            with contextlib.suppress(Exception):
                await self._writer.rollback()
            for pending in group:
                if not pending.done.done():
                    pending.done.set_exception(error)
            return
        for pending in group:
            if not pending.done.done():
                pending.done.set_result(None)

    async def close(self) -> None:
        async with self._turn:
            if self._group:
                await self._commit_group()
            if self._writer is not None:
                await self._writer.close()
                self._writer = None
        await self.engine.dispose()
        if self.is_sqlite:
            await self._peeks.dispose()
            await self._writes.dispose()


class _Pending:
    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.session: AsyncSession | None = None


def after_commit(session: AsyncSession, hook: Callable[[], None]) -> None:
    """Run `hook` (quick, must not raise) once the session's transaction is durable."""
    session.info.setdefault("after_commit", []).append(hook)


def _run_hooks(session: AsyncSession) -> None:
    for hook in session.info.pop("after_commit", []):
        hook()


def _postgresql_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)


def _sqlite_engine(
    url: str, connect: Callable[..., Any], *, autocommit: bool = False
) -> AsyncEngine:
    """With `autocommit` no transaction is begun or ended around reads."""
    options: dict[str, Any] = (
        {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if autocommit else {}
    )
    engine = create_async_engine(
        url,
        connect_args={"timeout": 30, "async_creator_fn": connect},
        pool_size=8,
        max_overflow=8,
        skip_autocommit_rollback=autocommit,
        **options,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN is off: `_begin` below starts transactions itself.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if not autocommit:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine
