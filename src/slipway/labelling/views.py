"""What the API says about labelling."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.data.types import LabelFormat, OcrType
from slipway.labelling.change import Changes
from slipway.labelling.change_tracks import Sequence, TrackAction, TrackChange
from slipway.labelling.content import Content, value_of
from slipway.labelling.create import NewTask
from slipway.labelling.ocr.views import LabelOcrView
from slipway.labelling.publish import losses, publish_blocked
from slipway.labelling.queries import Share
from slipway.labelling.schema.document import Component, ComponentType, Document
from slipway.labelling.types import (
    FORMATS,
    HistoryEntry,
    LabelKind,
    PublishState,
    Record,
    RecordState,
    Sharing,
    Task,
    TaskState,
    WriteMode,
    WriteState,
)


class LabelForm(Form):
    name: str
    colour: str | None = Field(None, description="#rrggbb; left out, one of the palette.")


class LabelTaskForm(Form):
    name: str
    description: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    kind: LabelKind | None = Field(None, description="Left out: what the dataset is for.")
    dataset_id: str
    dataset_version: int | None = Field(None, description="Left out: the newest.")
    label_format: LabelFormat | None = Field(
        None, description="In which the result is published; left out, that of the dataset."
    )
    labels: list[LabelForm] = Field(
        default_factory=list, description="Labels that the data carries are added by themselves."
    )
    schema_text: str | None = Field(None, description="YAML; for records.")
    mode: WriteMode = WriteMode.SAFE
    sharing: Sharing = Sharing.QUEUE
    labellers: list[str] = Field(
        default_factory=list,
        description="User ids or names; left out, every member who may label.",
    )
    needs_review: bool = False
    ocr_type: OcrType | None = Field(None, description="Of an OCR task; left out: recognition.")
    ocr_service: str | None = Field(
        None,
        description="Id of the online service that reads texts; left out: the built-in engine.",
    )
    overlap: int = Field(1, description="How many people label a record, each for themselves.")
    overlap_percent: int = Field(100, description="Of the records, where several people do.")

    def to_new(self) -> NewTask:
        return NewTask(
            self.name, self.description, self.tags, self.kind, self.dataset_id, self.dataset_version,
            self.label_format, _pairs(self.labels), self.schema_text, self.mode, self.sharing,
            tuple(self.labellers), self.needs_review, self.ocr_type, self.ocr_service,
            self.overlap, self.overlap_percent,
        )  # fmt: skip


class LabelTaskPatch(Form):
    name: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None
    labels: list[LabelForm] | None = None
    renames: dict[str, str] = Field(
        default_factory=dict,
        description="Old name of a label -> new name, which is in `labels`; two of one new name merge.",
    )
    labellers: list[str] | None = None
    needs_review: bool | None = None
    schema_text: str | None = None
    ocr_type: OcrType | None = None
    ocr_service: str | None = Field(None, description="Empty: the built-in engine.")
    gold_least_percent: int | None = Field(
        None, description="Who gets less of the control questions right is paused; 0 is nobody."
    )

    def to_changes(self) -> Changes:
        return Changes(
            self.name, self.description, self.tags,
            None if self.labels is None else _pairs(self.labels),
            None if self.labellers is None else tuple(self.labellers), self.needs_review,
            self.schema_text, self.ocr_type, self.ocr_service, self.renames,
            self.gold_least_percent,
        )  # fmt: skip


class LabelSaveForm(Form):
    revision: int = Field(
        ge=0, description="The one that was seen; a newer one is not overwritten."
    )
    value: dict[str, Any] | None = Field(
        None,
        description="labels (classification), boxes (detection, segmentation) or answers (records); "
        "left out, the labels stay and only the state is set.",
    )
    state: RecordState = RecordState.LABELLED
    time_s: float = Field(0, ge=0, description="Time spent since the last save.")
    release: bool = Field(False, description="Whether the record is let go.")


class LabelNextForm(Form):
    after: int = Field(-1, ge=-1)
    review: bool = Field(False, description="The next one to review instead of to label.")


class LabelReviewForm(Form):
    approve: bool
    comment: str = ""
    revision: int


class LabelPublishForm(Form):
    label_format: LabelFormat | None = Field(None, description="Left out: the task's.")
    description: str = ""


class LabelTrackForm(Form):
    action: TrackAction
    track_id: int = Field(ge=0)
    at: int = Field(ge=0, description="A frame of the sequence; a split begins there.")
    label: str | None = Field(None, description="For relabel.")
    into: int | None = Field(None, description="For merge: the track that stays.")

    def to_change(self) -> TrackChange:
        return TrackChange(self.action, self.track_id, self.at, self.label, self.into)


class LabelSchemaForm(Form):
    text: str
    dataset_id: str
    dataset_version: int | None = None
    index: int = Field(0, ge=0, description="The record to show.")


class LabelView(BaseModel):
    name: str
    colour: str


class LabellerView(BaseModel):
    user_id: str
    name: str


class LabelCountsView(BaseModel):
    records: int
    unlabelled: int
    labelled: int
    approved: int
    sent_back: int
    deleted: int
    done: int = Field(description="Labelled or approved.")


class LabelPublicationView(BaseModel):
    state: PublishState
    label_format: LabelFormat
    version: int | None
    reason: str | None
    requested_at: datetime


class LabelFormatView(BaseModel):
    name: LabelFormat
    losses: list[str]


class LabelFilesView(BaseModel):
    """The user's own files, where they are labelled in place."""

    state: WriteState
    reason: str | None


