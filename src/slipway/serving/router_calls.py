"""HTTP around calling a service: addresses, statistics, online test, chat."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, WebSocket
from fastapi.responses import StreamingResponse

from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.events import list_events
from slipway.compute.http import (
    Files,
    LogArgs,
    LogPageView,
    live_log,
    log_page,
    one_instance,
    pick_instances,
)
from slipway.compute.shells.opening import Where
from slipway.compute.shells.socket import serve_shell
from slipway.compute.types import Instance
from slipway.iam.http import Config, Db, Seal, allow
from slipway.iam.types import Actor
from slipway.serving import event_log, internal_keys, monitor, proxy, queries, reading, statistics
from slipway.serving.gateway_address import PublicUrl, grpc_address, local_url
from slipway.serving.monitoring.export import as_csv
from slipway.serving.samples import call_view
from slipway.serving.scaling import store
from slipway.serving.types import KeyPurpose, Service, ServiceKey
from slipway.serving.views import (
    CallFiguresView,
    CallKeyFiguresView,
    CallPointView,
    CallStatisticsView,
    MergedEventList,
    MergedEventView,
    MonitorPointView,
    MonitorView,
    ServiceCallView,
    ServiceTestForm,
    ServiceTestView,
)

router = APIRouter(prefix="/services/{service_id}")

Reader = Annotated[Actor, allow("serve:service:get")]
Caller = Annotated[Actor, allow("serve:service:call")]
_EXPORTED = ("received", "succeeded", "failed", "throttled", "prompt_tokens", "completion_tokens")
_HIDDEN = {
    KeyPurpose.EVALUATION: "(evaluation)",
}


@router.get("/call")
async def get_call_info(
    service_id: str, db: Db, gateway: PublicUrl, settings: Config, actor: Reader
) -> ServiceCallView:
    """Endpoint, interfaces and samples to copy."""
    async with db.read() as session:
        row = await queries.get_service(session, actor.project_id, service_id)
        versions = await reading.versions_of(session, service_id)
        model = await internal_keys.served_name(session, service_id)
        counts = await queries.count_live_replicas(session, [service_id])
    ready = sum(running for running, _ in counts.values())
    service = queries.frozen_service(row)
    return call_view(
        gateway, service, versions, model, ready, settings.service_qps_ceiling,
        grpc_address(gateway, settings),
    )  # fmt: skip


@router.get("/statistics")
async def get_call_statistics(
    service_id: str, db: Db, actor: Reader,
    range: statistics.CallRange | None = None,  # noqa: A002  the word of the query
    start: datetime | None = None, end: datetime | None = None,
    key: Annotated[str | None, Query(description="Only calls with this key.")] = None,
    version: Annotated[str | None, Query(description="Only calls of this version.")] = None,
    step_s: Annotated[int | None, Query(ge=60, le=86_400)] = None,
) -> CallStatisticsView:  # fmt: skip
    """Calls of a range: a named one, or from `start` to `end`; the last hour by default."""
    since, until = statistics.span(range, start, end, utc_now())
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        found = await statistics.read(
            session, service_id, since, until, key_id=key, version_id=version,
            step_s=statistics.step_of(since, until, step_s),
        )  # fmt: skip
        rows = await queries.list_keys(session, [service_id])
    names = {row.id: _key_name(queries.frozen_key(row)) for row in rows}
    return _statistics_view(found, names)


@router.get("/monitor")
async def get_service_monitor(
    service_id: str, db: Db, actor: Reader,
    range: statistics.CallRange | None = None,  # noqa: A002  the word of the query
    start: datetime | None = None, end: datetime | None = None,
    version: Annotated[str | None, Query(description="Only this version.")] = None,
    step_s: Annotated[int | None, Query(ge=60, le=86_400)] = None,
) -> MonitorView:  # fmt: skip
    """Instances, resources and load over a range; the last hour by default."""
    since, until = statistics.span(range, start, end, utc_now())
    step = statistics.step_of(since, until, step_s)
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        versions = [v.id for v in await reading.versions_of(session, service_id)]
        asked = [v for v in versions if version in (None, v)]
        rows = await store.read_minutes(session, asked, since, until)
    found = [MonitorPointView(**asdict(point)) for point in monitor.points(rows, step)]
    return MonitorView(start=since, end=until, step_s=step, items=found)


@router.get("/statistics/export", response_class=Response)
async def export_calls_by_key(
    service_id: str, db: Db, actor: Reader,
    range: statistics.CallRange | None = None,  # noqa: A002  the word of the query
    start: datetime | None = None, end: datetime | None = None,
) -> Response:  # fmt: skip
    """The calls of each key in a range as CSV, UTF-8 with a header row."""
    since, until = statistics.span(range, start, end, utc_now())
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        step_s = statistics.step_of(since, until, None)
        found = await statistics.read(session, service_id, since, until, step_s=step_s)
        keys = await queries.list_keys(session, [service_id])
    names = {row.id: _key_name(queries.frozen_key(row)) for row in keys}
    rows = [
        (key, names.get(key, ""), *(getattr(one, name) for name in _EXPORTED))
        for key, one in found.by_key.items()
    ]
    body = as_csv(("key_id", "key_name", *_EXPORTED), rows)
    name = f"{service_id}-keys-{since:%Y%m%dT%H%M}-{until:%Y%m%dT%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/events")
async def list_service_events(service_id: str, db: Db, actor: Reader) -> MergedEventList:
    """Of the last 24 hours and all versions; equal ones are merged and counted."""
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        found = await list_events(
            session, project_id=actor.project_id, subject_id=service_id, newest_first=True,
            limit=2000,
        )  # fmt: skip
    events = event_log.merged(found, None, utc_now())
    return MergedEventList(items=[MergedEventView(**asdict(event)) for event in events])


@router.get("/logs")
async def read_logs_of_service(
    service_id: str, db: Db, files: Files, query: LogArgs, actor: Reader,
    instance: str | None = None,
) -> LogPageView:  # fmt: skip
    """Log lines of every version's instances, also of those that are gone."""
    _, known = await _load(db, actor, service_id)
    return await log_page(files, pick_instances(known, instance), query)


