"""Log lines beyond one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.sdk.http import Http
from slipway.sdk.types import LogLineView, LogPageView

_PAGE = 100
BEGINNING = "1970-01-01T00:00:00Z"


def log_lines(http: Http, path: str, limit: int, **query: Any) -> Iterator[LogLineView]:
    """Up to `limit` lines, newest first, page after page; from the whole log unless `start` is given."""
    cursor: str | None = None
    query = {"start": BEGINNING, **query}
    while limit > 0:
        page = http.get(LogPageView, path, limit=min(limit, _PAGE), cursor=cursor, **query)
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return
