"""What the service endpoints take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.compute.modes.service import MAIN_PORT
from slipway.compute.types import Instance, Placement
from slipway.runtime.serve.engines import EngineName
from slipway.serving import blocked
from slipway.serving.config import (
    DeploymentMode,
    ModelSource,
    ModelSourceKind,
    Probe,
    ProbeAction,
    Probes,
    RoleConfig,
    Runtime,
    VersionConfig,
)
from slipway.serving.key_rules_form import KeyRulesForm, KeyRulesView
from slipway.serving.scaling.views import ScalingForm
from slipway.serving.types import (
    Replica,
    ReplicaState,
    RequestLimit,
    ServiceKey,
    ServiceState,
    UpdateKind,
    UpdateRecord,
    UpdateResult,
    Version,
)


class ModelSourceForm(Form):
    kind: ModelSourceKind = ModelSourceKind.NONE
    ref: str = Field(default="", description="Id of a model version, or address bucket/path.")


class ProbeForm(Form):
    action: ProbeAction = ProbeAction.HTTP
    path: str = "/"
    initial_delay_s: int = 0
    period_s: int = 10
    timeout_s: int = 1
    failure_threshold: int = 3
    success_threshold: int = 1


class ProbesForm(Form):
    liveness: ProbeForm | None = None
    readiness: ProbeForm | None = None
    startup: ProbeForm | None = None


class ServiceRoleForm(Form):
    """One role of a replica (mode ROLE_SET)."""

    name: str
    command: str
    instances: int = 1
    entry: bool = Field(False, description="Its first instance gets the requests.")
    env: dict[str, str] = {}
    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None


class VersionConfigForm(Form):
    """The configuration of a version."""

    runtime: Runtime = Field(
        Runtime.PACKAGE,
        description="package: a folder with model_service.py; llm: OpenAI-compatible; "
        "custom: the start command, listening on $PORT.",
    )
    model: ModelSourceForm = Field(
        ModelSourceForm(),
        description="Mounted read-only at /data/model; its place is in $MODEL_DIR.",
    )
    base: ModelSourceForm = Field(
        ModelSourceForm(), description="Base model of a LoRA adapter (llm only)."
    )
    environment: str = Field("", description="Left out, the runtime's own.")
    command: str = Field("", description="Replaces the runtime's own start command.")
    env: dict[str, str] = {}
    port: int = Field(
        8501,
        description="Port where an instance has a network of its own. On this machine instances "
        "share one, so a program listens on $PORT.",
    )
    cpu_cores: float = 1.0
    memory_bytes: int = 1 << 30
    gpus: float = 0
    gpu_model: str | None = None
    instances: int = Field(
        1, description="Of a replica (mode DIST); the first of them gets the requests."
    )
    roles: list[ServiceRoleForm] = Field([], description="Of a replica (mode ROLE_SET).")
    priority: int | None = Field(
        None, description="In the queue, 0 (first) to 9; left out, by the group's policy."
    )
    placement: Placement = Field(
        Placement.BINPACK,
        description="Of replicas with cards: binpack fills machines, spread uses many.",
    )
    engine: EngineName = Field(
        EngineName.AUTO, description="Of an LLM service; auto takes the first that fits."
    )
    served_name: str = Field("", description="Model name in LLM requests; left out, the service's.")
    max_model_len: int | None = None
    grace_s: int = Field(
        30,
        description="Seconds that calls in flight get to end, and then an instance to stop.",
    )
    pre_stop: list[str] = Field([], description="Run before the instance is stopped.")
    probes: ProbesForm = Field(default_factory=ProbesForm)
    max_surge: str | int = Field("0%", description="A percentage, or a number of replicas.")
    max_unavailable: str | int = "33%"
    retries: int | None = Field(5, description="Of a first deployment; null: without limit.")
    start_timeout_s: int = 1800
    deliver_logs: bool = Field(False, description="Also send logs to the project's log store.")

    def config(self) -> VersionConfig:
        values = self.model_dump()
        return VersionConfig(
            **{
                **values,
                "model": ModelSource(**values["model"]),
                "base": ModelSource(**values["base"]),
                "pre_stop": tuple(self.pre_stop),
                "roles": tuple(RoleConfig(**role) for role in values["roles"]),
                "probes": Probes(
                    **{n: Probe(**p) if p else None for n, p in values["probes"].items()}
                ),
                "max_surge": str(self.max_surge),
                "max_unavailable": str(self.max_unavailable),
            }
        )

    @classmethod
    def of(cls, config: VersionConfig) -> VersionConfigForm:
        return cls.model_validate(config.as_json())


class RequestLimitForm(Form):
    """At most one of the two."""

    qps_per_replica: int | None = None
    concurrency_per_replica: int | None = None

    def limit(self) -> RequestLimit:
        return RequestLimit(self.qps_per_replica, self.concurrency_per_replica)


class ServiceForm(VersionConfigForm):
    name: str
    description: str = ""
    tags: dict[str, str] = {}
    resource_group: str = "rsg-local"
    mode: DeploymentMode = Field(
        DeploymentMode.STANDARD, description="Instances of a replica; fixed at creation."
    )
    auth: bool = Field(False, description="Every call needs a key; a first one is made.")
    grpc: bool = Field(False, description="Called by gRPC and in no other way; fixed.")
    limit: RequestLimitForm = Field(default_factory=RequestLimitForm)
    stop_at: datetime | None = Field(None, description="When it is stopped; null: never.")
    replicas: int = 1
    scaling: ScalingForm = Field(default_factory=ScalingForm)

    def config(self) -> VersionConfig:
        own = VersionConfigForm.model_fields
        return VersionConfigForm(**{name: getattr(self, name) for name in own}).config()


class ServiceVersionForm(VersionConfigForm):
    mode: DeploymentMode | None = Field(None, description="That of the service; it is fixed.")
    description: str = ""
    replicas: int = 1
    scaling: ScalingForm = Field(default_factory=ScalingForm)

    def config(self) -> VersionConfig:
        own = VersionConfigForm.model_fields
        return VersionConfigForm(**{name: getattr(self, name) for name in own}).config()


class ServiceUpdateForm(Form):
    """What is left out stays. A field of the configuration is replaced as a whole."""

    mode: DeploymentMode | None = Field(None, description="That of the service; it is fixed.")

    model: ModelSourceForm | None = None
    base: ModelSourceForm | None = None
    environment: str | None = None
    command: str | None = None
    env: dict[str, str] | None = None
    port: int | None = None
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    gpus: float | None = None
    gpu_model: str | None = None
    instances: int | None = None
    roles: list[ServiceRoleForm] | None = None
    priority: int | None = None
    placement: Placement | None = None
    engine: EngineName | None = None
    served_name: str | None = None
    max_model_len: int | None = None
    grace_s: int | None = None
    pre_stop: list[str] | None = None
    probes: ProbesForm | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    retries: int | None = None
    start_timeout_s: int | None = None
    deliver_logs: bool | None = None
    replicas: int | None = None
    scaling: ScalingForm | None = None
    description: str | None = None

    def config(self, old: VersionConfig) -> VersionConfig | None:
        """The whole configuration as it shall be; None where nothing of it is said."""
        said = self.model_dump(
            exclude_unset=True, exclude={"mode", "replicas", "scaling", "description"}
        )
        nullable = {"gpu_model", "priority", "max_model_len", "retries"}
        said = {name: v for name, v in said.items() if v is not None or name in nullable}
        if not said:
            return None
        return VersionConfigForm.model_validate(
            VersionConfigForm.of(old).model_dump() | said
        ).config()


class ServicePatch(Form):
    description: str | None = None
    tags: dict[str, str] | None = None
    limit: RequestLimitForm | None = None
    stop_at: datetime | None = Field(None, description="When it is stopped; null: never.")


class ServiceScaleForm(Form):
    """What is left out stays."""

    replicas: int | None = None
    scaling: ScalingForm | None = None


class ServiceWeightsForm(Form):
    weights: dict[str, int] = Field(description="Version id -> percentage; together 100.")


class ServiceRollbackForm(Form):
    update_id: str


class ServiceVersionView(BaseModel):
    id: str
    service_id: str
    number: int
    name: str
    description: str
    state: ServiceState
    reason: str
    last_log: list[str] = Field(description="What the last failed instance said before it ended.")
    replicas: int
    default_replicas: int = Field(description="What a start, and waking, brings back.")
    running: int
    weight: int
    revision: int
    updating: bool
    failures: int
    retry_at: datetime | None
    config: VersionConfigForm
    scaling: ScalingForm
    cpu_cores_held: float
    memory_bytes_held: int
    gpus_held: float
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, v: Version, counts: tuple[int, int]) -> ServiceVersionView:
        """`counts`: replicas that are ready, and those that exist."""
        (running, existing), (cores, memory, gpus) = counts, v.config.held
        return cls(
            id=v.id, service_id=v.service_id, number=v.number, name=f"V{v.number}",
            description=v.description, state=v.state, reason=v.reason, last_log=list(v.last_log),
            replicas=0 if v.state.is_down else v.replicas, running=running, weight=v.weight,
            default_replicas=v.default_replicas,
            revision=v.revision, updating=v.updating, failures=v.failures, retry_at=v.retry_at,
            config=VersionConfigForm.of(v.config), scaling=ScalingForm.of(v.scaling),
            cpu_cores_held=existing * cores, memory_bytes_held=existing * memory,
            gpus_held=existing * gpus,
            creator_id=v.created_by, creator=v.creator_name, created_at=v.created_at,
            updated_at=v.updated_at, started_at=v.started_at,
            blocked={
                "start": blocked.start(v), "stop": blocked.stop(v), "scale": blocked.change(v),
                "update": blocked.change(v), "restart": blocked.restart(v),
                "rollback": blocked.change(v), "delete": blocked.delete(v),
                "weight": blocked.weigh(v),
            },
        )  # fmt: skip


class ServiceVersionDetail(ServiceVersionView):
    replicas_wanted: int = Field(description="The count that a start brings back.")


class ServiceView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    site: str
    resource_group: str
    mode: DeploymentMode
    runtime: Runtime | None
    llm: bool
    grpc: bool
    auth: bool
    limit: RequestLimitForm
    stop_at: datetime | None
    state: ServiceState
    reason: str
    versions: int
    versions_running: int
    replicas: int = Field(description="Expected instances of all versions.")
    running: int = Field(description="Instances that take requests.")
    calls: int = Field(description="Ever, by anybody.")
    failed_calls: int
    model: ModelSourceForm | None = Field(description="Of the newest version.")
    endpoint: str
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    blocked: dict[str, str | None]


class ServiceDetail(ServiceView):
    items: list[ServiceVersionView] = Field(description="The versions.")


class CreatedServiceView(ServiceDetail):
    key: NewServiceKeyView | None = Field(description="The first key, where keys are required.")


class ServicePage(BaseModel):
    items: list[ServiceView]
    next_cursor: str | None
    total: int


class ServiceVersionList(BaseModel):
    items: list[ServiceVersionView]


class ServiceEngineView(BaseModel):
    name: EngineName
    needs: str
    needs_gpu: bool
    missing: str | None = Field(
        description="Why it cannot run in the platform's own environment; null where it can."
    )


class ServiceEngineList(BaseModel):
    items: list[ServiceEngineView]


class ServiceLogDeliveryView(BaseModel):
    enabled: bool
    error: str = Field(description="Why lines could not be delivered; '' where all is well.")


class ReplicaMemberView(BaseModel):
    """One instance of a replica that has several."""

    instance_id: str
    role: str
    rank: int
    host: str
    port: int | None
    node: str
    state: str
    exit_code: int | None
    reason: str


class ReplicaView(BaseModel):
    id: str
    instance_id: str | None
    version_id: str
    revision: int
    outdated: bool
    state: str
    reason: str
    isolated: bool
    host: str | None
    port: int | None
    node: str | None
    workload_id: str
    exit_code: int | None
    notes: list[str]
    cpu_cores: float | None
    memory_bytes: int | None
    gpus: float | None
    members: list[ReplicaMemberView] = Field(description="Its instances, where it has several.")
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    ready_at: datetime | None
    ended_at: datetime | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, r: Replica, revision: int, instances: Sequence[Instance]) -> ReplicaView:
        """`instances` are those of the last attempt, by rank; the first gets the requests."""
        instance = instances[0] if instances else None
        held = instance.resources if instance else None
        shown = "ContainerReadyIsolated" if r.isolated and not r.state.has_ended else r.state
        return cls(
            id=r.id, instance_id=r.instance_id or (instance.id if instance else None),
            version_id=r.version_id, revision=r.revision, outdated=r.revision != revision,
            state=ReplicaState.TERMINATING if _leaving(r) else shown, reason=r.reason,
            isolated=r.isolated, host=r.host, port=r.port,
            node=instance.node_id if instance else None, workload_id=r.workload_id,
            exit_code=instance.exit_code if instance else None,
            notes=list(instance.notes) if instance else [],
            cpu_cores=held.cpu_cores if held else None,
            memory_bytes=held.memory_bytes if held else None, gpus=held.gpus if held else None,
            members=[_member(i) for i in instances] if len(instances) > 1 else [],
            created_at=r.created_at, queued_at=r.queued_at, started_at=r.started_at,
            ready_at=r.ready_at, ended_at=r.ended_at,
            blocked={
                "isolate": blocked.isolate(r), "release": blocked.release(r),
                "rebuild": blocked.rebuild(r),
            },
        )  # fmt: skip


class ReplicaList(BaseModel):
    items: list[ReplicaView]


class ServiceKeyForm(Form):
    name: str = Field("", description="Left out, 'key'.")
    remark: str = ""
    limits: KeyRulesForm = Field(default_factory=lambda: KeyRulesForm())


class ServiceKeyPatch(Form):
    name: str | None = None
    remark: str | None = None
    limits: KeyRulesForm | None = None


class ServiceKeyView(BaseModel):
    id: str
    service_id: str
    name: str
    remark: str
    hint: str
    enabled: bool
    limits: KeyRulesView
    creator: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, k: ServiceKey) -> ServiceKeyView:
        return cls(**_key_values(k))


class NewServiceKeyView(ServiceKeyView):
    secret: str

    @classmethod
    def made(cls, k: ServiceKey, secret: str) -> NewServiceKeyView:
        return cls(**_key_values(k), secret=secret)


class ServiceKeyList(BaseModel):
    items: list[ServiceKeyView]
    required: bool
    token_limits: str | None = Field(description="Why token limits cannot be set, or null.")


class ServiceAuthForm(Form):
    required: bool


class ServiceAuthView(BaseModel):
    required: bool
    key: NewServiceKeyView | None = Field(description="Made because there was none.")


class ServiceUpdateView(BaseModel):
    id: str
    revision: int
    kind: UpdateKind
    changes: dict[str, list[Any]] = Field(description="Field -> [before, after].")
    result: UpdateResult
    reason: str
    actor_id: str
    actor: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, u: UpdateRecord) -> ServiceUpdateView:
        return cls(
            id=u.id, revision=u.revision, kind=u.kind, changes=u.changes, result=u.result,
            reason=u.reason, actor_id=u.actor_id, actor=u.actor_name, created_at=u.created_at,
            ended_at=u.ended_at,
        )  # fmt: skip


class ServiceUpdateList(BaseModel):
    items: list[ServiceUpdateView]


class MergedEventView(BaseModel):
    first_seen: datetime
    last_seen: datetime
    level: str
    resource_type: str
    resource_name: str
    type: str
    description: str
    count: int
    actor_id: str | None


class MergedEventList(BaseModel):
    items: list[MergedEventView]


class CallFiguresView(BaseModel):
    received: int
    succeeded: int
    failed: int
    throttled: int
    prompt_tokens: int
    completion_tokens: int
    request_bytes: int
    response_bytes: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    mean_ttft_ms: float | None
    p95_ttft_ms: float | None
    mean_later_ms: float | None = Field(
        description="Per token after the first, of streamed answers."
    )


class CallPointView(CallFiguresView):
    time: datetime


class CallKeyFiguresView(CallFiguresView):
    key_id: str = Field(description="'' where no key was needed.")
    key_name: str


class CallStatisticsView(BaseModel):
    start: datetime
    end: datetime
    step_s: int
    total: CallFiguresView
    items: list[CallPointView] = Field(description="Steps in which something was called.")
    by_key: list[CallKeyFiguresView]


class MonitorPointView(BaseModel):
    """Means over a step; null where nothing was measured."""

    time: datetime
    expected: float
    running: float
    cpu_pct: float | None
    mem_pct: float | None
    gpu_pct: float | None
    gpu_mem_pct: float | None
    in_flight: float | None
    llm_running: float | None
    llm_waiting: float | None
    kv_cache_pct: float | None


class MonitorView(BaseModel):
    start: datetime
    end: datetime
    step_s: int
    items: list[MonitorPointView]


class CallInterfaceView(BaseModel):
    method: str
    path: str
    url: str
    body: str = Field(description="An example, as JSON text.")


class ServiceCallView(BaseModel):
    endpoint: str
    openai_base_url: str | None
    model: str | None
    version_endpoints: dict[str, str]
    service_type: str
    method: str
    auth: bool
    grpc_address: str | None = Field(description="Host and port, where the service speaks gRPC.")
    grpc_authority: str | None
    qps_limit: int | None
    interfaces: list[CallInterfaceView]
    curl: str
    python: str
    openai_python: str | None


class ServiceTestForm(Form):
    __test__ = False  # a form, not a test class

    method: str = "POST"
    path: str = Field(description="Below the service, such as /predict.")
    body: str = Field("", description="At most 600 KB.")
    content_type: str = "application/json"
    version_id: str | None = Field(None, description="Call this version whatever the weights.")
    key_id: str | None = Field(None, description="Call with this key; left out, a hidden one.")


class ServiceTestView(BaseModel):
    __test__ = False

    status: int
    headers: dict[str, str]
    body: str
    body_is_text: bool = Field(description="False: `body` is base64.")
    truncated: bool
    duration_ms: float
    url: str


CreatedServiceView.model_rebuild()


def _member(i: Instance) -> ReplicaMemberView:
    return ReplicaMemberView(
        instance_id=i.id, role=i.role, rank=i.rank, host=i.host, port=i.ports.get(MAIN_PORT),
        node=i.node_id, state=i.state, exit_code=i.exit_code, reason=i.reason,
    )  # fmt: skip


def _leaving(replica: Replica) -> bool:
    return not replica.state.has_ended and not replica.is_live


def _key_values(k: ServiceKey) -> dict[str, Any]:
    return {
        "id": k.id, "service_id": k.service_id, "name": k.name, "remark": k.remark,
        "hint": k.hint, "enabled": k.enabled,
        "limits": KeyRulesView.of(k.rules),
        "creator": k.creator_name, "created_at": k.created_at, "updated_at": k.updated_at,
    }  # fmt: skip
