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
    HOLD = "hold"  # not in the queue yet: a room lets it in, see `held.py`
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
    MPI = "mpi"
    HOROVOD = "horovod"
    PS = "ps"
    RAY = "ray"
    SERVICE = "service"


class InstalledKind(StrEnum):
    PYTHON = "python"  # `location`: the directory of a Python environment
    IMAGE = "image"  # `location`: a container image, by digest


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


class Clearing(StrEnum):
    """How a node's work is being taken away from it."""

    NONE = ""
    DISPLACE = "displace"  # ended in good order and started elsewhere
    LOST = "lost"  # the machine is dead: what ran on it has ended


class Placement(StrEnum):
    """Where card work goes among the nodes that have room."""

    BINPACK = "binpack"  # the fullest one, so that whole machines stay free
    SPREAD = "spread"  # the emptiest one, so that one dead machine takes few replicas with it


@dataclass(frozen=True, slots=True)
class Resources:
    """What one instance asks for. `gpus`: 0, a share of one card (0.1 to 0.9), or whole cards."""

    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None

    @property
    def left_to_group(self) -> bool:
        """Neither CPU nor memory is asked for: a group may give both by the cards (`preset.py`)."""
        return not self.cpu_cores and not self.memory_bytes


@dataclass(frozen=True, slots=True)
class Mount:
    """`source` is a directory on the node; `create` makes it when missing.

    `{instance}` at its start is the instance's own directory, so that each has one of its own.
    """

    source: str
    target: str
    read_only: bool = False
    env: str | None = None
    purpose: str = "other"
    create: bool = False


@dataclass(frozen=True, slots=True)
class TextFile:
    """`sealed`: `text` is encrypted, and becomes readable only in the instance's own spec."""

    target: str
    text: str
    env: str | None = None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Installed:
    """What a custom environment brings; it is on the node before the instance starts."""

    kind: InstalledKind
    build_id: str
    location: str


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
    after: tuple[str, ...] = ()  # roles whose instances must be up before these are started


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
    max_reschedules: int = 0  # times it may move to other nodes after a node failed under it
    max_run_s: float | None = None  # of one attempt; longer is a failure
    max_queue_s: float | None = None
    hang_s: float | None = None  # without log, metric or GPU activity of any instance: a failure
    health_check_s: float | None = (
        None  # longest time of the check before the command; None: no check
    )
    # Where in the instance to look for checkpoints; the newest complete one is offered to the command.
    checkpoints: str | None = None
    placement: str = Placement.BINPACK  # of card work
    pre_start: str | None = None  # runs on the node, also where the command runs in a container
    pre_stop: tuple[str, ...] | None = None
    installed: Installed | None = None  # None: a built-in environment

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> WorkloadSpec:
        roles = tuple(
            Role(
                name=r["name"], count=r["count"], command=r["command"],
                argv=tuple(r["argv"]) if r["argv"] is not None else None,
                resources=Resources(**r["resources"]), ports=tuple(r["ports"]), decides=r.get("decides", True),
                after=tuple(r.get("after", ())),
            )
            for r in data["roles"]
        )  # fmt: skip
        parts = {
            "mode": Mode(data["mode"]), "roles": roles,
            "mounts": tuple(Mount(**m) for m in data["mounts"]),
            "files": tuple(TextFile(**f) for f in data["files"]),
            "pre_stop": tuple(data["pre_stop"]) if data["pre_stop"] is not None else None,
            "installed": _installed(data.get("installed")),
        }  # fmt: skip
        return cls(**(data | parts))

    @property
    def instance_count(self) -> int:
        return sum(role.count for role in self.roles)


def _installed(data: dict[str, Any] | None) -> Installed | None:
    return Installed(**(data | {"kind": InstalledKind(data["kind"])})) if data else None


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
    waited_s: float = 0.0  # in the queue, until it was placed


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
    queue_priority: int = 0  # computed from the group's policy: 0 goes first
    displaced_for: str | None = None  # evicted for this workload, which has not started yet


@dataclass(frozen=True, slots=True)
class Held:
    """Resources that an instance of a placed workload holds on a node."""

    node_id: str
    resources: Resources
    gpu_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`shares`: whether tasks may get a part of it; `sharing_off` why not. A faulty card is given to nobody.

    `island`: cards of a machine with the same number are joined by NVLink; None: not known, or none.
    """

    index: int
    model: str
    memory_bytes: int
    uuid: str = ""
    shares: bool = True
    faulty: str = ""  # why
    island: int | None = None
    sharing_off: str = ""


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
    clearing: Clearing = Clearing.NONE
    engine_node: str = ""  # its id in the engine
    zone: str = ""  # where it stands; a rack is a part of a zone
    rack: str = ""

    @property
    def takes_work(self) -> bool:
        """Also not while its disk is too full for another environment (RES-38)."""
        return (
            self.state == NodeState.RUNNING
            and not self.cordoned
            and not self.clearing
            and not self.info.get("short_of_space")
        )
