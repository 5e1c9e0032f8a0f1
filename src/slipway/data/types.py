"""Values of the datasets room: kinds, states, and what an import found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.base.errors import Conflict

SHARED = "shared:"  # begins the address of a dataset that was made from a share token
MAX_LABELS_SHOWN = 20  # DAT-36: the rest is summed up as "Other"


class DatasetKind(StrEnum):
    LLM = "llm"
    MLLM = "mllm"
    IMAGE_CLASSIFICATION = "image_classification"
    OBJECT_DETECTION = "object_detection"
    IMAGE_SEGMENTATION = "image_segmentation"
    OBJECT_TRACKING = "object_tracking"
    OCR = "ocr"
    TEXT = "text"
    TABLE = "table"
    OTHER = "other"

    @property
    def unit(self) -> str:
        """What one sample is called (DAT-20)."""
        if self in LINE_KINDS:
            return "records"
        if self in IMAGE_KINDS:
            return "images"
        return "rows" if self is DatasetKind.TABLE else "files"


RECORD_KINDS = frozenset({DatasetKind.LLM, DatasetKind.MLLM})
LINE_KINDS = RECORD_KINDS | {DatasetKind.TEXT}  # whose samples are JSON objects in files
IMAGE_KINDS = frozenset(
    {
        DatasetKind.IMAGE_CLASSIFICATION,
        DatasetKind.OBJECT_DETECTION,
        DatasetKind.IMAGE_SEGMENTATION,
        DatasetKind.OBJECT_TRACKING,
        DatasetKind.OCR,
    }
)

# DAT-21: what the list says of a dataset whose labels are set by its scenario.
SCENARIO_LABELS: Mapping[DatasetKind, str] = {
    DatasetKind.IMAGE_CLASSIFICATION: "image classification",
    DatasetKind.OBJECT_DETECTION: "image detection",
    DatasetKind.IMAGE_SEGMENTATION: "image segmentation",
    DatasetKind.OBJECT_TRACKING: "image object tracking",
    DatasetKind.OCR: "OCR",
}


class OcrType(StrEnum):
    RECOGNITION = "recognition"  # boxes with text
    STRUCTURED = "structured"  # and which are keys and values of which


class LabelFormat(StrEnum):
    NONE = "none"
    FOLDER = "folder"
    TI = "ti"
    VOC = "voc"
    COCO = "coco"
    YOLO = "yolo"
    LABEL_STUDIO = "label_studio"
    CVAT = "cvat"
    MANIFEST = "manifest"  # augmented manifest


LABEL_FORMATS: Mapping[DatasetKind, tuple[LabelFormat, ...]] = {
    DatasetKind.LLM: (LabelFormat.NONE,),
    DatasetKind.MLLM: (LabelFormat.NONE,),
    DatasetKind.IMAGE_CLASSIFICATION: (
        LabelFormat.FOLDER, LabelFormat.TI, LabelFormat.LABEL_STUDIO, LabelFormat.CVAT,
        LabelFormat.MANIFEST, LabelFormat.NONE,
    ),
    DatasetKind.OBJECT_DETECTION: (
        LabelFormat.VOC, LabelFormat.COCO, LabelFormat.YOLO, LabelFormat.TI,
        LabelFormat.LABEL_STUDIO, LabelFormat.CVAT, LabelFormat.MANIFEST, LabelFormat.NONE,
    ),
    DatasetKind.IMAGE_SEGMENTATION: (
        LabelFormat.COCO, LabelFormat.VOC, LabelFormat.YOLO, LabelFormat.TI,
        LabelFormat.LABEL_STUDIO, LabelFormat.CVAT, LabelFormat.NONE,
    ),
    DatasetKind.OBJECT_TRACKING: (LabelFormat.TI, LabelFormat.CVAT, LabelFormat.NONE),
    DatasetKind.OCR: (LabelFormat.TI, LabelFormat.NONE),
    DatasetKind.TEXT: (LabelFormat.TI, LabelFormat.NONE),
    DatasetKind.TABLE: (LabelFormat.NONE,),
    DatasetKind.OTHER: (LabelFormat.NONE,),
}  # fmt: skip


class DatasetState(StrEnum):
    IMPORTING = "importing"
    AVAILABLE = "available"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"  # being deleted


class VersionState(StrEnum):
    IMPORTING = "importing"
    AVAILABLE = "available"
    FAILED = "failed"


# A later version that fails leaves the dataset available (DAT-24), so there is no way back from
# AVAILABLE to FAILED or IMPORTING: those belong to the version then.
_NEXT: Mapping[DatasetState, frozenset[DatasetState]] = {
    DatasetState.IMPORTING: frozenset(
        {DatasetState.AVAILABLE, DatasetState.FAILED, DatasetState.UNAVAILABLE}
    ),
    DatasetState.FAILED: frozenset({DatasetState.IMPORTING, DatasetState.UNAVAILABLE}),
    DatasetState.AVAILABLE: frozenset({DatasetState.AVAILABLE, DatasetState.UNAVAILABLE}),
    DatasetState.UNAVAILABLE: frozenset(),
}


def moved(old: DatasetState, new: DatasetState) -> DatasetState:
    if new not in _NEXT[old]:
        raise Conflict(f"A dataset that is {old} cannot become {new}.", code="wrong_state")
    return new


class ColumnType(StrEnum):
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How a table is to be read. Without columns the header names them and the values type them."""

    has_header: bool = True
    columns: tuple[Column, ...] = ()

    def to_json(self) -> dict[str, Any]:
        columns = [{"name": column.name, "type": column.type.value} for column in self.columns]
        return {"has_header": self.has_header, "columns": columns}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TableOptions:
        columns = tuple(
            Column(item["name"], ColumnType(item["type"])) for item in value.get("columns", ())
        )
        return cls(bool(value.get("has_header", True)), columns)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the data, and where: file, and line or record where there is one."""

    message: str
    file: str | None = None
    line: int | None = None
    record: str | None = None

    def __str__(self) -> str:
        parts = [self.file, f"line {self.line}" if self.line else None, self.record]
        where = ", ".join(part for part in parts if part)
        return f"{where}: {self.message}" if where else self.message

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "record": self.record,
            "message": self.message,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Problem:
        return cls(value["message"], value.get("file"), value.get("line"), value.get("record"))


@dataclass(frozen=True, slots=True)
class LabelCount:
    name: str
    count: int  # labels, not samples: an image may carry several of one


@dataclass(frozen=True, slots=True)
class Summary:
    """What a version holds; written into it once and never changed."""

    kind: DatasetKind
    label_format: LabelFormat
    content_hash: str
    sample_count: int
    labelled_count: int
    size_bytes: int
    file_count: int
    ignored_count: int
    labels: tuple[LabelCount, ...] = ()
    statistics: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    warning_count: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled shape in pixels from the top left: a rectangle, or `polygons`, flat x, y lists
    inside it (one open line where `is_line`), or a `mask` over the whole image (formats/rle.py).
    `attributes` is what a format says besides."""

    label: str
    x: float
    y: float
    width: float
    height: float
    polygons: tuple[tuple[float, ...], ...] = ()
    is_line: bool = False
    mask: str = ""
    attributes: Mapping[str, str | float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "label": self.label, "x": self.x, "y": self.y, "width": self.width,
            "height": self.height,
        }  # fmt: skip
        if self.polygons:
            value["polygons"] = self.polygons
        if self.is_line:
            value["is_line"] = True
        if self.mask:
            value["mask"] = self.mask
        if self.attributes:
            value["attributes"] = self.attributes
        return value


