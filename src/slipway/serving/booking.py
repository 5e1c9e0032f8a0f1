"""Booking what the gateway reports: ledger and minutes, once per batch, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.serving import call_counts, histogram
from slipway.serving.groups.queries import projects_of
from slipway.serving.monitoring import replica_minutes
from slipway.serving.tables import (
    CallMinuteRow,
    GatewayBatchRow,
    ServiceKeyRow,
    ServiceOwnerRow,
)
from slipway.usage import ledger
from slipway.usage.types import Usage, UsageKind

# A gateway repeats a batch within seconds, or after it was switched off for a while.
_KEEP_BATCHES = timedelta(days=30)
_LOCK = 0x51199B  # any number: two gateways add to the same minutes one after the other


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as the gateway tells it."""

    id: str
    time: datetime
    service: str
    version: str | None
    replica: str | None
    key: str | None
    group: str | None
    model: str | None
    status: int
    error_code: str | None
    prompt_tokens: int
    completion_tokens: int
    images: int
    cost: int
    estimated: bool
    request_bytes: int
    response_bytes: int
    ttft_ms: float | None
    duration_ms: float
    stream: bool = False

    @property
    def code(self) -> str:
        """Why it failed, also in the middle of an answer; '' where it did not."""
        return self.error_code or (str(self.status) if self.status >= 400 else "")

    @property
    def minute(self) -> datetime:
        return self.time.replace(second=0, microsecond=0)


@dataclass(slots=True)
class Sums:
    """Calls of one minute, version and key, added up."""

    received: int = 0
    succeeded: int = 0
    failed: int = 0
    throttled: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    duration_ms: float = 0.0
    ttft_ms: float = 0.0
    ttft_count: int = 0
    later_ms: float = 0.0
    later_tokens: int = 0
    latency: list[int] = field(default_factory=lambda: list(histogram.EMPTY))
    ttft: list[int] = field(default_factory=lambda: list(histogram.EMPTY))

    def add(self, call: CallRecord) -> None:
        self.received += 1
        self.throttled += call.status == 429
        self.succeeded += call.status < 400
        self.failed += call.status >= 400 and call.status != 429
        self.prompt_tokens += call.prompt_tokens
        self.completion_tokens += call.completion_tokens
        self.request_bytes += call.request_bytes
        self.response_bytes += call.response_bytes
        if call.status == 429:
            return  # refused at the door: says nothing about how quick the service is
        self.duration_ms += call.duration_ms
        self.latency[histogram.bucket_of(call.duration_ms)] += 1
        if call.ttft_ms is not None:
            self.ttft_ms += call.ttft_ms
            self.ttft_count += 1
            self.ttft[histogram.bucket_of(call.ttft_ms)] += 1
            if call.stream and call.completion_tokens > 1:
                self.later_ms += max(0.0, call.duration_ms - call.ttft_ms)
                self.later_tokens += call.completion_tokens - 1


Cell = tuple[str, datetime, str, str]  # service, minute, version, key


async def book(db: Database, batch: str, records: Sequence[CallRecord], *, now: datetime) -> bool:
    """False where the batch was booked before."""
    async with db.begin() as session:
        if not await _is_new(session, batch, now):
            return False
        owners = await _owners(session, {r.service for r in records})
        callers = await projects_of(session, {r.group for r in records if r.group})
        tenants = await _tenants(session, {r.key for r in records if r.key and not r.group})
        known = [r for r in records if r.service in owners]

        def payer(call: CallRecord) -> str | None:
            by = callers.get(call.group or "") or tenants.get(call.key or "")
            return by or owners.get(call.service)

        await ledger.append(session, _usage(batch, known, payer))
        await _add_minutes(session, summed(known))
        await replica_minutes.add(session, known, now)
        await call_counts.add(session, [(project, r) for r in records if (project := payer(r))])
        return True


