"""A version as a zip file, made while it is being sent: nothing is kept in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
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
from slipway.data.formats import ocr, ti, write, yolo
from slipway.data.formats.chat import ChatForm
from slipway.data.manifest import Manifest
from slipway.data.types import DatasetKind

_BLOCK_BYTES = 1 << 18
_PAGE = 200
_PACKED = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".xml", ".bmp")  # worth compressing


class ExportFormat(StrEnum):
    ORIGINAL = "original"
    FOLDER = "folder"
    TI = "ti"
    VOC = "voc"
    COCO = "coco"
    YOLO = "yolo"
    MESSAGES = "messages"
    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"
    PARQUET = "parquet"
    HUGGING_FACE = "hugging_face"
    WEBDATASET = "webdataset"


_OF_RECORDS = (
    ExportFormat.ORIGINAL, ExportFormat.MESSAGES, ExportFormat.SHAREGPT, ExportFormat.ALPACA,
    ExportFormat.PARQUET, ExportFormat.HUGGING_FACE, ExportFormat.WEBDATASET,
)  # fmt: skip
_POSSIBLE = {
    DatasetKind.LLM: _OF_RECORDS,
    DatasetKind.MLLM: _OF_RECORDS,
    DatasetKind.IMAGE_CLASSIFICATION: (
        ExportFormat.ORIGINAL, ExportFormat.FOLDER, ExportFormat.TI,
    ),
    DatasetKind.OBJECT_DETECTION: (
        ExportFormat.ORIGINAL, ExportFormat.VOC, ExportFormat.COCO, ExportFormat.YOLO,
        ExportFormat.TI,
    ),
    DatasetKind.IMAGE_SEGMENTATION: (
        ExportFormat.ORIGINAL, ExportFormat.COCO, ExportFormat.YOLO, ExportFormat.TI,
    ),
    DatasetKind.OBJECT_TRACKING: (ExportFormat.ORIGINAL, ExportFormat.TI),
    DatasetKind.OCR: (ExportFormat.ORIGINAL, ExportFormat.TI),
}  # fmt: skip


_CHATS = {
    ExportFormat.MESSAGES: ChatForm.MESSAGES,
    ExportFormat.SHAREGPT: ChatForm.SHAREGPT,
    ExportFormat.ALPACA: ChatForm.ALPACA,
}


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the archive: copied from a path, or made of pieces."""

    name: str
    path: Path | None = None
    pieces: Iterator[bytes] | None = None


def export_zip(manifest: Manifest, wanted: ExportFormat) -> Iterator[bytes]:
    """The bytes of the archive, piece by piece. Blocks: iterate it in a thread."""
    kind = manifest.summary.kind
    possible = _POSSIBLE.get(kind, (ExportFormat.ORIGINAL,))
    if wanted not in possible:
        raise Invalid(
            f"A dataset of kind {kind} can be exported as: {', '.join(possible)}.", field="format"
        )
    if wanted in _CHATS:
        check_chat(manifest)
    return _packed(_members(manifest, wanted))


def _members(manifest: Manifest, wanted: ExportFormat) -> Iterator[_Member]:
    match wanted:
        case ExportFormat.FOLDER:
            return _folder_members(manifest)
        case ExportFormat.VOC:
            return _voc_members(manifest)
        case ExportFormat.COCO:
            return _coco_members(manifest)
        case ExportFormat.TI:
            return _ti_members(manifest)
        case ExportFormat.YOLO:
            return _yolo_members(manifest)
        case ExportFormat.ORIGINAL:
            return _original_members(manifest)
        case ExportFormat.MESSAGES | ExportFormat.SHAREGPT | ExportFormat.ALPACA:
            return _chat_members(manifest, _CHATS[wanted])
        case ExportFormat.PARQUET:
            return iter([_Member("data.parquet", pieces=parquet(manifest))])
        case ExportFormat.HUGGING_FACE:
            return _hugging_face_members(manifest)
        case ExportFormat.WEBDATASET:
            return iter([_Member("data-000000.tar", pieces=webdataset(manifest))])


