"""What routers of the rooms share about workloads: log pages, live logs, metric curves, instances."""

from __future__ import annotations

import asyncio
import fnmatch
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from slipway.base.clock import rfc3339
from slipway.base.errors import Invalid, NotFound
from slipway.compute.files import InstanceFiles
from slipway.compute.logs import (
    CATEGORIES,
    MAX_LIMIT,
    LogPage,
    LogQuery,
    line_start,
    read_logs,
    read_new,
)
from slipway.compute.metrics import Series
from slipway.compute.types import Instance

_LETTERS = {name: letter for letter, name in CATEGORIES.items()}
_TAIL_S = 0.25  # how often an open live log looks for new lines


def get_files(request: Request) -> InstanceFiles:
    files: InstanceFiles = request.app.state.files
    return files


Files = Annotated[InstanceFiles, Depends(get_files)]


class InstanceView(BaseModel):
    id: str
    attempt: int
    role: str
    index: int
    rank: int
    node: str
    host: str
    ports: dict[str, int]
    state: str
    reason: str
    exit_code: int | None
    cpu_cores: float
    memory_bytes: int
    gpus: float
    real_paths: bool | None = Field(
        description="True: /opt/ml/... are real paths in a private mount namespace."
    )
    notes: list[str] = Field(description="What could not be enforced on this machine, and why.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, i: Instance) -> InstanceView:
        return cls(
            id=i.id, attempt=i.attempt, role=i.role, index=i.index, rank=i.rank, node=i.node_id, host=i.host,
            ports=i.ports, state=i.state, reason=i.reason, exit_code=i.exit_code, cpu_cores=i.resources.cpu_cores,
            memory_bytes=i.resources.memory_bytes, gpus=i.resources.gpus, real_paths=i.namespace, notes=list(i.notes),
            created_at=i.created_at, started_at=i.started_at, ended_at=i.ended_at,
        )  # fmt: skip


class InstanceList(BaseModel):
    items: list[InstanceView]


class LogLineView(BaseModel):
    time: str
    instance_id: str
    category: str
    text: str


class LogPageView(BaseModel):
    items: list[LogLineView]
    next_cursor: str | None

    @classmethod
    def of(cls, page: LogPage) -> LogPageView:
        lines = [
            LogLineView(time=n.time, instance_id=n.instance_id, category=n.category, text=n.text)
            for n in page.lines
        ]
        return cls(items=lines, next_cursor=page.next_cursor)


class SeriesView(BaseModel):
    name: str
    instance_id: str
    time_s: list[float]
    step: list[int | None]
    epoch: list[float | None]
    value: list[float]

    @classmethod
    def of(cls, s: Series) -> SeriesView:
        return cls(
            name=s.name,
            instance_id=s.instance_id,
            time_s=s.time_s,
            step=s.step,
            epoch=s.epoch,
            value=s.value,
        )


class MetricsView(BaseModel):
    items: list[SeriesView]


class SamplesView(BaseModel):
    items: list[dict[str, Any]]


def log_query(
    search: Annotated[
        str | None, Query(max_length=400, description="Words; all must be in the line.")
    ] = None,
    category: Annotated[list[Literal["platform", "health_check", "code"]] | None, Query()] = None,
    start: Annotated[datetime | None, Query(description="RFC 3339, inclusive.")] = None,
    end: datetime | None = None,
    order: Literal["ASC", "DESC"] = "DESC",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    cursor: str | None = None,
) -> LogQuery:
    return LogQuery(
        search=tuple((search or "").split()), categories=frozenset(_LETTERS[c] for c in category or ()),
        start=rfc3339(start) if start else None, end=rfc3339(end) if end else None,
        newest_first=order == "DESC", limit=limit, cursor=cursor,
    )  # fmt: skip


LogArgs = Annotated[LogQuery, Depends(log_query)]


def pick_instances(instances: list[Instance], pattern: str | None) -> list[Instance]:
    """Those whose id matches the pattern (`*` and `?` allowed); all where there is none."""
    if not pattern:
        return instances
    found = [i for i in instances if fnmatch.fnmatchcase(i.id, pattern)]
    if not found and not set("*?") & set(pattern):
        raise Invalid(f"There is no instance {pattern} here.", field="instance")
    return found


def one_instance(instances: list[Instance], instance_id: str) -> Instance:
    for instance in instances:
        if instance.id == instance_id:
            return instance
    raise NotFound(f"There is no instance {instance_id} here.", field="instance")


async def log_page(files: InstanceFiles, instances: list[Instance], query: LogQuery) -> LogPageView:
    return LogPageView.of(await asyncio.to_thread(read_logs, files.logs(instances), query))


async def live_log(
    files: InstanceFiles,
    instances: Callable[[], Awaitable[list[Instance]]],
    finished: Callable[[], Awaitable[bool]],
    request: Request,
) -> AsyncIterator[str]:
    """SSE of log lines: `id:` is the cursor to resume from. Ends when all is read.

    From each file's start, or with `?tail_bytes=n` from its last n bytes.

    One event carries up to a block of lines: `data: [{time, instance_id, category, text}, ...]`.
    """
    positions: dict[str, int] = _resume(request)
    tail_bytes = _tail(request) if not positions else None
    while not await request.is_disconnected() and not getattr(request.app.state, "closing", False):
        over = await finished()
        lines: list[dict[str, str]] = []
        for instance_id, path in files.logs(await instances()).items():
            if instance_id not in positions:
                positions[instance_id] = await asyncio.to_thread(line_start, path, tail_bytes)
            new, positions[instance_id] = await asyncio.to_thread(
                read_new, path, positions[instance_id]
            )
            lines += [
                {
                    "time": time,
                    "instance_id": instance_id,
                    "category": CATEGORIES.get(letter, "code"),
                    "text": text,
                }
                for time, letter, text in new
            ]
        if lines:
            lines.sort(key=lambda line: line["time"])
            yield f"id: {json.dumps(positions)}\ndata: {json.dumps(lines)}\n\n"
        elif over:
            yield "event: end\ndata: {}\n\n"
            return
        else:
            await asyncio.sleep(_TAIL_S)


def _tail(request: Request) -> int | None:
    text = request.query_params.get("tail_bytes")
    if text is None:
        return None
    if not text.isdigit():
        raise Invalid("tail_bytes is a number of bytes.", field="tail_bytes")
    return int(text)


def _resume(request: Request) -> dict[str, int]:
    text = request.headers.get("last-event-id") or request.query_params.get("cursor") or "{}"
    try:
        return {str(k): int(v) for k, v in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Invalid("The cursor is not one this log gave out.", field="cursor") from error
