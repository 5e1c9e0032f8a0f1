"""HTTP of series: what one instance was asked, and everything for Prometheus."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.monitoring import prometheus, replica_minutes
from slipway.serving.statistics import CallRange, span, step_of

router = APIRouter()

Reader = Annotated[Actor, allow("serve:service:get")]


class InstanceTrafficPoint(BaseModel):
    time: datetime
    qps: float
    failed: int
    request_bytes: int
    response_bytes: int
    mean_ms: float | None
    concurrent: float = Field(description="Requests in it at once, as a mean over the step.")


class InstanceTrafficView(BaseModel):
    start: datetime
    end: datetime
    step_s: int
    items: list[InstanceTrafficPoint] = Field(description="Steps in which it answered anything.")


@router.get("/services/versions/{version_id}/instances/{instance_id}/traffic")
async def read_instance_traffic(
    version_id: str, instance_id: str, db: Db, actor: Reader,
    range: CallRange | None = None,  # noqa: A002  the word of the query
    start: datetime | None = None, end: datetime | None = None,
    step_s: Annotated[int | None, Query(ge=60, le=86_400)] = None,
) -> InstanceTrafficView:  # fmt: skip
    """Calls that one instance answered over a range; the last hour by default."""
    since, until = span(range, start, end, utc_now())
    step = step_of(since, until, step_s)
    async with db.read() as session:
        await queries.get_version(session, actor.project_id, version_id)
        rows = await queries.replicas_of(session, version_id, ended=True)
        row = next((r for r in rows if instance_id in (r.id, r.instance_id)), None)
        if row is None:
            raise NotFound(f"There is no instance {instance_id} of {version_id}.")
        found = await replica_minutes.read(session, row.id, since, until, step)
    items = [InstanceTrafficPoint(**asdict(point)) for point in found]
    return InstanceTrafficView(start=since, end=until, step_s=step, items=items)


@router.get("/service-metrics", response_class=PlainTextResponse)
async def export_service_metrics(
    db: Db, actor: Annotated[Actor, allow("serve:service:list")]
) -> PlainTextResponse:
    """Every series of the project's services, for Prometheus to scrape with a token."""
    async with db.read() as session:
        text = await prometheus.exposition(session, actor.project_id, utc_now())
    return PlainTextResponse(text, headers={"content-type": prometheus.CONTENT_TYPE})
