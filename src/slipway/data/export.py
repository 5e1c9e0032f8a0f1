"""A version as a zip file, made while it is being sent: nothing is kept in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import Invalid
from slipway.data.export_records import (
    arrow_stream,
    chat_lines,
    check_chat,
    hugging_face_files,
    parquet,
    webdataset,
)
from slipway.data.formats.chat import ChatForm
from slipway.data.formats.writers import ImageSet, members
from slipway.data.manifest import Manifest
from slipway.data.types import IMAGE_KINDS, LABEL_FORMATS, RECORD_KINDS, DatasetKind, LabelFormat

_BLOCK_BYTES = 1 << 18
_PAGE = 200
_PACKED = (
    ".jsonl",
    ".json",
    ".manifest",
    ".csv",
    ".tsv",
    ".txt",
    ".xml",
    ".bmp",
)  # worth compressing


class ExportFormat(StrEnum):
    ORIGINAL = "original"
    FOLDER = "folder"
    TI = "ti"
    VOC = "voc"
    COCO = "coco"
    YOLO = "yolo"
    LABEL_STUDIO = "label_studio"
    CVAT = "cvat"
    MANIFEST = "manifest"
    MESSAGES = "messages"
    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"
    PARQUET = "parquet"
    HUGGING_FACE = "hugging_face"
    WEBDATASET = "webdataset"


_CHATS = {
    ExportFormat.MESSAGES: ChatForm.MESSAGES,
    ExportFormat.SHAREGPT: ChatForm.SHAREGPT,
    ExportFormat.ALPACA: ChatForm.ALPACA,
}
_OF_RECORDS = (*_CHATS, ExportFormat.PARQUET, ExportFormat.HUGGING_FACE, ExportFormat.WEBDATASET)


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file of the archive: copied from a path, or made of pieces."""

    name: str
    path: Path | None = None
    pieces: Iterator[bytes] | None = None


def possible_formats(kind: DatasetKind) -> tuple[ExportFormat, ...]:
    if kind in RECORD_KINDS:
        return (ExportFormat.ORIGINAL, *_OF_RECORDS)
    if kind not in IMAGE_KINDS:
        return (ExportFormat.ORIGINAL,)
    named = (ExportFormat(name) for name in LABEL_FORMATS[kind] if name is not LabelFormat.NONE)
    return (ExportFormat.ORIGINAL, *named)


def export_zip(manifest: Manifest, wanted: ExportFormat) -> Iterator[bytes]:
    """The bytes of the archive, piece by piece. Blocks: iterate it in a thread."""
    kind = manifest.summary.kind
    possible = possible_formats(kind)
    if wanted not in possible:
        raise Invalid(
            f"A dataset of kind {kind} can be exported as: {', '.join(possible)}.", field="format"
        )
    if wanted in _CHATS:
        check_chat(manifest)
    return packed(_files(manifest, wanted))


def _files(manifest: Manifest, wanted: ExportFormat) -> Iterator[ArchiveFile]:
    match wanted:
        case ExportFormat.ORIGINAL:
            return _originals(manifest)
        case ExportFormat.MESSAGES | ExportFormat.SHAREGPT | ExportFormat.ALPACA:
            return _chats(manifest, _CHATS[wanted])
        case ExportFormat.PARQUET:
            return iter([ArchiveFile("data.parquet", pieces=parquet(manifest))])
        case ExportFormat.HUGGING_FACE:
            return _hugging_face(manifest)
        case ExportFormat.WEBDATASET:
            return iter([ArchiveFile("data-000000.tar", pieces=webdataset(manifest))])
        case _:
            return _labelled(manifest, LabelFormat(wanted))


def _originals(manifest: Manifest) -> Iterator[ArchiveFile]:
    files = manifest.directory / "files"
    with (manifest.directory / "files.jsonl").open("rb") as lines:
        for line in lines:
            path = orjson.loads(line)["path"]
            yield ArchiveFile(path, files / path)


def _chats(manifest: Manifest, form: ChatForm) -> Iterator[ArchiveFile]:
    """The conversations, and what else the version has, such as the pictures they name."""
    yield ArchiveFile(f"{form}.jsonl", pieces=chat_lines(manifest, form))
    records = {source.path for source in manifest.sources}
    for file in _originals(manifest):
        if file.name not in records:
            yield file


def _hugging_face(manifest: Manifest) -> Iterator[ArchiveFile]:
    yield ArchiveFile("data-00000-of-00001.arrow", pieces=arrow_stream(manifest))
    for name, data in hugging_face_files().items():
        yield ArchiveFile(name, pieces=iter([data]))


def _labelled(manifest: Manifest, wanted: LabelFormat) -> Iterator[ArchiveFile]:
    files = manifest.directory / "files"
    labels = [label.name for label in manifest.summary.labels]
    found = ImageSet(manifest.summary.kind, labels, lambda: _samples(manifest))
    for member in members(wanted, found):
        if member.image is not None:
            yield ArchiveFile(member.name, files / member.image)
        else:
            yield ArchiveFile(member.name, pieces=member.pieces)


def _samples(manifest: Manifest) -> Iterator[tuple[int, dict[str, Any]]]:
    for offset in range(0, manifest.summary.sample_count, _PAGE):
        for raw in manifest.page(offset, _PAGE):
            yield raw.index, orjson.loads(raw.data)


class _Sink:
    """What zipfile writes to: a place to take bytes away from."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return None

    def close(self) -> None:
        return None

    def take(self) -> bytes:
        data, self._held = b"".join(self._held), []
        return data


def packed(files: Iterator[ArchiveFile]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for member in files:
            info = zipfile.ZipInfo(member.name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            if member.name.lower().endswith(_PACKED):
                info.compress_type = zipfile.ZIP_DEFLATED
            size = member.path.stat().st_size if member.path else 0
            with archive.open(info, "w", force_zip64=size > 1 << 30 or not member.path) as out:
                for piece in member.pieces or _blocks(member.path):
                    out.write(piece)
                    if data := sink.take():
                        yield data
            yield sink.take()
    yield sink.take()


def _blocks(path: Path | None) -> Iterator[bytes]:
    if path is None:
        return
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block