def summed(records: Iterable[CallRecord]) -> dict[Cell, Sums]:
    cells: dict[Cell, Sums] = {}
    for call in records:
        cell = (call.service, call.minute, call.version or "", call.key or "")
        cells.setdefault(cell, Sums()).add(call)
    return cells


def _usage(
    batch: str, records: Sequence[CallRecord], payer: Callable[[CallRecord], str | None]
) -> list[Usage]:
    """Each call that used tokens, and the number of calls by service and key."""
    found = [
        Usage(
            source=f"gw:{r.id}", project_id=payer(r) or "", time=r.time, kind=UsageKind.TOKENS,
            subject_kind="service", subject_id=r.service,
            quantity=r.prompt_tokens + r.completion_tokens,
            details={
                "prompt_tokens": r.prompt_tokens, "completion_tokens": r.completion_tokens,
                "key": r.key, "version": r.version, "model": r.model, "estimated": r.estimated,
                "group": r.group,
            },
        )
        for r in records
        if r.prompt_tokens + r.completion_tokens
    ]  # fmt: skip
    counts: dict[tuple[str, str], list[CallRecord]] = {}
    for r in records:
        counts.setdefault((r.service, r.key or ""), []).append(r)
    for (service, key), calls in counts.items():
        found.append(
            Usage(
                source=f"gw:{batch}:{service}:{key}", project_id=payer(calls[0]) or "",
                time=max(r.time for r in calls), kind=UsageKind.REQUESTS, subject_kind="service",
                subject_id=service, quantity=len(calls),
                details={
                    "key": key or None,
                    "request_bytes": sum(r.request_bytes for r in calls),
                    "response_bytes": sum(r.response_bytes for r in calls),
                },
            )
        )  # fmt: skip
    return found


async def _is_new(session: AsyncSession, batch: str, now: datetime) -> bool:
    is_postgres = session.get_bind().dialect.name == "postgresql"
    if is_postgres:
        await session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    insert = postgresql.insert if is_postgres else sqlite.insert
    added = await session.execute(
        insert(GatewayBatchRow).values(id=batch, received_at=now).on_conflict_do_nothing()
    )
    if added.rowcount != 1:  # type: ignore[attr-defined]
        return False
    old = delete(GatewayBatchRow).where(GatewayBatchRow.received_at < now - _KEEP_BATCHES)
    await session.execute(old.execution_options(synchronize_session=False))
    return True


async def _tenants(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Key -> the project that calls with it, of those that belong to another than the service."""
    query = select(ServiceKeyRow.id, ServiceKeyRow.tenant_id).where(
        ServiceKeyRow.id.in_(keys), ServiceKeyRow.tenant_id.is_not(None)
    )
    return {row[0]: str(row[1]) for row in await session.execute(query)}


async def _owners(session: AsyncSession, services: set[str]) -> dict[str, str]:
    query = select(ServiceOwnerRow).where(ServiceOwnerRow.service_id.in_(services))
    return {row.service_id: row.project_id for row in await session.scalars(query)}


async def _add_minutes(session: AsyncSession, cells: dict[Cell, Sums]) -> None:
    columns = (
        CallMinuteRow.service_id, CallMinuteRow.minute, CallMinuteRow.version_id,
        CallMinuteRow.key_id,
    )  # fmt: skip
    query = select(CallMinuteRow).where(tuple_(*columns).in_(list(cells)))
    there = {
        (row.service_id, row.minute, row.version_id, row.key_id): row
        for row in (await session.scalars(query) if cells else ())
    }
    for cell, sums in cells.items():
        row = there.get(cell)
        if row is None:
            service, minute, version, key = cell
            values = {name: getattr(sums, name) for name in Sums.__slots__}
            session.add(
                CallMinuteRow(
                    service_id=service, minute=minute, version_id=version, key_id=key, **values
                )
            )
            continue
        for name in Sums.__slots__:
            old, new = getattr(row, name), getattr(sums, name)
            setattr(row, name, histogram.added(old, new) if isinstance(new, list) else old + new)
    await session.flush()
