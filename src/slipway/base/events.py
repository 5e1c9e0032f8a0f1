"""Events: what happened, to what, by whom. Written in the transaction that made it true.

The table is append-only and numbered (`seq`). Live readers wait on `EventBus`; a reader that was
away asks for everything after its last `seq`. Alerts, audit and live updates have no other source.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, and_, or_, select, text
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
    row = EventRow(
        id=new_id("evt"),
        time=now or utc_now(),
        project_id=project_id,
        type=type,
        subject_kind=subject[0],
        subject_id=subject[1],
        actor_id=actor_id,
        data=data,
    )
    session.add(row)
    await session.flush()
    made = _frozen(row)
    after_commit(session, lambda: bus.publish(made))
    return made


async def list_events(
    session: AsyncSession,
    *,
    project_id: str | None,
    shared: bool = False,
    after: int = 0,
    before: int | None = None,
    subject_id: str | None = None,
    newest_first: bool = False,
    limit: int = 100,
) -> list[Event]:
    """Of a project, or with None of all; `shared` adds what belongs to no project (SHARED_KINDS)."""
    query = select(EventRow).where(EventRow.seq > after)
    if project_id is not None and shared:
        of_all = and_(EventRow.project_id.is_(None), EventRow.subject_kind.in_(SHARED_KINDS))
        query = query.where(or_(EventRow.project_id == project_id, of_all))
    elif project_id is not None:
        query = query.where(EventRow.project_id == project_id)
    if before is not None:
        query = query.where(EventRow.seq < before)
    if subject_id is not None:
        query = query.where(EventRow.subject_id == subject_id)
    query = query.order_by(EventRow.seq.desc() if newest_first else EventRow.seq).limit(limit)
    return [_frozen(row) for row in await session.scalars(query)]


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
