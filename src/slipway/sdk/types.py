"""Results of the API as frozen dataclasses. Written from openapi.json by `make openapi`; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BoxView:
    height: float
    label: str
    width: float
    x: float
    y: float
    polygons: list[list[float]] | None = None


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
class ColumnView:
    distinct_count: int | None
    empty_count: int
    name: str
    numbers: NumbersView | None
    type: str
    values: list[list[Any]] | None


@dataclass(frozen=True, slots=True)
class DatasetPage:
    items: list[DatasetView]
    next_cursor: str | None
    total: int


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
    used_by: list[slipway__data__views__UseView]


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


@dataclass(frozen=True, slots=True)
class EventList:
    items: list[slipway__training__router__EventView]


@dataclass(frozen=True, slots=True)
class EventPage:
    items: list[slipway__api__events__EventView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FieldView:
    count: int
    length: NumbersView | None
    name: str
    types: dict[str, int]


@dataclass(frozen=True, slots=True)
class FilePage:
    items: list[slipway__models__views__FileView]
    next_cursor: str | None
    total: int


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
class InstanceList:
    items: list[InstanceView]


@dataclass(frozen=True, slots=True)
class InstanceView:
    attempt: int
    cpu_cores: float
    created_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    gpus: int
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
class LoginView:
    csrf_token: str
    projects: list[MembershipView]
    user: UserView


@dataclass(frozen=True, slots=True)
class MeView:
    projects: list[MembershipView]
    user: UserView


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
class MetricsView:
    items: list[SeriesView]


@dataclass(frozen=True, slots=True)
class ModelPage:
    items: list[ModelView]
    next_cursor: str | None
    total: int


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
class NewKeyView:
    created_at: datetime
    expires_at: datetime | None
    id: str
    kind: str
    last_used_at: datetime | None
    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class NodeView:
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
    ready: bool


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
    recent_events: list[slipway__api__events__EventView]
    resources: dict[str, Any]
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class ProblemView:
    file: str | None
    line: int | None
    message: str
    record: str | None


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
class QueueItem:
    group_id: str
    kind: str
    name: str
    owner_id: str
    priority: int
    queued_at: datetime
    reason: str
    workload_id: str


@dataclass(frozen=True, slots=True)
class QueueView:
    items: list[QueueItem]


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
class SystemView:
    gateway_url: str
    site: str
    time: datetime
    version: str


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
    gpus: float
    id: str
    instances: int
    memory_bytes: int
    mode: str
    name: str
    output: str
    progress: dict[str, Any] | None
    queued_at: datetime | None
    reason: str
    resource_group: str
    restarts: int
    run_time_s: float | None
    spec: dict[str, Any]
    started_at: datetime | None
    state: str
    tags: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaskPage:
    items: list[TaskView]
    next_cursor: str | None
    total: int


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
    gpus: float
    id: str
    instances: int
    memory_bytes: int
    mode: str
    name: str
    output: str
    queued_at: datetime | None
    reason: str
    resource_group: str
    restarts: int
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
    items: list[slipway__models__views__UseView]


@dataclass(frozen=True, slots=True)
class UserPage:
    items: list[UserView]
    next_cursor: str | None
    total: int


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
class slipway__api__events__EventView:
    actor_id: str | None
    data: dict[str, Any]
    id: str
    seq: int
    subject_id: str
    subject_kind: str
    time: datetime
    type: str


@dataclass(frozen=True, slots=True)
class slipway__data__views__FileView:
    index: int
    path: str
    size_bytes: int
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class slipway__data__views__UseView:
    active: bool
    name: str
    subject_id: str
    subject_kind: str
    version: int


@dataclass(frozen=True, slots=True)
class slipway__models__views__FileView:
    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class slipway__models__views__UseView:
    active: bool
    id: str
    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class slipway__training__router__EventView:
    actor_id: str | None
    data: dict[str, Any]
    seq: int
    time: datetime
    type: str
