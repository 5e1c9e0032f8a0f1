"""Several runs side by side: tasks, and runs from outside (TRN-X3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.base.database import Database
from slipway.base.errors import Invalid, NotFound
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.compute.output.metrics import Latest, Series, latest_values, read_metrics
from slipway.iam.types import Actor
from slipway.tracking import queries as tracking
from slipway.tracking.journal import MetricJournal
from slipway.tracking.types import RunValues
from slipway.training import queries
from slipway.training.types import Task

MAX_RUNS = 12


@dataclass(frozen=True, slots=True)
class ComparedRun:
    id: str
    name: str
    state: str
    is_task: bool
    run_time_s: float | None
    parameters: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, Latest]
    series: Sequence[Series]


async def compare(
    db: Database, files: InstanceFiles, journal: MetricJournal, actor: Actor, ids: Sequence[str], *, points: int
) -> list[ComparedRun]:  # fmt: skip
    """In the order asked for; raises NotFound for the first that is not in the project."""
    ids = list(dict.fromkeys(ids))
    if not 1 <= len(ids) <= MAX_RUNS:
        raise Invalid(f"Compare 1 to {MAX_RUNS} runs at a time.", field="ids")
    async with db.read() as session:
        tasks = {
            row.id: queries.frozen(row)
            for row in await queries.list_these(session, actor.project_id, ids)
        }
        runs = {
            run_id: tracking.frozen_run(await tracking.get_run(session, actor.project_id, run_id))
            for run_id in ids
            if run_id.startswith("run-")
        }
        values = await tracking.values_of(session, ids)
        instances = await instances_of_owners(session, list(tasks))
    if missing := [one for one in ids if one not in tasks and one not in runs]:
        raise NotFound(f"There is no run {missing[0]} in this project.")
    paths = {one: files.metrics(instances.get(one, [])) | {one: journal.path(one)} for one in ids}
    read = await asyncio.to_thread(lambda: [_read(paths[one], points) for one in ids])
    found = []
    for one, (latest, series) in zip(ids, read, strict=True):
        if task := tasks.get(one):
            found.append(_of_task(task, values[one], latest, series))
        else:
            run = runs[one]
            seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
            found.append(
                ComparedRun(
                    one, run.name, run.state, False, seconds, values[one].parameters, values[one].tags, latest, series
                )
            )  # fmt: skip
    return found


def _read(paths: Mapping[str, Path], points: int) -> tuple[dict[str, Latest], list[Series]]:
    return latest_values(paths), read_metrics(paths, points=points)


def _of_task(
    task: Task, values: RunValues, latest: dict[str, Latest], series: Sequence[Series]
) -> ComparedRun:
    spec = task.spec
    own: dict[str, Any] = {
        "environment": spec.environment, "mode": spec.mode, "instances": spec.instances, "cpu_cores": spec.cpu_cores,
        "memory_bytes": spec.memory_bytes, "gpus": spec.gpus, "command": spec.command,
    }  # fmt: skip
    end = task.ended_at
    seconds = (end - task.started_at).total_seconds() if end and task.started_at else None
    parameters = {name: _text(value) for name, value in (own | spec.hyperparameters).items()}
    return ComparedRun(
        task.id, spec.name, task.state, True, seconds, parameters | values.parameters, task.tags | values.tags, latest,
        series,
    )  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
