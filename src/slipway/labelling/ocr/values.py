"""The boxes of an OCR image, checked before they are kept (blocked by what the language refuses)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slipway.base.errors import Invalid
from slipway.data.formats.boxes import is_number, outline_box
from slipway.data.formats.ocr import DIRECTIONS, described, is_fid
from slipway.data.formats.ocr_fields import meaning_of
from slipway.data.types import OcrType
from slipway.labelling.content import Content
from slipway.labelling.types import Task

MAX_BOXES, MAX_TEXT = 2000, 10_000
_EDGE = 1.0  # of a pixel, which rounding may reach over the edge


def checked_ocr(task: Task, content: Content, value: Mapping[str, Any]) -> dict[str, Any]:
    """`next_id` is the number of the next box: numbers are never used again in an image."""
    boxes = value.get("boxes", [])
    if not isinstance(boxes, list) or len(boxes) > MAX_BOXES:
        raise Invalid(f"boxes is a list of at most {MAX_BOXES} boxes.", field="value")
    made = [_box(content, box, number) for number, box in enumerate(boxes, 1)]
    fids = [box["attributes"]["id"] for box in made]
    if len(set(fids)) < len(fids):
        raise Invalid("Two boxes have the same number.", field="value")
    structured = task.ocr is not None and task.ocr.type is OcrType.STRUCTURED
    meaning = meaning_of(described(made), structured=structured)
    if error := meaning.first_error:
        raise Invalid(
            f"Box {error.fid}, column {error.column}: {error.message}",
            field="value", code="bad_descriptor", fid=error.fid, column=error.column,
        )  # fmt: skip
    for box in made:
        told = box["attributes"]
        box["label"] = meaning.roles[told["id"]].value
        told["descriptor"] = str(meaning.descriptors[told["id"]])
    asked = value.get("next_id")
    return {"boxes": made, "next_id": max([asked if is_fid(asked) else 1, *(f + 1 for f in fids)])}


def _box(content: Content, box: Any, number: int) -> dict[str, Any]:
    told = box.get("attributes") if isinstance(box, dict) else None
    if not isinstance(told, dict) or not is_fid(told.get("id")):
        raise Invalid(f"Shape {number} needs attributes with an id from 1.", field="value")
    where = told["id"]
    polygons = box.get("polygons")
    points = polygons[0] if isinstance(polygons, list) and len(polygons) == 1 else None
    if (
        not isinstance(points, list) or len(points) < 6 or len(points) % 2
        or not all(is_number(number) for number in points)
    ):  # fmt: skip
        raise Invalid(f"The outline of box {where} has too few points.", field="value")
    points = [round(float(number), 3) for number in points]
    x, y, width, height = (round(side, 3) for side in outline_box([points]))
    if width <= 0 or height <= 0:
        raise Invalid(f"Box {where} is empty.", field="value")
    right, bottom = content.width + _EDGE, content.height + _EDGE
    if x < -_EDGE or y < -_EDGE or x + width > right or y + height > bottom:
        raise Invalid(
            f"The outline of box {where} reaches over the edge of the image, which has {content.width} "
            f"x {content.height} pixels.",
            field="value",
        )
    return {
        "label": "text", "x": x, "y": y, "width": width, "height": height, "polygons": [points],
        "attributes": _attributes(told, where),
    }  # fmt: skip


def _attributes(told: Mapping[str, Any], where: int) -> dict[str, Any]:
    text, descriptor = told.get("text", ""), told.get("descriptor", "")
    direction = told.get("direction", DIRECTIONS[0])
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Invalid(f"The text of box {where} has at most {MAX_TEXT} characters.", field="value")
    if not isinstance(descriptor, str):
        raise Invalid(f"The descriptor of box {where} is a text such as k3,5.", field="value")
    if direction not in DIRECTIONS:
        raise Invalid(
            f"The direction of box {where} is one of: {', '.join(DIRECTIONS)}.", field="value"
        )
    made = {"id": told["id"], "text": text, "direction": direction, "descriptor": descriptor}
    if is_number(told.get("confidence")):
        made["confidence"] = told["confidence"]
    return made
