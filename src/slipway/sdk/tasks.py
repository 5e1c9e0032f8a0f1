from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway.sdk.convert import build
from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.log_pages import log_lines
from slipway.sdk.shell import Shell, chosen
from slipway.sdk.types import (
    AttemptList,
    AttemptView,
    CheckpointList,
    CheckpointView,
    EnvironmentList,
    EnvironmentView,
    InstanceList,
    InstanceView,
    LogLineView,
    LogPageView,
    MetricsView,
    ModelVersionView,
    ProfileView,
    PushView,
    ReproductionView,
    RerunView,
    SamplesView,
    SeriesView,
    TaskDetail,
    TaskPlan,
    TaskView,
    TemplateList,
    TemplateView,
)  # fmt: skip
from slipway.sdk.waiting import TimedOut

_FINAL = ("Completed", "Abnormal", "Stopped")
_BASE = "/training/tasks"


class TaskFailed(SlipwayError):
    """The task did not complete; `message` is its reason."""


class Tasks:
    """Training tasks."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, command: str = "", **form: Any) -> TaskView:
        """Submit a task. Fields as in the API: environment, mode, instances, cpu_cores, memory_bytes, gpus,
        mounts, hyperparameters, env, output, max_restarts, template, tags, description, roles, health_check_s,
        max_reschedules, grace_s, hang_s, max_run_s, max_queue_s, after."""
        return self._http.post(TaskView, _BASE, {"name": name, "command": command, **form})

    def reproduction(self, task_id: str) -> ReproductionView:
        """What its last start depended on, and whether that is still to be had."""
        return self._http.get(ReproductionView, f"{_BASE}/{task_id}/reproduction")

    def rerun(self, task_id: str, name: str) -> RerunView:
        """A new task with the versions and commits of the last start of this one."""
        return self._http.post(RerunView, f"{_BASE}/{task_id}/rerun", {"name": name})

    def plan(self, name: str, command: str = "", **form: Any) -> TaskPlan:
        """What such a task would become, and what it would be refused for. Submits nothing."""
        return self._http.post(
            TaskPlan, f"{_BASE}/plan", {"name": name, "command": command, **form}
        )

    def attempts(self, task_id: str) -> Sequence[AttemptView]:
        """Every attempt of every run, newest first."""
        return self._http.get(AttemptList, f"{_BASE}/{task_id}/attempts").items

    def get(self, task_id: str) -> TaskDetail:
        return self._http.get(TaskDetail, f"{_BASE}/{task_id}")

    def list(self, **filters: Any) -> Iterator[TaskView]:
        return self._http.pages(TaskView, _BASE, **filters)

    def wait(
        self, task_id: str, *, timeout_s: float | None = None, check: bool = False
    ) -> TaskView:
        """Until the task has ended. With `check`, anything but Completed raises TaskFailed."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left = 45.0 if deadline is None else min(45.0, deadline - time.monotonic())
            task = self._http.get(TaskView, f"{_BASE}/{task_id}/wait", timeout_s=max(0.0, left))
            if task.state in _FINAL:
                if check and task.state != "Completed":
                    raise TaskFailed(
                        f"Task {task.name} is {task.state}: {task.reason}", code="task_failed"
                    )
                return task
            if deadline is not None and time.monotonic() >= deadline:
                raise TimedOut(
                    f"Task {task.name} is still {task.state} after {timeout_s:g} s.",
                    code="timed_out",
                )

    def stop(self, task_id: str) -> TaskView:
        return self._http.post(TaskView, f"{_BASE}/{task_id}/stop")

    def start(self, task_id: str) -> TaskView:
        return self._http.post(TaskView, f"{_BASE}/{task_id}/start")

    def edit(
        self, task_id: str, *, tags: dict[str, str] | None = None, description: str | None = None
    ) -> TaskView:
        return self._http.patch(
            TaskView, f"{_BASE}/{task_id}", {"tags": tags, "description": description}
        )

    def delete(self, task_id: str, *, with_outputs: bool = False) -> None:
        self._http.delete(f"{_BASE}/{task_id}", with_outputs=with_outputs)

    def instances(self, task_id: str) -> Sequence[InstanceView]:
        return self._http.get(InstanceList, f"{_BASE}/{task_id}/instances").items

    def profile(
        self, task_id: str, instance: str | None = None, *, seconds: int = 10, idle: bool = False
    ) -> ProfileView:
        """Where a running instance spends its time, sampled for `seconds`; named as in `shell`."""
        path = f"{_BASE}/{task_id}/instances/{self._running(task_id, instance)}/profile"
        answer = self._http.request(
            "POST", path, json={"seconds": seconds, "idle": idle}, timeout=seconds + 90
        )
        return build(ProfileView, answer.json())

    def shell(
        self, task_id: str, instance: str | None = None, *, columns: int = 80, rows: int = 24
    ) -> Shell:
        """A terminal inside a running instance, named by its rank or its id; by default the first that runs."""
        found = self._running(task_id, instance)
        return Shell.open(self._http, f"{_BASE}/{task_id}/instances/{found}/shell", columns, rows)

    def _running(self, task_id: str, instance: str | None) -> str:
        running = {i.id: i.rank for i in self.instances(task_id) if i.state == "running"}
        return chosen(running, instance)

    def logs(self, task_id: str, **query: Any) -> LogPageView:
        """One page, newest first: search, category, start (an hour ago), end, order, limit (100), cursor, instance."""
        return self._http.get(LogPageView, f"{_BASE}/{task_id}/logs", **query)

    def log_lines(self, task_id: str, limit: int = 1000, **query: Any) -> Iterator[LogLineView]:
        """Lines page after page, newest first, from the whole log unless `start` is given."""
        return log_lines(self._http, f"{_BASE}/{task_id}/logs", limit, **query)

    def download_log(self, task_id: str, target: Path, instance: str | None = None) -> None:
        """The whole log as a text file."""
        self._http.download(f"{_BASE}/{task_id}/logs/download", target, instance=instance)

    def push_metrics(
        self, task_id: str, timestamp: float, metrics: Mapping[str, float], **point: Any
    ) -> PushView:
        """Report values of a task from anywhere: step, epoch, total_steps; sent again with the same
        `batch`, they count once."""
        body = {"timestamp": timestamp, "metrics": dict(metrics), **point}
        return self._http.post(PushView, f"{_BASE}/{task_id}/metrics", body)

    def push_metrics_list(
        self, task_id: str, points: Sequence[Mapping[str, Any]], batch: str | None = None
    ) -> PushView:
        body = {"points": [dict(point) for point in points], "batch": batch}
        return self._http.post(PushView, f"{_BASE}/{task_id}/metrics", body)

    def follow(self, task_id: str, instance: str | None = None) -> Iterator[dict[str, str]]:
        """Every log line from the start, as it is written, until the task has ended."""
        for lines in self._http.stream(f"{_BASE}/{task_id}/logs/stream", instance=instance):
            yield from lines

    def metrics(self, task_id: str, points: int = 2000) -> Sequence[SeriesView]:
        return self._http.get(MetricsView, f"{_BASE}/{task_id}/metrics", points=points).items

    def samples(
        self, task_id: str, instance_id: str, points: int = 500
    ) -> Sequence[Mapping[str, Any]]:
        """Processor, memory and card use of one instance over time, oldest first."""
        path = f"{_BASE}/{task_id}/instances/{instance_id}/samples"
        return self._http.get(SamplesView, path, points=points).items

    def checkpoints(self, task_id: str) -> Sequence[CheckpointView]:
        return self._http.get(CheckpointList, f"{_BASE}/{task_id}/checkpoints").items

    def publish(self, task_id: str, **form: Any) -> ModelVersionView:
        """To the model repository: `name` (new model) or `model_id` (next version), format, metrics, checkpoint."""
        return self._http.post(ModelVersionView, f"{_BASE}/{task_id}/publish", form)

    def environments(self) -> Sequence[EnvironmentView]:
        return self._http.get(EnvironmentList, "/training/environments").items

    def templates(self) -> Sequence[TemplateView]:
        return self._http.get(TemplateList, "/training/templates").items
