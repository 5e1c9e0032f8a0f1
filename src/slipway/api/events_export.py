"""The history as a file: read in pieces, so that its size is no matter."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator

from slipway.base.clock import rfc3339
from slipway.base.database import Database
from slipway.base.events import Event, EventFilter, search_events
from slipway.iam.queries import user_names

_PIECE = 1000
_COLUMNS = (
    "time", "type", "subject_kind", "subject_id", "project_id", "actor_id", "actor", "id", "seq", "data",
)  # fmt: skip


async def exported(
    db: Database, found: EventFilter, project_id: str | None, kind: str
) -> AsyncIterator[str]:
    before: int | None = None
    first = True
    yield _csv_line(_COLUMNS) if kind == "csv" else "["
    while True:
        async with db.read() as session:
            events = await search_events(
                session, found, project_id=project_id, before=before, limit=_PIECE
            )
            names = await user_names(session, {e.actor_id for e in events if e.actor_id})
        if not events:
            break
        lines = [_line(event, names.get(event.actor_id or ""), kind) for event in events]
        if kind == "csv":
            yield "".join(lines)
        else:
            yield ("\n" if first else ",\n") + ",\n".join(lines)
        first, before = False, events[-1].seq
    if kind == "json":
        yield "\n]\n"


def _line(event: Event, actor: str | None, kind: str) -> str:
    if kind == "json":
        return json.dumps(
            {**event.as_json(), "project_id": event.project_id, "actor": actor}, ensure_ascii=False
        )
    return _csv_line(
        (
            rfc3339(event.time), event.type, event.subject_kind, event.subject_id, event.project_id or "",
            event.actor_id or "", actor or "", event.id, str(event.seq),
            json.dumps(event.data, ensure_ascii=False),
        )
    )  # fmt: skip


def _csv_line(values: tuple[str, ...]) -> str:
    """Spreadsheets run cells that begin with a sign: those get an apostrophe."""
    out = io.StringIO()
    safe = [f"'{value}" if value[:1] in ("=", "+", "-", "@") else value for value in values]
    csv.writer(out).writerow(safe)
    return out.getvalue()
