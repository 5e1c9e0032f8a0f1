"""From files to samples, one reader a kind of dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from slipway.data.errors import Findings, refuse
from slipway.data.formats.images import ImageFacts, is_image_name, look_at, natural_key
from slipway.data.formats.jsonl import Line, read_lines, read_whole
from slipway.data.formats.labels import open_labels
from slipway.data.formats.table import MAX_COLUMNS, ColumnProfile, TableRow, probe, read_rows
from slipway.data.formats.text import text_labels
from slipway.data.formats.voc import MASK_FOLDERS
from slipway.data.manifest import ManifestWriter, SourceFile
from slipway.data.progress import Ticker
from slipway.data.snapshot import Snapshot, StoredFile, in_threads
from slipway.data.statistics import ImageStatistics, RecordStatistics
from slipway.data.types import (
    IMAGE_KINDS,
    LINE_KINDS,
    ColumnType,
    DatasetKind,
    ImageLabels,
    LabelFormat,
    Problem,
    TableOptions,
)

_CHECK_EVERY = 500
MAX_LABEL_BYTES, GOOD_LABEL_BYTES = 1 << 20, 100 << 10  # of one image (LAB-62)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader has to work with."""

    kind: DatasetKind
    label_format: LabelFormat
    table: TableOptions
    files: Path
    snapshot: Snapshot
    writer: ManifestWriter
    findings: Findings
    ticker: Ticker


@dataclass(frozen=True, slots=True)
class Read:
    ignored_count: int
    statistics: Mapping[str, Any]


def read_samples(reading: Reading) -> Read:
    """Write every sample to the manifest. Raises ImportRefusedError if a rule is broken."""
    if reading.kind in LINE_KINDS:
        done = _read_records(reading)
    elif reading.kind in IMAGE_KINDS:
        done = _read_images(reading)
    elif reading.kind is DatasetKind.TABLE:
        done = _read_table(reading)
    else:
        done = _read_files(reading)
    reading.findings.check()
    return done


def _read_records(reading: Reading) -> Read:
    text = reading.kind is DatasetKind.TEXT
    suffixes = (".jsonl", ".txt", ".json") if text else (".jsonl",)
    chosen = _with_suffix(reading, suffixes, "There is no .jsonl file at the address.")
    statistics = RecordStatistics()
    for file in chosen:
        source = reading.writer.add_source(SourceFile(file.path))
        at = 0
        with (reading.files / file.path).open("rb") as opened:
            for count, line in enumerate(_lines(opened, file, reading)):
                labels = text_labels(line, file.path, reading.findings) if text else None
                reading.writer.point(source, line.offset, line.length, labels)
                statistics.add(line.value)
                if count % _CHECK_EVERY == 0:
                    reading.ticker.advance(line.offset - at)
                    at = line.offset
        reading.ticker.advance(file.size_bytes - at)
    reading.findings.check()
    if not reading.writer.sample_count:
        raise refuse("The files hold no records.", file=chosen[0].path)
    if text and reading.label_format is not LabelFormat.NONE and not reading.writer.labelled_count:
        raise refuse("No record has labels.", file=chosen[0].path)
    used = len(chosen)
    if reading.kind is DatasetKind.MLLM:
        used += sum(is_image_name(file.path) for file in reading.snapshot.files)
    return Read(len(reading.snapshot.files) - used, statistics.to_json())


def _lines(opened: BinaryIO, file: StoredFile, reading: Reading) -> Iterator[Line]:
    """Objects line by line; of a `.json` file the one that it is."""
    if file.path.lower().endswith(".json"):
        return read_whole(opened, file.path, reading.findings)
    return read_lines(opened, file.path, reading.findings)


def _read_images(reading: Reading) -> Read:
    chosen = [file for file in reading.snapshot.files if _is_sample_image(file.path)]
    if not chosen:
        raise refuse("There are no images (jpg, jpeg, png, bmp) at the address.")
    paths = [file.path for file in reading.snapshot.files]
    labels = open_labels(
        reading.label_format, reading.files, paths, reading.findings,
        segmented=reading.kind is DatasetKind.IMAGE_SEGMENTATION,
    )  # fmt: skip
    masks = labels.used()
    chosen = [file for file in chosen if file.path not in masks]
    chosen.sort(key=lambda file: natural_key(file.path))
    reading.ticker.begin(0.5, len(chosen))
    statistics = ImageStatistics()
    for file, facts in _looked_at(reading, chosen):
        reading.ticker.advance(1)
        if isinstance(facts, Problem):
            reading.findings.error(facts)
            continue
        found = labels.labels_of(file.path, facts.width, facts.height)
        if found and (found.ocr_type is not None) != (reading.kind is DatasetKind.OCR):
            said = f"its labels are not those of a dataset of kind {reading.kind}."
            reading.findings.error(Problem(said, file.path))
            continue
        sample = _image_sample(file, facts, found)
        _check_size(reading, file.path, sample)
        reading.writer.add(sample, _names(found))
        statistics.add(
            width=facts.width, height=facts.height, size_bytes=file.size_bytes,
            kind=facts.format, labels=len(_names(found)),
        )  # fmt: skip
    labels.finish()
    reading.findings.check()
    if reading.label_format is not LabelFormat.NONE and not reading.writer.labelled_count:
        raise refuse(_nothing_labelled(reading.label_format))
    return Read(len(paths) - len(chosen) - len(labels.used()), statistics.to_json())


