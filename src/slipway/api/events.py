"""HTTP of events: the history with search and export, and the live stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from slipway.api.events_export import exported
from slipway.base.database import Database
from slipway.base.errors import Forbidden, Invalid
from slipway.base.events import Event, EventFilter, bus, list_events, search_events
from slipway.iam.http import Db, allow
from slipway.iam.queries import user_names
from slipway.iam.types import Actor

router = APIRouter(prefix="/events", tags=["Events"])

_BEAT_S = 20


class ProjectEventView(BaseModel):
    seq: int
    id: str
    time: datetime
    type: str
    subject_kind: str
    subject_id: str
    actor_id: str | None
    actor: str | None = Field(None, description="Name of who did it; null where the platform did.")
    project_id: str | None = None
    data: dict[str, Any]


class EventPage(BaseModel):
    items: list[ProjectEventView]
    next_cursor: str | None


def event_filter(
    type: Annotated[list[str] | None, Query(description="Such as training:taskCompleted.")] = None,  # noqa: A002
    service: Annotated[list[str] | None, Query(description="Such as training.")] = None,
    subject: Annotated[str | None, Query(description="Id of what it happened to.")] = None,
    kind: Annotated[str | None, Query(description="Kind of what it happened to.")] = None,
    who: Annotated[str | None, Query(description="Id of the user who did it.")] = None,
    start: datetime | None = None,
    end: datetime | None = None,
    search: Annotated[
        str | None, Query(max_length=400, description="Words separated by |.")
    ] = None,
) -> EventFilter:
    words = tuple(word.strip() for word in (search or "").split("|") if word.strip())
    return EventFilter(
        types=tuple(type or ()), services=tuple(service or ()), subject_id=subject, subject_kind=kind,
        actor_id=who, start=_aware(start, "start"), end=_aware(end, "end"), words=words,
    )  # fmt: skip


Filter = Annotated[EventFilter, Depends(event_filter)]
Scope = Annotated[
    Literal["project", "platform"],
    Query(description="platform: all projects and the platform itself; for administrators."),
]
Cursor = Annotated[int | None, Query(ge=0, lt=2**63)]


@router.get("")
async def list_project_events(
    db: Db, actor: Annotated[Actor, allow("event:event:list")], found: Filter, scope: Scope = "project",
    cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> EventPage:  # fmt: skip
    """The history, newest first."""
    project = _project(actor, scope)
    async with db.read() as session:
        events = await search_events(
            session, found, project_id=project, before=cursor, limit=limit + 1
        )
        names = await user_names(session, {e.actor_id for e in events if e.actor_id})
    shown = events[:limit]
    return EventPage(
        items=[event_view(event, names) for event in shown],
        next_cursor=str(shown[-1].seq) if len(events) > limit else None,
    )


@router.get("/export", response_class=StreamingResponse)
async def export_events(
    db: Db, actor: Annotated[Actor, allow("event:event:list")], found: Filter, scope: Scope = "project",
    format: Literal["csv", "json"] = "csv",  # noqa: A002
) -> StreamingResponse:  # fmt: skip
    """What the filter finds, as a file, newest first."""
    rows = exported(db, found, _project(actor, scope), format)
    return StreamingResponse(
        rows, media_type="text/csv; charset=utf-8" if format == "csv" else "application/json",
        headers={"Content-Disposition": f'attachment; filename="events.{format}"'},
    )  # fmt: skip


def event_view(event: Event, names: dict[str, str]) -> ProjectEventView:
    return ProjectEventView(
        seq=event.seq, id=event.id, time=event.time, type=event.type, subject_kind=event.subject_kind,
        subject_id=event.subject_id, actor_id=event.actor_id, actor=names.get(event.actor_id or ""),
        project_id=event.project_id, data=event.data,
    )  # fmt: skip


def _project(actor: Actor, scope: str) -> str | None:
    if scope == "project":
        return actor.project_id
    if not actor.is_admin:
        raise Forbidden(
            "Only administrators of the platform see the events of all projects.",
            code="not_administrator",
        )
    return None


def _aware(moment: datetime | None, field: str) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Invalid("A time needs its zone, such as 2026-01-02T03:04:05Z.", field=field)
    return moment


@router.get("/stream", response_class=StreamingResponse)
async def stream_events(
    request: Request,
    db: Db,
    actor: Annotated[Actor, allow("event:event:list")],
    cursor: int | None = None,
) -> StreamingResponse:
    """SSE of the project's events and those of shared machines: those after `cursor` (or the Last-Event-ID), then live ones."""
    last = request.headers.get("last-event-id") or cursor
    after = int(last) if last is not None and str(last).isdigit() else None
    return StreamingResponse(
        _stream(db, request, actor, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _stream(
    db: Database, request: Request, actor: Actor, after: int | None
) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async with bus.subscribe() as queue:
        seen = after or 0
        if after is not None:
            while missed := await _missed(db, actor, seen):
                for event in missed:
                    seen = event.seq
                    yield _frame(event)
        while not await request.is_disconnected():
            try:
                async with asyncio.timeout(_BEAT_S):
                    live = await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if live is None:
                return  # fell behind: the reader reconnects with its cursor
            if _concerns(live, actor) and live.seq > seen:
                yield _frame(live)


def _concerns(event: Event, actor: Actor) -> bool:
    own_inbox = (event.subject_kind, event.subject_id) == ("inbox", actor.user_id)
    return event.is_seen_in(actor.project_id) or own_inbox


async def _missed(db: Database, actor: Actor, after: int) -> list[Event]:
    async with db.read() as session:
        return await list_events(
            session,
            project_id=actor.project_id,
            shared=True,
            inbox_of=actor.user_id,
            after=after,
            limit=500,
        )


def _frame(event: Event) -> str:
    return f"id: {event.seq}\ndata: {json.dumps(event.as_json(), ensure_ascii=False)}\n\n"
