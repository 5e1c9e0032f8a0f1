"""What the worker does beside imports: analyses of a version, and views of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from slipway.base.ids import new_secret
from slipway.data.analysis.quality import Other, quality_report
from slipway.data.analysis.text import text_statistics
from slipway.data.errors import refuse
from slipway.data.importer import ImportJob, import_view
from slipway.data.manifest import open_manifest
from slipway.data.progress import Ticker
from slipway.data.search.index import NAME as INDEX
from slipway.data.search.index import Index, build_index, open_index
from slipway.data.selection import select
from slipway.data.shelf import Shelf
from slipway.data.types import AnalysisKind, TableOptions, ViewDefinition


def run_analysis(shelf: Shelf, value: dict[str, Any], ticker: Ticker) -> None:
    """The result is there afterwards, or nothing of it."""
    dataset_id, number = value["dataset_id"], value["number"]
    options: dict[str, Any] = value["options"]
    kind = AnalysisKind(value["kind"])
    manifest = open_manifest(shelf.version(dataset_id, number))
    cache = shelf.cache(dataset_id, number)
    cache.mkdir(parents=True, exist_ok=True)
    match kind:
        case AnalysisKind.INDEX:
            build_index(manifest, cache / INDEX, ticker)
        case AnalysisKind.TEXT:
            tokenizer = Path(options["tokenizer"]) if options.get("tokenizer") else None
            _keep(text_statistics(manifest, tokenizer, ticker), result_path(cache, kind))
        case AnalysisKind.QUALITY:
            others = [
                Other(o["dataset_id"], o["name"], o["version"],
                      open_manifest(shelf.version(o["dataset_id"], o["version"])))
                for o in options.get("against", ())
            ]  # fmt: skip
            _keep(quality_report(manifest, others, ticker), result_path(cache, kind))


def run_view(shelf: Shelf, value: dict[str, Any], ticker: Ticker) -> None:
    dataset_id, number = value["dataset_id"], value["number"]
    manifest = open_manifest(shelf.version(dataset_id, number))
    cache = shelf.cache(dataset_id, number)

    def index() -> Index:
        cache.mkdir(parents=True, exist_ok=True)
        build_index(manifest, cache / INDEX, ticker)
        return open_index(cache / INDEX)

    numbers = select(manifest, ViewDefinition.from_json(value["definition"]), index)
    if not numbers:
        raise refuse("No sample belongs to this view.")
    summary = manifest.summary
    job = ImportJob(
        dataset_id, number, summary.kind, summary.label_format,
        TableOptions.from_json(value["table"]), None, number,
    )  # fmt: skip
    import_view(shelf, job, value["view_id"], numbers, ticker)


def result_path(cache: Path, kind: AnalysisKind) -> Path:
    return cache / (INDEX if kind is AnalysisKind.INDEX else f"{kind}.json")


def _keep(result: dict[str, Any], place: Path) -> None:
    work = place.with_name(f".{place.name}-{new_secret('', 8)}")
    try:
        with work.open("wb") as file:
            file.write(orjson.dumps(result))
            file.flush()
            os.fsync(file.fileno())
        work.replace(place)
    finally:
        work.unlink(missing_ok=True)
