"""The record of a version at the dataset's output path, for people and programs beside us (DAT-12).

<output>/<dataset id>/v<n>/version.json, files.jsonl, annotation.txt (labels of images), masks/
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from slipway.base.ids import new_secret
from slipway.data.formats.writers import ImageSet, members
from slipway.data.manifest import Manifest
from slipway.data.types import IMAGE_KINDS, LabelFormat

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
            _write_labels(manifest, work)
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_labels(manifest: Manifest, folder: Path) -> None:
    def samples() -> Iterator[tuple[int, dict[str, Any]]]:
        for start in range(0, manifest.count(status="labelled"), _PAGE):
            for raw in manifest.page(start, _PAGE, status="labelled"):
                yield raw.index, orjson.loads(raw.data)

    labels = [label.name for label in manifest.summary.labels]
    found = ImageSet(manifest.summary.kind, labels, samples, keep=True)
    for member in members(LabelFormat.TI, found):
        if member.image is None:
            file = folder / member.name
            file.parent.mkdir(exist_ok=True)
            with file.open("wb") as out:
                out.writelines(member.pieces or ())
