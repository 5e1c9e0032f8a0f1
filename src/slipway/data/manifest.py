"""A version on disk: page N is read without looking at what comes before it.

    version.json    the summary, the label names, where each list of samples lies
    files.jsonl     every file: path, size, SHA-256
    index.bin       16 bytes a sample: offset (8), length (4), number of the source file (4)
    samples.jsonl   what was found about each image (kinds whose samples are not lines of a file)
    lists.bin       sample numbers (4 bytes each): the labelled, the unlabelled, those of each label
    files/          the data as imported

Records and table rows are not copied out of their files: the index points into them.
"""

from __future__ import annotations

import contextlib
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from slipway.data.types import DatasetKind, LabelCount, LabelFormat, Problem, Summary

_ENTRY = struct.Struct("<QII")
_FLUSH_BYTES = 1 << 20
SAMPLES = "samples.jsonl"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that samples are read from; `path` is relative to `files/`."""

    path: str
    encoding: str = "utf-8"
    delimiter: str = ","


class ManifestWriter:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._index = (directory / "index.bin").open("wb")
        self._pending = bytearray()
        self._samples: BinaryIO | None = None
        self._offset = 0
        self._lists: dict[str, array[int]] = {}
        self._counts: dict[str, int] = {}
        self.sources: list[SourceFile] = []
        self.sample_count = 0

    def add_source(self, source: SourceFile) -> int:
        self.sources.append(source)
        return len(self.sources) - 1

    def point(
        self, source: int, offset: int, length: int, labels: Sequence[str] | None = None
    ) -> None:
        """Add a sample that is `length` bytes at `offset` of a source file.

        `labels`: each of its labels; None where samples of the kind carry none.
        """
        if labels is not None:
            self._count_labels(labels)
        self._pending += _ENTRY.pack(offset, length, source)
        self.sample_count += 1
        if len(self._pending) >= _FLUSH_BYTES:
            self._flush()

    def add(self, sample: dict[str, Any], labels: Sequence[str]) -> None:
        """Add a sample of its own; `labels` lists each of its labels, repeated ones too."""
        if self._samples is None:
            self._samples = (self._directory / SAMPLES).open("wb")
        line = orjson.dumps(sample, option=orjson.OPT_APPEND_NEWLINE)
        self._samples.write(line)
        self.point(0, self._offset, len(line) - 1, labels)
        self._offset += len(line)

    def _count_labels(self, labels: Sequence[str]) -> None:
        if not self._lists:
            self._lists = {"labelled": array("I"), "unlabelled": array("I")}
        number = self.sample_count
        self._lists["labelled" if labels else "unlabelled"].append(number)
        for label in labels:
            self._counts[label] = self._counts.get(label, 0) + 1
        for label in dict.fromkeys(labels):
            self._lists.setdefault(f"label:{label}", array("I")).append(number)

    @property
    def labelled_count(self) -> int:
        return len(self._lists.get("labelled", ()))

    def label_counts(self) -> tuple[LabelCount, ...]:
        return tuple(LabelCount(name, count) for name, count in self._counts.items())

    def finish(self, summary: Summary) -> None:
        self._flush()
        self._index.close()
        if self._samples is not None:
            self._samples.close()
        where = self._write_lists()
        value = {
            "format": 1,
            "summary": _summary_json(summary),
            "sources": [asdict(source) for source in self.sources],
            "lists": where,
        }
        (self._directory / "version.json").write_bytes(
            orjson.dumps(value, option=orjson.OPT_INDENT_2)
        )

    def close(self) -> None:
        """Let go of the files, whatever happened; what a full disk did not take is lost anyway."""
        for file in (self._index, self._samples):
            with contextlib.suppress(OSError):
                if file is not None:
                    file.close()

    def _flush(self) -> None:
        self._index.write(self._pending)
        self._pending.clear()

    def _write_lists(self) -> dict[str, list[int]]:
        """Name of each list -> [where it starts, how many], counted in entries."""
        where: dict[str, list[int]] = {}
        at = 0
        with (self._directory / "lists.bin").open("wb") as file:
            for name, numbers in self._lists.items():
                if sys.byteorder != "little":
                    numbers.byteswap()
                numbers.tofile(file)
                where[name] = [at, len(numbers)]
                at += len(numbers)
        return where


@dataclass(frozen=True, slots=True)
class RawSample:
    index: int
    source: int
    offset: int
    data: bytes


class Manifest:
    """A finished version, opened for reading. Immutable, so it may be kept (`open_manifest`)."""

    def __init__(self, directory: Path) -> None:
        value = orjson.loads((directory / "version.json").read_bytes())
        self.directory = directory
        self.summary = _summary_from(value["summary"])
        self.sources = tuple(SourceFile(**source) for source in value["sources"])
        self._lists: dict[str, list[int]] = value["lists"]

    @property
    def lists(self) -> frozenset[str]:
        """Names of the lists of samples: "labelled", "unlabelled", "label:<name>"."""
        return frozenset(self._lists)

    def count(self, *, label: str | None = None, status: str = "all") -> int:
        name = self._list_name(label, status)
        return self.summary.sample_count if name is None else self._lists.get(name, [0, 0])[1]

    def page(
        self, offset: int, limit: int, *, label: str | None = None, status: str = "all"
    ) -> list[RawSample]:
        name = self._list_name(label, status)
        count = self.count(label=label, status=status)
        stop = min(offset + limit, count)
        if name is None:
            return self.read(range(offset, stop))
        start = self._lists.get(name, [0, 0])[0]
        with (self.directory / "lists.bin").open("rb") as file:
            file.seek(4 * (start + offset))
            data = file.read(4 * max(0, stop - offset))
        return self.read(struct.unpack(f"<{len(data) // 4}I", data))

    def numbers(self, status: str) -> list[int]:
        """All numbers of a list ("labelled", "unlabelled"), ascending; none where it is not kept."""
        start, count = self._lists.get(status, [0, 0])
        with (self.directory / "lists.bin").open("rb") as file:
            file.seek(4 * start)
            return list(struct.unpack(f"<{count}I", file.read(4 * count)))

    def first_offset(self, source: int) -> int:
        """Where the first sample of a source file starts."""
        with (self.directory / "index.bin").open("rb") as index:
            while entry := index.read(_ENTRY.size):
                offset, _, number = _ENTRY.unpack(entry)
                if number == source:
                    return int(offset)
        return 0

    def read(self, numbers: Iterable[int]) -> list[RawSample]:
        opened: dict[int, BinaryIO] = {}
        samples = []
        try:
            with (self.directory / "index.bin").open("rb") as index:
                for number in numbers:
                    index.seek(_ENTRY.size * number)
                    offset, length, source = _ENTRY.unpack(index.read(_ENTRY.size))
                    if source not in opened:
                        opened[source] = self._source_path(source).open("rb")
                    opened[source].seek(offset)
                    samples.append(RawSample(number, source, offset, opened[source].read(length)))
        finally:
            for file in opened.values():
                file.close()
        return samples

    def _list_name(self, label: str | None, status: str) -> str | None:
        """None stands for all samples. Where no sample can carry a label, all are unlabelled."""
        if label is not None:
            return f"label:{label}"
        without = self.sources and not self._lists
        return None if status == "all" or (status == "unlabelled" and without) else status

    def _source_path(self, source: int) -> Path:
        if not self.sources:
            return self.directory / SAMPLES
        return self.directory / "files" / self.sources[source].path


@lru_cache(maxsize=64)
def open_manifest(directory: Path) -> Manifest:
    """A version never changes once it is there, so what was read of it stays true."""
    return Manifest(directory)


def _summary_json(summary: Summary) -> dict[str, Any]:
    value = {name: getattr(summary, name) for name in Summary.__slots__}
    value["labels"] = [[label.name, label.count] for label in summary.labels]
    value["warnings"] = [problem.to_json() for problem in summary.warnings]
    return value


def _summary_from(value: dict[str, Any]) -> Summary:
    labels = tuple(LabelCount(name, count) for name, count in value.pop("labels"))
    warnings = tuple(Problem.from_json(problem) for problem in value.pop("warnings"))
    kind, label_format = DatasetKind(value.pop("kind")), LabelFormat(value.pop("label_format"))
    return Summary(kind=kind, label_format=label_format, labels=labels, warnings=warnings, **value)
