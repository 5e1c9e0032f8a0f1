"""Online services: what a user asks for, and the words of the catalogue for what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.serving.config import DeploymentMode, VersionConfig
from slipway.serving.key_rules import KeyRules
from slipway.serving.scaling.types import Scaling

KIND = "service"  # of the workloads behind replicas


class ServiceState(StrEnum):
    """Table "States" of the catalogue, for versions and for services."""

    CREATING = "CREATING"
    CREATE_FAILED = "CREATE_FAILED"
    PENDING = "Pending"
    WAITING = "Waiting"
    NORMAL = "Normal"
    ABNORMAL = "Abnormal"
    STOPPING = "Stopping"
    STOPPED = "Stopped"

    @property
    def is_down(self) -> bool:
        """Holds no resources, and will not by itself."""
        return self in (ServiceState.CREATE_FAILED, ServiceState.STOPPED)

    @property
    def is_settled(self) -> bool:
        """Nothing is under way: what somebody who waits wants to see."""
        return self.is_down or self in (ServiceState.NORMAL, ServiceState.ABNORMAL)


class ReplicaState(StrEnum):
    QUEUED = "Queued"
    STARTING = "Starting"
    READYING = "ContainerReady"  # the process runs, and does not pass its readiness check yet
    RUNNING = "Running"
    TERMINATING = "Terminating"
    FAILED = "Failed"
    TERMINATED = "Terminated"

    @property
    def has_ended(self) -> bool:
        return self in (ReplicaState.FAILED, ReplicaState.TERMINATED)


class Wanted(StrEnum):
    RUN = "run"
    STOP = "stop"


class ServicePurpose(StrEnum):
    ONLINE = "online"
    TRIAL = "trial"  # of another room, which shows it: in no list of services


class KeyPurpose(StrEnum):
    USER = "user"
    PLAYGROUND = "playground"  # of the console: hidden, made anew at each start
    EVALUATION = "evaluation"  # lent to an evaluation task: hidden, withdrawn at its end


class UpdateKind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SCALE = "scale"
    RESTART = "restart"
    ROLLBACK = "rollback"


class UpdateResult(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REPLACED = "replaced"  # another update came before this one was through
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """At most one of the two is set; both None is no limit of the service's own."""

    qps_per_replica: int | None = None
    concurrency_per_replica: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    project_id: str
    name: str
    description: str
    tags: dict[str, str]
    resource_group: str
    mode: DeploymentMode
    llm: bool
    grpc: bool  # called by gRPC and in no other way; fixed
    auth: bool
    purpose: ServicePurpose
    limit: RequestLimit
    site: str
    stop_at: datetime | None
    state: ServiceState
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    service_id: str
    project_id: str
    number: int
    description: str
    config: VersionConfig
    revision: int
    replicas: int  # wanted now; 0: asleep
    default_replicas: int
    scaling: Scaling
    weight: int
    wanted: Wanted
    state: ServiceState
    reason: str
    last_log: tuple[str, ...]
    deployed: bool  # some replica has been ready since the version was made
    served: bool  # the expected count has been ready since the last start
    failures: int  # in a row
    retry_at: datetime | None
    updating: bool
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replica:
    id: str
    service_id: str
    version_id: str
    revision: int
    state: ReplicaState
    wanted: Wanted
    isolated: bool
    reason: str
    workload_id: str
    instance_id: str | None
    host: str | None
    port: int | None
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    ready_at: datetime | None
    ended_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Counts as a replica: exists, and is not on its way out."""
        return not self.state.has_ended and self.wanted == Wanted.RUN

    @property
    def takes_requests(self) -> bool:
        return self.state == ReplicaState.RUNNING and self.is_live and not self.isolated


@dataclass(frozen=True, slots=True)
class ServiceKey:
    id: str
    service_id: str
    purpose: KeyPurpose
    name: str
    remark: str
    hint: str  # first and last letters, to tell keys apart
    secret_hash: str
    enabled: bool
    rules: KeyRules
    tenant_id: str | None  # the project that calls with it, where it is not the service's own
    created_by: str
    creator_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewServiceKey:
    key: ServiceKey
    secret: str


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    id: str
    version_id: str
    revision: int
    kind: UpdateKind
    changes: dict[str, list[object]]  # field -> [before, after]
    result: UpdateResult
    reason: str
    actor_id: str
    actor_name: str
    created_at: datetime
    ended_at: datetime | None