@router.get("/logs/stream", response_class=StreamingResponse)
async def stream_logs_of_service(
    service_id: str, request: Request, db: Db, files: Files, actor: Reader,
    instance: str | None = None,
) -> StreamingResponse:  # fmt: skip
    """SSE of log lines as they are written, until the service is stopped."""
    await _load(db, actor, service_id)

    async def now_known() -> list[Instance]:
        return pick_instances((await _load(db, actor, service_id))[1], instance)

    async def finished() -> bool:
        return (await _load(db, actor, service_id))[0].state.is_down

    lines = live_log(files, now_known, finished, request, subject=service_id)
    return StreamingResponse(lines, media_type="text/event-stream")


@router.websocket("/instances/{instance_id}/shell")
async def open_shell_of_service(
    service_id: str,
    instance_id: str,
    socket: WebSocket,
    db: Db,
    actor: Annotated[Actor, allow("serve:service:shell")],
) -> None:
    """A shell inside the instance (see `compute/shells/socket.py` for its messages)."""

    async def find() -> Where:
        service, known = await _load(db, actor, service_id)
        return Where("service", service.id, service.name, one_instance(known, instance_id))

    await serve_shell(socket, actor, find)


@router.post("/test")
async def test_service(
    service_id: str, form: ServiceTestForm, db: Db, sealer: Seal, settings: Config,
    gateway: PublicUrl, actor: Caller,
) -> ServiceTestView:  # fmt: skip
    """One call through the gateway, with its whole answer (the online test)."""
    async with db.read() as session:
        if (await queries.get_service(session, actor.project_id, service_id)).grpc:
            raise Invalid("A gRPC service has no online test. Call it with a gRPC client.")
    body = proxy.check_test(form.method, form.path, form.body, form.content_type)
    target = form.version_id or service_id
    key = await _key(db, sealer, actor, service_id, form)
    url = f"{local_url(settings)}/{target}{form.path}"
    answer = await proxy.test(proxy.TestCall(form.method, url, body, form.content_type, key))
    return ServiceTestView(**asdict(answer), url=f"{gateway}/{target}{form.path}")


@router.post("/chat", response_class=StreamingResponse)
async def chat_with_service(
    service_id: str, body: dict[str, Any], request: Request, db: Db, sealer: Seal, settings: Config,
    actor: Caller,
) -> StreamingResponse:  # fmt: skip
    """A chat completion as the gateway gives it, called as oneself. `model` may be left out."""
    async with db.read() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
        model = await internal_keys.served_name(session, service_id)
    if not service.llm:
        raise Invalid("Only an LLM service can be chatted with.", code="not_an_llm")
    key = await internal_keys.own_key(db, sealer, actor, service_id, now=utc_now())
    url = f"{local_url(settings)}/{service_id}/v1/chat/completions"
    called = await proxy.unless_gone(request, proxy.call(url, {"model": model} | body, key))
    headers = called.headers | {"cache-control": "no-store"}
    return proxy.Passing(called.pieces(), status_code=called.status, headers=headers)


async def _load(db: Database, actor: Actor, service_id: str) -> tuple[Service, list[Instance]]:
    async with db.read() as session:
        row = await queries.get_service(session, actor.project_id, service_id)
        found: list[Instance] = []
        for version in await reading.versions_of(session, service_id):
            found += await reading.instances_of(session, version.id)
        return queries.frozen_service(row), found


async def _key(
    db: Database, sealer: Sealer, actor: Actor, service_id: str, form: ServiceTestForm
) -> proxy.OwnKey:
    """The chosen key, or the caller's own hidden one."""
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        if form.version_id is not None:
            version = await queries.get_version(session, actor.project_id, form.version_id)
            if version.service_id != service_id:
                raise Invalid(
                    f"{form.version_id} is a version of another service.", field="version_id"
                )
        if form.key_id is not None:
            row = await queries.get_key(session, service_id, form.key_id)
            return proxy.OwnKey(sealer.unseal(row.secret_sealed))
    return await internal_keys.own_key(db, sealer, actor, service_id, now=utc_now())


def _key_name(key: ServiceKey) -> str:
    if key.purpose is KeyPurpose.PLAYGROUND:
        return f"(console) {key.creator_name}"
    return _HIDDEN.get(key.purpose, key.name)


def _statistics_view(found: statistics.Statistics, names: dict[str, str]) -> CallStatisticsView:
    return CallStatisticsView(
        start=found.start, end=found.end, step_s=found.step_s,
        total=CallFiguresView(**asdict(found.total)),
        items=[CallPointView(time=at, **asdict(one)) for at, one in found.points],
        by_key=[
            CallKeyFiguresView(key_id=key, key_name=names.get(key, key), **asdict(one))
            for key, one in found.by_key.items()
        ],
    )  # fmt: skip
