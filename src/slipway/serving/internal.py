"""What the gateway asks of the control plane. Not for people: this machine only, with its token."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.errors import Forbidden, SignedOut
from slipway.iam.http import Db, anyone
from slipway.serving import booking, wake
from slipway.serving.call_routes import Resealer
from slipway.serving.feed import follow_routes
from slipway.serving.scaling.signals import EntranceLoad, LoadReport, LoadSignals
from slipway.serving.token import is_gateway


def gateway_only(request: Request) -> None:
    """Refuses everybody but a gateway on this machine."""
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local or "x-forwarded-for" in request.headers:
        raise Forbidden("This address is for the gateway on this machine.")
    home = request.app.state.settings.root
    if not is_gateway(home, request.headers.get("authorization")):
        raise SignedOut("The gateway's token is missing or wrong.", code="bad_token")


router = APIRouter(
    prefix="/internal/gateway",
    include_in_schema=False,
    dependencies=[anyone("The gateway proves itself with its token."), Depends(gateway_only)],
)


class UsageRecord(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    time: datetime
    service: str
    version: str | None = None
    replica: str | None = None
    key: str | None = None
    group: str | None = None
    model: str | None = None
    status: int
    error_code: str | None = None
    prompt_tokens: int = Field(0, ge=0)
    completion_tokens: int = Field(0, ge=0)
    images: int = Field(0, ge=0)
    cost: int = Field(0, ge=0)
    estimated: bool = False
    request_bytes: int = Field(0, ge=0)
    response_bytes: int = Field(0, ge=0)
    ttft_ms: float | None = None
    stream: bool = False
    duration_ms: float = 0.0

    def call(self) -> booking.CallRecord:
        values: dict[str, Any] = self.model_dump()
        moment = self.time if self.time.tzinfo else self.time.replace(tzinfo=UTC)
        return booking.CallRecord(**{**values, "time": moment.astimezone(UTC)})


class UsageBatch(BaseModel):
    batch: str = Field(min_length=1, max_length=200)
    records: list[UsageRecord]


class Booked(BaseModel):
    batch: str
    new: bool


@router.get("/feed", response_class=StreamingResponse)
async def gateway_feed(db: Db, request: Request) -> StreamingResponse:
    """Routes and keys, for ever: one JSON object a line."""

    reseal = Resealer(request.app.state.sealer, request.app.state.settings.root)

    async def lines() -> AsyncIterator[bytes]:
        async for line in follow_routes(db, reseal=reseal):
            yield line
            if await request.is_disconnected():
                return

    return StreamingResponse(lines(), media_type="application/x-ndjson")


class EntranceReport(BaseModel):
    service: str
    version: str = Field("", description="'': the service's own path.")
    arrived: int = Field(0, ge=0)
    held: int = Field(0, ge=0)


class GatewayLoad(BaseModel):
    gateway: str = Field(min_length=1, max_length=200)
    entrances: list[EntranceReport] = []
    in_flight: dict[str, int] = {}


@router.post("/load", status_code=204)
async def gateway_load(load: GatewayLoad, signals: LoadSignals) -> None:
    """What came in since the last report, and what waits for a version to wake."""
    entrances = {(e.service, e.version): EntranceLoad(e.arrived, e.held) for e in load.entrances}
    signals.report(LoadReport(load.gateway, entrances, load.in_flight))
    for service_id in {e.service for e in load.entrances if e.held}:
        wake.calls.tell(service_id)


@router.post("/usage")
async def gateway_usage(batch: UsageBatch, db: Db, signals: LoadSignals) -> Booked:
    """Kept exactly once by `batch`, however often it comes."""
    records = [record.call() for record in batch.records]
    new = await booking.book(db, batch.batch, records, now=utc_now())
    if new:
        signals.ended((r.version, r.ttft_ms) for r in records if r.version and r.status != 429)
    return Booked(batch=batch.batch, new=new)
