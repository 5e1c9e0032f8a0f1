"""Training metrics from user code: `push_training_metrics(time.time(), {"loss": 0.1}, step=3)`.

Needs nothing but the standard library. A call appends one line to the task's metrics file; the
platform reads it from there, so a chart follows even while the control plane is away.
"""

import collections
import json
import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

CALLS_PER_SECOND = 20

_recent_calls: collections.deque[float] = collections.deque(maxlen=CALLS_PER_SECOND)
_lock = threading.Lock()


class MetricsError(Exception):
    """The metrics were not taken; the message says why and what to do."""


class TooManyCalls(MetricsError):
    """More calls in a second than the platform takes."""


def push_training_metrics(
    timestamp: float,
    metrics: Mapping[str, float],
    task_id: str | None = None,
    epoch: float | None = None,
    total_steps: int | None = None,
    step: int | None = None,
) -> None:
    """Report metric values of the running task.

    timestamp: seconds since 1970 (UTC). metrics: name -> finite number. task_id: the running
    task's, which is the default. Safe to call from several threads and processes at once.
    Raises MetricsError, and TooManyCalls above 20 calls a second; the list form counts once.
    """
    push_training_metrics_list(
        [
            {
                "timestamp": timestamp,
                "metrics": metrics,
                "task_id": task_id,
                "epoch": epoch,
                "total_steps": total_steps,
                "step": step,
            }
        ]
    )


def push_training_metrics_list(points: Sequence[Mapping[str, Any]]) -> None:
    """Report several points in one call; all are taken or none.

    Each point holds `timestamp` and `metrics`, and may hold `task_id`, `epoch`, `total_steps`
    and `step`, with the meaning they have in `push_training_metrics`.
    """
    path = os.environ.get("SLIPWAY_METRICS_FILE")
    if not path:
        raise MetricsError(
            "SLIPWAY_METRICS_FILE is not set: metrics can only be reported from inside a task."
        )
    lines = [json.dumps(_point(**point)) + "\n" for point in points]
    with _lock:
        _count_call()
        _append(path, "".join(lines).encode())


def _point(
    timestamp: Any,
    metrics: Any,
    task_id: str | None = None,
    epoch: Any = None,
    total_steps: Any = None,
    step: Any = None,
) -> dict[str, Any]:
    own_task = os.environ.get("TI_TASK_ID")
    if task_id and own_task and task_id != own_task:
        raise MetricsError(f"This is task {own_task}; it cannot report metrics of task {task_id}.")
    if not isinstance(metrics, Mapping) or not metrics:
        raise MetricsError('metrics must map names to numbers, such as {"loss": 0.1}.')
    point: dict[str, Any] = {"t": _finite("timestamp", timestamp)}
    for name, value in (("step", step), ("total_steps", total_steps)):
        if value is not None:
            point[name] = int(_finite(name, value))
    if epoch is not None:
        point["epoch"] = _finite("epoch", epoch)
    point["metrics"] = {_name(name): _finite(name, value) for name, value in metrics.items()}
    return point


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise MetricsError(f"A metric's name must be a text that is not empty, not {name!r}.")
    return name


def _finite(name: Any, value: Any) -> float:
    """Also takes what turns into a number by itself: NumPy scalars, one-element tensors."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise MetricsError(f"{name} must be a number, not {value!r}.") from error
    if not math.isfinite(number):
        raise MetricsError(f"{name} is {number}; only finite numbers can be reported.")
    return number


def _count_call() -> None:
    now = time.monotonic()
    if len(_recent_calls) == CALLS_PER_SECOND and now - _recent_calls[0] < 1:
        raise TooManyCalls(
            f"More than {CALLS_PER_SECOND} calls in one second. Report less often, or several "
            "points in one call with push_training_metrics_list."
        )
    _recent_calls.append(now)


def _append(path: str, data: bytes) -> None:
    """One write at the end of the file, which the kernel keeps whole among other writers'."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            written = os.write(fd, data)
        finally:
            os.close(fd)
    except OSError as error:
        raise MetricsError(f"Could not write the metrics to {path}: {error.strerror}.") from error
    if written != len(data):
        raise MetricsError(f"Could not write all metrics to {path}: the disk is full.")
