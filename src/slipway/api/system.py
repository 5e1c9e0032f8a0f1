"""Health, facts about this installation, and the overview page's figures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text

from slipway import __version__
from slipway.api.events import ProjectEventView, event_view
from slipway.base.clock import utc_now
from slipway.base.events import list_events
from slipway.compute import queries as compute
from slipway.data import queries as data
from slipway.evaluation import queries as evaluation
from slipway.iam.http import Config, Db, allow, anyone
from slipway.iam.queries import user_names
from slipway.iam.types import Actor
from slipway.models import queries as models
from slipway.serving import queries as serving
from slipway.training import queries as training

router = APIRouter(tags=["System"])


class Health(BaseModel):
    status: str
    version: str


class SystemView(BaseModel):
    version: str
    site: str
    time: datetime
    gateway_url: str
    s3_url: str = Field(description="The S3-compatible endpoint; sign with an access key.")
    s3_region: str


class Overview(BaseModel):
    tasks: dict[str, int] = Field(description="Training tasks by state.")
    services: dict[str, int] = Field(description="Service versions by state.")
    counts: dict[str, int]
    resources: dict[str, Any]
    recent_events: list[ProjectEventView]


@router.get("/health", dependencies=[anyone("probes do not sign in")])
async def health(db: Db) -> Health:
    async with db.read() as session:
        await session.execute(text("SELECT 1"))
    return Health(status="ok", version=__version__)


@router.get("/system", dependencies=[anyone("the sign-in page shows it")])
async def system(request: Request, config: Config) -> SystemView:
    return SystemView(
        version=__version__,
        site=config.site,
        time=utc_now(),
        gateway_url=request.app.state.gateway_url,
        s3_url=request.app.state.s3_url,
        s3_region=config.s3_region,
    )


@router.get("/overview")
async def overview(db: Db, actor: Annotated[Actor, allow("event:event:list")]) -> Overview:
    async with db.read() as session:
        tasks = await training.count_by_state(session, actor.project_id)
        counts = {
            "datasets": await data.count_datasets(session, actor.project_id),
            "models": await models.count_models(session, actor.project_id),
            "evaluations": await evaluation.count_evaluations(session, actor.project_id),
        }
        services = await serving.count_by_state(session, actor.project_id)
        nodes, held = await compute.list_nodes(session), await compute.list_held(session)
        recent = await list_events(
            session,
            project_id=actor.project_id,
            without_kinds=("alert_delivery",),  # each alert would push out what it tells
            newest_first=True,
            limit=15,
        )
        names = await user_names(session, {e.actor_id for e in recent if e.actor_id})
    return Overview(
        tasks=tasks,
        services=services,
        counts=counts,
        resources={
            "cpu_cores": sum(n.cpu_cores for n in nodes),
            "cpu_cores_held": sum(h.resources.cpu_cores for h in held),
            "memory_bytes": sum(n.memory_bytes for n in nodes),
            "memory_bytes_held": sum(h.resources.memory_bytes for h in held),
            "gpus": sum(len(n.gpus) for n in nodes),
            "gpus_held": sum(len(h.gpu_indexes) for h in held),
        },
        recent_events=[event_view(event, names) for event in recent],
    )
