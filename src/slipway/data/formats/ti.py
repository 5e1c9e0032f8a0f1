"""TI: one `annotation.txt` beside the images, a JSON object an image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from json import JSONDecodeError, JSONDecoder
from pathlib import Path, PurePosixPath
from typing import Any

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, is_number, outline_box, plain_attributes
from slipway.data.formats.masks import mask_box, read_gray, valid_mask
from slipway.data.formats.ocr import read_ocr
from slipway.data.types import Box, ImageLabels, Problem

FILE_NAME = "annotation.txt"
LABEL_KEY = "class"
MAX_BYTES = 1 << 20  # of one image's labels (LAB-62)
_FRAMES = ("rect", "polygon", "polyline")


class TiLabels:
    """All `annotation.txt` of a folder, read at once; paths are relative to the file's folder."""

    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._paths = set(paths)
        self._entries: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._used = {p for p in self._paths if PurePosixPath(p).name == FILE_NAME}
        if not self._used:
            findings.error(Problem(f"There is no {FILE_NAME} with the labels."))
            findings.check()
        for name in sorted(self._used):  # grows by the masks that they name
            self._read(files / name, name)

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        found = self._entries.pop(path, None)
        if found is None:
            return ImageLabels()
        name, line, tags = found
        if isinstance(tags.get("classification_tags"), list):
            return ImageLabels(names=tuple(self._classes(tags["classification_tags"], name, line)))
        if isinstance(tags.get("ocr_tags"), dict):
            return read_ocr(
                tags["ocr_tags"], name, line, width=width, height=height, findings=self._findings
            )
        boxes = []
        shapes, mask = _shapes(tags), _mask_of(tags)
        if not shapes and mask:
            return ImageLabels(boxes=tuple(self._masked(mask, name, line, (width, height))))
        for number, shape in enumerate(shapes, 1):
            record = f"line {line}, shape {number}"
            box = self._box(shape, name, record, (width, height))
            if box is not None:
                box = checked_box(
                    box, width=width, height=height, file=name, record=record,
                    findings=self._findings,
                )  # fmt: skip
            if box is not None:
                boxes.append(box)
        return ImageLabels(boxes=tuple(boxes))

    def finish(self) -> None:
        for path, (name, line, _) in sorted(self._entries.items()):
            self._findings.warn(Problem(f"there is no image {path!r}.", name, line))

    def used(self) -> set[str]:
        return self._used

    def _read(self, path: Path, name: str) -> None:
        folder = name.rpartition("/")[0]
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            self._findings.error(Problem("not UTF-8 text. Save the file as UTF-8.", name))
            return
        for line, size, value in self._objects(text, name):
            info, tags = _part(value, "info"), _part(value, "tags")
            image = info.get("path")
            if not isinstance(image, str) or not image.strip():
                self._findings.error(Problem("info.path, the image, is missing.", name, line))
                continue
            if size > MAX_BYTES:
                said = (
                    f"the labels of {image!r} have {size} bytes; at most {MAX_BYTES} are possible."
                )
                self._findings.error(Problem(said, name, line))
                continue
            if not tags:
                self._findings.error(
                    Problem(f"the labels (tags) of {image!r} are missing.", name, line)
                )
                continue
            self._entries[_beside(folder, image)] = (name, line, tags)
            if masked := _mask_of(tags).get("path"):
                self._used.add(_beside(folder, str(masked)))

    def _objects(self, text: str, name: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Objects with line and size; one a line is the rule, but they may span lines."""
        decoder, at = JSONDecoder(), 0
        while True:
            while at < len(text) and text[at].isspace():
                at += 1
            if at == len(text):
                return
            line = text.count("\n", 0, at) + 1
            try:
                value, end = decoder.raw_decode(text, at)
            except JSONDecodeError as error:
                said = f"not valid JSON: {error.msg} (column {error.colno})."
                self._findings.error(Problem(said, name, error.lineno))
                return
            if not isinstance(value, dict):
                self._findings.error(Problem("not a JSON object like {...}.", name, line))
                return
            yield line, end - at, value
            at = end

    def _classes(self, items: list[Any], name: str, line: int) -> Iterator[str]:
        for item in items:
            label = item.get("first_class") if isinstance(item, dict) else None
            if isinstance(label, str) and label.strip():
                yield label.strip()
            else:
                self._findings.error(Problem("a label has no first_class.", name, line))

    def _masked(
        self, mask: dict[str, Any], name: str, line: int, size: tuple[int, int]
    ) -> Iterator[Box]:
        """A picture of grey values, and which label each value stands for; 0 is background."""
        path = _beside(name.rpartition("/")[0], str(mask.get("path", "")))
        notes = _part(mask, "notes")
        pixels = None
        if path in self._paths:
            pixels = read_gray(self._files / path, path, size, self._findings)
        else:
            self._findings.error(Problem(f"there is no mask {path!r}.", name, line))
        for value in sorted(set(pixels or b"") - {0}):
            label = notes.get(str(value))
            if not isinstance(label, str) or not label.strip():
                said = f"the mask {path!r} has the gray value {value}, which notes does not name."
                self._findings.error(Problem(said, name, line))
            elif pixels is not None:
                table = bytes(1 if at == value else 0 for at in range(256))
                yield mask_box(label.strip(), pixels.translate(table), *size)

    def _box(self, shape: Any, name: str, record: str, size: tuple[int, int]) -> Box | None:
        kind = shape.get("frame_type") if isinstance(shape, dict) else None
        if kind not in _FRAMES:
            said = f"frame_type is one of: {', '.join(_FRAMES)}."
            self._findings.error(Problem(said, name, record=record))
            return None
        label, confidence = _label(shape.get("tag"))
        if not label:
            self._findings.error(Problem("a label value is missing.", name, record=record))
            return None
        parts = _parts(shape.get("pts"))
        least = 3 if kind == "polygon" else 2
        if not parts or any(len(part) < 2 * least or len(part) % 2 for part in parts):
            said = f"pts are numbers x, y, x, y, ... of at least {least} points."
            self._findings.error(Problem(said, name, record=record))
            return None
        attributes = plain_attributes(shape.get("attributes"))
        if is_number(confidence):
            attributes["confidence"] = confidence
        if isinstance(shape.get("track_id"), int):
            attributes["track_id"] = shape["track_id"]
        x, y, width, height = outline_box(parts)
        if kind == "rect":
            return Box(label, x, y, width, height, attributes=attributes)
        if mask := valid_mask(shape.get("rle"), size):
            return replace(mask, label=label, attributes=attributes)
        # An upright line has no width; what it covers is a pixel wide.
        return Box(
            label, x, y, width or 1.0, height or 1.0, parts, kind == "polyline", "", attributes
        )


def _part(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _mask_of(tags: dict[str, Any]) -> dict[str, Any]:
    return _part(_part(tags, "segmentation_tags"), "mask")


def _beside(folder: str, path: str) -> str:
    place = path.replace("\\", "/").removeprefix("./")
    return f"{folder}/{place}" if folder else place


def _shapes(tags: dict[str, Any]) -> list[Any]:
    for key in ("detection_tags", "segmentation_tags"):
        shapes = _part(tags, key).get("shapes")
        if isinstance(shapes, list):
            return shapes
    return []


def _parts(value: Any) -> tuple[tuple[float, ...], ...]:
    """Flat lists of points: one (detection), or several in a list (segmentation)."""
    if not isinstance(value, list) or not value:
        return ()
    lists = value if all(isinstance(item, list) for item in value) else [value]
    if not all(is_number(number) for part in lists for number in part):
        return ()
    return tuple(tuple(float(number) for number in part) for part in lists)


def _label(tag: Any) -> tuple[str, Any]:
    """Detection writes a list of fields with lists of values, segmentation one object."""
    field = tag[0] if isinstance(tag, list) and tag else tag
    if not isinstance(field, dict):
        return "", None
    value, confidence = field.get("label_value_name"), field.get("confidence_level")
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(confidence, list):
        confidence = confidence[0] if confidence else None
    return (value.strip() if isinstance(value, str) else ""), confidence