def _read_table(reading: Reading) -> Read:
    chosen = _with_suffix(reading, (".csv", ".tsv"), "There is no .csv file at the address.")
    columns: list[ColumnProfile] | None = None
    for file in chosen:
        with (reading.files / file.path).open("rb") as opened:
            source = probe(file.path, opened)
            number = reading.writer.add_source(source)
            rows = read_rows(opened, source, reading.findings)
            columns = _start_table(reading, rows, source, columns)
            _read_rows(reading, rows, number, source, columns, file)
    reading.findings.check()
    assert columns is not None
    if not reading.writer.sample_count:
        raise refuse("The table has no rows.", file=chosen[0].path)
    profile = [column.to_json() for column in columns]
    return Read(len(reading.snapshot.files) - len(chosen), {"columns": profile})


def _read_files(reading: Reading) -> Read:
    for file in reading.snapshot.files:
        reading.writer.add({"path": file.path, "size_bytes": file.size_bytes}, ())
    return Read(0, {})


def _with_suffix(reading: Reading, suffixes: tuple[str, ...], missing: str) -> list[StoredFile]:
    chosen = [file for file in reading.snapshot.files if file.path.lower().endswith(suffixes)]
    if not chosen:
        raise refuse(missing)
    reading.ticker.begin(0.5, sum(file.size_bytes for file in chosen))
    return chosen


def _is_sample_image(path: str) -> bool:
    return is_image_name(path) and not any(part in MASK_FOLDERS for part in path.split("/")[:-1])


def _looked_at(
    reading: Reading, chosen: list[StoredFile]
) -> Iterator[tuple[StoredFile, ImageFacts | Problem]]:
    def look(file: StoredFile) -> tuple[StoredFile, ImageFacts | Problem]:
        return file, look_at(reading.files / file.path, file.path)

    return in_threads(look, chosen)


def _image_sample(file: StoredFile, facts: ImageFacts, found: ImageLabels) -> dict[str, Any]:
    sample: dict[str, Any] = {
        "path": file.path, "size_bytes": file.size_bytes,
        "width": facts.width, "height": facts.height,
    }  # fmt: skip
    if found.names:
        sample["labels"] = found.names
    if found.boxes:
        sample["boxes"] = [box.to_json() for box in found.boxes]
    if found.ocr_type:
        sample["ocr_type"] = found.ocr_type
    return sample


def _check_size(reading: Reading, path: str, sample: dict[str, Any]) -> None:
    """LAB-62. Few samples have so many labels that it is worth counting their bytes."""
    shapes = sample.get("boxes", ())
    if len(shapes) < 100 and not any(box.get("mask") or box.get("polygons") for box in shapes):
        return
    size = len(orjson.dumps(shapes))
    if size > MAX_LABEL_BYTES:
        said = f"its labels have {size} bytes; at most {MAX_LABEL_BYTES} are possible."
        reading.findings.error(Problem(said, path))
    elif size > GOOD_LABEL_BYTES:
        said = f"its labels have {size} bytes; up to {GOOD_LABEL_BYTES} are recommended."
        reading.findings.warn(Problem(said, path))


def _names(found: ImageLabels) -> list[str]:
    return [*found.names, *(box.label for box in found.boxes)]


def _nothing_labelled(label_format: LabelFormat) -> str:
    if label_format is LabelFormat.FOLDER:
        return "No image lies in a class folder. Put the images of each class into its own folder."
    return "No image has a label: no label file belongs to any of the images."


def _start_table(
    reading: Reading,
    rows: Iterator[TableRow],
    source: SourceFile,
    columns: list[ColumnProfile] | None,
) -> list[ColumnProfile]:
    """The columns, from the header or the schema; a further file must have the same."""
    declared = reading.table.columns
    names = [column.name for column in declared]
    if reading.table.has_header:
        header = next(rows, None)
        names_here = [name.strip() for name in header.values] if header else []
        wanted = names or [column.name for column in columns or []] or names_here
        if names_here != wanted or not wanted:
            raise refuse(
                f"The header is {_listed(names_here)}; expected is {_listed(wanted)}.",
                file=source.path, line=1,
            )  # fmt: skip
        names = names_here
    if not names:
        raise refuse("A table without a header needs its columns described.", file=source.path)
    if len(names) > MAX_COLUMNS or len(set(names)) < len(names) or not all(names):
        raise refuse(
            f"Column names must differ and not be empty, {MAX_COLUMNS} at most.", file=source.path
        )
    if columns is not None:
        return columns
    types: list[ColumnType | None] = [column.type for column in declared]
    types = types or [None] * len(names)
    return [ColumnProfile(name, kind) for name, kind in zip(names, types, strict=True)]


def _read_rows(
    reading: Reading,
    rows: Iterator[TableRow],
    number: int,
    source: SourceFile,
    columns: list[ColumnProfile],
    file: StoredFile,
) -> None:
    at = 0
    for count, row in enumerate(rows):
        if len(row.values) != len(columns):
            said = f"has {len(row.values)} values; the table has {len(columns)} columns."
            reading.findings.error(Problem(said, source.path, row.line))
            continue
        for column, text in zip(columns, row.values, strict=True):
            if not column.add(text):
                said = f"{text[:60]!r} in column {column.name!r} is not of type {column.type}."
                reading.findings.error(Problem(said, source.path, row.line))
        reading.writer.point(number, row.offset, row.length)
        if count % _CHECK_EVERY == 0:
            reading.ticker.advance(row.offset - at)
            at = row.offset
    reading.ticker.advance(file.size_bytes - at)


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:20]) or "empty"
