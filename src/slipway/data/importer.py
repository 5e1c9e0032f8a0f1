"""The import of one version, start to end, on files alone: no database, no event loop.

It works in a folder of its own and is renamed into place as the last step, so it may be killed at
any line and done again: either the whole version is there afterwards, or nothing of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.data.archives import is_archive, unpack
from slipway.data.derive import derive_files
from slipway.data.errors import Findings, refuse
from slipway.data.formats.convert import convert_files, is_webdataset
from slipway.data.manifest import Manifest, ManifestWriter
from slipway.data.output import write_output
from slipway.data.progress import Ticker
from slipway.data.readers import Read, Reading, read_samples
from slipway.data.shelf import Shelf
from slipway.data.snapshot import Snapshot, copy_source, sync_files, write_files
from slipway.data.types import RECORD_KINDS, DatasetKind, LabelFormat, Summary, TableOptions

_COPY_SHARE: Mapping[DatasetKind, float] = {DatasetKind.OTHER: 1.0}


@dataclass(frozen=True, slots=True)
class ImportJob:
    dataset_id: str
    number: int
    kind: DatasetKind
    label_format: LabelFormat
    table: TableOptions
    source: Path | None  # None: the files of `derived_from`, as they are
    derived_from: int | None = None  # then the source holds labels for that version (derive.py)
    output: Path | None = None  # a record of the version is written there as well (DAT-12)


def import_version(shelf: Shelf, job: ImportJob, ticker: Ticker) -> Summary:
    """Build the version and put it on the shelf. A version that is there already stays as it is.

    Raises ImportRefusedError (the data breaks a rule), ImportStoppedError, OSError (the disk).
    """
    place = shelf.version(job.dataset_id, job.number)
    _build_at(place, shelf, job, ticker, None)
    manifest = Manifest(place)
    if job.output is not None:
        write_output(manifest, job.output / f"v{job.number}")
    return manifest.summary


def import_view(
    shelf: Shelf, job: ImportJob, view_id: str, numbers: Sequence[int], ticker: Ticker
) -> Summary:
    """Build the part `numbers` of version `job.derived_from` as a version of its own."""
    place = shelf.view(job.dataset_id, view_id)
    place.parent.mkdir(parents=True, exist_ok=True)
    _build_at(place, shelf, job, ticker, numbers)
    return Manifest(place).summary


def _build_at(
    place: Path, shelf: Shelf, job: ImportJob, ticker: Ticker, only: Sequence[int] | None
) -> None:
    if place.exists():  # finished before a crash, only not written down
        return
    work = shelf.new_work(job.dataset_id)
    try:
        _build(work, job, ticker, only)
        sync_files(work)
        ticker.check()
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise  # else another import of the same version was first: theirs counts
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(work: Path, job: ImportJob, ticker: Ticker, only: Sequence[int] | None) -> None:
    snapshot = _take(work / "files", job, ticker, work.parent, only)
    write_files(snapshot, work / "files.jsonl")
    writer, findings = ManifestWriter(work), Findings()
    try:
        reading = Reading(
            job.kind, job.label_format, job.table, work / "files", snapshot, writer, findings,
            ticker,
        )  # fmt: skip
        read = read_samples(reading)
        writer.finish(_summary(job, snapshot, writer, findings, read))
    finally:
        writer.close()


def _take(
    files: Path, job: ImportJob, ticker: Ticker, dataset: Path, only: Sequence[int] | None
) -> Snapshot:
    if job.derived_from is not None:
        files.mkdir()
        base = Manifest(dataset / f"v{job.derived_from}")
        return derive_files(base, job.source, job.label_format, files, ticker, share=0.5, only=only)
    if job.source is None or not job.source.exists():
        raise refuse("What was at the address is no longer there.")
    return convert_files(job.kind, files, _fetch(job, job.source, files, ticker), ticker)


def _fetch(job: ImportJob, source: Path, files: Path, ticker: Ticker) -> Snapshot:
    share = _COPY_SHARE.get(job.kind, 0.5)
    shards = job.kind in RECORD_KINDS and is_webdataset(source)
    if source.is_file() and is_archive(source) and not shards:
        keep_top = job.label_format is LabelFormat.FOLDER
        return unpack(source, files, ticker, share=share, keep_top=keep_top)
    files.mkdir()
    return copy_source(source, files, ticker, share=share)


def _summary(
    job: ImportJob, snapshot: Snapshot, writer: ManifestWriter, findings: Findings, read: Read
) -> Summary:
    return Summary(
        kind=job.kind, label_format=job.label_format, content_hash=snapshot.content_hash,
        sample_count=writer.sample_count, labelled_count=writer.labelled_count,
        size_bytes=snapshot.size_bytes, file_count=len(snapshot.files),
        ignored_count=read.ignored_count, labels=writer.label_counts(), statistics=read.statistics,
        warnings=tuple(findings.warnings), warning_count=findings.warning_count,
    )  # fmt: skip
