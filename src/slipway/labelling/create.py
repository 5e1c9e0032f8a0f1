"""Create a labelling task: checked here and now, its records laid out by the loop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Forbidden, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.data.mount import MountInfo, mount_source
from slipway.data.shelf import Shelf
from slipway.data.types import DatasetKind, LabelFormat, OcrType
from slipway.iam import queries as iam_queries
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.colours import PALETTE
from slipway.labelling.schema import queries as schema_queries
from slipway.labelling.schema.check import checked_schema
from slipway.labelling.tables import TaskRow
from slipway.labelling.teams.answers import checked_overlap
from slipway.labelling.types import (
    FORMATS,
    KINDS,
    LabelKind,
    Labeller,
    LabelValue,
    Sharing,
    Task,
    TaskState,
    WriteMode,
)

MAX_LABELS, MAX_LABEL_LETTERS, MAX_LABELLERS = 1000, 64, 200
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class NewTask:
    """`labels` are (name, colour or None); `labellers` user ids or names."""

    name: str
    description: str
    tags: Mapping[str, str]
    kind: LabelKind | None
    dataset_id: str
    dataset_version: int | None
    label_format: LabelFormat | None
    labels: tuple[tuple[str, str | None], ...]
    schema: str | None
    mode: WriteMode
    sharing: Sharing
    labellers: tuple[str, ...]
    needs_review: bool
    ocr_type: OcrType | None = None
    ocr_service: str | None = None
    overlap: int = 1
    overlap_percent: int = 100


async def create_task(
    db: Database, shelf: Shelf, actor: Actor, new: NewTask, *, quota: int, now: datetime
) -> Task:
    labels = checked_labels(new.labels)
    try:
        async with db.begin() as session:
            await _check_quota(session, actor, quota)
            # The house is the shelf's parent: mounting finds the same files.
            _, info = await mount_source(
                session, shelf.root.parent, actor.project_id, new.dataset_id, new.dataset_version
            )
            kind = _kind_of(info, new.kind)
            if kind is LabelKind.RECORDS:
                await _check_only_one(session, info)
            _check_may_publish(actor)
            _check_mode(kind, actor, new.mode)
            text = new.schema or await _schema_of_dataset(session, info.dataset_id)
            row = TaskRow(
                id=new_id("label"), project_id=actor.project_id, name=checked_name(new.name),
                description=checked_description(new.description), tags=checked_tags(dict(new.tags)),
                kind=kind, dataset_id=info.dataset_id, dataset_name=info.name, dataset_version=info.version,
                label_format=_format_of(kind, new.label_format, info),
                labels=[label.to_json() for label in labels], renames={},
                schema_text=_schema_of(kind, text), mode=new.mode, sharing=new.sharing,
                labellers=[who.to_json() for who in await find_labellers(session, actor, new.labellers)],
                needs_review=new.needs_review, overlap=new.overlap,
                overlap_percent=new.overlap_percent, state=TaskState.CREATING, record_count=info.sample_count,
                labelled_count=0, approved_count=0, sent_back_count=0, deleted_count=0,
                publish_number=0, created_at=now, updated_at=now, created_by=actor.user_id,
                creator_name=actor.user_name, ocr_type=_ocr_type_of(kind, new.ocr_type),
                ocr_service=new.ocr_service if kind is LabelKind.OCR else None,
            )  # fmt: skip
            _check_choices(row)
            session.add(row)
            await session.flush()
            await record(
                session, "label:taskCreated", subject=("label-task", row.id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id, name=new.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise name_taken(new.name) from error
    return queries.frozen_task(row)


def name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is already a labelling task named {name} in this project.",
        code="name_taken", field="name",
    )  # fmt: skip


def checked_labels(labels: tuple[tuple[str, str | None], ...]) -> tuple[LabelValue, ...]:
    """Names trimmed and unique; a colour for each that has none."""
    if len(labels) > MAX_LABELS:
        raise Invalid(f"At most {MAX_LABELS} labels are possible.", field="labels")
    found: dict[str, LabelValue] = {}
    for name, colour in labels:
        name = name.strip()
        if not 1 <= len(name) <= MAX_LABEL_LETTERS or any(ord(letter) < 32 for letter in name):
            raise Invalid(
                f"A label has 1 to {MAX_LABEL_LETTERS} characters; {name[:40]!r} does not.",
                field="labels",
            )
        if name in found:
            raise Invalid(f"The label {name!r} is there twice.", field="labels")
        if colour is not None and not _COLOUR.fullmatch(colour):
            raise Invalid(
                f"A colour has the form #1a2b3c; {colour[:20]!r} does not.", field="labels"
            )
        found[name] = LabelValue(name, colour or PALETTE[len(found) % len(PALETTE)])
    return tuple(found.values())


async def find_labellers(
    session: AsyncSession, actor: Actor, named: tuple[str, ...]
) -> list[Labeller]:
    """Members of the project, by id or by user name."""
    if len(named) > MAX_LABELLERS:
        raise Invalid(f"At most {MAX_LABELLERS} labellers are possible.", field="labellers")
    members = await iam_queries.list_members(session, actor.project_id)
    known = {key: Labeller(u.id, u.name) for u, _ in members for key in (u.name, u.id)}
    found: dict[str, Labeller] = {}
    for name in named:
        if name not in known:
            raise Invalid(
                f"{name[:60]!r} is no member of this project. Add the person to it first.",
                field="labellers",
            )
        found[known[name].user_id] = known[name]
    return list(found.values())


def _kind_of(info: MountInfo, asked: LabelKind | None) -> LabelKind:
    possible = KINDS.get(DatasetKind(info.kind), ())
    if not possible:
        raise Invalid(
            "Only datasets of images, text records, or text and images can be labelled.",
            field="dataset_id", code="not_labellable",
        )  # fmt: skip
    if asked is not None and asked not in possible:
        raise Invalid(
            f"The dataset {info.name} is for {', '.join(possible)}, not for {asked}. Choose another "
            "dataset.",
            field="kind", code="bad_scenario",
        )  # fmt: skip
    return asked or possible[0]


def _check_may_publish(actor: Actor) -> None:
    """What is labelled becomes a version of the dataset (LAB-18)."""
    if not actor.may("data:dataset:update"):
        raise Forbidden(
            "Labels become a new version of the dataset, which your role may not change.",
            code="may_not_write",
        )


def _format_of(kind: LabelKind, asked: LabelFormat | None, info: MountInfo) -> LabelFormat:
    possible = FORMATS[kind]
    if asked is None:
        return info.label_format if info.label_format in possible else possible[0]
    if asked not in possible:
        raise Invalid(
            f"The label format of {kind} is one of: {', '.join(possible)}.",
            field="label_format", code="bad_label_format",
        )  # fmt: skip
    return asked


def _ocr_type_of(kind: LabelKind, asked: OcrType | None) -> OcrType | None:
    return (asked or OcrType.RECOGNITION) if kind is LabelKind.OCR else None


async def _check_only_one(session: AsyncSession, info: MountInfo) -> None:
    for other in await queries.list_tasks_of_dataset(session, info.dataset_id):
        raise Conflict(
            f"The dataset {info.name} is being labelled in the task {other.name}. Go on there, or "
            "delete that task first.",
            code="already_labelled", field="dataset_id", task_id=other.id,
        )  # fmt: skip


def _check_mode(kind: LabelKind, actor: Actor, mode: WriteMode) -> None:
    if mode is WriteMode.SAFE:
        return
    if kind is not LabelKind.RECORDS:
        raise Invalid("Only text records can be labelled in place.", field="mode")
    if not actor.may("storage:object:update"):
        raise Forbidden(
            "Labelling in place writes into the files of the dataset, which your role may not.",
            code="may_not_write",
        )


async def _schema_of_dataset(session: AsyncSession, dataset_id: str) -> str | None:
    found = await schema_queries.find_schema(session, dataset_id)
    return None if found is None else found.text


def _schema_of(kind: LabelKind, text: str | None) -> str | None:
    if kind is not LabelKind.RECORDS:
        return None
    if not (text or "").strip():
        raise Invalid(
            "Records are labelled by a schema, which says what is shown and asked. Write one, or "
            "have it made from the data.",
            field="schema", code="schema_missing",
        )  # fmt: skip
    checked_schema(text or "")
    return text


def _check_choices(row: TaskRow) -> None:
    checked_overlap(row.overlap, row.overlap_percent)
    if row.overlap > 1 and row.kind in (LabelKind.OCR, LabelKind.TRACKING):
        raise Invalid(
            "Texts and tracks refer to one another over the whole image or sequence, so each is "
            "labelled by one person.",
            field="overlap",
        )
    if row.overlap > 1 and row.sharing == Sharing.SPLIT:
        raise Invalid(
            "Records that several people label come from one queue, not in equal parts.",
            field="sharing",
        )
    if row.labellers and len(row.labellers) < row.overlap:
        raise Invalid("Name at least as many labellers as label each record.", field="labellers")
    if row.sharing == Sharing.SPLIT and not row.labellers:
        raise Invalid("Name the labellers among whom the records are split.", field="labellers")


async def _check_quota(session: AsyncSession, actor: Actor, quota: int) -> None:
    held = await queries.count_tasks_of(session, actor.user_id)
    if held >= quota:
        raise Conflict(
            f"You have {held} labelling tasks; the quota is {quota}. Delete one, or ask an "
            "administrator to raise the quota.",
            code="quota_exceeded", quota=quota, used=held,
        )  # fmt: skip
