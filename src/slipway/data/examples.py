"""Sample files: two small pictures with labels in a format, to look at and to import (LAB-63)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from slipway.base.errors import Invalid
from slipway.data.export import ArchiveFile, packed
from slipway.data.formats.masks import mask_box
from slipway.data.formats.raster import fill
from slipway.data.formats.writers import ImageSet, members
from slipway.data.types import IMAGE_KINDS, LABEL_FORMATS, DatasetKind, LabelFormat

SIZE = (160, 120)
_CIRCLE, _SQUARE = (20, 20, 80, 80), (90, 40, 140, 90)
_COLOURS = {"circle": "#cc79a7", "square": "#0072b2"}


def example_zip(kind: DatasetKind, label_format: LabelFormat) -> bytes:
    """An archive that imports as a dataset of that kind and format."""
    possible = LABEL_FORMATS[kind] if kind in IMAGE_KINDS else ()
    if label_format not in possible:
        raise Invalid(
            "There are sample files of images, in the formats that the kind has.", field="kind"
        )
    samples = [_sample(kind, number) for number in range(2)]
    found = ImageSet(kind, list(_COLOURS), lambda: iter(list(enumerate(samples))))
    return b"".join(packed(_files(found, label_format, samples)))


def _files(
    found: ImageSet, label_format: LabelFormat, samples: list[dict[str, Any]]
) -> Iterator[ArchiveFile]:
    written = found.kind is DatasetKind.OCR
    pictures = {s["path"]: _picture(number, written) for number, s in enumerate(samples)}
    for member in members(label_format, found):
        pieces = member.pieces
        if member.image is not None:
            pieces = iter([pictures[member.image]])
        yield ArchiveFile(member.name, pieces=pieces)


def _sample(kind: DatasetKind, number: int) -> dict[str, Any]:
    """The second picture is the first one, moved: a step of a track."""
    width, height = SIZE
    sample: dict[str, Any] = {"path": f"{number + 1:04d}.jpg", "width": width, "height": height}
    if kind is DatasetKind.IMAGE_CLASSIFICATION:
        return sample | {"labels": ["circle" if number == 0 else "square"]}
    boxes = []
    for at, (label, place) in enumerate((("circle", _CIRCLE), ("square", _SQUARE)), 1):
        left, top, right, bottom = (
            side + 10 * number * (1 - index % 2) for index, side in enumerate(place)
        )
        box: dict[str, Any] = {
            "label": label,
            "x": left,
            "y": top,
            "width": right - left,
            "height": bottom - top,
        }
        corners = [left, top, right, top, right, bottom, left, bottom]
        if kind is DatasetKind.IMAGE_SEGMENTATION and number == 0:
            outline = [left, top, right, top, right, bottom, left + 10, bottom, left, bottom - 10]
            box = box | {"polygons": [outline]}
        elif kind is DatasetKind.IMAGE_SEGMENTATION:
            box = mask_box(label, fill([corners], width, height), width, height).to_json()
        if kind is DatasetKind.OBJECT_TRACKING:
            box["attributes"] = {"track_id": at}
        if kind is DatasetKind.OCR:
            told = {"id": at, "text": label, "direction": "horizontal", "descriptor": ""}
            box |= {"polygons": [corners], "attributes": told}
        boxes.append(box)
    return sample | {"boxes": boxes}


def _picture(number: int, written: bool) -> bytes:
    """written: with words on the shapes, to be read."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", SIZE, "#f5f2ec")
    pen = ImageDraw.Draw(picture)
    step = 10 * number
    left, top, right, bottom = _CIRCLE
    pen.ellipse((left + step, top, right + step, bottom), fill=_COLOURS["circle"])
    left, top, right, bottom = _SQUARE
    pen.rectangle((left + step, top, right + step, bottom), fill=_COLOURS["square"])
    if written:
        for name, (left, top, _, bottom) in (("circle", _CIRCLE), ("square", _SQUARE)):
            pen.text((left + step + 8, (top + bottom) // 2 - 6), name, fill="#ffffff")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()
