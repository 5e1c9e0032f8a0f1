"""The files of a version that gets labels of its own: those of the version before, and new labels.

What stays the same is linked, not copied: versions never change, so they may share files. The labels
come as JSON lines in order of `index`, one a sample that has been labelled:

    {"index": 7, "labels": ["dog"]}              classes of an image
    {"index": 7, "boxes": [{"label": ...}]}      shapes of an image (see Box)
    {"index": 7, "boxes": [...], "ocr_type": "structured"}   boxes of OCR (see formats/ocr.py)
    {"index": 7, "record": {...}}                a record as it is to be written
    {"index": 7, "deleted": true}                the sample is left out

A sample that is not named keeps the labels it has.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from slipway.data.errors import refuse
from slipway.data.export import labelled_line
from slipway.data.formats import ti, write, yolo
from slipway.data.manifest import Manifest, RawSample
from slipway.data.progress import Ticker
from slipway.data.snapshot import HashedFile, Snapshot, StoredFile, content_hash
from slipway.data.types import IMAGE_KINDS, DatasetKind, LabelFormat

_PAGE = 500
Change = dict[str, Any]


def derive_files(
    base: Manifest,
    labels: Path | None,
    label_format: LabelFormat,
    target: Path,
    ticker: Ticker,
    *,
    share: float,
    only: Sequence[int] | None = None,
) -> Snapshot:
    """Fill `target` with the files of `base`, labelled anew; without `labels`, as they are. Blocks.

    `only`: leave out all samples but these numbers, which ascend.
    """
    if labels is None and only is None:
        return _linked(base, target, ticker, share=share)
    if labels is not None and not labels.exists():
        raise refuse("The labels are no longer there. Publish them again.")
    numbers = range(base.summary.sample_count) if only is None else only
    ticker.begin(share, len(numbers))
    with closing(_changes(labels)) as changes:
        deriving = _Deriving(base, changes, numbers, target, ticker)
        if base.summary.kind in IMAGE_KINDS:
            deriving.write_images(label_format)
        elif base.summary.kind is DatasetKind.OTHER:
            deriving.write_files()
        else:
            deriving.write_records()
    files = tuple(sorted(deriving.files, key=lambda file: file.path))
    return Snapshot(files, content_hash(files))


def _linked(base: Manifest, target: Path, ticker: Ticker, *, share: float) -> Snapshot:
    files = []
    ticker.begin(share, base.summary.file_count)
    with (base.directory / "files.jsonl").open("rb") as lines:
        for file in map(orjson.loads, lines):
            link_or_copy(base.directory / "files" / file["path"], target / file["path"])
            files.append(StoredFile(file["path"], file["size_bytes"], file["sha256"]))
            ticker.advance(1)
    return Snapshot(tuple(files), content_hash(files))


class _Deriving:
    def __init__(
        self,
        base: Manifest,
        changes: Iterator[Change],
        numbers: Sequence[int],
        target: Path,
        ticker: Ticker,
    ) -> None:
        self._base, self._target, self._ticker = base, target, ticker
        self._numbers = numbers
        self._changes = changes
        self._next = next(changes, None)
        self.files: list[StoredFile] = []
        self.kind = base.summary.kind

    def write_records(self) -> None:
        """Each file anew, line by line; a line without a change keeps its bytes."""
        sources = self._base.sources
        self._link_all({source.path for source in sources})
        opened: dict[int, HashedFile] = {}
        for raw in self._samples():
            change = self._change_of(raw.index)
            if raw.source not in opened:
                opened[raw.source] = HashedFile(self._target, sources[raw.source].path)
                opened[raw.source].add(self._header(raw.source))
            if not change.get("deleted"):
                record = change.get("record")
                line = raw.data.rstrip(b"\r\n") if record is None else orjson.dumps(record)
                opened[raw.source].add(line + b"\n")
        self.files += [written.finish() for written in opened.values()]

    def write_files(self) -> None:
        self._link_all(set(), keep=lambda path: False)
        for raw in self._samples():
            self.link(orjson.loads(raw.data)["path"])

    def _header(self, number: int) -> bytes:
        """What stands before the first row of a table's file: the names of its columns."""
        if self.kind is not DatasetKind.TABLE:
            return b""
        first = self._base.first_offset(number)
        with (self._base.directory / "files" / self._base.sources[number].path).open("rb") as file:
            return file.read(first)

    def write_images(self, label_format: LabelFormat) -> None:
        samples = {path for _, path in self._paths()}
        old = self._base.summary.label_format
        self._link_all(samples, keep=lambda path: not _is_label_file(path, old))
        writer = _WRITERS[label_format](self)
        for raw in self._samples():
            change = self._change_of(raw.index)
            if change.get("deleted"):
                continue
            sample: dict[str, Any] = orjson.loads(raw.data)
            for part in ("labels", "boxes", "ocr_type"):
                if part in change:
                    sample[part] = change[part]
            writer.add(raw.index, sample)
        writer.finish()

    def link(self, path: str, new: str | None = None) -> None:
        """The base's file at `path`, here as well."""
        old = self._base.directory / "files" / path
        link_or_copy(old, self._target / (new or path))
        self.files.append(StoredFile(new or path, old.stat().st_size, self._hashes[path]))

    def write(self, path: str, data: bytes) -> None:
        written = HashedFile(self._target, path)
        written.add(data)
        self.files.append(written.finish())

    def open(self, path: str) -> HashedFile:
        return HashedFile(self._target, path)

    def _link_all(self, but: set[str], *, keep: Callable[[str], bool] = lambda path: True) -> None:
        self._hashes: dict[str, str] = {}
        with (self._base.directory / "files.jsonl").open("rb") as lines:
            for line in lines:
                file = orjson.loads(line)
                self._hashes[file["path"]] = file["sha256"]
        for path in self._hashes:
            if path not in but and keep(path):
                self.link(path)

    def _samples(self) -> Iterator[RawSample]:
        for at in range(0, len(self._numbers), _PAGE):
            page = self._base.read(self._numbers[at : at + _PAGE])
            yield from page
            self._ticker.advance(len(page))

    def _paths(self) -> Iterator[tuple[int, str]]:
        for offset in range(0, self._base.summary.sample_count, _PAGE):
            for raw in self._base.page(offset, _PAGE):
                yield raw.index, orjson.loads(raw.data)["path"]

    def _change_of(self, index: int) -> Change:
        """Both are in order of index, so one look ahead is enough."""
        while self._next is not None and self._next["index"] < index:
            self._next = next(self._changes, None)
        return self._next if self._next is not None and self._next["index"] == index else {}


