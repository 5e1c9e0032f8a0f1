"""Events: what happened, to what, by whom. Written in the transaction that made it true.

The table is append-only and numbered (`seq`). Live readers wait on `EventBus`; a reader that was
away asks for everything after its last `seq`. Alerts, audit and live updates have no other source.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    Table,
    Text,
    and_,
    cast,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.clock import rfc3339, utc_now
from slipway.base.database import JsonValue, Row, after_commit
from slipway.base.ids import new_id

SHARED_KINDS = ("resource-group", "node")  # of no project, and for everybody to see

_EVENT_LOCK = 0x51199A  # any number: one writer of events at a time keeps `seq` in commit order


class EventRow(Row):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_project_seq", "project_id", "seq"),
        Index("ix_events_subject", "subject_id", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(unique=True)
    time: Mapped[datetime]
    project_id: Mapped[str | None]
    type: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    actor_id: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(JsonValue)


# On the table and not on the class: events are written more than anything else, and the unit of
# work's ways would cost more than the statement.
_TABLE = cast_type(Table, EventRow.__table__)
_INSERT = insert(_TABLE).returning(_TABLE.c.seq)


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    id: str
    time: datetime
    project_id: str | None
    type: str
    subject_kind: str
    subject_id: str
    actor_id: str | None
    data: dict[str, Any]

    def is_seen_in(self, project_id: str) -> bool:
        return self.project_id == project_id or (
            self.project_id is None and self.subject_kind in SHARED_KINDS
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "id": self.id,
            "time": rfc3339(self.time),
            "type": self.type,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "actor_id": self.actor_id,
            "data": self.data,
        }


class EventBus:
    """Tells whoever listens in this process what has just been committed."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[Event], None]] = set()
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._closed = False

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` (quick, must not raise) for each committed event; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def publish(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    @contextlib.asynccontextmanager
    async def subscribe(self, limit: int = 10_000) -> AsyncIterator[asyncio.Queue[Event | None]]:
        """A queue of events from now on; `None` means the reader was too slow and must start over."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def put(event: Event) -> None:
            if queue.qsize() < limit:
                queue.put_nowait(event)
            elif queue.qsize() == limit:
                queue.put_nowait(None)

        stop = self.listen(put)
        self._queues.add(queue)
        if self._closed:
            queue.put_nowait(None)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            stop()

    def close(self) -> None:
        """The process is going down: every subscriber ends, and who comes back, too."""
        self._closed = True
        for queue in self._queues:
            queue.put_nowait(None)


bus = EventBus()


async def record(
    session: AsyncSession,
    type: str,  # noqa: A002  the field's own name
    *,
    subject: tuple[str, str],
    project_id: str | None,
    actor_id: str | None = None,
    now: datetime | None = None,
    **data: Any,
) -> Event:
    """Write one event in the caller's transaction; `subject` is (kind, id)."""
    if session.bind is not None and session.bind.dialect.name == "postgresql":
        await session.execute(text(f"SELECT pg_advisory_xact_lock({_EVENT_LOCK})"))
    kind, subject_id = subject
    values: dict[str, Any] = {
        "id": new_id("evt"), "time": now or utc_now(), "project_id": project_id, "type": type,
        "subject_kind": kind, "subject_id": subject_id, "actor_id": actor_id, "data": data,
    }  # fmt: skip
    seq = (await session.execute(_INSERT, values)).scalar_one()
    made = Event(seq=seq, **values)
    after_commit(session, lambda: bus.publish(made))
    return made


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a search in the history asks for; empty means any. `services` begin types: `training`; or are a kind of
    what all projects share: `node`."""

    types: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    subject_kind: str | None = None
    subject_id: str | None = None
    actor_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    words: tuple[str, ...] = ()


async def list_events(
    session: AsyncSession,
    *,
    project_id: str | None,
    shared: bool = False,
    after: int = 0,
    before: int | None = None,
    subject_id: str | None = None,
    types: tuple[str, ...] = (),
    without_kinds: tuple[str, ...] = (),
    newest_first: bool = False,
    limit: int = 100,
    inbox_of: str | None = None,
) -> list[Event]:
    """Of a project, or with None of all. `shared` adds what belongs to no project (SHARED_KINDS), `inbox_of`
    what arrives in that user's inbox."""
    query = select(EventRow).where(EventRow.seq > after)
    if project_id is not None:
        mine = [EventRow.project_id == project_id]
        if shared:
            of_all = EventRow.subject_kind.in_(SHARED_KINDS)
            mine.append(and_(EventRow.project_id.is_(None), of_all))
        if inbox_of:
            mine.append(_inbox(inbox_of))
        query = query.where(or_(*mine))
    if before is not None:
        query = query.where(EventRow.seq < before)
    if subject_id is not None:
        query = query.where(EventRow.subject_id == subject_id)
    if types:
        query = query.where(EventRow.type.in_(types))
    if without_kinds:
        query = query.where(EventRow.subject_kind.not_in(without_kinds))
    query = query.order_by(EventRow.seq.desc() if newest_first else EventRow.seq).limit(limit)
    return [_frozen(row) for row in await session.scalars(query)]


async def search_events(
    session: AsyncSession,
    found: EventFilter,
    *,
    project_id: str | None,
    before: int | None,
    limit: int,
) -> list[Event]:
    """Newest first; `project_id` None searches all projects and the platform."""
    query = select(EventRow)
    if project_id is not None:
        query = query.where(EventRow.project_id == project_id)
    if before is not None:
        query = query.where(EventRow.seq < before)
    for condition in _conditions(found):
        query = query.where(condition)
    rows = await session.scalars(query.order_by(EventRow.seq.desc()).limit(limit))
    return [_frozen(row) for row in rows]


def _conditions(found: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if found.types or found.services:
        prefixes = [EventRow.type.startswith(f"{s}:", autoescape=True) for s in found.services]
        # Those of machines carry no prefix: their kind is their area.
        shared = [kind for kind in found.services if kind in SHARED_KINDS]
        of_kind = EventRow.subject_kind.in_(shared)
        conditions.append(or_(EventRow.type.in_(found.types), of_kind, *prefixes))
    for column, value in (
        (EventRow.subject_kind, found.subject_kind),
        (EventRow.subject_id, found.subject_id),
        (EventRow.actor_id, found.actor_id),
    ):
        if value:
            conditions.append(column == value)
    if found.start is not None:
        conditions.append(EventRow.time >= found.start)
    if found.end is not None:
        conditions.append(EventRow.time < found.end)
    if found.words:
        conditions.append(or_(*(_mentions(word) for word in found.words)))
    return conditions


def _mentions(word: str) -> ColumnElement[bool]:
    """Also in the event's data; SQLite keeps that as text in which other letters are escaped."""
    data = cast(EventRow.data, Text)
    spellings = {word, json.dumps(word)[1:-1]}
    return or_(
        EventRow.type.icontains(word, autoescape=True),
        EventRow.subject_id.icontains(word, autoescape=True),
        *(data.icontains(spelling, autoescape=True) for spelling in spellings),
    )


def _inbox(user_id: str) -> ColumnElement[bool]:
    return and_(EventRow.subject_kind == "inbox", EventRow.subject_id == user_id)


def _frozen(row: EventRow) -> Event:
    return Event(
        row.seq,
        row.id,
        row.time,
        row.project_id,
        row.type,
        row.subject_kind,
        row.subject_id,
        row.actor_id,
        row.data,
    )
