"""Our experiments and runs as MLflow's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slipway.compat.mlflow.runs import RunReport, TrackedRun, artifact_uri, milliseconds
from slipway.tracking.types import Experiment


def experiment_view(experiment: Experiment) -> dict[str, Any]:
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "artifact_location": f"mlflow-artifacts:/{experiment.id}",
        "lifecycle_stage": "deleted" if experiment.deleted else "active",
        "creation_time": milliseconds(experiment.created_at),
        "last_update_time": milliseconds(experiment.updated_at),
        "tags": [],
    }


def run_view(report: RunReport) -> dict[str, Any]:
    return {
        "info": info_view(report.run),
        "data": {
            "metrics": [
                {"key": name, "value": found.value, "timestamp": round(found.time_s * 1000), "step": found.step or 0}
                for name, found in report.metrics.items()
            ],
            "params": _pairs(report.values.parameters),
            "tags": _pairs(report.values.tags),
        },
        "inputs": {},
        "outputs": {},
    }  # fmt: skip


def info_view(run: TrackedRun) -> dict[str, Any]:
    info = {
        "run_id": run.id, "run_uuid": run.id, "run_name": run.name, "experiment_id": run.experiment_id,
        "user_id": run.user, "status": run.status, "start_time": milliseconds(run.started_at),
        "artifact_uri": artifact_uri(run), "lifecycle_stage": "deleted" if run.deleted else "active",
    }  # fmt: skip
    return info | ({"end_time": milliseconds(run.ended_at)} if run.ended_at else {})


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]
