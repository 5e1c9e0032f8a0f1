"""A task as it arrives over HTTP; the same shape is its file (`slipway train export`)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from slipway.base.forms import Form
from slipway.training.types import MountKind, Purpose, TaskMount, TaskRole, TaskSpec


class MountForm(Form):
    kind: MountKind
    source: str = Field(
        description="Dataset id, model version id, storage address bucket/path, repository id, or a directory of the nodes."
    )
    target: str = Field("", description="Path inside; left out, it follows from the purpose.")
    purpose: Purpose = Purpose.OTHER
    version: str | None = Field(
        None,
        description="Dataset version such as v1, left out the newest; or branch, tag or commit.",
    )
    read_only: bool = True


class RoleForm(Form):
    """A role in the modes with requests by role: `ps` and `worker`, or `head` and Ray's worker groups."""

    name: str
    count: int = 1
    command: str = Field("", max_length=65_536, description="Left out, the task's own.")
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None


class TaskForm(Form):
    name: str
    description: str = ""
    tags: dict[str, str] = {}
    environment: str = Field("", description="Environment id; a template supplies its own.")
    mode: str = "single"
    resource_group: str = "rsg-local"
    instances: int = 1
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None
    flavour: str | None = Field(
        None,
        description="Name of a flavour of the resource group, which gives CPU, memory and cards of each instance.",
    )
    roles: list[RoleForm] = Field([], description="Requests by role: modes ps and ray.")
    command: str = Field("", max_length=65_536)
    hyperparameters: dict[str, Any] = {}
    env: dict[str, str] = {}
    mounts: list[MountForm] = []
    output: str | None = Field(
        None, description="Storage address for outputs; left out, the project's bucket."
    )
    deliver_logs: bool = Field(False, description="Also send the log to the project's log store.")
    template: str | None = None
    max_restarts: int = Field(0, description="Automatic restarts after an abnormal end, 0 to 10.")
    max_reschedules: int = Field(
        0, description="Moves to other nodes when a node fails, 0 (fault tolerance off) to 10."
    )
    health_check_s: float | None = Field(
        None, description="Longest time of the network check before the command; left out, none."
    )
    grace_s: float = Field(30.0, description="Seconds between the request to stop and the kill.")
    hang_s: float | None = Field(
        None, description="Without log, metric or GPU activity for so long it counts as failed."
    )
    max_run_s: float | None = Field(None, description="Longest time of one attempt.")
    max_queue_s: float | None = Field(None, description="Longest time in the queue.")
    after: list[str] = Field(
        [],
        description="Ids of tasks: it enters the queue when all have completed, and fails when one has not.",
    )

    def spec(self) -> TaskSpec:
        data = self.model_dump()
        data["mounts"] = tuple(TaskMount(**m) for m in data["mounts"])
        data["after"] = tuple(dict.fromkeys(data["after"]))
        data["roles"] = tuple(TaskRole(**r) for r in data["roles"])
        return TaskSpec(**data)
