"""What the API says about datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.data import preview
from slipway.data.changes import Changes
from slipway.data.create import NewDataset
from slipway.data.delete import delete_blocked
from slipway.data.formats.raster import outlines_of, shape_pixels
from slipway.data.manifest import Manifest
from slipway.data.progress import board
from slipway.data.publish import publish_blocked, retry_blocked
from slipway.data.types import (
    MAX_LABELS_SHOWN,
    Column,
    ColumnType,
    Dataset,
    DatasetKind,
    DatasetState,
    LabelCount,
    LabelFormat,
    Problem,
    TableOptions,
    Version,
    VersionState,
)
from slipway.data.uses import Use


class ColumnForm(Form):
    name: str
    type: ColumnType = ColumnType.STRING


class TableForm(Form):
    has_header: bool = True
    columns: list[ColumnForm] = Field(
        default_factory=list, description="Left out: names from the header, types from the values."
    )

    def to_options(self) -> TableOptions:
        return TableOptions(
            self.has_header, tuple(Column(column.name, column.type) for column in self.columns)
        )


class DatasetForm(Form):
    name: str
    kind: DatasetKind
    address: str = Field(
        description="bucket/path: a folder, one file, or an archive (zip, tar, tar.gz), which is "
        "unpacked."
    )
    label_format: LabelFormat = LabelFormat.NONE
    description: str = ""
    labels: list[str] = Field(default_factory=list)
    tags: dict[str, str] = Field(default_factory=dict)
    table: TableForm = Field(default_factory=TableForm, description="Kind table only.")
    output_address: str | None = Field(
        None,
        description="bucket/path of a folder outside the data: labels and a record of every "
        "version are written there. Not for large-model datasets.",
    )
    preview: bool = Field(True, description="Whether content is shown in the console.")

    def to_new(self) -> NewDataset:
        return NewDataset(
            self.name, self.kind, self.label_format, self.address, self.description,
            tuple(self.labels), self.tags, self.table.to_options(),
            self.output_address or None, self.preview,
        )  # fmt: skip


class DatasetPatch(Form):
    name: str | None = None
    description: str | None = None
    labels: list[str] | None = None
    tags: dict[str, str] | None = None
    preview: bool | None = None


class VersionForm(Form):
    description: str = ""


class ProblemView(BaseModel):
    message: str
    file: str | None
    line: int | None
    record: str | None

    @classmethod
    def of(cls, problem: Problem) -> ProblemView:
        return cls(
            message=problem.message, file=problem.file, line=problem.line, record=problem.record
        )


class UseView(BaseModel):
    subject_kind: str
    subject_id: str
    name: str
    version: int
    view: str | None = Field(description="The view of the version, where not all of it is used.")
    active: bool


class VersionView(BaseModel):
    number: int
    name: str = Field(description="v1, v2, ...")
    state: VersionState
    progress_percent: int | None = Field(description="While it is being imported.")
    description: str
    reason: str | None
    problems: list[ProblemView] = Field(description="Why it failed: the first hundred problems.")
    content_hash: str | None
    sample_count: int
    labelled_count: int
    size_bytes: int
    file_count: int
    ignored_count: int = Field(description="Files that are kept but are no samples or labels.")
    created_at: datetime
    published_at: datetime | None
    created_by: str

    @classmethod
    def of(cls, version: Version) -> VersionView:
        importing = version.state == VersionState.IMPORTING
        return cls(
            number=version.number, name=f"v{version.number}", state=version.state,
            progress_percent=board.percent(version.id) if importing else None,
            description=version.description, reason=version.reason,
            problems=[ProblemView.of(problem) for problem in version.problems],
            content_hash=version.content_hash, sample_count=version.sample_count,
            labelled_count=version.labelled_count, size_bytes=version.size_bytes,
            file_count=version.file_count, ignored_count=version.ignored_count,
            created_at=version.created_at, published_at=version.published_at,
            created_by=version.created_by,
        )  # fmt: skip


class DatasetView(BaseModel):
    id: str
    name: str
    kind: DatasetKind
    label_format: LabelFormat
    description: str
    address: str
    output_address: str | None
    preview: bool = Field(description="Whether content is shown in the console.")
    labels: list[str]
    tags: dict[str, str]
    table: TableForm | None
    state: DatasetState
    progress_percent: int | None = Field(description="While a version is being imported.")
    reason: str | None = Field(description="Why the last import failed.")
    latest_version: int | None = Field(description="Newest published version.")
    newest: VersionView | None = Field(description="Newest version, also if not published (yet).")
    unit: str = Field(description="What one sample is: records, images, rows, files.")
    sample_count: int
    labelled_count: int
    size_bytes: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    used_by: list[UseView]
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, dataset: Dataset, newest: Version | None, uses: Sequence[Use] = ()) -> DatasetView:
        shown = VersionView.of(newest) if newest else None
        return cls(
            id=dataset.id, name=dataset.name, kind=dataset.kind,
            label_format=dataset.label_format, description=dataset.description,
            address=dataset.address, output_address=dataset.output_address,
            preview=dataset.preview, labels=list(dataset.labels), tags=dict(dataset.tags),
            table=_table_view(dataset), state=dataset.state,
            progress_percent=shown.progress_percent if shown else None,
            reason=dataset.reason or (shown.reason if shown else None),
            latest_version=dataset.latest_version or None, newest=shown, unit=dataset.kind.unit,
            sample_count=dataset.sample_count, labelled_count=dataset.labelled_count,
            size_bytes=dataset.size_bytes, created_at=dataset.created_at,
            updated_at=dataset.updated_at, created_by=dataset.created_by,
            used_by=[_use_view(use) for use in uses], blocked=_blocked(dataset, newest, uses),
        )  # fmt: skip


class DatasetPage(BaseModel):
    items: list[DatasetView]
    next_cursor: str | None
    total: int


class VersionList(BaseModel):
    items: list[VersionView]


class NumbersView(BaseModel):
    """The spread of a number over all samples."""

    min: float
    max: float
    mean: float
    median: float | None = None
    p95: float | None = None
    histogram: list[tuple[float, float, int]] = Field(description="From, to, how many.")


class FieldView(BaseModel):
    name: str
    count: int
    types: dict[str, int]
    length: NumbersView | None = Field(description="Characters of text.")


class ColumnView(BaseModel):
    name: str
    type: ColumnType
    empty_count: int
    distinct_count: int | None = Field(description="None: more than 1000.")
    values: list[tuple[str, int]] | None
    numbers: NumbersView | None


class StatisticsView(BaseModel):
    """What there is depends on the kind: records, images or tables."""

    length: NumbersView | None = None
    fields: list[FieldView] = []
    width: NumbersView | None = None
    height: NumbersView | None = None
    size_bytes: NumbersView | None = None
    labels_per_image: NumbersView | None = None
    formats: dict[str, int] = {}
    columns: list[ColumnView] = []


class LabelShareView(BaseModel):
    name: str
    count: int
    share_percent: float = Field(description="Of all labels, two decimals.")


class VersionDetail(VersionView):
    label_distribution: list[LabelShareView] = Field(
        description="The 20 most frequent labels; the rest is in other_count."
    )
    other_count: int
    statistics: StatisticsView
    warnings: list[ProblemView]
    warning_count: int

    @classmethod
    def with_manifest(cls, version: Version, manifest: Manifest | None) -> VersionDetail:
        base = VersionView.of(version).model_dump()
        if manifest is None:
            return cls(
                **base, label_distribution=[], other_count=0, statistics=StatisticsView(),
                warnings=[], warning_count=0,
            )  # fmt: skip
        summary = manifest.summary
        ranked = sorted(summary.labels, key=lambda label: (-label.count, label.name))
        total = sum(label.count for label in ranked)
        return cls(
            **base,
            label_distribution=[_label_share(label, total) for label in ranked[:MAX_LABELS_SHOWN]],
            other_count=sum(label.count for label in ranked[MAX_LABELS_SHOWN:]),
            statistics=StatisticsView.model_validate(summary.statistics),
            warnings=[ProblemView.of(problem) for problem in summary.warnings],
            warning_count=summary.warning_count,
        )


def _label_share(label: LabelCount, total: int) -> LabelShareView:
    share = round(100 * label.count / total, 2)
    return LabelShareView(name=label.name, count=label.count, share_percent=share)


class RecordImageView(BaseModel):
    field: str
    url: str | None = Field(description="None: the image is not part of the dataset.")
    path: str


class RecordView(BaseModel):
    kind: Literal["record"] = "record"
    index: int
    file: str
    fields: dict[str, Any]
    images: list[RecordImageView]
    truncated: bool = Field(description="Long texts are cut; read the single sample for all of it.")


class BoxView(BaseModel):
    label: str
    x: float
    y: float
    width: float
    height: float
    polygons: list[list[float]] = Field([], description="Of a mask: outlines along its pixels.")
    mask: str | None = Field(None, description="Run lengths over the whole image, as in COCO.")
    attributes: dict[str, str | int | float] = {}

    @classmethod
    def of(cls, box: Mapping[str, Any], width: int, height: int) -> BoxView:
        view = cls.model_validate(box)
        if view.mask:
            view.polygons = outlines_of(shape_pixels(box, width, height), width, height)
        return view


class ImageView(BaseModel):
    kind: Literal["image"] = "image"
    index: int
    path: str
    size_bytes: int
    width: int
    height: int
    labels: list[str]
    boxes: list[BoxView]
    image_url: str
    thumbnail_url: str


class RowView(BaseModel):
    kind: Literal["row"] = "row"
    index: int
    file: str
    fields: dict[str, str]


class FileView(BaseModel):
    kind: Literal["file"] = "file"
    index: int
    path: str
    size_bytes: int


SampleView = Annotated[RecordView | ImageView | RowView | FileView, Field(discriminator="kind")]


class SamplePage(BaseModel):
    items: list[SampleView]
    offset: int
    total: int


class ChangeView(BaseModel):
    count: int
    paths: list[str] = Field(description="The first hundred.")


class SamplePair(BaseModel):
    """`old` is missing where it was added, `new` where it was removed."""

    old: SampleView | None
    new: SampleView | None


class SampleChangesView(BaseModel):
    added_count: int
    removed_count: int
    changed_count: int
    examples: list[SamplePair] = Field(
        description="The first twenty of each: changed, added, removed."
    )


class ChangesView(BaseModel):
    since: int = Field(description="The version that this one is compared with.")
    added: ChangeView = Field(description="Of files.")
    removed: ChangeView
    changed: ChangeView
    samples: SampleChangesView | None = Field(description="None for kinds whose samples are files.")

    @classmethod
    def of(cls, since: int, changes: Changes, samples: SampleChangesView | None) -> ChangesView:
        def view(part: tuple[int, tuple[str, ...]]) -> ChangeView:
            return ChangeView(count=part[0], paths=list(part[1]))

        return cls(
            since=since, added=view(changes.added), removed=view(changes.removed),
            changed=view(changes.changed), samples=samples,
        )  # fmt: skip


def sample_view(sample: preview.Sample, dataset: Dataset, number: int) -> SampleView:
    base = f"/api/v1/datasets/{dataset.id}/versions/{number}"
    # An <img> cannot send the project's header, so its address carries the project.
    asked = f"?project={dataset.project_id}"
    match sample:
        case preview.Record():
            return RecordView(
                index=sample.index, file=sample.file, fields=sample.fields,
                images=[_record_image(image, base, asked) for image in sample.images],
                truncated=sample.truncated,
            )  # fmt: skip
        case preview.Picture():
            own = f"{base}/samples/{sample.index}"
            return ImageView(
                index=sample.index, path=sample.path, size_bytes=sample.size_bytes,
                width=sample.width, height=sample.height, labels=list(sample.labels),
                boxes=[BoxView.of(box, sample.width, sample.height) for box in sample.boxes],
                image_url=f"{own}/image{asked}", thumbnail_url=f"{own}/thumbnail{asked}",
            )  # fmt: skip
        case preview.Row():
            return RowView(index=sample.index, file=sample.file, fields=sample.fields)
        case preview.PlainFile():
            return FileView(index=sample.index, path=sample.path, size_bytes=sample.size_bytes)


def _record_image(image: preview.RecordImage, base: str, asked: str) -> RecordImageView:
    if image.path is not None:
        url = f"{base}/files/{quote(image.path)}{asked}"
        return RecordImageView(field=image.field, url=url, path=image.value)
    outside = image.value.startswith(("http://", "https://", "data:image/"))
    return RecordImageView(
        field=image.field, url=image.value if outside else None, path=image.value[:200]
    )


def _table_view(dataset: Dataset) -> TableForm | None:
    if dataset.kind is not DatasetKind.TABLE:
        return None
    columns = [ColumnForm(name=column.name, type=column.type) for column in dataset.table.columns]
    return TableForm(has_header=dataset.table.has_header, columns=columns)


def _use_view(use: Use) -> UseView:
    return UseView(
        subject_kind=use.subject_kind, subject_id=use.subject_id, name=use.name,
        version=use.version, view=use.view, active=use.active,
    )  # fmt: skip


def _blocked(
    dataset: Dataset, newest: Version | None, uses: Sequence[Use]
) -> dict[str, str | None]:
    going = dataset.state == DatasetState.UNAVAILABLE
    why_not_shown = None
    if going or not dataset.latest_version:
        why_not_shown = f"The dataset is {dataset.state}; there is nothing to show."
    return {
        "update": "The dataset is being deleted." if going else None,
        "delete": delete_blocked(dataset, list(uses)),
        "publish": publish_blocked(dataset, newest),
        "retry": retry_blocked(dataset, newest),
        "preview": why_not_shown,
        "export": why_not_shown,
        "mount": why_not_shown,
    }
