"""What routers of the rooms share about workloads: log pages, live logs, metric curves, instances."""

from __future__ import annotations

import asyncio
import fnmatch
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import iterate_in_threadpool

from slipway.base.clock import utc_now
from slipway.base.errors import Invalid, NotFound
from slipway.base.events import bus
from slipway.compute.lifecycle.watch import FileWatch
from slipway.compute.output.files import InstanceFiles
from slipway.compute.output.logs import (
    CATEGORIES,
    MAX_LIMIT,
    LogPage,
    LogQuery,
    line_start,
    read_logs,
    read_new,
    whole_log,
)
from slipway.compute.output.metrics import Series
from slipway.compute.types import Instance

watch = FileWatch()
_LETTERS = {name: letter for letter, name in CATEGORIES.items()}
_LOOK_S = 15.0  # an open live log that hears nothing looks at the disk this often
_DEFAULT_RANGE = timedelta(hours=1)


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
        str,
        Query(
            max_length=400,
            description='Words, all of which must be in the line; * and ? are wildcards, "..." is one word.',
        ),
    ] = "",
    category: Annotated[list[Literal["platform", "health_check", "code"]] | None, Query()] = None,
    start: Annotated[
        datetime | None, Query(description="RFC 3339, inclusive. Left out: an hour before the end.")
    ] = None,
    end: Annotated[
        datetime | None, Query(description="RFC 3339, inclusive. Left out: now.")
    ] = None,
    order: Literal["ASC", "DESC"] = "DESC",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    cursor: str | None = None,
) -> LogQuery:
    end = end or utc_now()
    start = start or end - _DEFAULT_RANGE
    for name, moment in (("start", start), ("end", end)):
        if moment.tzinfo is None:
            raise Invalid(f"{name} needs a time zone, such as 2026-01-02T03:04:05Z.", field=name)
    return LogQuery(
        search=search, categories=frozenset(_LETTERS[c] for c in category or ()),
        start=_microseconds(start), end=_microseconds(end), newest_first=order == "DESC", limit=limit, cursor=cursor,
    )  # fmt: skip


def _microseconds(moment: datetime) -> str:
    """As in the log itself, so that texts compare as times do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


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


async def download_log(
    files: InstanceFiles, instances: list[Instance], name: str
) -> StreamingResponse:
    """The whole log as a text file, streamed; of several instances one, in order of time."""
    paths = {i: path for i, path in files.logs(instances).items() if path.exists()}
    if not paths:
        raise NotFound(
            "There is no log to download: nothing was written, or its keeping time is over."
        )
    blocks = iterate_in_threadpool(whole_log(paths))
    headers = {"content-disposition": f'attachment; filename="{name}.log"'}
    return StreamingResponse(blocks, media_type="text/plain; charset=utf-8", headers=headers)


async def live_log(
    files: InstanceFiles,
    instances: Callable[[], Awaitable[list[Instance]]],
    finished: Callable[[], Awaitable[bool]],
    request: Request,
    *,
    subject: str,
) -> AsyncIterator[str]:
    """SSE of log lines: `id:` is the cursor to resume from. Ends when all is read.

    From each file's start, or with `?tail_bytes=n` from its last n bytes.

    One event carries up to a block of lines: `data: [{time, instance_id, category, text}, ...]`.
    Nothing is done while nothing is written: files wake it, and events of `subject` (the owner of the
    instances) wake the look at the database.
    """
    positions: dict[str, int] = _resume(request)
    tail_bytes = _tail(request) if not positions else None
    news = asyncio.Event()
    stop = bus.listen(lambda event: news.set() if event.subject_id == subject else None)
    try:
        news.set()
        over, paths = False, dict[str, Path]()
        while not await request.is_disconnected() and not getattr(
            request.app.state, "closing", False
        ):
            if news.is_set():
                news.clear()
                over = await finished()
                paths = files.logs(await instances())
            lines = await asyncio.to_thread(_new_lines, paths, positions, tail_bytes)
            if lines:
                yield f"id: {json.dumps(positions)}\ndata: {json.dumps(lines)}\n\n"
            elif over:
                yield "event: end\ndata: {}\n\n"
                return
            elif not await _wait(tuple(paths.values()), news):
                news.set()  # nothing heard for long: a hint may have been lost
    finally:
        stop()


async def _wait(paths: Sequence[Path], news: asyncio.Event) -> bool:
    """For a written file or for news; False where neither came for a while."""
    growth = asyncio.ensure_future(watch.wait_for_change(paths, _LOOK_S))
    heard = asyncio.ensure_future(news.wait())
    try:
        await asyncio.wait({growth, heard}, return_when=asyncio.FIRST_COMPLETED)
        return heard.done() or growth.result()
    finally:
        growth.cancel()
        heard.cancel()
        await asyncio.gather(growth, heard, return_exceptions=True)


def _new_lines(
    paths: dict[str, Path], positions: dict[str, int], tail_bytes: int | None
) -> list[dict[str, str]]:
    """What came since `positions`, which move on."""
    lines: list[dict[str, str]] = []
    for instance_id, path in paths.items():
        if instance_id not in positions:
            positions[instance_id] = line_start(path, tail_bytes)
        new, positions[instance_id] = read_new(path, positions[instance_id])
        lines += [
            {"time": time, "instance_id": instance_id, "category": CATEGORIES.get(letter, "code"), "text": text}
            for time, letter, text in new
        ]  # fmt: skip
    return sorted(lines, key=lambda line: line["time"])


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
