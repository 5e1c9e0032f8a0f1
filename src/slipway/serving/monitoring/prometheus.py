"""All series of a project's services as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving.statistics import figures
from slipway.serving.tables import CallMinuteRow, ServiceRow, ServiceVersionRow, VersionMinuteRow
from slipway.serving.types import ServicePurpose

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FRESH = timedelta(minutes=3)  # an older minute says nothing of now
_RECENT = timedelta(minutes=5)
_PREFIX = "slipway_service_"
_SUMS = {
    "succeeded": ("calls_total", "Calls by how they ended", 'result="succeeded"'),
    "failed": ("calls_total", "", 'result="failed"'),
    "throttled": ("calls_total", "", 'result="throttled"'),
    "prompt_tokens": ("tokens_total", "Tokens handled", 'kind="input"'),
    "completion_tokens": ("tokens_total", "", 'kind="output"'),
    "request_bytes": ("bytes_total", "Bytes of bodies", 'direction="in"'),
    "response_bytes": ("bytes_total", "", 'direction="out"'),
    "later_ms": ("later_tokens_ms_total", "Milliseconds for tokens after the first", ""),
    "later_tokens": ("later_tokens_total", "Tokens after the first, of streamed answers", ""),
}
_DURATIONS = {
    "mean_ms": ("duration_mean_ms", "Time until a call ended, of the last five minutes"),
    "p95_ms": ("duration_p95_ms", "95 % of the calls of the last five minutes were this quick"),
    "mean_ttft_ms": ("first_token_mean_ms", "Time to the first token, of the last five minutes"),
    "p95_ttft_ms": ("first_token_p95_ms", "95 % of the first tokens came this quickly"),
}
_GAUGES = {
    "expected": ("instances_expected", "Instances that shall be there"),
    "running": ("instances_running", "Instances that take requests"),
    "in_flight": ("requests_in_flight", "Requests being answered"),
    "cpu_pct": ("cpu_percent", "CPU in use, percent of the request"),
    "mem_pct": ("memory_percent", "Memory in use, percent of the request"),
    "gpu_pct": ("gpu_percent", "GPU in use, percent"),
    "gpu_mem_pct": ("gpu_memory_percent", "GPU memory in use, percent"),
    "llm_running": ("llm_requests_running", "Requests that the engines decode"),
    "llm_waiting": ("llm_requests_waiting", "Requests in the queues of the engines"),
    "kv_cache_pct": ("llm_kv_cache_percent", "Key-value cache in use, percent"),
}


async def exposition(session: AsyncSession, project_id: str, now: datetime) -> str:
    """Counts since the service was made; gauges of the load are means of the last minute."""
    query = select(ServiceRow.id, ServiceRow.name).where(
        ServiceRow.project_id == project_id, ServiceRow.purpose == ServicePurpose.ONLINE
    )
    names = {row[0]: row[1] for row in await session.execute(query.order_by(ServiceRow.id))}
    families: dict[str, list[str]] = {}
    await _add_counters(session, names, families)
    await _add_durations(session, names, families, now)
    await _add_gauges(session, names, families, now)
    return "".join(_text(families))


async def _add_counters(
    session: AsyncSession, names: Mapping[str, str], families: dict[str, list[str]]
) -> None:
    columns = [func.sum(getattr(CallMinuteRow, name)) for name in _SUMS]
    key = (CallMinuteRow.service_id, CallMinuteRow.version_id)
    query = select(*key, *columns).where(CallMinuteRow.service_id.in_(list(names)))
    for service, version, *sums in await session.execute(query.group_by(*key).order_by(*key)):
        for (metric, _, label), value in zip(_SUMS.values(), sums, strict=True):
            labels = _labels(names, service, version, label)
            _add(families, metric, labels, value)


async def _add_durations(
    session: AsyncSession, names: Mapping[str, str], families: dict[str, list[str]], now: datetime
) -> None:
    query = select(CallMinuteRow).where(
        CallMinuteRow.service_id.in_(list(names)), CallMinuteRow.minute >= now - _RECENT
    )
    rows: dict[tuple[str, str], list[CallMinuteRow]] = {}
    for row in await session.scalars(query):
        rows.setdefault((row.service_id, row.version_id), []).append(row)
    for (service, version), own in sorted(rows.items()):
        found = figures(own)
        for column, (metric, _) in _DURATIONS.items():
            if (value := getattr(found, column)) is not None:
                _add(families, metric, _labels(names, service, version), value)


async def _add_gauges(
    session: AsyncSession, names: Mapping[str, str], families: dict[str, list[str]], now: datetime
) -> None:
    newest = (
        select(VersionMinuteRow.version_id, func.max(VersionMinuteRow.minute).label("minute"))
        .where(VersionMinuteRow.minute >= now - _FRESH)
        .group_by(VersionMinuteRow.version_id)
        .subquery()
    )
    query = (
        select(ServiceVersionRow.service_id, VersionMinuteRow)
        .join(ServiceVersionRow, ServiceVersionRow.id == VersionMinuteRow.version_id)
        .join(
            newest,
            (newest.c.version_id == VersionMinuteRow.version_id)
            & (newest.c.minute == VersionMinuteRow.minute),
        )
        .where(ServiceVersionRow.service_id.in_(list(names)))
        .order_by(VersionMinuteRow.version_id)
    )
    for service, row in await session.execute(query):
        for column, (metric, _) in _GAUGES.items():
            value = getattr(row, column)
            if value is not None:
                _add(families, metric, _labels(names, service, row.version_id), value)


def _add(families: dict[str, list[str]], metric: str, labels: str, value: float) -> None:
    families.setdefault(metric, []).append(f"{_PREFIX}{metric}{labels} {float(value):.10g}")


def _text(families: Mapping[str, Iterable[str]]) -> Iterator[str]:
    kinds = [(m, h, "counter") for m, h, _ in _SUMS.values() if h]
    kinds += [(m, h, "gauge") for m, h in (*_DURATIONS.values(), *_GAUGES.values())]
    for metric, told, kind in kinds:
        if metric in families:
            yield f"# HELP {_PREFIX}{metric} {told}\n# TYPE {_PREFIX}{metric} {kind}\n"
            yield from (f"{line}\n" for line in families[metric])


def _labels(names: Mapping[str, str], service: str, version: str, own: str = "") -> str:
    pairs = [f'service="{service}"', f'name="{_escaped(names[service])}"', f'version="{version}"']
    return "{" + ",".join([*pairs, *([own] if own else [])]) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
