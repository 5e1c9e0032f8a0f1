"""HTTP of runs from outside: what the console lists. They are made through the MLflow API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.compute.http import MetricsView, SeriesView
from slipway.compute.output.metrics import read_metrics
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.tracking import queries, runs
from slipway.tracking.http import Reports
from slipway.tracking.types import Run

router = APIRouter(prefix="/tracking", tags=["Tracking"])

Reader = Annotated[Actor, allow("train:run:get")]


class RunView(BaseModel):
    id: str
    name: str
    experiment_id: str
    experiment: str = Field(description="Its name; the project's own experiment has the project's.")
    state: str
    artifacts: str
    creator: str
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None
    run_time_s: float | None = Field(description="None while it runs.")

    @classmethod
    def of(cls, run: Run, experiments: Mapping[str, str], **more: dict[str, str]) -> Self:
        seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
        return cls(
            id=run.id, name=run.name, experiment_id=run.experiment_id,
            experiment=experiments.get(run.experiment_id, run.experiment_id), state=run.state, artifacts=run.artifacts,
            creator=run.creator_name, created_at=run.created_at, started_at=run.started_at, ended_at=run.ended_at,
            run_time_s=seconds, **more,
        )  # fmt: skip


class RunDetail(RunView):
    parameters: dict[str, str]
    tags: dict[str, str]


class ExperimentView(BaseModel):
    id: str
    name: str


class ExperimentList(BaseModel):
    items: list[ExperimentView]


class RunPage(BaseModel):
    items: list[RunView]
    next_cursor: str | None
    total: int


@router.get("/runs")
async def list_runs(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("train:run:list")],
    experiment: Annotated[list[str] | None, Query(description="Only runs of these experiments, by id.")] = None,
) -> RunPage:  # fmt: skip
    """Runs that clients created from outside, newest first."""
    async with db.read() as session:
        found = await queries.page_runs(
            session, actor.project_id, actor.user_id, page, experiments=experiment
        )
    names = await _experiment_names(db, actor)
    return RunPage(
        items=[RunView.of(queries.frozen_run(row), names) for row in found.items],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get("/runs/{run_id}")
async def get_run(run_id: str, db: Db, actor: Reader) -> RunDetail:
    """One run, with its parameters and tags."""
    async with db.read() as session:
        run = queries.frozen_run(await queries.get_run(session, actor.project_id, run_id))
        values = (await queries.values_of(session, [run_id]))[run_id]
    names = await _experiment_names(db, actor)
    return RunDetail.of(run, names, parameters=values.parameters, tags=values.tags)


@router.get("/runs/{run_id}/metrics")
async def read_run_metrics(
    run_id: str, db: Db, reports: Reports, actor: Reader,
    points: Annotated[int, Query(ge=2, le=5000)] = 500,
) -> MetricsView:  # fmt: skip
    """Every value that the run reported, at most `points` of each metric."""
    async with db.read() as session:
        await queries.get_run(session, actor.project_id, run_id)
    paths = {run_id: reports.journal.path(run_id)}
    series = await asyncio.to_thread(lambda: read_metrics(paths, points=points))
    return MetricsView(items=[SeriesView.of(one) for one in series])


@router.get("/experiments")
async def list_experiments(
    db: Db, actor: Annotated[Actor, allow("train:run:list")]
) -> ExperimentList:
    """What runs are grouped by; the project itself is the first."""
    found = await runs.list_experiments(db, actor.project_id)
    return ExperimentList(
        items=[ExperimentView(id=e.id, name=e.name) for e in found if not e.deleted]
    )


async def _experiment_names(db: Db, actor: Actor) -> dict[str, str]:
    return {e.id: e.name for e in await runs.list_experiments(db, actor.project_id)}


@router.delete("/runs/{run_id}", status_code=204)
async def delete_run(
    run_id: str, db: Db, actor: Annotated[Actor, allow("train:run:delete")]
) -> None:
    await runs.delete_run(db, actor, run_id, now=utc_now())
