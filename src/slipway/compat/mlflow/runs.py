"""One kind of run for MLflow's clients: a training task, or a run that was created from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.compute.output.metrics import Latest, latest_values
from slipway.tracking import queries as tracking
from slipway.tracking.journal import MetricJournal
from slipway.tracking.types import Run, RunState, RunValues
from slipway.training import queries as training
from slipway.training.types import Task, TaskState

_STATUS = {
    TaskState.SUBMITTING: "SCHEDULED", TaskState.QUEUED: "SCHEDULED", TaskState.STARTING: "SCHEDULED",
    TaskState.RUNNING: "RUNNING", TaskState.STOPPING: "RUNNING", TaskState.COMPLETED: "FINISHED",
    TaskState.ABNORMAL: "FAILED", TaskState.STOPPED: "KILLED",
    RunState.RUNNING: "RUNNING", RunState.QUEUED: "SCHEDULED", RunState.COMPLETED: "FINISHED",
    RunState.ABNORMAL: "FAILED", RunState.STOPPED: "KILLED",
}  # fmt: skip
STATE_OF = {
    "RUNNING": RunState.RUNNING, "SCHEDULED": RunState.QUEUED, "FINISHED": RunState.COMPLETED,
    "FAILED": RunState.ABNORMAL, "KILLED": RunState.STOPPED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrackedRun:
    id: str
    project_id: str
    experiment_id: str
    name: str
    status: str
    user: str
    started_at: datetime
    ended_at: datetime | None
    artifacts: str  # storage address, a folder
    deleted: bool
    task: Task | None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What is known of a run: `values` from the database, `metrics` from its files."""

    run: TrackedRun
    values: RunValues
    metrics: dict[str, Latest]

    def facts(self) -> dict[str, dict[str, Any]]:
        run = self.run
        return {
            "metrics": {name: latest.value for name, latest in self.metrics.items()},
            "params": dict(self.values.parameters),
            "tags": dict(self.values.tags),
            "attributes": {
                "run_id": run.id, "run_name": run.name, "status": run.status, "user_id": run.user,
                "start_time": milliseconds(run.started_at), "created": milliseconds(run.started_at),
                "end_time": milliseconds(run.ended_at) if run.ended_at else None, "artifact_uri": artifact_uri(run),
            },
        }  # fmt: skip


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def artifact_uri(run: TrackedRun) -> str:
    return f"mlflow-artifacts:/{run.id}"


async def find_run(session: AsyncSession, run_id: str) -> TrackedRun:
    """Of any project: whoever calls checks that the actor may see it."""
    task = await training.find_anywhere(session, run_id)
    if task is not None:
        return of_task(training.frozen(task))
    run = await tracking.find_run(session, run_id)
    if run is not None:
        return of_run(tracking.frozen_run(run))
    raise no_run(run_id)


def no_run(run_id: str) -> NotFound:
    return NotFound(f"There is no run {run_id!r}, or it is in a project that is not yours.")


def of_task(task: Task) -> TrackedRun:
    return TrackedRun(
        task.id, task.project_id, task.project_id, task.spec.name, _STATUS[task.state], task.creator_name,
        task.started_at or task.created_at, task.ended_at, f"{task.output}artifacts/", False, task,
    )  # fmt: skip


def of_run(run: Run) -> TrackedRun:
    return TrackedRun(
        run.id, run.project_id, run.experiment_id, run.name, _STATUS[run.state], run.creator_name, run.started_at,
        run.ended_at, run.artifacts, run.deleted, None,
    )  # fmt: skip


async def report(
    session: AsyncSession, files: InstanceFiles, journal: MetricJournal, runs: Sequence[TrackedRun]
) -> list[RunReport]:
    ids = [run.id for run in runs]
    values = await tracking.values_of(session, ids)
    paths = await metric_files(session, files, journal, runs)
    found = await asyncio.to_thread(lambda: [latest_values(paths[run.id]) for run in runs])
    return [
        RunReport(run, _with_own(run, values[run.id]), metrics)
        for run, metrics in zip(runs, found, strict=True)
    ]


async def metric_files(
    session: AsyncSession, files: InstanceFiles, journal: MetricJournal, runs: Sequence[TrackedRun]
) -> dict[str, dict[str, Path]]:
    instances = await instances_of_owners(session, [run.id for run in runs if run.task])
    return {
        run.id: files.metrics(instances.get(run.id, [])) | {run.id: journal.path(run.id)}
        for run in runs
    }


def _with_own(run: TrackedRun, values: RunValues) -> RunValues:
    """A task's hyper-parameters are parameters, and its tags tags; what was logged comes on top."""
    own = {"mlflow.runName": run.name, "mlflow.user": run.user}
    if run.task is None:
        return RunValues(values.parameters, own | values.tags)
    parameters = {name: str(value) for name, value in run.task.spec.hyperparameters.items()}
    return RunValues(parameters | values.parameters, own | run.task.tags | values.tags)
