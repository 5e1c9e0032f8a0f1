"""Create a dataset: checked here and now, imported by the loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.buckets import require_bucket, resolve_any
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.data import queries
from slipway.data.archives import is_archive
from slipway.data.formats.convert import accepted_suffixes
from slipway.data.tables import DatasetRow, VersionRow
from slipway.data.types import (
    LABEL_FORMATS,
    RECORD_KINDS,
    SCENARIO_LABELS,
    Dataset,
    DatasetKind,
    DatasetState,
    LabelFormat,
    TableOptions,
    VersionState,
)
from slipway.iam.types import Actor

MAX_LABELS, MAX_LABEL_LETTERS = 20, 30  # DAT-09


@dataclass(frozen=True, slots=True)
class NewDataset:
    name: str
    kind: DatasetKind
    label_format: LabelFormat
    address: str
    description: str
    labels: tuple[str, ...]
    tags: Mapping[str, str]
    table: TableOptions
    output_address: str | None = None
    preview: bool = True


async def create_dataset(
    db: Database, storage: Storage, actor: Actor, new: NewDataset, *, quota: int, now: datetime
) -> Dataset:
    _check(new)
    async with db.read() as session:
        source = await resolve_any(session, storage, actor, new.address)
        output = await _output(session, storage, actor, new)
    await storage.run(_check_source, source, new.kind)
    if output is not None:
        await storage.run(_check_output, source, output)
    dataset = _row(actor, new, now)
    try:
        async with db.begin() as session:
            await queries.lock_project(session, actor.project_id)
            held = await queries.count_datasets(session, actor.project_id)
            if held >= quota:
                raise Conflict(
                    f"This project has {held} datasets; its quota is {quota}. Delete one, or ask "
                    "an administrator to raise the quota.",
                    code="quota_exceeded", quota=quota, used=held,
                )  # fmt: skip
            session.add(dataset)
            await session.flush()
            session.add(new_version(dataset.id, 1, actor.user_id, now))
            await record(
                session, "data:datasetCreated", subject=("dataset", dataset.id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id, name=new.name, kind=new.kind,
            )  # fmt: skip
    except IntegrityError as error:
        raise name_taken(new.name) from error
    return queries.frozen_dataset(dataset)


def new_version(
    dataset_id: str, number: int, created_by: str, now: datetime, description: str = ""
) -> VersionRow:
    return VersionRow(
        id=new_id("dsv"), dataset_id=dataset_id, number=number, state=VersionState.IMPORTING,
        description=description, problems=[], created_at=now, created_by=created_by,
    )  # fmt: skip


def name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is already a dataset named {name} in this project.", code="name_taken", field="name"
    )


def checked_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    trimmed = tuple(dict.fromkeys(label.strip() for label in labels))
    if len(trimmed) > MAX_LABELS:
        raise Invalid(f"At most {MAX_LABELS} labels are possible.", field="labels")
    for label in trimmed:
        if not 1 <= len(label) <= MAX_LABEL_LETTERS:
            raise Invalid(
                f"A label has 1 to {MAX_LABEL_LETTERS} characters; {label[:40]!r} does not.",
                field="labels",
            )
    return trimmed


async def _output(
    session: AsyncSession, storage: Storage, actor: Actor, new: NewDataset
) -> Path | None:
    if new.output_address is None:
        return None
    if new.kind in RECORD_KINDS:
        raise Invalid(
            "Large-model datasets have no output path: labels are written beside the records.",
            field="output_address",
        )
    actor.require("storage:object:create")
    place = Address.parse(new.output_address)
    await require_bucket(session, actor.project_id, place.bucket)
    return storage.path_of(place.bucket, place.key)


def _check_output(source: Path, output: Path) -> None:
    """DAT-12: what the platform writes must not come into the data, nor the data into it."""
    data, out = Path(os.path.realpath(source)), Path(os.path.realpath(output))
    if data.is_relative_to(out) or out.is_relative_to(data):
        raise Invalid(
            "The output path must differ from the data path, and neither may lie inside the "
            "other. Choose another folder.",
            field="output_address", code="output_in_data",
        )  # fmt: skip
    if out.exists() and not out.is_dir():
        raise Invalid("The output path is a file. Choose a folder.", field="output_address")


def _row(actor: Actor, new: NewDataset, now: datetime) -> DatasetRow:
    scenario = SCENARIO_LABELS.get(new.kind)
    labels = checked_labels(new.labels or ((scenario,) if scenario else ()))
    output = str(Address.parse(new.output_address)) if new.output_address is not None else None
    return DatasetRow(
        id=new_id("ds"), project_id=actor.project_id, name=checked_name(new.name), kind=new.kind,
        label_format=new.label_format, description=checked_description(new.description),
        address=str(Address.parse(new.address)), labels=list(labels), label_text="|".join(labels),
        tags=checked_tags(dict(new.tags)), table_options=new.table.to_json(),
        state=DatasetState.IMPORTING, latest_version=0, sample_count=0, labelled_count=0,
        size_bytes=0, created_at=now, updated_at=now, created_by=actor.user_id,
        output_address=output, preview=new.preview,
    )  # fmt: skip


def _check(new: NewDataset) -> None:
    possible = LABEL_FORMATS[new.kind]
    if new.label_format not in possible:
        raise Invalid(
            f"The label format of {new.kind} is one of: {', '.join(possible)}.",
            field="label_format",
            code="bad_label_format",
        )
    names = [column.name for column in new.table.columns]
    if new.kind is DatasetKind.TABLE and not new.table.has_header and not names:
        raise Invalid("A table without a header needs its columns described.", field="table")
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise Invalid("Column names must differ and not be empty.", field="table")


def _check_source(source: Path, kind: DatasetKind) -> None:
    """What can be said at once; everything else the import finds."""
    accepted = accepted_suffixes(kind)
    if not accepted or is_archive(source):
        return
    folders = os.walk(source) if source.is_dir() else iter([("", [], [source.name])])
    if not any(name.lower().endswith(accepted) for _, _, names in folders for name in names):
        raise Invalid(
            f"There is no {accepted[0]} file at the address.",
            field="address",
            code="nothing_to_import",
        )