class _Folders:
    """Classes as folders; an image without one lies at the top."""

    def __init__(self, to: _Deriving) -> None:
        self._to = to
        self._taken: set[str] = set()

    def add(self, index: int, sample: dict[str, Any]) -> None:
        labels = sample.get("labels", ())
        name = PurePosixPath(sample["path"]).name
        place = f"{labels[0]}/{name}" if labels else name
        if place in self._taken:
            place = str(PurePosixPath(place).with_name(f"{index:07d}-{name}"))
        self._taken.add(place)
        self._to.link(sample["path"], place)

    def finish(self) -> None:
        return None


class _Voc:
    def __init__(self, to: _Deriving) -> None:
        self._to = to
        self._taken: set[str] = set()

    def add(self, index: int, sample: dict[str, Any]) -> None:
        path = PurePosixPath(sample["path"])
        self._to.link(str(path))
        # Label files are found by base name; the nearest folder wins.
        place = f"Annotations/{path.stem}.xml"
        if place in self._taken:
            place = str(path.with_suffix(".xml"))
        self._taken.add(place)
        if sample.get("boxes"):
            self._to.write(place, write.voc_xml(sample, path.name).encode())

    def finish(self) -> None:
        return None


class _Coco:
    """Two passes over the samples, which are kept packed: images come before annotations."""

    def __init__(self, to: _Deriving) -> None:
        self._to = to
        self._kept: list[tuple[int, bytes]] = []
        self._labels: dict[str, None] = {}

    def add(self, index: int, sample: dict[str, Any]) -> None:
        self._to.link(sample["path"])
        self._labels.update(dict.fromkeys(box["label"] for box in sample.get("boxes", ())))
        self._kept.append((index, orjson.dumps(sample)))

    def finish(self) -> None:
        file = self._to.open("annotation.json")
        for piece in write.coco_parts(self._samples(), self._samples(), list(self._labels)):
            file.add(piece)
        self._to.files.append(file.finish())

    def _samples(self) -> Iterator[tuple[int, dict[str, Any]]]:
        return ((index, orjson.loads(data)) for index, data in self._kept)


class _Ti:
    def __init__(self, to: _Deriving) -> None:
        self._to = to
        self._file = to.open(ti.FILE_NAME)

    def add(self, index: int, sample: dict[str, Any]) -> None:
        self._to.link(sample["path"])
        if sample.get("labels") or sample.get("boxes"):
            self._file.add(labelled_line(sample, self._to.kind))

    def finish(self) -> None:
        self._to.files.append(self._file.finish())


class _Yolo:
    def __init__(self, to: _Deriving) -> None:
        self._to = to
        self._numbers: dict[str, int] = {}

    def add(self, index: int, sample: dict[str, Any]) -> None:
        self._to.link(sample["path"])
        for box in sample.get("boxes", ()):
            self._numbers.setdefault(box["label"], len(self._numbers))
        if sample.get("boxes"):
            text = write.yolo_text(sample, self._numbers)
            self._to.write(yolo.label_path(sample["path"]), text.encode())

    def finish(self) -> None:
        self._to.write("data.yaml", write.yolo_names(list(self._numbers)).encode())


def link_or_copy(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:  # a file system without links, or too many of one file
        shutil.copyfile(old, new)


class _Plain:
    """Images without labels."""

    def __init__(self, to: _Deriving) -> None:
        self._to = to

    def add(self, index: int, sample: dict[str, Any]) -> None:
        self._to.link(sample["path"])

    def finish(self) -> None:
        return None


_Writer = _Plain | _Folders | _Voc | _Coco | _Ti | _Yolo
_WRITERS: dict[LabelFormat, Callable[[_Deriving], _Writer]] = {
    LabelFormat.NONE: _Plain,
    LabelFormat.FOLDER: _Folders,
    LabelFormat.VOC: _Voc,
    LabelFormat.COCO: _Coco,
    LabelFormat.TI: _Ti,
    LabelFormat.YOLO: _Yolo,
}


def _is_label_file(path: str, label_format: LabelFormat) -> bool:
    """Whether a file holds labels of the version before, which the new ones replace."""
    name = PurePosixPath(path).name
    match label_format:
        case LabelFormat.VOC:
            return name.endswith(".xml")
        case LabelFormat.COCO:
            return name.endswith(".json")
        case LabelFormat.TI:
            return name == ti.FILE_NAME
        case LabelFormat.YOLO:
            return name.endswith(".txt") or name in yolo.NAME_FILES
        case _:
            return name in (ti.FILE_NAME, "annotation.json", "data.yaml")


def _changes(labels: Path | None) -> Generator[Change]:
    if labels is None:
        return
    with labels.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
