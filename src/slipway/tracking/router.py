"""HTTP of runs from outside: what the console lists. They are made through the MLflow API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from slipway.base.clock import utc_now
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.tracking import queries, runs
from slipway.tracking.types import Run

router = APIRouter(prefix="/tracking", tags=["Tracking"])


class RunView(BaseModel):
    id: str
    name: str
    experiment_id: str
    state: str
    artifacts: str
    creator: str
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> RunView:
        return cls(
            id=run.id, name=run.name, experiment_id=run.experiment_id, state=run.state, artifacts=run.artifacts,
            creator=run.creator_name, created_at=run.created_at, started_at=run.started_at, ended_at=run.ended_at,
        )  # fmt: skip


class RunPage(BaseModel):
    items: list[RunView]
    next_cursor: str | None
    total: int


@router.get("/runs")
async def list_runs(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("train:run:list")]
) -> RunPage:
    """Runs that clients created from outside, newest first."""
    async with db.read() as session:
        found = await queries.page_runs(session, actor.project_id, actor.user_id, page)
    return RunPage(
        items=[RunView.of(queries.frozen_run(row)) for row in found.items],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.delete("/runs/{run_id}", status_code=204)
async def delete_run(
    run_id: str, db: Db, actor: Annotated[Actor, allow("train:run:delete")]
) -> None:
    await runs.delete_run(db, actor, run_id, now=utc_now())
