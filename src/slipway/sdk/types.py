"""Results of the API as frozen dataclasses. Written from openapi.json by `make openapi`; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AttemptList:
    items: list[AttemptView]


@dataclass(frozen=True, slots=True)
class AttemptView:
    ended_at: datetime | None
    ending: str
    instances: list[InstanceView]
    number: int
    placed_at: datetime | None
    queued_at: datetime
    reason: str
    started_at: datetime | None
    workload_id: str


@dataclass(frozen=True, slots=True)
class AxisView:
    high: float | None
    low: float | None
    metric: str
    set: str


@dataclass(frozen=True, slots=True)
class BoxView:
    height: float
    label: str
    width: float
    x: float
    y: float
    polygons: list[list[float]] | None = None


@dataclass(frozen=True, slots=True)
class BucketForm:
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class BucketList:
    items: list[BucketView]
    total: int
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class BucketView:
    blocked: dict[str, str | None]
    created_at: datetime
    description: str
    is_default: bool
    name: str
    usage: UsageView | None


@dataclass(frozen=True, slots=True)
class CallFiguresView:
    completion_tokens: int
    failed: int
    mean_ms: float | None
    mean_ttft_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p95_ttft_ms: float | None
    p99_ms: float | None
    prompt_tokens: int
    received: int
    request_bytes: int
    response_bytes: int
    succeeded: int
    throttled: int


@dataclass(frozen=True, slots=True)
class CallInterfaceView:
    body: str
    method: str
    path: str
    url: str


@dataclass(frozen=True, slots=True)
class CallKeyFiguresView:
    completion_tokens: int
    failed: int
    key_id: str
    key_name: str
    mean_ms: float | None
    mean_ttft_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p95_ttft_ms: float | None
    p99_ms: float | None
    prompt_tokens: int
    received: int
    request_bytes: int
    response_bytes: int
    succeeded: int
    throttled: int


@dataclass(frozen=True, slots=True)
class CallPointView:
    completion_tokens: int
    failed: int
    mean_ms: float | None
    mean_ttft_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p95_ttft_ms: float | None
    p99_ms: float | None
    prompt_tokens: int
    received: int
    request_bytes: int
    response_bytes: int
    succeeded: int
    throttled: int
    time: datetime


@dataclass(frozen=True, slots=True)
class CallStatisticsView:
    by_key: list[CallKeyFiguresView]
    end: datetime
    items: list[CallPointView]
    start: datetime
    step_s: int
    total: CallFiguresView


@dataclass(frozen=True, slots=True)
class ChangeView:
    count: int
    paths: list[str]


@dataclass(frozen=True, slots=True)
class ChangesView:
    added: ChangeView
    changed: ChangeView
    removed: ChangeView
    since: int


@dataclass(frozen=True, slots=True)
class CheckpointList:
    items: list[CheckpointView]


@dataclass(frozen=True, slots=True)
class CheckpointView:
    address: str
    conv_template_name: str | None
    created_at: datetime
    epoch: float | None
    learning_rate: float | None
    loss: float | None
    name: str
    path: str
    size_bytes: int
    step: int | None


@dataclass(frozen=True, slots=True)
class ColumnForm:
    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnView:
    distinct_count: int | None
    empty_count: int
    name: str
    numbers: NumbersView | None
    type: str
    values: list[list[Any]] | None


@dataclass(frozen=True, slots=True)
class CompareForm:
    ids: list[str]
    metric: str | None = None
    models: list[str] | None = None
    sets: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ComparisonView:
    axes: list[AxisView]
    metric: str
    metrics: list[str]
    models: list[LineView]
    radar: list[RadarLineView]
    rows: list[LineView]
    sets: list[str]
    shown_sets: list[str]


@dataclass(frozen=True, slots=True)
class CreatedServiceView:
    auth: bool
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    id: str
    items: list[ServiceVersionView]
    key: NewServiceKeyView | None
    limit: RequestLimitForm
    llm: bool
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    tags: dict[str, str]
    updated_at: datetime
    versions: int
    versions_running: int


@dataclass(frozen=True, slots=True)
class DataFileView:
    index: int
    path: str
    size_bytes: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DataUseView:
    active: bool
    name: str
    subject_id: str
    subject_kind: str
    version: int


@dataclass(frozen=True, slots=True)
class DatasetForm:
    address: str
    kind: str
    name: str
    description: str | None = None
    label_format: str | None = None
    labels: list[str] | None = None
    table: TableForm | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DatasetPage:
    items: list[DatasetView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class DatasetPatch:
    description: str | None = None
    labels: list[str] | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DatasetView:
    address: str
    blocked: dict[str, str | None]
    created_at: datetime
    created_by: str
    description: str
    id: str
    kind: str
    label_format: str
    labelled_count: int
    labels: list[str]
    latest_version: int | None
    name: str
    newest: VersionView | None
    progress_percent: int | None
    reason: str | None
    sample_count: int
    size_bytes: int
    state: str
    table: TableForm | None
    tags: dict[str, str]
    unit: str
    updated_at: datetime
    used_by: list[DataUseView]


@dataclass(frozen=True, slots=True)
class DeletedView:
    deleted: int


@dataclass(frozen=True, slots=True)
class EnvironmentList:
    items: list[EnvironmentView]


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    framework: str
    id: str
    modes: list[str]
    name: str
    unavailable: str | None
    unavailable_modes: dict[str, str]


@dataclass(frozen=True, slots=True)
class EvaluationDetail:
    blocked: dict[str, str | None]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    gpus: int
    id: str
    memory_bytes: int
    models: list[str]
    name: str
    output: str
    percent: float
    progress: ProgressView
    queued_at: datetime
    reason: str
    resource_group: str
    run_time_s: float | None
    sets: list[str]
    spec: dict[str, Any]
    started_at: datetime | None
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EvaluationForm:
    models: list[ModelForm]
    name: str
    sets: list[SetForm]
    cpu_cores: float | None = None
    description: str | None = None
    gpu_model: str | None = None
    gpus: int | None = None
    memory_bytes: int | None = None
    metrics: list[str] | None = None
    resource_group: str | None = None
    seed: int | None = None
    tags: dict[str, str] | None = None
    tokenizer: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    items: list[EvaluationView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class EvaluationPatch:
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EvaluationView:
    blocked: dict[str, str | None]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    gpus: int
    id: str
    memory_bytes: int
    models: list[str]
    name: str
    output: str
    percent: float
    queued_at: datetime
    reason: str
    resource_group: str
    run_time_s: float | None
    sets: list[str]
    started_at: datetime | None
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    items: list[ProjectEventView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FieldView:
    count: int
    length: NumbersView | None
    name: str
    types: dict[str, int]


@dataclass(frozen=True, slots=True)
class FilePage:
    items: list[ModelsFileView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class FolderForm:
    key: str


@dataclass(frozen=True, slots=True)
class FormatList:
    items: list[FormatView]


@dataclass(frozen=True, slots=True)
class FormatView:
    content: str
    environments: list[str]
    name: str
    optimisable: bool


@dataclass(frozen=True, slots=True)
class GroupList:
    items: list[GroupView]


@dataclass(frozen=True, slots=True)
class GroupView:
    engine: str
    id: str
    name: str
    nodes: list[NodeView]


@dataclass(frozen=True, slots=True)
class HTTPValidationError:
    detail: list[ValidationError] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class ImageView:
    boxes: list[BoxView]
    height: int
    image_url: str
    index: int
    labels: list[str]
    path: str
    size_bytes: int
    thumbnail_url: str
    width: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ImportForm:
    format: str
    source: str
    description: str | None = None
    environment: str | None = None
    framework: str | None = None
    metrics: dict[str, float] | str | None = None
    model_id: str | None = None
    move: bool | None = None
    name: str | None = None
    save_root: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class InstanceList:
    items: list[InstanceView]


@dataclass(frozen=True, slots=True)
class InstanceView:
    attempt: int
    cpu_cores: float
    created_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    gpus: float
    host: str
    id: str
    index: int
    memory_bytes: int
    node: str
    notes: list[str]
    ports: dict[str, int]
    rank: int
    real_paths: bool | None
    reason: str
    role: str
    started_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class KeyForm:
    kind: str | None = None
    lasts_days: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    items: list[KeyView]


@dataclass(frozen=True, slots=True)
class KeyView:
    created_at: datetime
    expires_at: datetime | None
    id: str
    kind: str
    last_used_at: datetime | None
    name: str


@dataclass(frozen=True, slots=True)
class LabelShareView:
    count: int
    name: str
    share_percent: float


@dataclass(frozen=True, slots=True)
class LineView:
    evaluation_id: str
    evaluation_name: str
    key: str
    model: str
    source: str
    values: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class LogLineView:
    category: str
    instance_id: str
    text: str
    time: str


@dataclass(frozen=True, slots=True)
class LogPageView:
    items: list[LogLineView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LoginForm:
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class LoginView:
    csrf_token: str
    projects: list[MembershipView]
    user: UserView


@dataclass(frozen=True, slots=True)
class MeView:
    projects: list[MembershipView]
    user: UserView


@dataclass(frozen=True, slots=True)
class MemberForm:
    role: str
    user: str


@dataclass(frozen=True, slots=True)
class MemberList:
    items: list[MemberView]


@dataclass(frozen=True, slots=True)
class MemberView:
    created_at: datetime
    display_name: str
    role: str
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class MembershipView:
    actions: list[str]
    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MergedEventList:
    items: list[MergedEventView]


@dataclass(frozen=True, slots=True)
class MergedEventView:
    actor_id: str | None
    count: int
    description: str
    first_seen: datetime
    last_seen: datetime
    level: str
    resource_name: str
    resource_type: str
    type: str


@dataclass(frozen=True, slots=True)
class MetricsView:
    items: list[SeriesView]


@dataclass(frozen=True, slots=True)
class ModelForm:
    kind: str
    api_key: str | None = None
    base_kind: str | None = None
    base_ref: str | None = None
    base_url: str | None = None
    concurrency: int | None = None
    max_model_len: int | None = None
    model: str | None = None
    name: str | None = None
    params: dict[str, Any] | None = None
    ref: str | None = None
    retries: int | None = None
    task_id: str | None = None
    task_name: str | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPage:
    items: list[ModelView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ModelPatch:
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ModelResultView:
    backend: dict[str, Any]
    ended_at: datetime | None
    index: int
    name: str
    reason: str
    results: list[ResultView]
    settings: dict[str, Any]
    state: str


@dataclass(frozen=True, slots=True)
class ModelSourceForm:
    kind: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class ModelVersionView:
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    environment: str
    environment_built_in: bool
    file_count: int
    format: str
    framework: str
    id: str
    imported_at: datetime | None
    metrics: dict[str, float]
    metrics_text: str
    model_id: str
    model_name: str
    move: bool
    number: int
    reason: str
    save_path: str
    size_bytes: int
    source: SourceView
    state: str
    version: str
    warnings: list[str]
    qat: bool | None = None


@dataclass(frozen=True, slots=True)
class ModelView:
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    id: str
    name: str
    newest: ModelVersionView | None
    optimised: bool
    tags: dict[str, str]
    updated_at: datetime
    version_count: int


@dataclass(frozen=True, slots=True)
class ModelsFileView:
    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ModelsUseView:
    active: bool
    id: str
    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class MountForm:
    kind: str
    source: str
    purpose: str | None = None
    read_only: bool | None = None
    target: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class MoveForm:
    to: str
    overwrite: bool | None = None
    to_bucket: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkProfileForm:
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NetworkProfileList:
    example: dict[str, str]
    items: list[NetworkProfileView]


@dataclass(frozen=True, slots=True)
class NetworkProfileView:
    gpu_model: str
    updated_at: datetime
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewKeyView:
    created_at: datetime
    expires_at: datetime | None
    id: str
    kind: str
    last_used_at: datetime | None
    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class NewServiceKeyView:
    created_at: datetime
    creator: str
    enabled: bool
    hint: str
    id: str
    limits: ServiceKeyLimitsForm
    name: str
    remark: str
    secret: str
    service_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NodeView:
    cordoned: bool
    cpu_cores: float
    cpu_cores_held: float
    engine: str
    gpus: list[dict[str, Any]]
    gpus_held: list[int]
    host: str
    id: str
    instances: int
    memory_bytes: int
    memory_bytes_held: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class NumbersView:
    histogram: list[list[Any]]
    max: float
    mean: float
    min: float
    median: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class ObjectList:
    items: list[ObjectView]
    next_cursor: str | None
    total: None = None


@dataclass(frozen=True, slots=True)
class ObjectView:
    content_type: str | None
    etag: str | None
    key: str
    kind: str
    modified_at: datetime
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    counts: dict[str, int]
    recent_events: list[ProjectEventView]
    resources: dict[str, Any]
    services: dict[str, int]
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class PasswordForm:
    new_password: str
    old_password: str


@dataclass(frozen=True, slots=True)
class PerHour:
    cpu_core_hours: float
    gpu_hours: float
    memory_gib_hours: float


@dataclass(frozen=True, slots=True)
class PlannedRole:
    count: int
    cpu_cores: float
    decides: bool
    gpus: float
    memory_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class ProbeForm:
    action: str | None = None
    failure_threshold: int | None = None
    initial_delay_s: int | None = None
    path: str | None = None
    period_s: int | None = None
    success_threshold: int | None = None
    timeout_s: int | None = None


@dataclass(frozen=True, slots=True)
class ProbesForm:
    liveness: ProbeForm | None = None
    readiness: ProbeForm | None = None
    startup: ProbeForm | None = None


@dataclass(frozen=True, slots=True)
class ProblemView:
    file: str | None
    line: int | None
    message: str
    record: str | None


@dataclass(frozen=True, slots=True)
class ProgressView:
    done: int
    elapsed_s: float
    eta_s: float | None
    percent: float
    steps: list[StepView]
    total: int


@dataclass(frozen=True, slots=True)
class ProjectEventView:
    actor_id: str | None
    data: dict[str, Any]
    id: str
    seq: int
    subject_id: str
    subject_kind: str
    time: datetime
    type: str


@dataclass(frozen=True, slots=True)
class ProjectForm:
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectList:
    items: list[ProjectView]


@dataclass(frozen=True, slots=True)
class ProjectView:
    created_at: datetime
    description: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PublishForm:
    checkpoint: str | None = None
    format: str | None = None
    metrics: dict[str, float] | None = None
    model_id: str | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    group_id: str
    kind: str
    name: str
    owner_id: str
    priority: int | None
    queued_at: datetime
    reason: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class QueueView:
    items: list[QueueItem]


@dataclass(frozen=True, slots=True)
class RadarLineView:
    absolute: list[float | None]
    key: str
    relative: list[float | None]


@dataclass(frozen=True, slots=True)
class RecordImageView:
    field: str
    path: str
    url: str | None


@dataclass(frozen=True, slots=True)
class RecordView:
    fields: dict[str, Any]
    file: str
    images: list[RecordImageView]
    index: int
    truncated: bool
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicaList:
    items: list[ReplicaView]


@dataclass(frozen=True, slots=True)
class ReplicaView:
    blocked: dict[str, str | None]
    cpu_cores: float | None
    created_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    gpus: int | None
    host: str | None
    id: str
    instance_id: str | None
    isolated: bool
    memory_bytes: int | None
    node: str | None
    notes: list[str]
    outdated: bool
    port: int | None
    queued_at: datetime
    ready_at: datetime | None
    reason: str
    revision: int
    started_at: datetime | None
    state: str
    version_id: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class RequestLimitForm:
    concurrency_per_replica: int | None = None
    qps_per_replica: int | None = None


@dataclass(frozen=True, slots=True)
class ResultView:
    failed: list[int]
    format: str
    metrics: dict[str, float]
    run_time_s: float
    samples: int
    set: str
    standard_errors: dict[str, float]
    template: str | None
    tokenizer: str
    tokens: dict[str, int]


@dataclass(frozen=True, slots=True)
class ResultsView:
    evaluation_id: str
    models: list[ModelResultView]
    state: str


@dataclass(frozen=True, slots=True)
class RoleAmount:
    count: int
    cpu_cores: float
    gpus: float
    memory_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class RoleForm:
    name: str
    command: str | None = None
    count: int | None = None
    cpu_cores: float | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    fields: dict[str, str]
    file: str
    index: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class SamplePage:
    items: list[Any]
    offset: int
    total: int


@dataclass(frozen=True, slots=True)
class SamplePageView:
    items: list[SampleView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class SampleView:
    error: str | None
    extracted: str | None
    finish_reason: str | None
    index: int
    model: str
    output: str
    prompt: list[dict[str, str]]
    reference: str
    scores: dict[str, float]
    set: str
    time_ms: float
    tokens: dict[str, int | None]
    wrong: bool


@dataclass(frozen=True, slots=True)
class SamplesView:
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SeriesView:
    epoch: list[float | None]
    instance_id: str
    name: str
    step: list[int | None]
    time_s: list[float]
    value: list[float]


@dataclass(frozen=True, slots=True)
class ServiceAuthForm:
    required: bool


@dataclass(frozen=True, slots=True)
class ServiceAuthView:
    key: NewServiceKeyView | None
    required: bool


@dataclass(frozen=True, slots=True)
class ServiceCallView:
    auth: bool
    curl: str
    endpoint: str
    interfaces: list[CallInterfaceView]
    method: str
    model: str | None
    openai_base_url: str | None
    openai_python: str | None
    python: str
    qps_limit: int | None
    service_type: str
    version_endpoints: dict[str, str]


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    auth: bool
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    id: str
    items: list[ServiceVersionView]
    limit: RequestLimitForm
    llm: bool
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    tags: dict[str, str]
    updated_at: datetime
    versions: int
    versions_running: int


@dataclass(frozen=True, slots=True)
class ServiceForm:
    name: str
    auth: bool | None = None
    base: ModelSourceForm | None = None
    command: str | None = None
    cpu_cores: float | None = None
    description: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    limit: RequestLimitForm | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    model: ModelSourceForm | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    resource_group: str | None = None
    retries: int | None = None
    runtime: str | None = None
    served_name: str | None = None
    start_timeout_s: int | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyForm:
    limits: ServiceKeyLimitsForm | None = None
    name: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyLimitsForm:
    rpm: int | None = None
    tpd: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyList:
    items: list[ServiceKeyView]
    required: bool
    token_limits: str | None


@dataclass(frozen=True, slots=True)
class ServiceKeyPatch:
    limits: ServiceKeyLimitsForm | None = None
    name: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyView:
    created_at: datetime
    creator: str
    enabled: bool
    hint: str
    id: str
    limits: ServiceKeyLimitsForm
    name: str
    remark: str
    service_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ServicePage:
    items: list[ServiceView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ServicePatch:
    description: str | None = None
    limit: RequestLimitForm | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceRollbackForm:
    update_id: str


@dataclass(frozen=True, slots=True)
class ServiceScaleForm:
    replicas: int


@dataclass(frozen=True, slots=True)
class ServiceTestForm:
    path: str
    body: str | None = None
    content_type: str | None = None
    key_id: str | None = None
    method: str | None = None
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceTestView:
    body: str
    body_is_text: bool
    duration_ms: float
    headers: dict[str, str]
    status: int
    truncated: bool
    url: str


@dataclass(frozen=True, slots=True)
class ServiceUpdateForm:
    base: ModelSourceForm | None = None
    command: str | None = None
    cpu_cores: float | None = None
    description: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    model: ModelSourceForm | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    retries: int | None = None
    served_name: str | None = None
    start_timeout_s: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceUpdateList:
    items: list[ServiceUpdateView]


@dataclass(frozen=True, slots=True)
class ServiceUpdateView:
    actor: str
    actor_id: str
    changes: dict[str, list[Any]]
    created_at: datetime
    ended_at: datetime | None
    id: str
    kind: str
    reason: str
    result: str
    revision: int


@dataclass(frozen=True, slots=True)
class ServiceVersionDetail:
    blocked: dict[str, str | None]
    config: VersionConfigForm
    cpu_cores_held: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    failures: int
    gpus_held: int
    id: str
    last_log: list[str]
    memory_bytes_held: int
    name: str
    number: int
    reason: str
    replicas: int
    replicas_wanted: int
    retry_at: datetime | None
    revision: int
    running: int
    service_id: str
    started_at: datetime | None
    state: str
    updated_at: datetime
    updating: bool
    weight: int


@dataclass(frozen=True, slots=True)
class ServiceVersionForm:
    base: ModelSourceForm | None = None
    command: str | None = None
    cpu_cores: float | None = None
    description: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    model: ModelSourceForm | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    retries: int | None = None
    runtime: str | None = None
    served_name: str | None = None
    start_timeout_s: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceVersionList:
    items: list[ServiceVersionView]


@dataclass(frozen=True, slots=True)
class ServiceVersionView:
    blocked: dict[str, str | None]
    config: VersionConfigForm
    cpu_cores_held: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    failures: int
    gpus_held: int
    id: str
    last_log: list[str]
    memory_bytes_held: int
    name: str
    number: int
    reason: str
    replicas: int
    retry_at: datetime | None
    revision: int
    running: int
    service_id: str
    started_at: datetime | None
    state: str
    updated_at: datetime
    updating: bool
    weight: int


@dataclass(frozen=True, slots=True)
class ServiceView:
    auth: bool
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    id: str
    limit: RequestLimitForm
    llm: bool
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    tags: dict[str, str]
    updated_at: datetime
    versions: int
    versions_running: int


@dataclass(frozen=True, slots=True)
class ServiceWeightsForm:
    weights: dict[str, int]


@dataclass(frozen=True, slots=True)
class SetForm:
    kind: str
    ref: str
    format: str | None = None
    limit: int | None = None
    name: str | None = None
    system: str | None = None
    template: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SourceView:
    address: str
    kind: str
    task_id: str | None
    task_name: str | None


@dataclass(frozen=True, slots=True)
class StatisticsView:
    columns: list[ColumnView] | None = None
    fields: list[FieldView] | None = None
    formats: dict[str, int] | None = None
    height: NumbersView | None = None
    labels_per_image: NumbersView | None = None
    length: NumbersView | None = None
    size_bytes: NumbersView | None = None
    width: NumbersView | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    done: int
    ended_at: datetime | None
    failed: int
    kind: str
    model: str
    percent: float | None
    set: str | None
    started_at: datetime | None
    state: str
    total: int


@dataclass(frozen=True, slots=True)
class SystemView:
    gateway_url: str
    site: str
    time: datetime
    version: str


@dataclass(frozen=True, slots=True)
class TableForm:
    columns: list[ColumnForm] | None = None
    has_header: bool | None = None


@dataclass(frozen=True, slots=True)
class TaskDetail:
    blocked: dict[str, str | None]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    environment: str
    evictions: int
    gpus: float
    id: str
    instances: int
    memory_bytes: int
    mode: str
    name: str
    output: str
    priority: int | None
    progress: dict[str, Any] | None
    queued_at: datetime | None
    reason: str
    reschedules: int
    resource_group: str
    restarts: int
    roles: list[RoleAmount]
    run_time_s: float | None
    spec: dict[str, Any]
    started_at: datetime | None
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaskEventList:
    items: list[TaskEventView]


@dataclass(frozen=True, slots=True)
class TaskEventView:
    actor_id: str | None
    data: dict[str, Any]
    seq: int
    time: datetime
    type: str


@dataclass(frozen=True, slots=True)
class TaskForm:
    name: str
    command: str | None = None
    cpu_cores: float | None = None
    description: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: float | None = None
    hang_s: float | None = None
    health_check_s: float | None = None
    hyperparameters: dict[str, Any] | None = None
    instances: int | None = None
    max_queue_s: float | None = None
    max_reschedules: int | None = None
    max_restarts: int | None = None
    max_run_s: float | None = None
    memory_bytes: int | None = None
    mode: str | None = None
    mounts: list[MountForm] | None = None
    output: str | None = None
    resource_group: str | None = None
    roles: list[RoleForm] | None = None
    tags: dict[str, str] | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    items: list[TaskView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class TaskPatch:
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TaskPlan:
    blocked: dict[str, str | None]
    field: str | None
    per_hour: PerHour
    problem: str | None
    roles: list[PlannedRole]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class TaskView:
    blocked: dict[str, str | None]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    environment: str
    evictions: int
    gpus: float
    id: str
    instances: int
    memory_bytes: int
    mode: str
    name: str
    output: str
    priority: int | None
    queued_at: datetime | None
    reason: str
    reschedules: int
    resource_group: str
    restarts: int
    roles: list[RoleAmount]
    run_time_s: float | None
    started_at: datetime | None
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TemplateList:
    items: list[TemplateView]


@dataclass(frozen=True, slots=True)
class TemplateView:
    command: str
    description: dict[str, str]
    hyperparameters: dict[str, Any]
    id: str
    name: dict[str, str]


@dataclass(frozen=True, slots=True)
class UploadForm:
    bucket: str
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadList:
    items: list[UploadView]


@dataclass(frozen=True, slots=True)
class UploadView:
    bucket: str
    created_at: datetime
    done: bool
    id: str
    key: str
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UsageList:
    items: list[UsageRecord]


@dataclass(frozen=True, slots=True)
class UsageRecord:
    details: dict[str, Any]
    kind: str
    quantity: float
    subject_id: str
    subject_kind: str
    time: datetime


@dataclass(frozen=True, slots=True)
class UsageTotals:
    end: datetime
    start: datetime
    totals: dict[str, float]


@dataclass(frozen=True, slots=True)
class UsageView:
    file_count: int
    measured_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UseList:
    items: list[ModelsUseView]


@dataclass(frozen=True, slots=True)
class UserForm:
    name: str
    password: str
    display_name: str | None = None
    is_admin: bool | None = None


@dataclass(frozen=True, slots=True)
class UserPage:
    items: list[UserView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class UserPatch:
    display_name: str | None = None
    enabled: bool | None = None
    is_admin: bool | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class UserView:
    created_at: datetime
    display_name: str
    enabled: bool
    id: str
    is_admin: bool
    last_login_at: datetime | None
    last_login_from: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ValidationError:
    loc: list[str | int]
    msg: str
    type: str
    ctx: dict[str, Any] | None = None
    input: Any | None = None


@dataclass(frozen=True, slots=True)
class VersionConfigForm:
    base: ModelSourceForm | None = None
    command: str | None = None
    cpu_cores: float | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    model: ModelSourceForm | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    probes: ProbesForm | None = None
    retries: int | None = None
    runtime: str | None = None
    served_name: str | None = None
    start_timeout_s: int | None = None


@dataclass(frozen=True, slots=True)
class VersionDetail:
    content_hash: str | None
    created_at: datetime
    created_by: str
    description: str
    file_count: int
    ignored_count: int
    label_distribution: list[LabelShareView]
    labelled_count: int
    name: str
    number: int
    other_count: int
    problems: list[ProblemView]
    progress_percent: int | None
    published_at: datetime | None
    reason: str | None
    sample_count: int
    size_bytes: int
    state: str
    statistics: StatisticsView
    warning_count: int
    warnings: list[ProblemView]


@dataclass(frozen=True, slots=True)
class VersionForm:
    description: str | None = None


@dataclass(frozen=True, slots=True)
class VersionList:
    items: list[VersionView]


@dataclass(frozen=True, slots=True)
class VersionPage:
    items: list[ModelVersionView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class VersionView:
    content_hash: str | None
    created_at: datetime
    created_by: str
    description: str
    file_count: int
    ignored_count: int
    labelled_count: int
    name: str
    number: int
    problems: list[ProblemView]
    progress_percent: int | None
    published_at: datetime | None
    reason: str | None
    sample_count: int
    size_bytes: int
    state: str
