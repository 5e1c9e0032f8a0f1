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
from pathlib import Path
from typing import Any

import orjson

from slipway.data.errors import refuse
from slipway.data.formats.writers import ImageSet, is_label_file, is_new_file, members
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
    deriving = _Deriving(base, labels, numbers, target, ticker)
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
        labels: Path | None,
        numbers: Sequence[int],
        target: Path,
        ticker: Ticker,
    ) -> None:
        self._base, self._labels, self._target, self._ticker = base, labels, target, ticker
        self._numbers = numbers
        self.files: list[StoredFile] = []
        self.kind = base.summary.kind

    def write_records(self) -> None:
        """Each file anew, line by line; a line without a change keeps its bytes."""
        sources = self._base.sources
        self._link_all({source.path for source in sources})
        opened: dict[int, HashedFile] = {}
        with closing(_changes(self._labels)) as changes:
            ahead = _Ahead(changes)
            for raw in self._samples():
                change = ahead.of(raw.index)
                if raw.source not in opened:
                    opened[raw.source] = HashedFile(self._target, sources[raw.source].path)
                    opened[raw.source].add(self._header(raw.source))
                if not change.get("deleted"):
                    record = change.get("record")
                    line = raw.data.rstrip(b"\r\n") if record is None else orjson.dumps(record)
                    opened[raw.source].add(line + b"\n")
                self._ticker.advance(1)
        self.files += [written.finish() for written in opened.values()]

    def write_files(self) -> None:
        self._link_all(set(), keep=lambda path: False)
        for raw in self._samples():
            self.link(orjson.loads(raw.data)["path"])
            self._ticker.advance(1)

    def _header(self, number: int) -> bytes:
        """What stands before the first row of a table's file: the names of its columns."""
        if self.kind is not DatasetKind.TABLE:
            return b""
        first = self._base.first_offset(number)
        with (self._base.directory / "files" / self._base.sources[number].path).open("rb") as file:
            return file.read(first)

    def write_images(self, label_format: LabelFormat) -> None:
        """The images linked, the labels written anew. Other files stay, unless they are old labels."""
        old = self._base.summary.label_format
        labels = {
            name: None for _, sample in self._labelled()
            for name in (*sample.get("labels", ()), *(box["label"] for box in sample.get("boxes", ())))
        }  # fmt: skip
        images = {path for _, path in self._paths()}
        self._link_all(
            images,
            keep=lambda path: not (is_label_file(path, old) or is_new_file(path, label_format)),
        )
        found = ImageSet(self._base.summary.kind, list(labels), self._labelled, keep=True)
        for member in members(label_format, found):
            if member.image is not None:
                self.link(member.image, member.name)
                self._ticker.advance(1)
                continue
            written = self.open(member.name)
            for piece in member.pieces or ():
                written.add(piece)
            self.files.append(written.finish())

    def link(self, path: str, new: str | None = None) -> None:
        """The base's file at `path`, here as well."""
        old = self._base.directory / "files" / path
        link_or_copy(old, self._target / (new or path))
        self.files.append(StoredFile(new or path, old.stat().st_size, self._hashes[path]))

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
            yield from self._base.read(self._numbers[at : at + _PAGE])

    def _labelled(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The samples that stay, as they are labelled now. It may be gone through several times."""
        with closing(_changes(self._labels)) as changes:
            ahead = _Ahead(changes)
            for raw in self._samples():
                change = ahead.of(raw.index)
                if change.get("deleted"):
                    continue
                sample: dict[str, Any] = orjson.loads(raw.data)
                for part in ("labels", "boxes", "ocr_type"):
                    if part in change:
                        sample[part] = change[part]
                yield raw.index, sample

    def _paths(self) -> Iterator[tuple[int, str]]:
        for offset in range(0, self._base.summary.sample_count, _PAGE):
            for raw in self._base.page(offset, _PAGE):
                yield raw.index, orjson.loads(raw.data)["path"]


class _Ahead:
    """The change of a sample. Both are in order of index, so one look ahead is enough."""

    def __init__(self, changes: Iterator[Change]) -> None:
        self._changes = changes
        self._next = next(changes, None)

    def of(self, index: int) -> Change:
        while self._next is not None and self._next["index"] < index:
            self._next = next(self._changes, None)
        return self._next if self._next is not None and self._next["index"] == index else {}


def link_or_copy(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:  # a file system without links, or too many of one file
        shutil.copyfile(old, new)


def _changes(labels: Path | None) -> Generator[Change]:
    if labels is None:
        return
    with labels.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