def _chat_members(manifest: Manifest, form: ChatForm) -> Iterator[_Member]:
    """The conversations, and what else the version has, such as the pictures they name."""
    yield _Member(f"{form}.jsonl", pieces=chat_lines(manifest, form))
    records = {source.path for source in manifest.sources}
    for member in _original_members(manifest):
        if member.name not in records:
            yield member


def _hugging_face_members(manifest: Manifest) -> Iterator[_Member]:
    yield _Member("data-00000-of-00001.arrow", pieces=arrow_stream(manifest))
    for name, data in hugging_face_files().items():
        yield _Member(name, pieces=iter([data]))


def _original_members(manifest: Manifest) -> Iterator[_Member]:
    files = manifest.directory / "files"
    with (manifest.directory / "files.jsonl").open("rb") as lines:
        for line in lines:
            path = orjson.loads(line)["path"]
            yield _Member(path, files / path)


def _folder_members(manifest: Manifest) -> Iterator[_Member]:
    for number, sample in _samples(manifest):
        labels = sample.get("labels", ())
        name = PurePosixPath(sample["path"]).name
        folder = f"{labels[0]}/" if labels else ""
        yield _Member(f"{folder}{number:07d}-{name}", manifest.directory / "files" / sample["path"])


def _voc_members(manifest: Manifest) -> Iterator[_Member]:
    taken: set[str] = set()
    for number, sample in _samples(manifest):
        path = PurePosixPath(sample["path"])
        # Label files are found by base name, so images of the same name must get different ones.
        stem = path.stem if path.stem not in taken else f"{path.stem}-{number}"
        taken.add(stem)
        yield _Member(
            f"DataFile/{stem}{path.suffix}", manifest.directory / "files" / sample["path"]
        )
        xml = write.voc_xml(sample, f"{stem}{path.suffix}")
        yield _Member(f"Annotations/{stem}.xml", pieces=iter([xml.encode()]))


def _coco_members(manifest: Manifest) -> Iterator[_Member]:
    for _, sample in _samples(manifest):
        yield _Member(sample["path"], manifest.directory / "files" / sample["path"])
    labels = [label.name for label in manifest.summary.labels]
    pieces = write.coco_parts(_samples(manifest), _samples(manifest), labels)
    yield _Member("annotation.json", pieces=pieces)


def _ti_members(manifest: Manifest) -> Iterator[_Member]:
    for _, sample in _samples(manifest):
        yield _Member(sample["path"], manifest.directory / "files" / sample["path"])
    kind = manifest.summary.kind
    lines = (labelled_line(sample, kind) for _, sample in _samples(manifest))
    yield _Member(ti.FILE_NAME, pieces=lines)


def _yolo_members(manifest: Manifest) -> Iterator[_Member]:
    labels = [label.name for label in manifest.summary.labels]
    numbers = {name: number for number, name in enumerate(labels)}
    for _, sample in _samples(manifest):
        image = f"images/{sample['path']}"
        yield _Member(image, manifest.directory / "files" / sample["path"])
        text = write.yolo_text(sample, numbers)
        yield _Member(yolo.label_path(image), pieces=iter([text.encode()]))
    yield _Member("data.yaml", pieces=iter([write.yolo_names(labels).encode()]))


def labelled_line(sample: dict[str, Any], kind: DatasetKind) -> bytes:
    """A sample's line of `annotation.txt`, in the form of its kind."""
    if kind is DatasetKind.OCR:
        return ocr.ocr_line(sample)
    part = "labels" if kind is DatasetKind.IMAGE_CLASSIFICATION else "boxes"
    whole = {part: (), **sample}
    return write.ti_line(whole, segmented=kind is DatasetKind.IMAGE_SEGMENTATION)


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


def _packed(members: Iterator[_Member]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for member in members:
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
