"""HTTP of events: the project's history, and the live stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from slipway.base.database import Database
from slipway.base.events import Event, bus, list_events
from slipway.iam.http import Db, allow
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
    data: dict[str, Any]


class EventPage(BaseModel):
    items: list[ProjectEventView]
    next_cursor: str | None


@router.get("")
async def list_project_events(
    db: Db, actor: Annotated[Actor, allow("event:event:list")],
    subject: str | None = None, cursor: int | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> EventPage:  # fmt: skip
    """Newest first."""
    async with db.read() as session:
        found = await list_events(
            session,
            project_id=actor.project_id,
            subject_id=subject,
            before=cursor,
            newest_first=True,
            limit=limit,
        )
    more = str(found[-1].seq) if len(found) == limit else None
    return EventPage(
        items=[
            ProjectEventView(
                seq=e.seq, id=e.id, time=e.time, type=e.type, subject_kind=e.subject_kind, subject_id=e.subject_id,
                actor_id=e.actor_id, data=e.data,
            )
            for e in found
        ],
        next_cursor=more,
    )  # fmt: skip


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
        _stream(db, request, actor.project_id, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _stream(
    db: Database, request: Request, project_id: str, after: int | None
) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async with bus.subscribe() as queue:
        seen = after or 0
        if after is not None:
            while missed := await _missed(db, project_id, seen):
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
            if live.is_seen_in(project_id) and live.seq > seen:
                yield _frame(live)


async def _missed(db: Database, project_id: str, after: int) -> list[Event]:
    async with db.read() as session:
        return await list_events(
            session, project_id=project_id, shared=True, after=after, limit=500
        )


def _frame(event: Event) -> str:
    return f"id: {event.seq}\ndata: {json.dumps(event.as_json(), ensure_ascii=False)}\n\n"
