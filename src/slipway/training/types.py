"""Training tasks: what a user asks for, and the words of the catalogue for what becomes of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.compute.types import Ending, Workload, WorkloadState


class TaskState(StrEnum):
    """Table T1 of the catalogue."""

    SUBMITTING = "Submitting"
    QUEUED = "Queued"
    STARTING = "Starting"
    RUNNING = "Running"
    ABNORMAL = "Abnormal"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    COMPLETED = "Completed"

    @property
    def is_final(self) -> bool:
        return self in (TaskState.ABNORMAL, TaskState.STOPPED, TaskState.COMPLETED)


class TaskEvent(StrEnum):
    """Table T6."""

    SCHEDULING = "taskScheduling"
    RUNNING = "taskRunning"
    COMPLETED = "taskCompleted"
    EXECUTE_FAILED = "taskExecuteFailed"
    RESTARTED = "taskRestarted"
    PREEMPTED = "taskPreempted"
    STOPPED = "taskStopped"


EVENT_ON_ENTERING = {
    TaskState.QUEUED: TaskEvent.SCHEDULING,
    TaskState.RUNNING: TaskEvent.RUNNING,
    TaskState.COMPLETED: TaskEvent.COMPLETED,
    TaskState.ABNORMAL: TaskEvent.EXECUTE_FAILED,
    TaskState.STOPPED: TaskEvent.STOPPED,
}

_STATES = {
    WorkloadState.QUEUED: TaskState.QUEUED,
    WorkloadState.STARTING: TaskState.STARTING,
    WorkloadState.RUNNING: TaskState.RUNNING,
    WorkloadState.SUCCEEDED: TaskState.COMPLETED,
    WorkloadState.FAILED: TaskState.ABNORMAL,
    WorkloadState.STOPPED: TaskState.STOPPED,
}


def state_of(workload: Workload, before: TaskState) -> TaskState:
    """The task's word for its workload. Only a stop by the user shows as Stopping.

    What is taken down for another reason stays what it was until it is something else.
    """
    if workload.state == WorkloadState.STOPPING:
        return TaskState.STOPPING if workload.ending == Ending.STOPPED else before
    return _STATES[workload.state]


class MountKind(StrEnum):
    DATASET = "dataset"
    STORAGE = "storage"
    MODEL = "model"
    GIT = "git"  # cloned at the start, before the command
    PATH = "path"  # a directory of the nodes, below a root that the operator allows


class Purpose(StrEnum):
    """What a mounted thing is for (TRN-18); also decides where it appears if no path is given."""

    OWN_MODEL = "own_model"
    BUILT_IN_MODEL = "built_in_model"  # of the platform: only on a path, and read-only
    CODE = "code"
    OWN_DATA = "own_data"
    TRAINING_DATA = "training_data"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TaskMount:
    """`source`: a dataset id, a model version id, a storage address `bucket/path`, a repository id,
    or a directory of the nodes.

    `version`: of a dataset such as v1; of a repository its branch, tag or commit.
    """

    kind: MountKind
    source: str
    target: str = ""
    purpose: Purpose = Purpose.OTHER
    version: str | None = None
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class TaskRole:
    """One role in the modes with requests by role (PS-Worker, Ray). No command: the task's own."""

    name: str
    count: int = 1
    command: str = ""
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """The whole configuration of a task, as it is copied, exported and submitted again."""

    name: str
    environment: str
    command: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    mode: str = "single"
    resource_group: str = "rsg-local"
    instances: int = 1
    cpu_cores: float = 1.0
    memory_bytes: int = 2 << 30
    gpus: float = 0
    gpu_model: str | None = None
    flavour: str | None = None  # of the group, by name; the amounts above are its
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    mounts: tuple[TaskMount, ...] = ()
    output: str | None = None  # storage address; None: the project's own bucket
    max_restarts: int = 0
    deliver_logs: bool = False  # at submission; later the task's log page switches it
    template: str | None = None
    priority: int | None = None
    roles: tuple[TaskRole, ...] = ()
    health_check_s: float | None = None  # longest time of the check; None: no check
    max_reschedules: int = 0  # to other nodes when a node fails; 0: fault tolerance is off
    grace_s: float = 30.0  # between SIGTERM and SIGKILL
    hang_s: float | None = None  # without any sign of life; None: not watched
    max_run_s: float | None = None
    max_queue_s: float | None = None
    after: tuple[str, ...] = ()  # ids of tasks that must have completed

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> TaskSpec:
        mounts = tuple(
            TaskMount(
                MountKind(m["kind"]),
                m["source"],
                m["target"],
                Purpose(m["purpose"]),
                m["version"],
                m["read_only"],
            )
            for m in data["mounts"]
        )
        roles = tuple(TaskRole(**role) for role in data.get("roles", ()))
        after = tuple(data.get("after", ()))
        return cls(**{**data, "mounts": mounts, "roles": roles, "after": after})

    @property
    def instance_count(self) -> int:
        return sum(role.count for role in self.roles) if self.roles else self.instances


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    project_id: str
    site: str
    spec: TaskSpec
    state: TaskState
    reason: str
    workload_id: str
    output: str  # storage address of the task's own folder
    restarts: int
    evictions: int
    reschedules: int
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    tags: dict[str, str]
    description: str
    git: tuple[dict[str, str], ...] = ()  # repositories, with the commit of each
    record: dict[str, Any] | None = None  # None: started before such records were made


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Table T2. Missing figures are None."""

    name: str
    path: str  # below the task's output folder
    step: int | None
    epoch: float | None
    loss: float | None
    learning_rate: float | None
    conv_template_name: str | None
    size_bytes: int
    created_at: datetime
