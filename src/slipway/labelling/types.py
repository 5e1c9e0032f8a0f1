"""Values of the labelling room: tasks, the records of a task, and who may do what with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.data.types import DatasetKind, LabelFormat, OcrType, Problem


class LabelKind(StrEnum):
    CLASSIFICATION = "classification"
    DETECTION = "detection"
    SEGMENTATION = "segmentation"
    TRACKING = "tracking"
    OCR = "ocr"
    RECORDS = "records"  # text, or text and images, by a schema


# The first is taken where none is asked for.
KINDS: Mapping[DatasetKind, tuple[LabelKind, ...]] = {
    DatasetKind.IMAGE_CLASSIFICATION: (LabelKind.CLASSIFICATION,),
    DatasetKind.OBJECT_DETECTION: (LabelKind.DETECTION, LabelKind.TRACKING),
    DatasetKind.IMAGE_SEGMENTATION: (LabelKind.SEGMENTATION,),
    DatasetKind.OBJECT_TRACKING: (LabelKind.TRACKING,),
    DatasetKind.OCR: (LabelKind.OCR,),
    DatasetKind.LLM: (LabelKind.RECORDS,),
    DatasetKind.MLLM: (LabelKind.RECORDS,),
}

FORMATS: Mapping[LabelKind, tuple[LabelFormat, ...]] = {
    LabelKind.CLASSIFICATION: (
        LabelFormat.TI, LabelFormat.FOLDER, LabelFormat.LABEL_STUDIO, LabelFormat.CVAT,
        LabelFormat.MANIFEST,
    ),
    LabelKind.DETECTION: (
        LabelFormat.TI, LabelFormat.VOC, LabelFormat.COCO, LabelFormat.YOLO,
        LabelFormat.LABEL_STUDIO, LabelFormat.CVAT, LabelFormat.MANIFEST,
    ),
    LabelKind.SEGMENTATION: (
        LabelFormat.TI, LabelFormat.VOC, LabelFormat.COCO, LabelFormat.YOLO,
        LabelFormat.LABEL_STUDIO, LabelFormat.CVAT,
    ),
    LabelKind.TRACKING: (LabelFormat.TI, LabelFormat.CVAT),
    LabelKind.OCR: (LabelFormat.TI,),
    LabelKind.RECORDS: (LabelFormat.NONE,),
}  # fmt: skip


class TaskState(StrEnum):
    CREATING = "creating"
    CREATED = "created"
    FAILED = "failed"


class RecordState(StrEnum):
    UNLABELLED = "unlabelled"
    LABELLED = "labelled"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    DELETED = "deleted"


DONE = (RecordState.LABELLED, RecordState.APPROVED)
OPEN = (RecordState.UNLABELLED, RecordState.SENT_BACK)


class Sharing(StrEnum):
    QUEUE = "queue"  # whoever is free takes the next record
    SPLIT = "split"  # each labeller gets a part of equal size


class WriteMode(StrEnum):
    SAFE = "safe"  # results stay here until they are published as a new version
    IN_PLACE = "in_place"  # each result is written into the user's own file at once


class WriteState(StrEnum):
    """Of the user's own files, where they are labelled in place."""

    WRITING = "writing"
    WRITTEN = "written"
    STOPPED = "stopped"  # somebody else changed a file, or the storage failed
    OVER = "over"  # all labels are to be written over whatever is there
    RESTORING = "restoring"  # the files are to be as they were at first


class SuggestState(StrEnum):
    """Of a model that proposes labels."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by a person, or by what went wrong


class SuggestionState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class SchemaState(StrEnum):
    PARSING = "parsing"
    PARSED = "parsed"
    FAILED = "failed"


class PublishState(StrEnum):
    WANTED = "wanted"
    HANDED_OVER = "handed_over"  # the version exists; its own state says how far it is
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LabelValue:
    name: str
    colour: str  # #rrggbb

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "colour": self.colour}

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> LabelValue:
        return cls(value["name"], value["colour"])


@dataclass(frozen=True, slots=True)
class Labeller:
    user_id: str
    name: str

    def to_json(self) -> dict[str, str]:
        return {"user_id": self.user_id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of a task by state. What is none of these is unlabelled."""

    records: int
    labelled: int = 0
    approved: int = 0
    sent_back: int = 0
    deleted: int = 0

    @property
    def done(self) -> int:
        return self.labelled + self.approved

    @property
    def remaining(self) -> int:
        return self.records - self.deleted

    @property
    def unlabelled(self) -> int:
        return self.records - self.labelled - self.approved - self.sent_back - self.deleted


@dataclass(frozen=True, slots=True)
class Publication:
    """A result on its way to the dataset, or there."""

    number: int  # the how-manieth of the task
    state: PublishState
    label_format: LabelFormat
    description: str
    version: int | None
    reason: str | None
    requested_by: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class OcrTask:
    """What an OCR task asks for, and what reads texts: an online service, or the built-in engine."""

    type: OcrType
    service_id: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    project_id: str
    name: str
    description: str
    tags: Mapping[str, str]
    kind: LabelKind
    dataset_id: str
    dataset_name: str
    dataset_version: int
    label_format: LabelFormat
    labels: tuple[LabelValue, ...]
    renames: Mapping[str, str]  # names that labels once had -> what they are called now
    schema: str | None
    mode: WriteMode
    sharing: Sharing
    labellers: tuple[Labeller, ...]  # none: every member who may label
    needs_review: bool
    overlap: int  # how many people label a record
    overlap_percent: int  # of the records that several people label
    gold_least_percent: int | None  # who gets less of the control questions right is paused
    state: TaskState
    reason: str | None
    counts: Counts
    write_state: WriteState | None
    write_reason: str | None
    publication: Publication | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    creator_name: str
    ocr: OcrTask | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Whoever has a record open. It ends by itself, so a closed laptop holds up nobody."""

    user_id: str
    user_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What the room knows of one sample. `value` is None while nobody has changed the labels that
    came with the dataset."""

    index: int
    state: RecordState = RecordState.UNLABELLED
    value: Mapping[str, Any] | None = None
    revision: int = 0
    owner: str | None = None
    lock: Lock | None = None
    labelled_by: str | None = None
    labeller_name: str | None = None
    labelled_at: datetime | None = None
    reviewed_by: str | None = None
    reviewer_name: str | None = None
    comment: str | None = None
    time_s: float = 0
    agreement: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of several people said of a record."""

    index: int
    user_id: str
    user_name: str
    value: Mapping[str, Any]
    score: float | None  # against a known answer
    time_s: float
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    revision: int
    action: str
    user_id: str
    user_name: str
    at: datetime
    value: Mapping[str, Any] | None
    state: RecordState
    comment: str | None
    time_s: float


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """What is shown and asked of the records of a dataset, and how all of them fit it."""

    dataset_id: str
    text: str
    saved: int
    state: SchemaState
    version: int
    record_count: int
    problem_count: int
    problems: tuple[Problem, ...]
    reason: str | None
    updated_at: datetime
