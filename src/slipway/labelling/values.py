"""The labels that a console sends, checked before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from slipway.base.errors import Invalid
from slipway.data.formats.boxes import is_number, outline_box
from slipway.data.formats.masks import valid_mask
from slipway.data.types import Box, LabelFormat
from slipway.labelling.content import Content
from slipway.labelling.ocr.values import checked_ocr
from slipway.labelling.schema.answers import checked_answers
from slipway.labelling.schema.check import refused
from slipway.labelling.schema.document import document_for
from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.types import LabelKind, Task

MAX_BYTES, MAX_SHAPES = 1 << 20, 10_000  # LAB-62
_EDGE = 0.5  # of a pixel, which rounding may reach over the edge


def checked_value(task: Task, content: Content, value: Any) -> dict[str, Any]:
    """Raises Invalid, naming the shape or field."""
    if not isinstance(value, dict):
        raise Invalid("The labels are an object.", field="value")
    if task.kind is LabelKind.RECORDS:
        checked: dict[str, Any] = {"answers": _answers(task, content, value.get("answers", {}))}
    elif task.kind is LabelKind.CLASSIFICATION:
        checked = {"labels": _classes(task, value.get("labels", []))}
    elif task.kind is LabelKind.OCR:
        checked = checked_ocr(task, content, value)
    else:
        checked = {"boxes": _boxes(task, content, value.get("boxes", []))}
        if task.kind is LabelKind.TRACKING:
            _check_tracks(checked["boxes"])
    if len(orjson.dumps(checked)) > MAX_BYTES:
        raise Invalid("The labels of one record have at most 1 MB.", field="value")
    return checked


def _answers(task: Task, content: Content, answers: Any) -> dict[str, Any]:
    try:
        document = document_for(task.schema or "", dict(content.sample))
    except SchemaProblem as problem:
        raise refused(problem) from problem
    return checked_answers(document.components, answers)


def _classes(task: Task, labels: Any) -> list[str]:
    if not isinstance(labels, list):
        raise Invalid("labels is a list of label names.", field="value")
    if len(set(map(str, labels))) < len(labels):
        raise Invalid("A label is there twice.", field="value")
    names = list(dict.fromkeys(_known_label(task, label, "labels") for label in labels))
    if task.label_format is LabelFormat.FOLDER and len(names) > 1:
        raise Invalid("With one folder per class an image has one label.", field="value")
    return names


def _boxes(task: Task, content: Content, boxes: Any) -> list[dict[str, Any]]:
    if not isinstance(boxes, list) or len(boxes) > MAX_SHAPES:
        raise Invalid(f"boxes is a list of at most {MAX_SHAPES} shapes.", field="value")
    return [_box(task, content, box, number) for number, box in enumerate(boxes, 1)]


def _box(task: Task, content: Content, box: Any, number: int) -> dict[str, Any]:
    where = f"shape {number}"
    if not isinstance(box, dict):
        raise Invalid(f"{where} is an object.", field="value")
    polygons = _polygons(box.get("polygons", []), bool(box.get("is_line")), where)
    mask = _mask(task, content, box.get("mask", ""), where)
    sides = [box.get(key) for key in ("x", "y", "width", "height")]
    if mask is not None:
        polygons, sides = [], [mask.x, mask.y, mask.width, mask.height]
    elif polygons:
        sides = [float(side) for side in outline_box(polygons)]
        sides[2:] = [side or 1.0 for side in sides[2:]]
    if not all(is_number(side) for side in sides):
        raise Invalid(f"{where} needs x, y, width and height as numbers.", field="value")
    x, y, width, height = (round(float(side or 0), 3) for side in sides)
    if width <= 0 or height <= 0:
        raise Invalid(f"{where} is empty.", field="value")
    outside = (
        x < -_EDGE or y < -_EDGE or x + width > content.width + _EDGE + (1 if polygons else 0)
        or y + height > content.height + _EDGE + (1 if polygons else 0)
    )  # fmt: skip
    if outside:
        raise Invalid(
            f"{where} reaches over the edge of the image, which has {content.width} x "
            f"{content.height} pixels.",
            field="value",
        )
    made: dict[str, Any] = {
        "label": _known_label(task, box.get("label"), where), "x": x, "y": y, "width": width,
        "height": height,
    }  # fmt: skip
    if task.kind is LabelKind.SEGMENTATION and not polygons and mask is None:
        # A rectangle that came with the data: segmentation knows outlines.
        right, bottom = x + width, y + height
        polygons = [[x, y, right, y, right, bottom, x, bottom]]
    if polygons:
        made["polygons"] = polygons
    if box.get("is_line"):
        made["is_line"] = True
    if mask is not None:
        made["mask"] = mask.mask
    if attributes := _attributes(box.get("attributes", {}), where):
        made["attributes"] = attributes
    return made


def _polygons(value: Any, is_line: bool, where: str) -> list[list[float]]:
    least = 4 if is_line else 6
    good = isinstance(value, list) and all(
        isinstance(part, list) and len(part) >= least and len(part) % 2 == 0
        and all(is_number(number) for number in part)
        for part in value
    )  # fmt: skip
    if not good or (is_line and len(value) != 1):
        raise Invalid(f"The outline of {where} has too few points.", field="value")
    return [[round(float(number), 3) for number in part] for part in value]


def _mask(task: Task, content: Content, counts: Any, where: str) -> Box | None:
    if not counts:
        return None
    if task.kind is not LabelKind.SEGMENTATION:
        raise Invalid(f"{where} is a mask; these belong to segmentation.", field="value")
    mask = valid_mask(counts, (content.width, content.height))
    if mask is None:
        raise Invalid(
            f"The mask of {where} is empty, or is none of an image of {content.width} x "
            f"{content.height} pixels.",
            field="value",
        )
    return mask


def _check_tracks(boxes: list[dict[str, Any]]) -> None:
    """An object is in a frame once."""
    seen: set[object] = set()
    for box in boxes:
        track = box.get("attributes", {}).get("track_id")
        if track is not None and (not isinstance(track, int) or track < 0):
            raise Invalid("track_id is a whole number from 0.", field="value")
        if track is not None and track in seen:
            raise Invalid(f"Track {track} is in this frame twice.", field="value")
        seen.add(track)


def _attributes(value: Any, where: str) -> Mapping[str, str | float]:
    if not isinstance(value, dict) or not all(
        isinstance(entry, str) or is_number(entry) for entry in value.values()
    ):
        raise Invalid(f"The attributes of {where} are texts and numbers.", field="value")
    return value


def _known_label(task: Task, label: Any, where: str) -> str:
    if isinstance(label, str):
        label = task.renames.get(label, label)
    if not isinstance(label, str) or label not in {known.name for known in task.labels}:
        raise Invalid(
            f"The label {str(label)[:60]!r} of {where} is not one of this task's.",
            field="value", code="unknown_label",
        )  # fmt: skip
    return label
