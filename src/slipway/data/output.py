"""The record of a version at the dataset's output path, for people and programs beside us (DAT-12).

<output>/<dataset id>/v<n>/version.json, files.jsonl, annotation.txt (labels of images)
"""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson

from slipway.base.ids import new_secret
from slipway.data.export import labelled_line
from slipway.data.formats import ti
from slipway.data.manifest import Manifest
from slipway.data.types import IMAGE_KINDS

_PAGE = 500


def write_output(manifest: Manifest, place: Path) -> None:
    """Whole or not at all; a record that is there already stays."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    work = place.parent / f".{place.name}-{new_secret('', 8)}"
    work.mkdir()
    try:
        for name in ("version.json", "files.jsonl"):
            shutil.copyfile(manifest.directory / name, work / name)
        if manifest.summary.kind in IMAGE_KINDS and manifest.summary.labelled_count:
            _write_labels(manifest, work / ti.FILE_NAME)
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_labels(manifest: Manifest, path: Path) -> None:
    with path.open("wb") as out:
        for start in range(0, manifest.count(status="labelled"), _PAGE):
            for raw in manifest.page(start, _PAGE, status="labelled"):
                out.write(labelled_line(orjson.loads(raw.data), manifest.summary.kind))