class LabelTaskView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    kind: LabelKind
    dataset_id: str
    dataset_name: str
    dataset_version: int
    label_format: LabelFormat
    formats: list[LabelFormatView] = Field(description="In which the result can be published.")
    labels: list[LabelView]
    schema_text: str | None
    mode: WriteMode
    sharing: Sharing
    labellers: list[LabellerView]
    needs_review: bool
    overlap: int
    overlap_percent: int
    gold_least_percent: int | None
    state: TaskState
    reason: str | None
    counts: LabelCountsView
    files: LabelFilesView | None = Field(description="Null: no label is written into files.")
    publication: LabelPublicationView | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    creator_name: str
    ocr: LabelOcrView | None
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, task: Task) -> LabelTaskView:
        counts = task.counts
        formats = [LabelFormatView(name=f, losses=losses(task, f)) for f in FORMATS[task.kind]]
        not_ready = (
            None
            if task.state is TaskState.CREATED
            else f"The task is {task.state}; it can be opened once it is created."
        )
        return cls(
            id=task.id, name=task.name, description=task.description, tags=dict(task.tags),
            kind=task.kind, dataset_id=task.dataset_id, dataset_name=task.dataset_name,
            dataset_version=task.dataset_version, label_format=task.label_format, formats=formats,
            labels=[LabelView(name=label.name, colour=label.colour) for label in task.labels],
            schema_text=task.schema, mode=task.mode, sharing=task.sharing,
            labellers=[LabellerView(user_id=w.user_id, name=w.name) for w in task.labellers],
            needs_review=task.needs_review, overlap=task.overlap,
            overlap_percent=task.overlap_percent, gold_least_percent=task.gold_least_percent,
            state=task.state, reason=task.reason,
            counts=LabelCountsView(
                records=counts.remaining, unlabelled=counts.unlabelled, labelled=counts.labelled,
                approved=counts.approved, sent_back=counts.sent_back, deleted=counts.deleted,
                done=counts.done,
            ),
            files=_files(task), publication=_publication(task), created_at=task.created_at, updated_at=task.updated_at,
            created_by=task.created_by, creator_name=task.creator_name,
            ocr=LabelOcrView.of(task),
            blocked={"label": not_ready, "publish": publish_blocked(task)},
        )  # fmt: skip


class LabelTaskPage(BaseModel):
    items: list[LabelTaskView]
    next_cursor: str | None
    total: int


class LabelLockView(BaseModel):
    user_id: str
    user_name: str
    until: datetime


class LabelComponentView(BaseModel):
    name: str
    key: str
    type: ComponentType
    help: str
    value: str | list[str] | None = Field(description="Null for a list, which has items.")
    size: str
    option: str
    choices: list[str]
    items: list[list[LabelComponentView]] | None
    form: list[LabelComponentView] = Field(description="Of a new item.")

    @classmethod
    def of(cls, component: Component) -> LabelComponentView:
        is_list = component.type is ComponentType.LIST
        value = component.value
        return cls(
            name=component.name, key=component.key, type=component.type, help=component.help,
            value=None if is_list else list(value) if isinstance(value, tuple) else value,
            size=component.size, option=component.option, choices=list(component.choices),
            items=[[cls.of(part) for part in item] for item in value] if is_list else None,
            form=[cls.of(part) for part in component.form],
        )  # fmt: skip


class LabelDocumentView(BaseModel):
    title: str
    components: list[LabelComponentView]
    fields: dict[str, Any] = Field(description="The record as it is in the dataset.")
    files_url: str = Field(description="Below it are the files that a record names.")

    @classmethod
    def of(cls, document: Document, content: Content, files_url: str) -> LabelDocumentView:
        return cls(
            title=document.title, components=[LabelComponentView.of(c) for c in document.components],
            fields=dict(content.sample), files_url=files_url,
        )  # fmt: skip


class LabelRecordView(BaseModel):
    index: int
    file: str
    state: RecordState
    revision: int
    value: dict[str, Any]
    comment: str | None
    lock: LabelLockView | None
    labeller_name: str | None
    labelled_at: datetime | None
    reviewer_name: str | None
    time_s: float
    agreement: float | None = Field(description="Of several people's labels; 1 is perfect.")
    width: int | None
    height: int | None
    image_url: str | None
    document: LabelDocumentView | None


class LabelNextView(BaseModel):
    record: LabelRecordView | None = Field(description="Null: there is nothing left to do.")


class LabelRecordBrief(BaseModel):
    index: int
    file: str
    state: RecordState
    thumbnail_url: str | None
    labels: list[str] = Field(description="Of an image; each once.")
    count: int = Field(description="Of labels.")
    revision: int
    lock: LabelLockView | None
    comment: str | None


