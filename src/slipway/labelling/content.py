"""What a record of a task is about: the sample in the dataset, and the labels that came with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import NotFound
from slipway.data.manifest import Manifest, open_manifest
from slipway.data.shelf import Shelf
from slipway.labelling.types import LabelKind, Record, Task


@dataclass(frozen=True, slots=True)
class Content:
    """`sample` is what the manifest keeps of an image, or the record of a JSONL file."""

    index: int
    file: str
    sample: Mapping[str, Any]

    @property
    def width(self) -> int:
        return int(self.sample["width"])

    @property
    def height(self) -> int:
        return int(self.sample["height"])


def manifest_of(home: Path, task: Task) -> Manifest:
    place = Shelf(home).version(task.dataset_id, task.dataset_version)
    if not place.exists():
        raise NotFound("The dataset of this task is gone.", code="dataset_gone")
    return open_manifest(place)


def read_contents(manifest: Manifest, kind: LabelKind, numbers: list[int]) -> list[Content]:
    """Blocks: a few reads of the disk for each."""
    found = []
    for raw in manifest.read(numbers):
        sample = orjson.loads(raw.data)
        file = manifest.sources[raw.source].path if kind is LabelKind.RECORDS else sample["path"]
        found.append(Content(raw.index, file, sample))
    return found


def read_content(manifest: Manifest, kind: LabelKind, number: int) -> Content:
    if not 0 <= number < manifest.summary.sample_count:
        raise NotFound(
            f"There is no record {number}; the task has {manifest.summary.sample_count}."
        )
    return read_contents(manifest, kind, [number])[0]


def value_of(task: Task, record: Record, content: Content) -> dict[str, Any]:
    """The labels of a record as they are now, under the names that the task uses now."""
    value = record.value if record.value is not None else labels_that_came(task.kind, content)
    return renamed(task, value)


def renamed(task: Task, value: Mapping[str, Any]) -> dict[str, Any]:
    if not task.renames:
        return dict(value)
    found = dict(value)
    if "labels" in value:
        names = (task.renames.get(name, name) for name in value["labels"])
        found["labels"] = list(dict.fromkeys(names))
    if "boxes" in value:
        found["boxes"] = [
            {**box, "label": task.renames.get(box["label"], box["label"])} for box in value["boxes"]
        ]
    return found


def labels_that_came(kind: LabelKind, content: Content) -> dict[str, Any]:
    """The value of a record that nobody has changed."""
    match kind:
        case LabelKind.CLASSIFICATION:
            return {"labels": list(content.sample.get("labels", ()))}
        case LabelKind.RECORDS:
            return {"answers": {}}
        case _:
            return {"boxes": list(content.sample.get("boxes", ()))}
