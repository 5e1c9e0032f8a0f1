"""What computes: a workload is roles x instances; all of one run are placed together or not at all."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class WorkloadState(StrEnum):
    QUEUED = "queued"  # wanted, waiting for resources
    STARTING = "starting"  # placed; instances are being started
    RUNNING = "running"  # every instance has started
    STOPPING = "stopping"  # instances are being ended; `ending` says why
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        return self in (WorkloadState.SUCCEEDED, WorkloadState.FAILED, WorkloadState.STOPPED)


class Wanted(StrEnum):
    RUN = "run"
    STOP = "stop"


class Ending(StrEnum):
    """Why a workload in `stopping` is being taken down, and so what it becomes."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    RESTART = "restart"  # again on the same seats, which it keeps
    EVICTED = "evicted"  # back to the queue, displaced by an item of higher priority
    RESCHEDULED = "rescheduled"  # back to the queue, because its node failed


REQUEUES = (Ending.EVICTED, Ending.RESCHEDULED)


class InstanceState(StrEnum):
    PLACED = "placed"  # the owner record: exists before anything is launched
    RUNNING = "running"
    EXITED = "exited"


class Mode(StrEnum):
    """How instances of a workload find each other, and when it is done."""

    SINGLE = "single"
    DDP = "ddp"
    SERVICE = "service"


class NodeState(StrEnum):
    """The nine states of the catalogue. Only `running` nodes that are not cordoned take new work."""

    DEPLOYING = "deploying"
    DEPLOY_FAILED = "deploy_failed"
    RUNNING = "running"
    ABNORMAL = "abnormal"
    MOUNTING = "mounting"
    REPAIRING = "repairing"
    RELEASING = "releasing"
    RELEASED = "released"
    RETIRED = "retired"  # no longer used

    @property
    def is_in_use(self) -> bool:
        return self not in (NodeState.DEPLOY_FAILED, NodeState.RELEASED, NodeState.RETIRED)


@dataclass(frozen=True, slots=True)
class Resources:
    """What one instance asks for. `gpus`: 0, a share of one card (0.1 to 0.9), or whole cards."""

    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """`source` is a directory on the node; `create` makes it when missing."""

    source: str
    target: str
    read_only: bool = False
    env: str | None = None
    purpose: str = "other"
    create: bool = False


@dataclass(frozen=True, slots=True)
class TextFile:
    target: str
    text: str
    env: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    count: int = 1
    command: str = ""
    argv: tuple[str, ...] | None = None
    resources: Resources = field(default_factory=Resources)
    ports: tuple[str, ...] = ()  # names; numbers are given at placement
    # The workload is done when every instance that decides has exited 0; the others are ended then.
    decides: bool = True


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """Everything needed to run, frozen at submission. `env` is the whole environment.

    `{port:main}` in a command or in a value of `env` becomes the instance's port of that name.
    """

    mode: Mode
    roles: tuple[Role, ...]
    environment: str
    env: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    files: tuple[TextFile, ...] = ()
    workdir: str = "/opt/ml/code"
    grace_s: float = 30.0
    max_restarts: int = 0
    pre_start: str | None = None
    pre_stop: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> WorkloadSpec:
        roles = tuple(
            Role(
                name=r["name"], count=r["count"], command=r["command"],
                argv=tuple(r["argv"]) if r["argv"] is not None else None,
                resources=Resources(**r["resources"]), ports=tuple(r["ports"]), decides=r.get("decides", True),
            )
            for r in data["roles"]
        )  # fmt: skip
        parts = {
            "mode": Mode(data["mode"]), "roles": roles,
            "mounts": tuple(Mount(**m) for m in data["mounts"]),
            "files": tuple(TextFile(**f) for f in data["files"]),
            "pre_stop": tuple(data["pre_stop"]) if data["pre_stop"] is not None else None,
        }  # fmt: skip
        return cls(**(data | parts))

    @property
    def instance_count(self) -> int:
        return sum(role.count for role in self.roles)


@dataclass(frozen=True, slots=True)
class Instance:
    id: str
    workload_id: str
    attempt: int
    role: str
    index: int  # within the role
    rank: int  # within the workload, the master is 0
    node_id: str
    engine: str
    host: str
    ports: dict[str, int]
    resources: Resources
    gpu_indexes: tuple[int, ...]
    state: InstanceState
    notes: tuple[str, ...]
    namespace: bool | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    exit_code: int | None
    signal: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Workload:
    id: str
    project_id: str
    kind: str
    owner_id: str
    name: str
    spec: WorkloadSpec
    group_id: str
    tags: dict[str, str]
    priority: int | None  # its own, 0 (first) to 9; None: by the group's policy
    wanted: Wanted
    state: WorkloadState
    ending: Ending | None
    reason: str
    attempt: int
    restarts: int
    evictions: int
    reschedules: int
    created_by: str
    created_at: datetime  # of submission: its place in the queue, also after an eviction
    queued_at: datetime  # since when it waits
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """`shares`: whether tasks may get a part of it. A faulty card is given to nobody."""

    index: int
    model: str
    memory_bytes: int
    uuid: str = ""
    shares: bool = True
    faulty: str = ""  # why


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    group_id: str
    name: str
    engine: str
    host: str
    cpu_cores: float
    memory_bytes: int
    gpus: tuple[Card, ...]
    state: NodeState
    cordoned: bool = False
    info: dict[str, Any] = field(default_factory=dict)  # what the machine says of itself

    @property
    def takes_work(self) -> bool:
        return self.state == NodeState.RUNNING and not self.cordoned
