"""OCR labels: boxes with text, and what belongs together (TI's `ocr_tags`).

A box of OCR is a `Box` whose attributes are `id` (the fid), `text`, `direction` and `descriptor`; its
label is its role, so that statistics, filters and previews say how many keys and values there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, is_number, outline_box
from slipway.data.formats.ocr_fields import Described, Meaning, meaning_of
from slipway.data.types import Box, ImageLabels, OcrType, Problem

DIRECTIONS = ("horizontal", "vertical")
_FRAMES = ("polygon", "rect", "polyline")
_LARGEST_FID = 10**9


def described(boxes: Sequence[Mapping[str, Any]]) -> list[Described]:
    """What the language sees of boxes as they are kept."""
    found = (box["attributes"] for box in boxes)
    return [Described(a["id"], a["text"], a["descriptor"]) for a in found]


def read_ocr(
    tags: Mapping[str, Any], name: str, line: int, *, width: int, height: int, findings: Findings
) -> ImageLabels:
    """The `ocr_tags` of one image; what is wrong goes to the findings."""
    if tags.get("type") not in set(OcrType):
        said = f"ocr_tags.type is one of: {', '.join(OcrType)}."
        findings.error(Problem(said, name, line))
        return ImageLabels()
    kind = OcrType(tags["type"])
    shapes = tags.get("shapes", [])
    if not isinstance(shapes, list):
        findings.error(Problem("ocr_tags.shapes is a list.", name, line))
        return ImageLabels()
    boxes: dict[int, Box] = {}
    for number, shape in enumerate(shapes, 1):
        record = f"line {line}, shape {number}"
        box = _box(shape, name, record, findings)
        if box is None:
            continue
        box = checked_box(
            box, width=width, height=height, file=name, record=record, findings=findings
        )
        if box is None:
            continue
        fid = int(box.attributes["id"])
        if fid in boxes:
            findings.error(Problem(f"the id {fid} is there twice.", name, record=record))
        boxes[fid] = box
    plain = [box.to_json() for box in boxes.values()]
    meaning = meaning_of(described(plain), structured=kind is OcrType.STRUCTURED)
    for problem in meaning.problems:
        if problem.is_blocking:
            record = f"line {line}, box {problem.fid}, column {problem.column}"
            findings.error(Problem(problem.message, name, record=record))
    return ImageLabels(boxes=_as_stored(boxes.values(), meaning), ocr_type=kind)


def _as_stored(boxes: Iterable[Box], meaning: Meaning) -> tuple[Box, ...]:
    """With their roles as labels, and descriptors in the canonical form."""
    return tuple(
        Box(
            meaning.roles[int(box.attributes["id"])], box.x, box.y, box.width, box.height,
            box.polygons, box.is_line,
            attributes={**box.attributes, "descriptor": _stored(box, meaning)},
        )
        for box in boxes
    )  # fmt: skip


def _stored(box: Box, meaning: Meaning) -> str:
    return str(meaning.descriptors.get(int(box.attributes["id"]), ""))


def ocr_line(sample: Mapping[str, Any]) -> bytes:
    """One line of `annotation.txt`."""
    boxes = sample.get("boxes", ())
    kind = sample.get("ocr_type", OcrType.RECOGNITION)
    tags: dict[str, Any] = {"type": kind, "shapes": [_shape(box) for box in boxes]}
    if kind == OcrType.STRUCTURED:
        meaning = meaning_of(described(boxes))
        tags["kv"] = [
            {
                "keys": field.keys, "values": field.values,
                "key_ids": [fid for fid in field.key_fids if fid], "value_ids": field.value_fids,
            }
            for field in meaning.fields
        ]  # fmt: skip
    value = {"tags": {"ocr_tags": tags}, "info": {"path": sample["path"]}}
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _shape(box: Mapping[str, Any]) -> dict[str, Any]:
    told = box["attributes"]
    shape = {
        "id": told["id"], "frame_type": "polyline" if box.get("is_line") else "polygon",
        "pts": box["polygons"][0], "bbox": [box["x"], box["y"], box["width"], box["height"]],
        "text": told["text"], "direction": told["direction"], "descriptor": told["descriptor"],
    }  # fmt: skip
    if "confidence" in told:
        shape["confidence_level"] = told["confidence"]
    return shape


def _box(shape: Any, name: str, record: str, findings: Findings) -> Box | None:
    problem = _problem(shape)
    if problem is not None:
        findings.error(Problem(problem, name, record=record))
        return None
    points = tuple(float(number) for number in shape["pts"])
    x, y, width, height = outline_box([points])
    is_line = shape["frame_type"] == "polyline"
    if shape["frame_type"] == "rect":
        points = (x, y, x + width, y, x + width, y + height, x, y + height)
    attributes: dict[str, str | float] = {
        "id": shape["id"], "text": shape["text"],
        "direction": shape.get("direction", DIRECTIONS[0]),
        "descriptor": shape.get("descriptor", ""),
    }  # fmt: skip
    if is_number(shape.get("confidence_level")):
        attributes["confidence"] = shape["confidence_level"]
    # An upright line has no width; what it covers is a pixel wide.
    return Box("text", x, y, width or 1.0, height or 1.0, (points,), is_line, attributes=attributes)


def _problem(shape: Any) -> str | None:
    if not isinstance(shape, dict):
        return "a shape is an object."
    if not is_fid(shape.get("id")):
        return "id, the number of the box, is an integer from 1."
    if shape.get("frame_type") not in _FRAMES:
        return f"frame_type is one of: {', '.join(_FRAMES)}."
    points = shape.get("pts")
    least = 3 if shape["frame_type"] == "polygon" else 2
    if (
        not isinstance(points, list) or len(points) < 2 * least or len(points) % 2
        or not all(is_number(number) for number in points)
    ):  # fmt: skip
        return f"pts are numbers x, y, x, y, ... of at least {least} points."
    if not isinstance(shape.get("text"), str):
        return "text, what is written in the box, is missing."
    if shape.get("direction", DIRECTIONS[0]) not in DIRECTIONS:
        return f"direction is one of: {', '.join(DIRECTIONS)}."
    if not isinstance(shape.get("descriptor", ""), str):
        return "descriptor is a text such as k3,5."
    return None


def is_fid(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < _LARGEST_FID
