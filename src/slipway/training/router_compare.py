"""HTTP of the comparison of runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from slipway.compute.http import Files, SeriesView
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.tracking.http import Reports
from slipway.training.compare import ComparedRun, compare

router = APIRouter(prefix="/training/compare", tags=["Training"])


class LatestView(BaseModel):
    value: float
    step: int | None


class ComparedRunView(BaseModel):
    id: str
    name: str
    state: str
    is_task: bool = Field(description="False: a run that was created from outside.")
    run_time_s: float | None
    parameters: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, LatestView] = Field(description="The last value of each.")
    series: list[SeriesView]

    @classmethod
    def of(cls, run: ComparedRun) -> ComparedRunView:
        return cls(
            id=run.id, name=run.name, state=run.state, is_task=run.is_task, run_time_s=run.run_time_s,
            parameters=run.parameters, tags=run.tags,
            metrics={name: LatestView(value=v.value, step=v.step) for name, v in run.metrics.items()},
            series=[SeriesView.of(s) for s in run.series],
        )  # fmt: skip


class Comparison(BaseModel):
    runs: list[ComparedRunView]
    differing: list[str] = Field(description="Parameters that are not the same in all of them.")


@router.get("")
async def compare_runs(
    ids: Annotated[list[str], Query(description="Tasks and runs of this project.")],
    db: Db, files: Files, reports: Reports, actor: Annotated[Actor, allow("train:task:get")],
    points: Annotated[int, Query(ge=2, le=5000)] = 500,
) -> Comparison:  # fmt: skip
    """Parameters, last metric values and curves of several runs."""
    runs = await compare(db, files, reports.journal, actor, ids, points=points)
    names = {name for run in runs for name in run.parameters}
    differing = sorted(n for n in names if len({run.parameters.get(n) for run in runs}) > 1)
    return Comparison(runs=[ComparedRunView.of(run) for run in runs], differing=differing)