@dataclass(frozen=True, slots=True)
class ImageLabels:
    names: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    ocr_type: OcrType | None = None

    def __bool__(self) -> bool:
        return bool(self.names or self.boxes)


@dataclass(frozen=True, slots=True)
class Dataset:
    id: str
    project_id: str
    name: str
    kind: DatasetKind
    label_format: LabelFormat
    description: str
    address: str
    labels: tuple[str, ...]
    tags: Mapping[str, str]
    table: TableOptions
    state: DatasetState
    reason: str | None
    latest_version: int
    sample_count: int
    labelled_count: int
    size_bytes: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    output_address: str | None = None  # where each version's record is written as well (DAT-12)
    preview: bool = True  # whether its content is shown in the console (DAT-39)


@dataclass(frozen=True, slots=True)
class Derivation:
    """A version that is not read from the dataset's address: the samples of version `base` with
    labels of their own, from the JSON lines at `labels` (relative to the home; see derive.py).
    Without `labels` it is `base` again, file by file."""

    base: int
    labels: str | None
    label_format: LabelFormat
    dataset_id: str | None = None  # of which `base` is a version; None: of the same dataset

    def to_json(self) -> dict[str, Any]:
        return {
            "base": self.base, "labels": self.labels, "label_format": self.label_format.value,
            "dataset_id": self.dataset_id,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Derivation:
        return cls(
            value["base"], value["labels"], LabelFormat(value["label_format"]),
            value.get("dataset_id"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    dataset_id: str
    number: int
    state: VersionState
    description: str
    reason: str | None
    problems: tuple[Problem, ...]
    problem_count: int
    content_hash: str | None
    sample_count: int
    labelled_count: int
    size_bytes: int
    file_count: int
    ignored_count: int
    created_at: datetime
    published_at: datetime | None
    created_by: str


class ViewState(StrEnum):
    BUILDING = "building"
    AVAILABLE = "available"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a split. All parts of a split share everything but `index`."""

    names: tuple[str, ...]
    ratios: tuple[float, ...]  # any positive numbers; they count in proportion
    index: int
    seed: int
    stratify: str | None = None  # a field; "label" for the labels of images and texts
    group: str | None = None  # a field: samples of one value stay together

    def to_json(self) -> dict[str, Any]:
        return {
            "names": list(self.names), "ratios": list(self.ratios), "index": self.index,
            "seed": self.seed, "stratify": self.stratify, "group": self.group,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Part:
        return cls(
            tuple(value["names"]), tuple(value["ratios"]), value["index"], value["seed"],
            value["stratify"], value["group"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """Which samples of a version: those that match `query`, of them `sample_count` by chance, of
    them one part of a split."""

    query: str = ""
    sample_count: int | None = None
    seed: int = 0
    part: Part | None = None

    def to_json(self) -> dict[str, Any]:
        part = self.part.to_json() if self.part else None
        return {
            "query": self.query, "sample_count": self.sample_count, "seed": self.seed, "part": part,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ViewDefinition:
        part = Part.from_json(value["part"]) if value["part"] else None
        return cls(value["query"], value["sample_count"], value["seed"], part)


@dataclass(frozen=True, slots=True)
class View:
    id: str
    dataset_id: str
    version: int
    name: str
    definition: ViewDefinition
    state: ViewState
    reason: str | None
    content_hash: str | None
    sample_count: int
    size_bytes: int
    created_at: datetime
    created_by: str


class AnalysisKind(StrEnum):
    INDEX = "index"  # for searching
    TEXT = "text"  # lengths and words
    QUALITY = "quality"  # duplicates, gaps, personal data, ...


class AnalysisState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Analysis:
    id: str
    dataset_id: str
    version: int
    kind: AnalysisKind
    options: Mapping[str, Any]
    state: AnalysisState
    reason: str | None
    created_at: datetime
    finished_at: datetime | None
