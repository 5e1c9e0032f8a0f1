"""`push_training_metrics`: the same call inside a task and outside of one.

    from slipway import push_training_metrics
    push_training_metrics(time.time(), {"loss": 0.1}, step=3, total_steps=100)

Inside, the values are appended to the task's own file: no network, and nothing is lost while the
platform is away. Outside, or for another task, they are sent to the platform.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from slipway.runtime import metrics as local


def push_training_metrics(
    timestamp: float,
    metrics: Mapping[str, float],
    task_id: str | None = None,
    epoch: float | None = None,
    total_steps: int | None = None,
    step: int | None = None,
) -> None:
    """Report metric values of a task; left out, the running one.

    timestamp: seconds since 1970 (UTC). metrics: name -> finite number. At most 20 calls a second;
    `push_training_metrics_list` reports many points in one.
    """
    point = {
        "timestamp": timestamp, "metrics": metrics, "task_id": task_id, "epoch": epoch,
        "total_steps": total_steps, "step": step,
    }  # fmt: skip
    push_training_metrics_list([point])


def push_training_metrics_list(points: Sequence[Mapping[str, Any]]) -> None:
    """Report several points in one call: the arguments of `push_training_metrics`, by name."""
    own = os.environ.get("TI_TASK_ID")
    if os.environ.get("SLIPWAY_METRICS_FILE") and all(
        p.get("task_id") in (None, own) for p in points
    ):
        local.push_training_metrics_list(points)
        return
    _send(points, own)


def _send(points: Sequence[Mapping[str, Any]], own: str | None) -> None:
    from slipway.sdk.client import Client  # its HTTP library is not needed inside a task

    by_task: dict[str, list[dict[str, Any]]] = {}
    for point in points:
        task_id = point.get("task_id") or own
        if not task_id:
            raise local.MetricsError("Say which task the metrics belong to: task_id, or the variable TI_TASK_ID.")  # fmt: skip
        rest = {name: value for name, value in point.items() if name != "task_id"}
        by_task.setdefault(task_id, []).append(rest | {"metrics": dict(rest["metrics"])})
    with Client() as client:
        for task_id, own_points in by_task.items():
            client.tasks.push_metrics_list(task_id, own_points)
