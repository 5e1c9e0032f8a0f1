"""The import of one version, start to end, on files alone: no database, no event loop.

It works in a folder of its own and is renamed into place as the last step, so it may be killed at
any line and done again: either the whole version is there afterwards, or nothing of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.data.archives import is_archive, unpack
from slipway.data.derive import derive_files
from slipway.data.errors import Findings, refuse
from slipway.data.manifest import Manifest, ManifestWriter
from slipway.data.progress import Ticker
from slipway.data.readers import Read, Reading, read_samples
from slipway.data.shelf import Shelf
from slipway.data.snapshot import Snapshot, copy_source, sync_files, write_files
from slipway.data.types import DatasetKind, LabelFormat, Summary, TableOptions

_COPY_SHARE: Mapping[DatasetKind, float] = {DatasetKind.OTHER: 1.0}


@dataclass(frozen=True, slots=True)
class ImportJob:
    dataset_id: str
    number: int
    kind: DatasetKind
    label_format: LabelFormat
    table: TableOptions
    source: Path
    derived_from: int | None = None  # then the source holds labels for that version (derive.py)


def import_version(shelf: Shelf, job: ImportJob, ticker: Ticker) -> Summary:
    """Build the version and put it on the shelf. A version that is there already stays as it is.

    Raises ImportRefusedError (the data breaks a rule), ImportStoppedError, OSError (the disk).
    """
    place = shelf.version(job.dataset_id, job.number)
    if place.exists():  # finished before a crash, only not written down
        return Manifest(place).summary
    work = shelf.new_work(job.dataset_id)
    try:
        _build(work, job, ticker)
        sync_files(work)
        ticker.check()
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise  # else another import of the same version was first: theirs counts
        return Manifest(place).summary
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(work: Path, job: ImportJob, ticker: Ticker) -> None:
    snapshot = _take(work / "files", job, ticker, work.parent)
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


def _take(files: Path, job: ImportJob, ticker: Ticker, dataset: Path) -> Snapshot:
    if job.derived_from is not None:
        files.mkdir()
        base = Manifest(dataset / f"v{job.derived_from}")
        return derive_files(base, job.source, job.label_format, files, ticker, share=0.5)
    if not job.source.exists():
        raise refuse("What was at the address is no longer there.")
    share = _COPY_SHARE.get(job.kind, 0.5)
    if job.source.is_file() and is_archive(job.source):
        keep_top = job.label_format is LabelFormat.FOLDER
        return unpack(job.source, files, ticker, share=share, keep_top=keep_top)
    files.mkdir()
    return copy_source(job.source, files, ticker, share=share)


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