class LabelRecordList(BaseModel):
    items: list[LabelRecordBrief]
    next_after: int | None = Field(description="`after` of the next page.")


class LabelHistoryView(BaseModel):
    revision: int
    action: str
    user_name: str
    at: datetime
    state: RecordState
    value: dict[str, Any] | None
    comment: str | None
    time_s: float

    @classmethod
    def of(cls, entry: HistoryEntry) -> LabelHistoryView:
        return cls(
            revision=entry.revision, action=entry.action, user_name=entry.user_name, at=entry.at,
            state=entry.state, value=None if entry.value is None else dict(entry.value),
            comment=entry.comment, time_s=entry.time_s,
        )  # fmt: skip


class LabelHistoryList(BaseModel):
    items: list[LabelHistoryView]


class LabelWorkView(BaseModel):
    user_id: str
    user_name: str
    records: int = Field(description="That the person has labelled.")
    reviewed: int
    sent_back: int = Field(description="That wait for the person again.")
    time_s: float


class LabelWorkList(BaseModel):
    items: list[LabelWorkView]

    @classmethod
    def of(cls, found: list[Share]) -> LabelWorkList:
        return cls(
            items=[
                LabelWorkView(
                    user_id=s.user_id, user_name=s.user_name, records=s.records,
                    reviewed=s.reviewed, sent_back=s.sent_back, time_s=s.time_s,
                )
                for s in found
            ]
        )  # fmt: skip


class LabelTrackView(BaseModel):
    track_id: int
    label: str
    first: int
    last: int
    frame_count: int
    keyframes: list[int]
    ended: bool


class LabelTrackList(BaseModel):
    first: int = Field(description="Frame of the sequence.")
    last: int
    next_id: int = Field(description="Of a new track.")
    items: list[LabelTrackView]

    @classmethod
    def of(cls, found: Sequence) -> LabelTrackList:
        return cls(
            first=found.first, last=found.last, next_id=found.next_id,
            items=[
                LabelTrackView(
                    track_id=t.id, label=t.label, first=t.first, last=t.last,
                    frame_count=t.frame_count, keyframes=list(t.keyframes), ended=t.ended,
                )
                for t in found.tracks
            ],
        )  # fmt: skip


class LabelSchemaView(BaseModel):
    """A schema that was checked: what it shows for a record, or what is wrong with it."""

    document: LabelDocumentView | None
    message: str | None
    line: int
    column: int


class LabelSchemaText(BaseModel):
    text: str


def record_view(
    task: Task, record: Record, content: Content, document: Document | None
) -> LabelRecordView:
    base = _base(task)
    asked = f"?project={task.project_id}"
    is_image = task.kind is not LabelKind.RECORDS
    value = value_of(task, record, content)
    shown = LabelDocumentView.of(document, content, f"{base}/files/") if document else None
    return LabelRecordView(
        index=record.index, file=content.file, state=record.state, revision=record.revision,
        value=value, comment=record.comment, lock=lock_view(record),
        labeller_name=record.labeller_name, labelled_at=record.labelled_at,
        reviewer_name=record.reviewer_name, time_s=record.time_s, agreement=record.agreement,
        width=content.width if is_image else None, height=content.height if is_image else None,
        image_url=f"{base}/samples/{record.index}/image{asked}" if is_image else None,
        document=shown,
    )  # fmt: skip


def record_brief(task: Task, record: Record, content: Content) -> LabelRecordBrief:
    is_image = task.kind is not LabelKind.RECORDS
    value = value_of(task, record, content)
    names = [*value.get("labels", ()), *(box["label"] for box in value.get("boxes", ()))]
    own = f"{_base(task)}/samples/{record.index}/thumbnail?project={task.project_id}&size=128"
    return LabelRecordBrief(
        index=record.index, file=content.file, state=record.state,
        thumbnail_url=own if is_image else None, labels=list(dict.fromkeys(names)),
        count=len(names), revision=record.revision, lock=lock_view(record), comment=record.comment,
    )  # fmt: skip


def lock_view(record: Record) -> LabelLockView | None:
    lock = record.lock
    if lock is None:
        return None
    return LabelLockView(user_id=lock.user_id, user_name=lock.user_name, until=lock.until)


def _base(task: Task) -> str:
    return f"/api/v1/datasets/{quote(task.dataset_id)}/versions/{task.dataset_version}"


def _pairs(labels: list[LabelForm]) -> tuple[tuple[str, str | None], ...]:
    return tuple((label.name, label.colour) for label in labels)


def _files(task: Task) -> LabelFilesView | None:
    if task.write_state is None:
        return None
    return LabelFilesView(state=task.write_state, reason=task.write_reason)


def _publication(task: Task) -> LabelPublicationView | None:
    found = task.publication
    if found is None:
        return None
    return LabelPublicationView(
        state=found.state, label_format=found.label_format, version=found.version,
        reason=found.reason, requested_at=found.requested_at,
    )  # fmt: skip
