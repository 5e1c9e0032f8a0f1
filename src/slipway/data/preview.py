"""Samples as they are shown: a page of a version, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import Conflict, NotFound
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.formats.convert import MEDIA_SUFFIXES
from slipway.data.formats.table import parse_row
from slipway.data.manifest import Manifest, RawSample, open_manifest
from slipway.data.shelf import Shelf
from slipway.data.types import (
    IMAGE_KINDS,
    LINE_KINDS,
    Dataset,
    DatasetKind,
    DatasetState,
    VersionState,
)
from slipway.iam.http import Db
from slipway.iam.types import Actor

_LONG_BYTES, _SHOWN_LETTERS, _SHOWN_ITEMS = 64 << 10, 2000, 50
_MAX_IMAGES = 20


class Status(StrEnum):
    ALL = "all"
    LABELLED = "labelled"
    UNLABELLED = "unlabelled"


@dataclass(frozen=True, slots=True)
class RecordImage:
    """An image that a field of a record names; `path` inside the dataset, or an address outside."""

    field: str
    value: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Record:
    index: int
    file: str
    fields: dict[str, Any]
    images: tuple[RecordImage, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Picture:
    index: int
    path: str
    size_bytes: int
    width: int
    height: int
    labels: tuple[str, ...]
    boxes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Row:
    index: int
    file: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlainFile:
    index: int
    path: str
    size_bytes: int


Sample = Record | Picture | Row | PlainFile


async def open_version(
    db: Db, shelf: Shelf, actor: Actor, dataset_id: str, number: int
) -> tuple[Dataset, Manifest]:
    """A published version of a dataset of the project."""
    async with db.read() as session:
        row = await require_dataset(session, actor, dataset_id)
        version = await queries.find_version(session, dataset_id, number)
    if version is None:
        raise NotFound(f"The dataset {row.name} has no version v{number}.")
    if version.state != VersionState.AVAILABLE:
        raise Conflict(
            f"Version v{number} is {version.state}; there is nothing to show.", code="not_published"
        )
    if row.state == DatasetState.UNAVAILABLE:
        raise Conflict("The dataset is being deleted.", code="wrong_state")
    return queries.frozen_dataset(row), open_manifest(shelf.version(dataset_id, number))


async def open_content(
    db: Db, shelf: Shelf, actor: Actor, dataset_id: str, number: int
) -> tuple[Dataset, Manifest]:
    """As `open_version`, for showing what is inside: refused where that is switched off (DAT-39)."""
    dataset, manifest = await open_version(db, shelf, actor, dataset_id, number)
    if not dataset.preview:
        raise Conflict(
            f"Preview of the dataset {dataset.name} is switched off. Switch it on to see its content.",
            code="preview_off",
        )
    return dataset, manifest


def read_page(
    manifest: Manifest, offset: int, limit: int, *, label: str | None, status: Status
) -> tuple[list[Sample], int]:
    """Samples and how many there are in all under this filter. A label implies labelled."""
    if label is not None and status is Status.UNLABELLED:
        return [], 0
    found = manifest.page(offset, min(limit, MAX_LIMIT), label=label, status=status)
    return [_shown(manifest, raw) for raw in found], manifest.count(label=label, status=status)


def read_one(manifest: Manifest, index: int) -> Sample:
    """One sample in full."""
    return _shown(manifest, _raw(manifest, index), whole=True)


def read_short(manifest: Manifest, index: int) -> Sample:
    """One sample as a list shows it."""
    return _shown(manifest, _raw(manifest, index))


def read_numbers(manifest: Manifest, numbers: Sequence[int]) -> list[Sample]:
    return [_shown(manifest, raw) for raw in manifest.read(numbers)]


def picture_path(manifest: Manifest, index: int) -> Path:
    if manifest.summary.kind not in IMAGE_KINDS:
        raise NotFound("The samples of this dataset are not images.")
    path: str = orjson.loads(_raw(manifest, index).data)["path"]
    return manifest.directory / "files" / path


def file_path(manifest: Manifest, path: str) -> Path:
    """A file of the version by its path; versions hold no links, so below is below."""
    root = manifest.directory / "files"
    place = root / path
    if ".." in Path(path).parts or not place.is_relative_to(root) or "\0" in path:
        raise NotFound(f"The version has no file {path[:200]!r}.")
    try:
        found = place.is_file()
    except OSError:  # a name longer than the file system takes
        found = False
    if not found:
        raise NotFound(f"The version has no file {path[:200]!r}.")
    return place


def _raw(manifest: Manifest, index: int) -> RawSample:
    if not 0 <= index < manifest.summary.sample_count:
        raise NotFound(
            f"There is no sample {index}; the version has {manifest.summary.sample_count}."
        )
    return manifest.read([index])[0]


def _shown(manifest: Manifest, raw: RawSample, *, whole: bool = False) -> Sample:
    kind = manifest.summary.kind
    if kind in LINE_KINDS:
        return _record(manifest, raw, whole)
    if kind is DatasetKind.TABLE:
        source = manifest.sources[raw.source]
        names = [column["name"] for column in manifest.summary.statistics["columns"]]
        values = parse_row(raw.data, source)
        return Row(raw.index, source.path, dict(zip(names, values, strict=False)))
    value = orjson.loads(raw.data)
    if kind in IMAGE_KINDS:
        return Picture(
            raw.index, value["path"], value["size_bytes"], value["width"], value["height"],
            tuple(value.get("labels", ())), tuple(value.get("boxes", ())),
        )  # fmt: skip
    return PlainFile(raw.index, value["path"], value["size_bytes"])


def _record(manifest: Manifest, raw: RawSample, whole: bool) -> Record:
    fields = orjson.loads(raw.data)
    images = tuple(_images(manifest, fields)) if manifest.summary.kind is DatasetKind.MLLM else ()
    cut = not whole and len(raw.data) > _LONG_BYTES
    shown = {name: _shortened(value) for name, value in fields.items()} if cut else fields
    return Record(raw.index, manifest.sources[raw.source].path, shown, images, cut)


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _SHOWN_LETTERS else value[:_SHOWN_LETTERS] + "…"
    if isinstance(value, list):
        return [_shortened(item) for item in value[:_SHOWN_ITEMS]]
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return value


def _images(manifest: Manifest, fields: dict[str, Any]) -> list[RecordImage]:
    found: list[RecordImage] = []
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and len(found) < _MAX_IMAGES and _names_image(item):
                found.append(RecordImage(name, item, _inside(manifest, item)))
    return found


def _names_image(text: str) -> bool:
    """Or a sound or a film, which are shown in the same place."""
    if text.startswith(("http://", "https://")):
        return text.partition("?")[0].lower().endswith(MEDIA_SUFFIXES)
    if text.startswith("data:image/"):
        return True
    return len(text) <= 1024 and text.lower().endswith(MEDIA_SUFFIXES)


def _inside(manifest: Manifest, text: str) -> str | None:
    if text.startswith(("http://", "https://", "data:")):
        return None
    try:
        file_path(manifest, text.removeprefix("./"))
    except NotFound:
        return None
    return text.removeprefix("./")
