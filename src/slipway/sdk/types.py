"""Results of the API as frozen dataclasses. Written from openapi.json by `make openapi`; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any



@dataclass(frozen=True, slots=True)
class AlertRuleForm:
    name: str
    targets: list[str]
    description: str | None = None
    enabled: bool | None = None
    form: ConditionForm | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class AlertRulePage:
    items: list[AlertRuleView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class AlertRuleView:
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    description: str
    enabled: bool
    form: ConditionForm | None
    id: str
    mode: str
    name: str
    own: bool
    pattern: str
    service: str
    target_names: list[str]
    targets: list[str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AlertTargetForm:
    kind: str
    name: str
    addresses: list[str] | None = None
    creator: bool | None = None
    language: str | None = None
    members: bool | None = None
    url: str | None = None
    users: list[str] | None = None


@dataclass(frozen=True, slots=True)
class AlertTargetPage:
    items: list[AlertTargetView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class AlertTargetView:
    addresses: list[str]
    blocked: dict[str, str | None]
    created_at: datetime
    created_by: str
    creator: bool
    failures: int
    id: str
    kind: str
    language: str
    last_error: str
    members: bool
    name: str
    own: bool
    resting_until: datetime | None
    shown: str
    updated_at: datetime
    users: list[str]


@dataclass(frozen=True, slots=True)
class AmountsView:
    card_memory_bytes: int
    card_memory_bytes_free: int
    cards: int
    cards_free: float
    cpu_cores: float
    cpu_cores_free: float
    memory_bytes: int
    memory_bytes_free: int


@dataclass(frozen=True, slots=True)
class AnalysisForm:
    against: list[str] | None = None
    tokenizer: str | None = None


@dataclass(frozen=True, slots=True)
class AnalysisList:
    items: list[AnalysisView]


@dataclass(frozen=True, slots=True)
class AnalysisView:
    created_at: datetime
    finished_at: datetime | None
    kind: str
    progress_percent: int | None
    reason: str | None
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class AnswerProblemView:
    code: str
    message: str
    status: int


@dataclass(frozen=True, slots=True)
class ApiDocumentView:
    aliases: list[str]
    base_url: str
    checked: bool
    errors: list[ApiErrorView]
    functions: list[ApiFunctionView]
    headers: list[ApiHeaderView]
    model: str
    name: str
    service_id: str


@dataclass(frozen=True, slots=True)
class ApiErrorView:
    code: str
    description: str
    status: int
    type: str


@dataclass(frozen=True, slots=True)
class ApiFieldView:
    description: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ApiFunctionView:
    function: str
    method: str
    notes: list[str]
    parameters: list[ApiParameterView]
    path: str
    response: list[ApiFieldView]
    samples: list[ApiSampleView]
    url: str


@dataclass(frozen=True, slots=True)
class ApiHeaderView:
    description: str
    name: str
    required: bool
    value: str


@dataclass(frozen=True, slots=True)
class ApiParameterView:
    default: Any
    description: str
    name: str
    range: str
    required: bool
    type: str


@dataclass(frozen=True, slots=True)
class ApiSampleView:
    language: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class AppKeyView:
    created_at: datetime
    ends_at: datetime | None
    hint: str
    id: str


@dataclass(frozen=True, slots=True)
class AskForm:
    kind: str
    request: dict[str, Any]
    service_id: str
    place: PlaceForm | None = None


@dataclass(frozen=True, slots=True)
class AskView:
    cpu_cores: float
    gpu_model: str | None
    gpus: float
    instances: int
    memory_bytes: int
    role: str


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
class AuditForm:
    hook: AuditHookForm | None = None
    message: str | None = None
    mode: str | None = None
    on_failure: str | None = None
    plugin: str | None = None
    window_chars: int | None = None
    words: list[str] | None = None


@dataclass(frozen=True, slots=True)
class AuditHookForm:
    url: str
    secret: str | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class AxisView:
    high: float | None
    low: float | None
    metric: str
    set: str


@dataclass(frozen=True, slots=True)
class BatchMoveForm:
    group: str
    nodes: list[str]
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class BatchReleaseForm:
    nodes: list[str]
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    items: list[DoneView]


@dataclass(frozen=True, slots=True)
class BoardChoice:
    blocked: str | None
    board: BoardView | None
    mounts: list[str]
    summary_address: str
    summary_path: str


@dataclass(frozen=True, slots=True)
class BoardForm:
    mount: str | None = None
    store: str | None = None
    sub_directory: str | None = None


@dataclass(frozen=True, slots=True)
class BoardView:
    address: str
    container_path: str
    id: str
    path: str
    reason: str
    state: str
    store: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BoxView:
    height: float
    label: str
    width: float
    x: float
    y: float
    attributes: dict[str, str | int | float] | None = None
    mask: str | None = None
    polygons: list[list[float]] | None = None


@dataclass(frozen=True, slots=True)
class BrokenView:
    index: int
    path: str
    reason: str


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
class BucketQuotaForm:
    quota_bytes: int | None


@dataclass(frozen=True, slots=True)
class BucketView:
    blocked: dict[str, str | None]
    created_at: datetime
    description: str
    is_default: bool
    name: str
    quota_bytes: int | None
    usage: UsageView | None


@dataclass(frozen=True, slots=True)
class BuildView:
    created_at: datetime
    ended_at: datetime | None
    id: str
    location: str
    packages: list[PackageView]
    python: str
    reason: str
    size_bytes: int
    state: str


@dataclass(frozen=True, slots=True)
class BuiltInModel:
    name: str


@dataclass(frozen=True, slots=True)
class BuiltInModels:
    items: list[BuiltInModel]


@dataclass(frozen=True, slots=True)
class BuiltInView:
    framework: str
    id: str
    modes: list[str]
    name: str
    packages: list[str]
    purposes: list[str]
    python: str
    unavailable: str | None


@dataclass(frozen=True, slots=True)
class CallFailureView:
    calls: int
    code: str
    share: float


@dataclass(frozen=True, slots=True)
class CallFiguresView:
    completion_tokens: int
    failed: int
    mean_later_ms: float | None
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
    mean_later_ms: float | None
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
    mean_later_ms: float | None
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
class CallPolicyForm:
    audit: AuditForm | None = None
    fallbacks: list[str] | None = None
    mirror: MirrorForm | None = None
    prefix_affinity: bool | None = None
    retries: int | None = None
    rules: dict[str, FunctionRulesForm] | None = None


@dataclass(frozen=True, slots=True)
class CallReportView:
    end: datetime
    failures: list[CallFailureView]
    points: list[CallSumsPoint]
    shares: list[CallShareView]
    start: datetime
    step_s: int
    total: CallSumsView


@dataclass(frozen=True, slots=True)
class CallShareView:
    calls: int
    completion_tokens: int
    cost: float
    failed: int
    group_deleted: bool
    group_id: str
    group_name: str
    images: int
    model: str
    prompt_tokens: int
    service_id: str
    service_name: str
    tokens: int


@dataclass(frozen=True, slots=True)
class CallStatisticsView:
    by_key: list[CallKeyFiguresView]
    end: datetime
    items: list[CallPointView]
    start: datetime
    step_s: int
    total: CallFiguresView


@dataclass(frozen=True, slots=True)
class CallSumsPoint:
    calls: int
    completion_tokens: int
    cost: float
    failed: int
    images: int
    prompt_tokens: int
    time: datetime
    tokens: int


@dataclass(frozen=True, slots=True)
class CallSumsView:
    calls: int
    completion_tokens: int
    cost: float
    failed: int
    images: int
    prompt_tokens: int
    tokens: int


@dataclass(frozen=True, slots=True)
class CardForm:
    index: int
    memory_bytes: int
    model: str
    faulty: str | None = None
    shares: bool | None = None
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class CardHoursReport:
    by: str
    end: datetime
    items: list[CardHoursView]
    start: datetime


@dataclass(frozen=True, slots=True)
class CardHoursView:
    asked_h: float
    held_h: float
    key: str
    measured_h: float
    name: str
    used_h: float


@dataclass(frozen=True, slots=True)
class CardSummaryView:
    fragments: float
    free: float
    model: str
    shares: bool
    total: int
    whole: float


@dataclass(frozen=True, slots=True)
class CardTypeList:
    items: list[CardTypeView]


@dataclass(frozen=True, slots=True)
class CardTypeView:
    cards: int
    model: str
    nodes: int
    notices: list[str]
    shared: int
    sharing: bool


@dataclass(frozen=True, slots=True)
class CardView:
    faulty: str
    free: float
    index: int
    island: int | None
    memory_bytes: int
    model: str
    shares: bool
    sharing_off: str
    state: str
    used: float
    uuid: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    count: int
    paths: list[str]


@dataclass(frozen=True, slots=True)
class ChangesView:
    added: ChangeView
    changed: ChangeView
    removed: ChangeView
    samples: SampleChangesView | None
    since: int


@dataclass(frozen=True, slots=True)
class CheckView:
    level: str
    name: str
    sentence: str


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
class CodeChanges:
    changes: str
    commit: str
    cut: bool
    folder: int
    new: list[str]


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
class ComparedRunView:
    id: str
    is_task: bool
    metrics: dict[str, LatestView]
    name: str
    parameters: dict[str, str]
    run_time_s: float | None
    series: list[SeriesView]
    state: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    differing: list[str]
    runs: list[ComparedRunView]


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
class ConditionForm:
    service: str
    creator: str | None = None
    subjects: list[str] | None = None
    tags: list[list[str]] | None = None
    types: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ConversationDetail:
    created_at: datetime
    id: str
    kind: str
    parameters: dict[str, Any]
    persona: str
    questions: int
    services: str
    title: str
    turns: list[TurnView]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ConversationForm:
    kind: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    items: list[ConversationView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ConversationPatch:
    title: str


@dataclass(frozen=True, slots=True)
class ConversationView:
    created_at: datetime
    id: str
    kind: str
    questions: int
    services: str
    title: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CopiesView:
    count: int
    group_count: int
    groups: list[list[int]]


@dataclass(frozen=True, slots=True)
class CreatedServiceView:
    auth: bool
    blocked: dict[str, str | None]
    calls: int
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    failed_calls: int
    grpc: bool
    id: str
    items: list[ServiceVersionView]
    key: NewServiceKeyView | None
    limit: RequestLimitForm
    llm: bool
    mode: str
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    stop_at: datetime | None
    tags: dict[str, str]
    updated_at: datetime
    versions: int
    versions_running: int


@dataclass(frozen=True, slots=True)
class CredentialsForm:
    password: str | None = None
    ssh_key: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class CustomEnvironmentDetail:
    blocked: dict[str, str | None]
    build: BuildView | None
    content_hash: str
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    framework: str
    id: str
    image: str
    kind: str
    modes: list[str]
    name: str
    on_platform: bool
    purposes: list[str]
    python: str
    reason: str
    size_bytes: int
    source: EnvironmentsSourceView
    state: str
    tags: dict[str, str]
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class CustomEnvironmentPage:
    items: list[CustomEnvironmentView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class CustomEnvironmentView:
    blocked: dict[str, str | None]
    content_hash: str
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    framework: str
    id: str
    image: str
    kind: str
    modes: list[str]
    name: str
    on_platform: bool
    purposes: list[str]
    python: str
    reason: str
    size_bytes: int
    state: str
    tags: dict[str, str]
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DataFileView:
    index: int
    path: str
    size_bytes: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DataQualityView:
    samples: int
    box_count: int | None = None
    broken: list[BrokenView] | None = None
    broken_count: int | None = None
    exact: CopiesView | None = None
    fields: list[GapView] | None = None
    labels: ImbalanceView | None = None
    languages: list[list[Any]] | None = None
    near: CopiesView | None = None
    overlap: list[OverlapView] | None = None
    personal: list[PersonalView] | None = None
    tiny: list[TinyView] | None = None
    tiny_count: int | None = None


@dataclass(frozen=True, slots=True)
class DataUseView:
    active: bool
    name: str
    subject_id: str
    subject_kind: str
    version: int
    view: str | None


@dataclass(frozen=True, slots=True)
class DatasetAccessList:
    items: list[DatasetAccessView]


@dataclass(frozen=True, slots=True)
class DatasetAccessView:
    action: str
    at: datetime
    detail: str
    user_id: str
    user_name: str
    version: int


@dataclass(frozen=True, slots=True)
class DatasetForm:
    address: str
    kind: str
    name: str
    description: str | None = None
    label_format: str | None = None
    labels: list[str] | None = None
    output_address: str | None = None
    preview: bool | None = None
    table: TableForm | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DatasetLineageView:
    address: str
    steps: list[LineageStep]
    versions: list[DatasetVersionNode]


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
    preview: bool | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DatasetSchemaForm:
    text: str


@dataclass(frozen=True, slots=True)
class DatasetSchemaList:
    items: list[DatasetSchemaView]


@dataclass(frozen=True, slots=True)
class DatasetSchemaView:
    dataset_id: str
    percent: int
    problem_count: int
    problems: list[LabelProblemView]
    reason: str | None
    record_count: int
    state: str
    text: str
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DatasetShareList:
    items: list[DatasetShareView]


@dataclass(frozen=True, slots=True)
class DatasetShareView:
    created_at: datetime
    created_by: str
    expires_at: datetime
    id: str
    max_uses: int | None
    revoked_at: datetime | None
    uses: int
    version: int


@dataclass(frozen=True, slots=True)
class DatasetVersionNode:
    base: int | None
    labelled: bool
    number: int


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
    output_address: str | None
    preview: bool
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
class DeadForm:
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class DeletedView:
    deleted: int


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    deliver: bool


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    items: list[DeliveryView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    attempts: int
    blocked: dict[str, str | None]
    created_at: datetime
    delivered_at: datetime | None
    event: dict[str, Any]
    event_type: str
    id: str
    last_error: str
    message: MessageView
    next_at: datetime | None
    rule_id: str
    rule_name: str
    state: str
    subject_id: str
    subject_name: str
    target_id: str
    target_kind: str
    target_name: str
    test: bool
    tries: list[TryView]


@dataclass(frozen=True, slots=True)
class DoneView:
    code: str | None
    done: bool
    node_id: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class DrainForm:
    reason: str | None = None
    time_limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class DryRunView:
    evictions: list[EvictionView]
    priorities: list[PriorityChangeView]
    priorities_changed: int
    starts: list[WorkloadName]
    would_be_evicted: int
    would_start: int


@dataclass(frozen=True, slots=True)
class EarlyStoppingForm:
    factor: int | None = None
    min_reports: int | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentForm:
    name: str
    constraints: str | None = None
    description: str | None = None
    framework: str | None = None
    image: str | None = None
    index_url: str | None = None
    kind: str | None = None
    modes: list[str] | None = None
    on_platform: bool | None = None
    password: str | None = None
    purposes: list[str] | None = None
    python: str | None = None
    requirements: str | None = None
    tags: dict[str, str] | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentList:
    items: list[EnvironmentView]


@dataclass(frozen=True, slots=True)
class EnvironmentOptions:
    built_in: list[BuiltInView]
    frameworks: list[FrameworkView]
    free_bytes: int
    images_unavailable: str | None
    min_free_bytes: int
    no_space: str | None
    own_python: str
    pythons: list[str]


@dataclass(frozen=True, slots=True)
class EnvironmentPatch:
    description: str | None = None
    purposes: list[str] | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentPresetList:
    items: list[EnvironmentPresetView]


@dataclass(frozen=True, slots=True)
class EnvironmentPresetView:
    aliases: list[str]
    formats: list[str]
    framework: str
    hardware: list[str]
    id: str
    name: str
    note: str
    requirements: str


@dataclass(frozen=True, slots=True)
class EnvironmentUseList:
    items: list[EnvironmentUseView]


@dataclass(frozen=True, slots=True)
class EnvironmentUseView:
    created_at: datetime
    kind: str
    name: str
    owner_id: str
    state: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class EnvironmentVersionForm:
    constraints: str | None = None
    description: str | None = None
    framework: str | None = None
    image: str | None = None
    index_url: str | None = None
    kind: str | None = None
    modes: list[str] | None = None
    on_platform: bool | None = None
    password: str | None = None
    purposes: list[str] | None = None
    python: str | None = None
    requirements: str | None = None
    tags: dict[str, str] | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    custom: bool
    framework: str
    id: str
    modes: list[str]
    name: str
    unavailable: str | None
    unavailable_modes: dict[str, str]


@dataclass(frozen=True, slots=True)
class EnvironmentsSourceView:
    constraints: str
    image: str
    index_url: str
    kind: str
    on_platform: bool
    python: str
    requirements: str
    user: str


@dataclass(frozen=True, slots=True)
class EvaluationDetail:
    blocked: dict[str, str | None]
    checkpoints: list[str]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    gpus: float
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
    gpus: float | None = None
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
    checkpoints: list[str]
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    ended_at: datetime | None
    gpus: float
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
class EventKindView:
    en: str
    name: str
    type: str
    zh: str


@dataclass(frozen=True, slots=True)
class EventPage:
    items: list[ProjectEventView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventServiceList:
    items: list[EventServiceView]


@dataclass(frozen=True, slots=True)
class EventServiceView:
    en: str
    events: list[EventKindView]
    fields: dict[str, str]
    key: str
    platform: bool
    sample: dict[str, Any]
    source: str
    subject_kind: str
    zh: str


@dataclass(frozen=True, slots=True)
class EvictionView:
    displaced_for: str
    workload: WorkloadName


@dataclass(frozen=True, slots=True)
class ExperimentList:
    items: list[ExperimentView]


@dataclass(frozen=True, slots=True)
class ExperimentView:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportForm:
    turn_ids: list[str]
    dataset_id: str | None = None
    form: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedView:
    dataset_id: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ExternalServiceForm:
    name: str
    url: str
    description: str | None = None
    key: str | None = None
    model: str | None = None
    served_name: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class ExternalServiceView:
    id: str
    key: NewServiceKeyView


@dataclass(frozen=True, slots=True)
class FacetView:
    bins: list[list[Any]]
    distinct_count: int
    empty_count: int
    field: str
    of_length: bool
    type: str
    values: list[list[Any]]


@dataclass(frozen=True, slots=True)
class FaultView:
    column: int
    line: int
    message: str


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
class FlavourForm:
    name: str
    cpu_cores: float | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class FlavourList:
    items: list[FlavourView]


@dataclass(frozen=True, slots=True)
class FlavourView:
    cpu_cores: float
    created_at: datetime
    created_by: str
    free_instances: int
    gpu_model: str | None
    gpus: float
    group_id: str
    id: str
    memory_bytes: int
    name: str


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
class FrameworkView:
    modes: list[str]
    name: str


@dataclass(frozen=True, slots=True)
class FreeView:
    cards: list[CardSummaryView]
    nodes: list[NodeView]


@dataclass(frozen=True, slots=True)
class FunctionRulesForm:
    image_hosts: list[str] | None = None
    parameters: list[ParameterForm] | None = None
    roles: list[str] | None = None
    size_order: str | None = None
    strict_turns: bool | None = None
    tools: bool | None = None
    vision: bool | None = None


@dataclass(frozen=True, slots=True)
class GapView:
    cut: int
    cut_examples: list[int]
    empty: int
    empty_examples: list[int]
    missing: int
    name: str


@dataclass(frozen=True, slots=True)
class GitSourceView:
    commit: str
    name: str
    ref: str
    repository_id: str
    url: str


@dataclass(frozen=True, slots=True)
class GoodAnswerList:
    items: list[TurnView]


@dataclass(frozen=True, slots=True)
class GroupBanForm:
    reason: str


@dataclass(frozen=True, slots=True)
class GroupBanView:
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class GroupDetail:
    amounts: AmountsView
    bare_metal: bool
    blocked: dict[str, str | None]
    cards: list[CardSummaryView]
    created_at: datetime
    created_by: str
    engine: str
    id: str
    name: str
    nodes: int
    nodes_usable: int
    policy: dict[str, Any]
    preset_by_gpu: bool
    site: str
    source: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class GroupForm:
    name: str
    risk_accepted: bool
    engine: str | None = None
    policy: dict[str, Any] | str | None = None
    preset_by_gpu: bool | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GroupPage:
    items: list[GroupView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class GroupPatch:
    name: str | None = None
    policy: dict[str, Any] | str | None = None
    preset_by_gpu: bool | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GroupView:
    amounts: AmountsView
    bare_metal: bool
    blocked: dict[str, str | None]
    cards: list[CardSummaryView]
    created_at: datetime
    created_by: str
    engine: str
    id: str
    name: str
    nodes: int
    nodes_usable: int
    preset_by_gpu: bool
    site: str
    source: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class HTTPValidationError:
    detail: list[ValidationError] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class HistorySwitchForm:
    keeps: bool


@dataclass(frozen=True, slots=True)
class HistorySwitchView:
    keeps: bool
    limit: int


@dataclass(frozen=True, slots=True)
class HoldingPage:
    items: list[HoldingView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class HoldingView:
    cpu_cores: float
    gpus: float
    group_id: str
    instances: int
    kind: str
    memory_bytes: int
    name: str
    nodes: list[str]
    owner_id: str
    run_time_s: float | None
    started_at: datetime | None
    state: str
    words: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class HpaForm:
    down_window_s: int | None = None
    max_replicas: int | None = None
    min_replicas: int | None = None
    targets: list[TargetForm] | None = None
    up_window_s: int | None = None


@dataclass(frozen=True, slots=True)
class IdleCardsView:
    busy: float
    cards: float
    held_since: datetime
    idle_card_hours: float
    instance_id: str
    kind: str
    name: str
    node_id: str
    owner_id: str
    project_id: str
    user_id: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class IdleReport:
    items: list[IdleCardsView]
    within_s: float


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
class ImbalanceView:
    least: list[Any]
    most: list[Any]
    rare: list[list[Any]]
    ratio: float


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
class InboxMessageView:
    created_at: datetime
    event_type: str
    id: str
    lines: list[list[Any]]
    link: str
    project_id: str
    read_at: datetime | None
    title: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    items: list[InboxMessageView]
    next_cursor: str | None
    total: int
    unread: int


@dataclass(frozen=True, slots=True)
class InstanceList:
    items: list[InstanceView]


@dataclass(frozen=True, slots=True)
class InstanceTrafficPoint:
    concurrent: float
    failed: int
    mean_ms: float | None
    qps: float
    request_bytes: int
    response_bytes: int
    time: datetime


@dataclass(frozen=True, slots=True)
class InstanceTrafficView:
    end: datetime
    items: list[InstanceTrafficPoint]
    start: datetime
    step_s: int


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
class JoinForm:
    cpu_cores: float
    host: str
    memory_bytes: int
    name: str
    token: str
    engine_node: str | None = None
    gpus: list[CardForm] | None = None
    info: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class JoinProbeForm:
    host: str
    port: int
    says: str
    token: str


@dataclass(frozen=True, slots=True)
class JoinProbeView:
    reached: bool


@dataclass(frozen=True, slots=True)
class JoinTermsForm:
    token: str


@dataclass(frozen=True, slots=True)
class JoinTermsView:
    marker: str | None
    marker_text: str
    port: int
    reach: list[str]


@dataclass(frozen=True, slots=True)
class JoinView:
    checks: list[CheckView]
    engine: str
    group_id: str
    leave_key: str
    node_id: str
    ray_address: str | None


@dataclass(frozen=True, slots=True)
class KeyForm:
    kind: str | None = None
    lasts_days: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    items: list[KeyView]


@dataclass(frozen=True, slots=True)
class KeyPatch:
    enabled: bool


@dataclass(frozen=True, slots=True)
class KeyResetForm:
    overlap_s: int | None = None


@dataclass(frozen=True, slots=True)
class KeyRulesForm:
    addresses: list[str] | None = None
    concurrency: int | None = None
    cost_day: float | str | None = None
    cost_month: float | str | None = None
    expires_at: datetime | None = None
    ipm: int | None = None
    models: list[str] | None = None
    rpm: int | None = None
    tokens_month: int | None = None
    tpd: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class KeyRulesView:
    addresses: list[str] | None = None
    concurrency: int | None = None
    cost_day: str | None = None
    cost_month: str | None = None
    expires_at: datetime | None = None
    ipm: int | None = None
    models: list[str] | None = None
    rpm: int | None = None
    tokens_month: int | None = None
    tpd: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class KeyView:
    created_at: datetime
    enabled: bool
    expires_at: datetime | None
    id: str
    kind: str
    last_used_at: datetime | None
    name: str


@dataclass(frozen=True, slots=True)
class LabelAnswerList:
    gold: bool
    items: list[LabelAnswerView]


@dataclass(frozen=True, slots=True)
class LabelAnswerView:
    at: datetime
    score: float | None
    time_s: float
    user_id: str
    user_name: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelComponentView:
    choices: list[str]
    form: list[LabelComponentView]
    help: str
    items: list[list[LabelComponentView]] | None
    key: str
    name: str
    option: str
    size: str
    type: str
    value: str | list[str] | None


@dataclass(frozen=True, slots=True)
class LabelCountsView:
    approved: int
    deleted: int
    done: int
    labelled: int
    records: int
    sent_back: int
    unlabelled: int


@dataclass(frozen=True, slots=True)
class LabelDecisionForm:
    accepted: bool


@dataclass(frozen=True, slots=True)
class LabelDisputedView:
    agreement: float
    index: int
    state: str


@dataclass(frozen=True, slots=True)
class LabelDocumentView:
    components: list[LabelComponentView]
    fields: dict[str, Any]
    files_url: str
    title: str


@dataclass(frozen=True, slots=True)
class LabelFieldAgreementView:
    exact: float
    fleiss_kappa: float | None
    items: int
    key: str
    krippendorff_alpha: float | None


@dataclass(frozen=True, slots=True)
class LabelFilesForm:
    over: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelFilesView:
    reason: str | None
    state: str


@dataclass(frozen=True, slots=True)
class LabelForm:
    name: str
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class LabelFormatView:
    losses: list[str]
    name: str


@dataclass(frozen=True, slots=True)
class LabelGoldForm:
    known: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelGoldView:
    at: datetime
    index: int


@dataclass(frozen=True, slots=True)
class LabelHistoryList:
    items: list[LabelHistoryView]


@dataclass(frozen=True, slots=True)
class LabelHistoryView:
    action: str
    at: datetime
    comment: str | None
    revision: int
    state: str
    time_s: float
    user_name: str
    value: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LabelLockView:
    until: datetime
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class LabelNextForm:
    after: int | None = None
    review: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelNextView:
    record: LabelRecordView | None


@dataclass(frozen=True, slots=True)
class LabelOcrView:
    blocked: str | None
    service_id: str | None
    type: str


@dataclass(frozen=True, slots=True)
class LabelPairView:
    agreement: float
    cohen_kappa: float | None
    first: str
    items: int
    second: str


@dataclass(frozen=True, slots=True)
class LabelPersonView:
    agreement: float | None
    answers: int
    gold_count: int
    gold_score: float | None
    paused: bool
    time_s: float
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class LabelProblemView:
    file: str | None
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class LabelPublicationView:
    label_format: str
    reason: str | None
    requested_at: datetime
    state: str
    version: int | None


@dataclass(frozen=True, slots=True)
class LabelPublishForm:
    description: str | None = None
    label_format: str | None = None


@dataclass(frozen=True, slots=True)
class LabelQualityView:
    agreement: float | None
    disputed: list[LabelDisputedView]
    fields: list[LabelFieldAgreementView]
    gold: list[LabelGoldView]
    mean_iou: float | None
    pairs: list[LabelPairView]
    people: list[LabelPersonView]
    records: int


@dataclass(frozen=True, slots=True)
class LabelRecordBrief:
    comment: str | None
    count: int
    file: str
    index: int
    labels: list[str]
    lock: LabelLockView | None
    revision: int
    state: str
    thumbnail_url: str | None


@dataclass(frozen=True, slots=True)
class LabelRecordList:
    items: list[LabelRecordBrief]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class LabelRecordView:
    agreement: float | None
    comment: str | None
    document: LabelDocumentView | None
    file: str
    height: int | None
    image_url: str | None
    index: int
    labelled_at: datetime | None
    labeller_name: str | None
    lock: LabelLockView | None
    reviewer_name: str | None
    revision: int
    state: str
    time_s: float
    value: dict[str, Any]
    width: int | None


@dataclass(frozen=True, slots=True)
class LabelReviewForm:
    approve: bool
    revision: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class LabelSaveForm:
    revision: int
    release: bool | None = None
    state: str | None = None
    time_s: float | None = None
    value: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LabelSchemaForm:
    dataset_id: str
    text: str
    dataset_version: int | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class LabelSchemaText:
    text: str


@dataclass(frozen=True, slots=True)
class LabelSchemaView:
    column: int
    document: LabelDocumentView | None
    line: int
    message: str | None


@dataclass(frozen=True, slots=True)
class LabelShareView:
    count: int
    name: str
    share_percent: float


@dataclass(frozen=True, slots=True)
class LabelStartForm:
    dataset_id: str
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class LabelSuggestForm:
    service_id: str
    instructions: str | None = None
    records: int | None = None
    uncertain_first: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelSuggestView:
    accepted: int
    asked: int
    offered: int
    reason: str | None
    records: int
    rejected: int
    service_name: str
    state: str | None
    uncertain_first: bool
    unusable: int


@dataclass(frozen=True, slots=True)
class LabelSuggestionOne:
    suggestion: LabelSuggestionView | None


@dataclass(frozen=True, slots=True)
class LabelSuggestionView:
    answers: dict[str, Any]
    confidence: float
    service_name: str
    state: str


@dataclass(frozen=True, slots=True)
class LabelTaskForm:
    dataset_id: str
    name: str
    dataset_version: int | None = None
    description: str | None = None
    kind: str | None = None
    label_format: str | None = None
    labellers: list[str] | None = None
    labels: list[LabelForm] | None = None
    mode: str | None = None
    needs_review: bool | None = None
    ocr_service: str | None = None
    ocr_type: str | None = None
    overlap: int | None = None
    overlap_percent: int | None = None
    schema_text: str | None = None
    sharing: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LabelTaskPage:
    items: list[LabelTaskView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class LabelTaskPatch:
    description: str | None = None
    gold_least_percent: int | None = None
    labellers: list[str] | None = None
    labels: list[LabelForm] | None = None
    name: str | None = None
    needs_review: bool | None = None
    ocr_service: str | None = None
    ocr_type: str | None = None
    renames: dict[str, str] | None = None
    schema_text: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LabelTaskView:
    blocked: dict[str, str | None]
    counts: LabelCountsView
    created_at: datetime
    created_by: str
    creator_name: str
    dataset_id: str
    dataset_name: str
    dataset_version: int
    description: str
    files: LabelFilesView | None
    formats: list[LabelFormatView]
    gold_least_percent: int | None
    id: str
    kind: str
    label_format: str
    labellers: list[LabellerView]
    labels: list[LabelView]
    mode: str
    name: str
    needs_review: bool
    ocr: LabelOcrView | None
    overlap: int
    overlap_percent: int
    publication: LabelPublicationView | None
    reason: str | None
    schema_text: str | None
    sharing: str
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LabelTrackForm:
    action: str
    at: int
    track_id: int
    into: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class LabelTrackList:
    first: int
    items: list[LabelTrackView]
    last: int
    next_id: int


@dataclass(frozen=True, slots=True)
class LabelTrackView:
    ended: bool
    first: int
    frame_count: int
    keyframes: list[int]
    label: str
    last: int
    track_id: int


@dataclass(frozen=True, slots=True)
class LabelView:
    colour: str
    name: str


@dataclass(frozen=True, slots=True)
class LabelWorkList:
    items: list[LabelWorkView]


@dataclass(frozen=True, slots=True)
class LabelWorkView:
    records: int
    reviewed: int
    sent_back: int
    time_s: float
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class LabellerView:
    name: str
    user_id: str


@dataclass(frozen=True, slots=True)
class LatestView:
    step: int | None
    value: float


@dataclass(frozen=True, slots=True)
class LeaveForm:
    key: str


@dataclass(frozen=True, slots=True)
class LeaveView:
    instances: int
    state: str


@dataclass(frozen=True, slots=True)
class LineView:
    evaluation_id: str
    evaluation_name: str
    key: str
    model: str
    source: str
    values: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Lineage:
    items: list[LineageStep]


@dataclass(frozen=True, slots=True)
class LineageInput:
    kind: str
    name: str
    part: str
    purpose: str
    source: str
    version: str | None


@dataclass(frozen=True, slots=True)
class LineageOutput:
    model_id: str
    model_name: str
    version: str
    version_id: str


@dataclass(frozen=True, slots=True)
class LineageStep:
    inputs: list[LineageInput]
    outputs: list[LineageOutput]
    task_id: str
    task_name: str


@dataclass(frozen=True, slots=True)
class LinkForm:
    key: str
    lasts_s: int


@dataclass(frozen=True, slots=True)
class LinkList:
    items: list[LinkView]


@dataclass(frozen=True, slots=True)
class LinkView:
    bucket: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    id: str
    key: str
    url: str


@dataclass(frozen=True, slots=True)
class LinkableServices:
    own: list[LinkedServiceView]
    preset: list[LinkedServiceView]


@dataclass(frozen=True, slots=True)
class LinkedServiceView:
    id: str
    llm: bool
    model_ref: str
    models: list[str]
    name: str
    preset: bool
    state: str


@dataclass(frozen=True, slots=True)
class LoadLiveView:
    concurrency: int
    live_p95_ms: float | None
    live_rps: float
    step: int


@dataclass(frozen=True, slots=True)
class LoadStepView:
    concurrency: int
    failed: int
    requests: int
    rps: float
    seconds: float
    bytes_per_s: float | None = None
    failures: dict[str, int] | None = None
    first_p50_ms: float | None = None
    first_p95_ms: float | None = None
    first_p99_ms: float | None = None
    max_ms: float | None = None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class LoadTestBlocked:
    delete: str | None
    stop: str | None


@dataclass(frozen=True, slots=True)
class LoadTestForm:
    path: str
    body: str | None = None
    content_type: str | None = None
    cpu_cores: float | None = None
    method: str | None = None
    seconds: float | None = None
    steps: list[int] | None = None
    timeout_s: float | None = None
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class LoadTestPage:
    items: list[LoadTestView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class LoadTestView:
    blocked: LoadTestBlocked
    body: str
    content_type: str
    created_at: datetime
    creator_name: str
    ended_at: datetime | None
    id: str
    live: LoadLiveView | None
    method: str
    path: str
    planned: list[int]
    reason: str
    seconds: float
    service_id: str
    started_at: datetime | None
    state: str
    steps: list[LoadStepView]
    timeout_s: float
    version_id: str | None


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
class LogSettingsView:
    blocked: str | None
    deliver: bool
    delivered_bytes: int
    error: str
    retention_days: int
    waiting_bytes: int


@dataclass(frozen=True, slots=True)
class LogStoreAnswer:
    store: LogStoreView | None


@dataclass(frozen=True, slots=True)
class LogStoreForm:
    address: str
    kind: str
    index: str | None = None
    labels: dict[str, str] | None = None
    secret: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class LogStoreView:
    address: str
    has_secret: bool
    index: str
    kind: str
    labels: dict[str, str]
    updated_at: datetime | None
    username: str


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
class MailServerForm:
    host: str
    sender: str
    password: str | None = None
    port: int | None = None
    security: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class MailServerView:
    set: bool
    has_password: bool | None = None
    host: str | None = None
    port: int | None = None
    security: str | None = None
    sender: str | None = None
    updated_at: datetime | None = None
    user: str | None = None


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
class MessageView:
    lines: list[list[Any]]
    link: str
    title: str


@dataclass(frozen=True, slots=True)
class MetricsView:
    items: list[SeriesView]


@dataclass(frozen=True, slots=True)
class MirrorForm:
    percent: float
    version_id: str


@dataclass(frozen=True, slots=True)
class MirrorPairView:
    candidate: str
    candidate_ms: float
    candidate_status: int
    id: str
    ms: float
    same: bool
    status: int
    version: str


@dataclass(frozen=True, slots=True)
class MirrorView:
    candidate_ms: float
    failed: int
    last: list[MirrorPairView]
    ms: float
    pairs: int
    same: int


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
class ModelPricesForm:
    completion: float | str | None = None
    image: float | str | None = None
    prompt: float | str | None = None


@dataclass(frozen=True, slots=True)
class ModelPricesView:
    completion: str | None = None
    image: str | None = None
    prompt: str | None = None


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
class ModelRulesForm:
    aliases: list[str] | None = None
    free_tokens: int | None = None
    ipm: int | None = None
    preset: bool | None = None
    prices: ModelPricesForm | None = None
    rpm: int | None = None
    tpm: int | None = None


@dataclass(frozen=True, slots=True)
class ModelRulesView:
    prices: ModelPricesView
    aliases: list[str] | None = None
    free_tokens: int | None = None
    ipm: int | None = None
    preset: bool | None = None
    rpm: int | None = None
    tpm: int | None = None


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
    source: ModelsSourceView
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
class ModelsSourceView:
    address: str
    kind: str
    task_id: str | None
    task_name: str | None


@dataclass(frozen=True, slots=True)
class ModelsUseView:
    active: bool
    id: str
    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class MonitorPointView:
    cpu_pct: float | None
    expected: float
    gpu_mem_pct: float | None
    gpu_pct: float | None
    in_flight: float | None
    kv_cache_pct: float | None
    llm_running: float | None
    llm_waiting: float | None
    mem_pct: float | None
    running: float
    time: datetime


@dataclass(frozen=True, slots=True)
class MonitorView:
    end: datetime
    items: list[MonitorPointView]
    start: datetime
    step_s: int


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
    group: str
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class NetworkProfileForm:
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NetworkProfileList:
    example: dict[str, str]
    items: list[NetworkProfileView]


@dataclass(frozen=True, slots=True)
class NetworkProfileView:
    blocked: dict[str, str | None]
    gpu_model: str
    updated_at: datetime
    uses: int
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NetworkView:
    line: str
    network: str


@dataclass(frozen=True, slots=True)
class NewAlertTargetView:
    addresses: list[str]
    blocked: dict[str, str | None]
    created_at: datetime
    created_by: str
    creator: bool
    failures: int
    id: str
    kind: str
    language: str
    last_error: str
    members: bool
    name: str
    own: bool
    resting_until: datetime | None
    secret: str | None
    shown: str
    updated_at: datetime
    users: list[str]


@dataclass(frozen=True, slots=True)
class NewDatasetShare:
    created_at: datetime
    created_by: str
    expires_at: datetime
    id: str
    max_uses: int | None
    revoked_at: datetime | None
    token: str
    uses: int
    version: int


@dataclass(frozen=True, slots=True)
class NewKeyView:
    created_at: datetime
    enabled: bool
    expires_at: datetime | None
    id: str
    kind: str
    last_used_at: datetime | None
    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class NewServiceGroupView:
    address: str
    ban: GroupBanView | None
    created_at: datetime
    creator: str
    description: str
    id: str
    key: AppKeyView
    name: str
    old_keys: list[AppKeyView]
    rules: KeyRulesView
    secret: str
    services: list[LinkedServiceView]
    state: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewServiceKeyView:
    created_at: datetime
    creator: str
    enabled: bool
    hint: str
    id: str
    limits: KeyRulesView
    name: str
    remark: str
    secret: str
    service_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NextRuleView:
    replicas: int
    rule: int
    time: datetime


@dataclass(frozen=True, slots=True)
class NodeAttempt:
    missing: list[str]
    node_id: str
    node_name: str


@dataclass(frozen=True, slots=True)
class NodeDetail:
    blocked: dict[str, str | None]
    cards: list[CardView]
    checks: list[CheckView]
    cordon_reason: str
    cordoned: bool
    cpu_cores: float
    cpu_cores_held: float
    created_at: datetime
    created_by: str
    drain_until: datetime | None
    ended_at: datetime | None
    engine: str
    error_code: str
    group_id: str
    group_name: str
    host: str
    id: str
    info: dict[str, Any]
    instances: int
    joined_at: datetime | None
    machine_id: str
    memory_bytes: int
    memory_bytes_held: int
    name: str
    planned_end: datetime | None
    rack: str
    reason: str
    sharing_notice: str
    state: str
    takes_work: bool
    zone: str


@dataclass(frozen=True, slots=True)
class NodeEventList:
    items: list[NodeEventView]


@dataclass(frozen=True, slots=True)
class NodeEventView:
    actor_id: str | None
    data: dict[str, Any]
    seq: int
    time: datetime
    type: str


@dataclass(frozen=True, slots=True)
class NodePage:
    items: list[NodeView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class NodePatch:
    planned_end: datetime | None = None
    rack: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class NodeView:
    blocked: dict[str, str | None]
    cards: list[CardView]
    cordon_reason: str
    cordoned: bool
    cpu_cores: float
    cpu_cores_held: float
    created_at: datetime
    created_by: str
    drain_until: datetime | None
    ended_at: datetime | None
    engine: str
    error_code: str
    group_id: str
    group_name: str
    host: str
    id: str
    instances: int
    joined_at: datetime | None
    machine_id: str
    memory_bytes: int
    memory_bytes_held: int
    name: str
    planned_end: datetime | None
    rack: str
    reason: str
    sharing_notice: str
    state: str
    takes_work: bool
    zone: str


@dataclass(frozen=True, slots=True)
class NoticeForm:
    subject: str
    email: str | None = None
    language: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeView:
    email: str
    on: bool
    since: datetime | None


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
class ObjectMoveForm:
    to: str
    overwrite: bool | None = None
    to_bucket: str | None = None


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
class OcrBoxForm:
    id: int
    descriptor: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class OcrBoxView:
    descriptor: str | None
    id: int
    role: str


@dataclass(frozen=True, slots=True)
class OcrCheckForm:
    boxes: list[OcrBoxForm]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class OcrEnginesView:
    built_in: bool
    services: list[OcrServiceView]


@dataclass(frozen=True, slots=True)
class OcrFieldView:
    key_ids: list[int]
    keys: list[str]
    value_ids: list[int]
    values: list[str]


@dataclass(frozen=True, slots=True)
class OcrMeaningView:
    boxes: list[OcrBoxView]
    fields: list[OcrFieldView]
    joins: list[list[int]]
    pairs: list[OcrPairView]
    problems: list[OcrProblemView]


@dataclass(frozen=True, slots=True)
class OcrPairView:
    key: list[int]
    value: list[int]


@dataclass(frozen=True, slots=True)
class OcrProblemView:
    blocking: bool
    column: int
    id: int
    message: str


@dataclass(frozen=True, slots=True)
class OcrReadForm:
    points: list[float] | None = None


@dataclass(frozen=True, slots=True)
class OcrReadingList:
    items: list[OcrReadingView]


@dataclass(frozen=True, slots=True)
class OcrReadingView:
    confidence: float | None
    points: list[float]
    text: str


@dataclass(frozen=True, slots=True)
class OcrServiceView:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class OverlapView:
    dataset_id: str
    exact: int
    examples: list[int]
    name: str
    near: int
    version: int


@dataclass(frozen=True, slots=True)
class Overview:
    counts: dict[str, int]
    recent_events: list[ProjectEventView]
    resources: dict[str, Any]
    services: dict[str, int]
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class PackageView:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ParameterForm:
    name: str
    default: str | int | float | bool | None = None
    description: str | None = None
    max: float | None = None
    max_excluded: bool | None = None
    max_length: int | None = None
    min: float | None = None
    min_excluded: bool | None = None
    required: bool | None = None
    supported: bool | None = None
    type: str | None = None
    values: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ParameterRuleView:
    choices: list[str]
    default: float | str | None
    kind: str
    maximum: float | None
    minimum: float | None
    name: str
    step: float | None


@dataclass(frozen=True, slots=True)
class PartForm:
    name: str
    ratio: float


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
class PersonalExample:
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class PersonalView:
    count: int
    examples: list[PersonalExample]
    kind: str
    records: int


@dataclass(frozen=True, slots=True)
class PlaceForm:
    conversation_id: str
    position: int
    side: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedRole:
    count: int
    cpu_cores: float
    decides: bool
    gpus: float
    memory_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class PointForm:
    metrics: dict[str, float]
    timestamp: float
    epoch: float | None = None
    step: int | None = None
    total_steps: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyChecked:
    policy: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PolicyForm:
    policy: dict[str, Any] | str


@dataclass(frozen=True, slots=True)
class PresetDetail:
    created_at: datetime
    description: str
    id: str
    kind: str
    latest: int
    mine: bool
    name: str
    owner: str
    shared: bool
    updated_at: datetime
    versions: list[PresetVersionView]


@dataclass(frozen=True, slots=True)
class PresetForm:
    content: dict[str, Any]
    kind: str
    name: str
    description: str | None = None
    note: str | None = None
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class PresetPage:
    items: list[PresetView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class PresetPatch:
    description: str | None = None
    name: str | None = None
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class PresetServiceList:
    items: list[PresetServiceView]


@dataclass(frozen=True, slots=True)
class PresetServiceView:
    description: str
    free_tokens: int | None
    free_tokens_left: int | None
    id: str
    llm: bool
    model_ref: str
    models: list[str]
    name: str
    preset: bool
    state: str


@dataclass(frozen=True, slots=True)
class PresetVersionForm:
    content: dict[str, Any]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PresetVersionView:
    author: str
    content: dict[str, Any]
    created_at: datetime
    note: str
    number: int


@dataclass(frozen=True, slots=True)
class PresetView:
    created_at: datetime
    description: str
    id: str
    kind: str
    latest: int
    mine: bool
    name: str
    owner: str
    shared: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PriorityChangeView:
    after: int
    before: int
    state: str
    workload: WorkloadName


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
class ProcessProfileView:
    command: str
    pid: int
    speedscope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProfileForm:
    idle: bool | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ProfileView:
    processes: list[ProcessProfileView]


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
    actor: str | None = None
    project_id: str | None = None


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
class PushForm:
    batch: str | None = None
    epoch: float | None = None
    metrics: dict[str, float] | None = None
    points: list[PointForm] | None = None
    step: int | None = None
    timestamp: float | None = None
    total_steps: int | None = None


@dataclass(frozen=True, slots=True)
class PushView:
    duplicate: bool
    points: int


@dataclass(frozen=True, slots=True)
class QualityList:
    days: list[QualityView]
    end: str
    items: list[QualityView]
    start: str


@dataclass(frozen=True, slots=True)
class QualityView:
    answers: int
    completion_tokens: int
    day: str | None
    down: int
    failed: int
    mean_first_ms: float | None
    service_id: str
    service_name: str
    stopped: int
    up: int


@dataclass(frozen=True, slots=True)
class QueueItem:
    asks: list[AskView]
    evictions: int
    group_id: str
    kind: str
    name: str
    number: int
    own_priority: int | None
    owner_id: str
    priority: int
    project_id: str
    queued_at: datetime
    reason: str
    submitted_at: datetime
    tags: dict[str, str]
    waiting_s: float
    workload_id: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    items: list[QueueItem]
    next_cursor: str | None
    start_order: bool | None
    total: int


@dataclass(frozen=True, slots=True)
class QuotaForm:
    guaranteed: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class QuotaList:
    items: list[QuotaView]


@dataclass(frozen=True, slots=True)
class QuotaView:
    borrowed: float
    card_model: str
    guaranteed: float
    maximum: float | None
    project_id: str
    used: float


@dataclass(frozen=True, slots=True)
class RadarLineView:
    absolute: list[float | None]
    key: str
    relative: list[float | None]


@dataclass(frozen=True, slots=True)
class RatedView:
    rating: str


@dataclass(frozen=True, slots=True)
class RatingForm:
    rating: str


@dataclass(frozen=True, slots=True)
class ReadForm:
    read: bool | None = None


@dataclass(frozen=True, slots=True)
class ReasonForm:
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RecordCheckView:
    name: str
    part: str
    reason: str
    sameness: str
    was: str


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
class RejoinForm:
    group: str


@dataclass(frozen=True, slots=True)
class ReleaseForm:
    confirm: bool | None = None


@dataclass(frozen=True, slots=True)
class ReplicaList:
    items: list[ReplicaView]


@dataclass(frozen=True, slots=True)
class ReplicaMemberView:
    exit_code: int | None
    host: str
    instance_id: str
    node: str
    port: int | None
    rank: int
    reason: str
    role: str
    state: str


@dataclass(frozen=True, slots=True)
class ReplicaView:
    blocked: dict[str, str | None]
    cpu_cores: float | None
    created_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    gpus: float | None
    host: str | None
    id: str
    instance_id: str | None
    isolated: bool
    members: list[ReplicaMemberView]
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
class RepositoryForm:
    name: str
    url: str
    credentials: CredentialsForm | None = None
    description: str | None = None
    ref: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    items: list[RepositoryView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class RepositoryPatch:
    credentials: CredentialsForm | None = None
    description: str | None = None
    ref: str | None = None
    tags: dict[str, str] | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryProbeView:
    commit: str
    ok: bool
    reason: str
    time: datetime


@dataclass(frozen=True, slots=True)
class RepositoryView:
    created_at: datetime
    creator: str
    creator_id: str
    credential: str
    description: str
    id: str
    name: str
    probe: RepositoryProbeView | None
    ref: str
    tags: dict[str, str]
    updated_at: datetime
    url: str
    user: str


@dataclass(frozen=True, slots=True)
class ReproductionView:
    changes: list[CodeChanges]
    checks: list[RecordCheckView]
    machines: list[dict[str, Any]]
    packages: list[str]


@dataclass(frozen=True, slots=True)
class RequestLimitForm:
    concurrency_per_replica: int | None = None
    qps_per_replica: int | None = None


@dataclass(frozen=True, slots=True)
class RerunForm:
    name: str


@dataclass(frozen=True, slots=True)
class RerunView:
    checks: list[RecordCheckView]
    task: TaskView


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
class RolloutChecksForm:
    error_pct: float | None = None
    min_calls: int | None = None
    p95_ms: float | None = None
    ttft_p95_ms: float | None = None


@dataclass(frozen=True, slots=True)
class RolloutForm:
    version_id: str
    checks: RolloutChecksForm | None = None
    steps: list[RolloutStepForm] | None = None


@dataclass(frozen=True, slots=True)
class RolloutStepForm:
    weight: int
    hold_s: int | None = None


@dataclass(frozen=True, slots=True)
class RolloutView:
    at: int
    before: dict[str, int]
    checks: RolloutChecksForm
    ended_at: datetime | None
    reason: str
    started_at: datetime
    started_by: str
    state: str
    step_since: datetime
    steps: list[RolloutStepForm]
    version_id: str
    weight: int


@dataclass(frozen=True, slots=True)
class RowView:
    fields: dict[str, str]
    file: str
    index: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class RunDetail:
    artifacts: str
    created_at: datetime
    creator: str
    ended_at: datetime | None
    experiment: str
    experiment_id: str
    id: str
    name: str
    parameters: dict[str, str]
    run_time_s: float | None
    started_at: datetime
    state: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class RunPage:
    items: list[RunView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class RunView:
    artifacts: str
    created_at: datetime
    creator: str
    ended_at: datetime | None
    experiment: str
    experiment_id: str
    id: str
    name: str
    run_time_s: float | None
    started_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class SampleChangesView:
    added_count: int
    changed_count: int
    examples: list[SamplePair]
    removed_count: int


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
class SamplePair:
    new: Any
    old: Any


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
class SavedView:
    content_hash: str | None
    created_at: datetime
    created_by: str
    definition: dict[str, Any]
    name: str
    progress_percent: int | None
    reason: str | None
    ref: str
    sample_count: int
    size_bytes: int
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class SavedViewList:
    items: list[SavedView]


@dataclass(frozen=True, slots=True)
class ScalingForm:
    hold_s: int | None = None
    hpa: HpaForm | None = None
    idle_s: int | None = None
    max_held: int | None = None
    rules: list[TimeRuleForm] | None = None
    strategy: str | None = None


@dataclass(frozen=True, slots=True)
class ScalingSignalView:
    metric: str
    replicas: int | None
    threshold: float
    value: float | None


@dataclass(frozen=True, slots=True)
class ScalingStepView:
    after: int
    before: int
    kind: str
    reason: str
    time: datetime


@dataclass(frozen=True, slots=True)
class ScalingView:
    default_replicas: int
    last_start_s: float | None
    max_replicas: int | None
    min_replicas: int | None
    next_rule: NextRuleView | None
    replicas: int
    scaling: ScalingForm
    signals: list[ScalingSignalView]
    steps: list[ScalingStepView]
    time_zone: str
    waiting_calls: int
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class SearchDetail:
    best_number: int | None
    best_value: float | None
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    direction: str
    early_stopping: EarlyStoppingForm | None
    ended_at: datetime | None
    id: str
    max_failures: int
    max_trials: int
    method: str
    metric: str
    name: str
    parallel: int
    reason: str
    seed: int
    space: list[SearchParameterForm]
    state: str
    tags: dict[str, str]
    task: dict[str, Any]
    trial_list: list[SearchTrialView]
    trials: dict[str, int]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SearchFieldList:
    items: list[SearchFieldView]


@dataclass(frozen=True, slots=True)
class SearchFieldView:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SearchForm:
    metric: str
    name: str
    space: list[SearchParameterForm]
    task: TaskForm
    description: str | None = None
    direction: str | None = None
    early_stopping: EarlyStoppingForm | None = None
    max_failures: int | None = None
    max_trials: int | None = None
    method: str | None = None
    parallel: int | None = None
    seed: int | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    items: list[SearchView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class SearchParameterForm:
    kind: str
    name: str
    high: float | None = None
    log: bool | None = None
    low: float | None = None
    points: int | None = None
    values: list[bool | int | float | str] | None = None


@dataclass(frozen=True, slots=True)
class SearchTrialView:
    created_at: datetime
    ended_at: datetime | None
    number: int
    parameters: dict[str, bool | int | float | str]
    reason: str
    run_time_s: float | None
    rungs: dict[str, float]
    started_at: datetime | None
    state: str
    task_id: str
    task_state: str | None
    value: float | None


@dataclass(frozen=True, slots=True)
class SearchView:
    best_number: int | None
    best_value: float | None
    blocked: dict[str, str | None]
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    direction: str
    ended_at: datetime | None
    id: str
    max_trials: int
    method: str
    metric: str
    name: str
    parallel: int
    reason: str
    state: str
    tags: dict[str, str]
    trials: dict[str, int]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SeriesView:
    epoch: list[float | None]
    instance_id: str
    name: str
    step: list[int | None]
    time_s: list[float]
    value: list[float]


@dataclass(frozen=True, slots=True)
class ServiceAlarmForm:
    metric: str
    name: str
    threshold: float
    comparison: str | None = None
    enabled: bool | None = None
    minutes: int | None = None
    severity: str | None = None
    targets: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceAlarmList:
    items: list[ServiceAlarmView]


@dataclass(frozen=True, slots=True)
class ServiceAlarmView:
    created_at: datetime
    creator: str
    firing: bool
    id: str
    metric: str
    name: str
    service_id: str
    since: datetime | None
    threshold: float
    updated_at: datetime
    value: float | None
    comparison: str | None = None
    enabled: bool | None = None
    minutes: int | None = None
    severity: str | None = None
    targets: list[str] | None = None


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
    grpc_address: str | None
    grpc_authority: str | None
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
    calls: int
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    failed_calls: int
    grpc: bool
    id: str
    items: list[ServiceVersionView]
    limit: RequestLimitForm
    llm: bool
    mode: str
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    stop_at: datetime | None
    tags: dict[str, str]
    updated_at: datetime
    versions: int
    versions_running: int


@dataclass(frozen=True, slots=True)
class ServiceEngineList:
    items: list[ServiceEngineView]


@dataclass(frozen=True, slots=True)
class ServiceEngineView:
    missing: str | None
    name: str
    needs: str
    needs_gpu: bool


@dataclass(frozen=True, slots=True)
class ServiceForm:
    name: str
    auth: bool | None = None
    base: ModelSourceForm | None = None
    command: str | None = None
    cpu_cores: float | None = None
    deliver_logs: bool | None = None
    description: str | None = None
    engine: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    grpc: bool | None = None
    instances: int | None = None
    limit: RequestLimitForm | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    mode: str | None = None
    model: ModelSourceForm | None = None
    placement: str | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    priority: int | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    resource_group: str | None = None
    retries: int | None = None
    roles: list[ServiceRoleForm] | None = None
    runtime: str | None = None
    scaling: ScalingForm | None = None
    served_name: str | None = None
    start_timeout_s: int | None = None
    stop_at: datetime | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceGroupForm:
    name: str
    services: list[str]
    description: str | None = None
    rules: KeyRulesForm | None = None


@dataclass(frozen=True, slots=True)
class ServiceGroupPage:
    items: list[ServiceGroupView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ServiceGroupPatch:
    description: str | None = None
    name: str | None = None
    rules: KeyRulesForm | None = None
    services: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceGroupView:
    address: str
    ban: GroupBanView | None
    created_at: datetime
    creator: str
    description: str
    id: str
    key: AppKeyView
    name: str
    old_keys: list[AppKeyView]
    rules: KeyRulesView
    services: list[LinkedServiceView]
    state: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceKeyForm:
    limits: KeyRulesForm | None = None
    name: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyList:
    items: list[ServiceKeyView]
    required: bool
    token_limits: str | None


@dataclass(frozen=True, slots=True)
class ServiceKeyPatch:
    limits: KeyRulesForm | None = None
    name: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeyView:
    created_at: datetime
    creator: str
    enabled: bool
    hint: str
    id: str
    limits: KeyRulesView
    name: str
    remark: str
    service_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceLogDeliveryView:
    enabled: bool
    error: str


@dataclass(frozen=True, slots=True)
class ServicePage:
    items: list[ServiceView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ServicePatch:
    description: str | None = None
    limit: RequestLimitForm | None = None
    stop_at: datetime | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceRoleForm:
    command: str
    name: str
    cpu_cores: float | None = None
    entry: bool | None = None
    env: dict[str, str] | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    instances: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceRollbackForm:
    update_id: str


@dataclass(frozen=True, slots=True)
class ServiceScaleForm:
    replicas: int | None = None
    scaling: ScalingForm | None = None


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
    deliver_logs: bool | None = None
    description: str | None = None
    engine: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    instances: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    mode: str | None = None
    model: ModelSourceForm | None = None
    placement: str | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    priority: int | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    retries: int | None = None
    roles: list[ServiceRoleForm] | None = None
    scaling: ScalingForm | None = None
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
    default_replicas: int
    description: str
    failures: int
    gpus_held: float
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
    scaling: ScalingForm
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
    deliver_logs: bool | None = None
    description: str | None = None
    engine: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    instances: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    mode: str | None = None
    model: ModelSourceForm | None = None
    placement: str | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    priority: int | None = None
    probes: ProbesForm | None = None
    replicas: int | None = None
    retries: int | None = None
    roles: list[ServiceRoleForm] | None = None
    runtime: str | None = None
    scaling: ScalingForm | None = None
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
    default_replicas: int
    description: str
    failures: int
    gpus_held: float
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
    scaling: ScalingForm
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
    calls: int
    created_at: datetime
    creator: str
    creator_id: str
    description: str
    endpoint: str
    failed_calls: int
    grpc: bool
    id: str
    limit: RequestLimitForm
    llm: bool
    mode: str
    model: ModelSourceForm | None
    name: str
    reason: str
    replicas: int
    resource_group: str
    running: int
    runtime: str | None
    site: str
    state: str
    stop_at: datetime | None
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
class ShareForm:
    version: int
    expires_in_days: int | None = None
    max_uses: int | None = None


@dataclass(frozen=True, slots=True)
class SharedForm:
    token: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SharingForm:
    sharing: bool


@dataclass(frozen=True, slots=True)
class SplitForm:
    parts: list[PartForm]
    group: str | None = None
    query: str | None = None
    seed: int | None = None
    stratify: str | None = None


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
class StoreCheckView:
    error: str | None


@dataclass(frozen=True, slots=True)
class SystemView:
    gateway_url: str
    s3_region: str
    s3_url: str
    site: str
    time: datetime
    version: str


@dataclass(frozen=True, slots=True)
class TableForm:
    columns: list[ColumnForm] | None = None
    has_header: bool | None = None


@dataclass(frozen=True, slots=True)
class TargetForm:
    metric: str
    threshold: float


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
    flavour: str | None
    git: list[GitSourceView]
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
    site: str
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
    after: list[str] | None = None
    command: str | None = None
    cpu_cores: float | None = None
    deliver_logs: bool | None = None
    description: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    flavour: str | None = None
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
    flavour: str | None
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
    site: str
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
class TestForm:
    form: ConditionForm | None = None
    pattern: str | None = None
    recent: int | None = None
    sample: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TestMailForm:
    to: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class TestMailResult:
    error: str
    ok: bool
    response: str


@dataclass(frozen=True, slots=True)
class TestResult:
    fault: FaultView | None
    form: ConditionForm | None
    pattern: str | None
    recent: list[TriedEvent]
    sample: TriedEvent | None
    service: str | None


@dataclass(frozen=True, slots=True)
class TextFieldView:
    all_words: list[list[Any]]
    chars: NumbersView | None
    count: int
    name: str
    tokens: NumbersView | None
    words: list[list[Any]]


@dataclass(frozen=True, slots=True)
class TextStatisticsView:
    fields: list[TextFieldView]
    tokenizer: str


@dataclass(frozen=True, slots=True)
class TimeRuleForm:
    replicas: int
    time: str
    exceptions: list[str] | None = None
    max_replicas: int | None = None
    min_replicas: int | None = None


@dataclass(frozen=True, slots=True)
class TinyView:
    height: float
    index: int
    label: str
    path: str
    width: float


@dataclass(frozen=True, slots=True)
class TokenForm:
    group: str
    lasts_s: float | None = None


@dataclass(frozen=True, slots=True)
class TokenView:
    command: str
    expires_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class TrialForm:
    checkpoint: str
    task_id: str
    cpu_cores: float | None = None
    gpu_model: str | None = None
    gpus: int | None = None
    idle_s: int | None = None
    memory_bytes: int | None = None
    resource_group: str | None = None


@dataclass(frozen=True, slots=True)
class TrialList:
    items: list[TrialView]


@dataclass(frozen=True, slots=True)
class TrialView:
    address: str
    blocked: dict[str, str | None]
    checkpoint: str
    cpu_cores: float
    created_at: datetime
    creator: str
    creator_id: str
    gpu_model: str | None
    gpus: int
    id: str
    idle_s: int
    idle_stop_at: datetime | None
    memory_bytes: int
    model: str
    reason: str
    resource_group: str
    service_id: str
    state: str
    task_id: str
    task_name: str


@dataclass(frozen=True, slots=True)
class TriedEvent:
    event: dict[str, Any]
    matches: bool


@dataclass(frozen=True, slots=True)
class TriedServiceList:
    items: list[TriedServiceView]


@dataclass(frozen=True, slots=True)
class TriedServiceView:
    auth: bool
    description: str
    id: str
    kinds: list[str]
    model: str
    name: str
    preset: bool
    prices: dict[str, float]
    rules: list[ParameterRuleView]
    url: str


@dataclass(frozen=True, slots=True)
class TryView:
    duration_ms: int
    error: str
    number: int
    ok: bool
    request: str
    response: str
    time: datetime


@dataclass(frozen=True, slots=True)
class TurnView:
    answer: str
    completion_tokens: int | None
    finish_reason: str
    first_ms: float | None
    id: str
    pictures: list[str]
    position: int
    problem: AnswerProblemView | None
    prompt_tokens: int | None
    question: str
    rating: str
    reasoning: str
    results: list[str]
    service_id: str
    service_name: str
    side: int
    started_at: datetime
    state: str
    total_ms: float | None


@dataclass(frozen=True, slots=True)
class UnreadView:
    unread: int


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
class UpstreamForm:
    name: str
    url: str
    key: str | None = None
    model: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class UpstreamList:
    items: list[UpstreamView]


@dataclass(frozen=True, slots=True)
class UpstreamPatch:
    enabled: bool | None = None
    key: str | None = None
    model: str | None = None
    name: str | None = None
    url: str | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class UpstreamView:
    created_at: datetime
    creator: str
    enabled: bool
    id: str
    key_hint: str
    model: str
    name: str
    service_id: str
    updated_at: datetime
    url: str
    weight: int


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
    deliver_logs: bool | None = None
    engine: str | None = None
    env: dict[str, str] | None = None
    environment: str | None = None
    gpu_model: str | None = None
    gpus: float | None = None
    grace_s: int | None = None
    instances: int | None = None
    max_model_len: int | None = None
    max_surge: str | int | None = None
    max_unavailable: str | int | None = None
    memory_bytes: int | None = None
    model: ModelSourceForm | None = None
    placement: str | None = None
    port: int | None = None
    pre_stop: list[str] | None = None
    priority: int | None = None
    probes: ProbesForm | None = None
    retries: int | None = None
    roles: list[ServiceRoleForm] | None = None
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


@dataclass(frozen=True, slots=True)
class ViewForm:
    name: str
    query: str | None = None
    sample_count: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class WhyView:
    ahead: int
    ahead_first: list[WorkloadName]
    fits_now: bool
    item: QueueItem
    lane: str
    nodes: list[NodeAttempt]
    nodes_tried: int
    sentences: list[str]
    strategy: int
    victims: list[WorkloadName]


@dataclass(frozen=True, slots=True)
class WorkloadName:
    kind: str
    name: str
    owner_id: str
    priority: int
    workload_id: str
