"""CVAT for images (XML 1.1): `<image>` elements with shapes. Tracks of "CVAT for video" are read, too."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, outline_box
from slipway.data.formats.coco import MAX_BYTES, ImageFinder
from slipway.data.formats.images import is_image_name, natural_key
from slipway.data.formats.masks import mask_box
from slipway.data.types import Box, ImageLabels, Problem

FILE_NAME = "annotations.xml"
_SHAPES = ("box", "polygon", "polyline", "mask")
_CORNERS = ("xtl", "ytl", "xbr", "ybr")
Element = ElementTree.Element


class CvatLabels:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._findings = findings
        self._shapes: dict[str, list[tuple[str, str, Element]]] = {}
        self._names: dict[str, list[str]] = {}
        self._used: set[str] = set()
        self._missing: dict[str, str] = {}
        all_paths = list(paths)
        self._finder = ImageFinder(all_paths)
        self._frames = sorted(filter(is_image_name, all_paths), key=natural_key)
        for path in all_paths:
            if path.lower().endswith(".xml"):
                self._read(files / path, path)
        if not self._used:
            findings.error(Problem("There is no CVAT file (XML with <annotations>)."))
            findings.check()

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        boxes = []
        for file, record, element in self._shapes.pop(path, ()):
            try:
                box = _box(element, width, height)
            except (ValueError, OverflowError):
                said = f"the numbers of <{element.tag}> are not what the format wants."
                self._findings.error(Problem(said, file, record=record))
                continue
            checked = checked_box(
                box, width=width, height=height, file=file, record=record, findings=self._findings
            )
            if checked is not None:
                boxes.append(checked)
        return ImageLabels(tuple(dict.fromkeys(self._names.get(path, ()))), tuple(boxes))

    def finish(self) -> None:
        for image, file in sorted(self._missing.items()):
            self._findings.warn(Problem(f"there is no image {image!r}.", file))

    def used(self) -> set[str]:
        return self._used

    def _read(self, path: Path, name: str) -> None:
        if path.stat().st_size > MAX_BYTES:
            self._findings.error(Problem(f"is larger than {MAX_BYTES} bytes. Split it.", name))
            return
        data = path.read_bytes()
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            self._findings.error(Problem("declares entities, which is refused.", name))
            return
        try:
            root = ElementTree.fromstring(data)  # noqa: S314  no entities: refused above
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            self._findings.error(Problem(f"not valid XML: {error}.", name))
            return
        if root.tag != "annotations":
            return  # some other XML file
        self._used.add(name)
        for image in root.iterfind("image"):
            said = image.get("name", "")
            found = self._finder.find(said, name)
            if found is None:
                self._missing[said] = name
                continue
            for number, element in enumerate(image, 1):
                self._take(found, element, name, f"image {said}, shape {number}")
        for track in root.iterfind("track"):
            self._track(track, name)

    def _track(self, track: Element, name: str) -> None:
        """One object over frames, which are the images in order of their names."""
        for element in track:
            frame = element.get("frame", "")
            if not frame.isdigit() or int(frame) >= len(self._frames):
                self._missing[f"frame {frame}"] = name
            elif element.get("outside") != "1":
                element.set("label", track.get("label", ""))
                extra = ElementTree.SubElement(element, "attribute", name="track_id")
                extra.text = track.get("id", "0")
                record = f"track {track.get('id')}, frame {frame}"
                self._take(self._frames[int(frame)], element, name, record)

    def _take(self, path: str, element: Element, name: str, record: str) -> None:
        if element.tag not in (*_SHAPES, "tag"):
            self._findings.warn(Problem(f"<{element.tag}> was left out.", name, record=record))
        elif not element.get("label", "").strip():
            self._findings.error(Problem("has no label.", name, record=record))
        elif element.tag == "tag":
            self._names.setdefault(path, []).append(element.get("label", ""))
        else:
            self._shapes.setdefault(path, []).append((name, record, element))


def _box(element: Element, width: int, height: int) -> Box:
    """Raises ValueError."""
    label, told = element.get("label", ""), _attributes(element)
    if element.tag == "box":
        left, top, right, bottom = (float(element.get(key, "x")) for key in _CORNERS)
        box = Box(label, left, top, round(right - left, 6), round(bottom - top, 6), attributes=told)
    elif element.tag == "mask":
        masked = mask_box(label, _mask_pixels(element, width, height), width, height)
        box = Box(
            label, masked.x, masked.y, masked.width, masked.height, mask=masked.mask,
            attributes=told,
        )  # fmt: skip
    else:
        pairs = [pair.split(",") for pair in element.get("points", "").split(";")]
        outline = tuple(float(number) for x, y in pairs for number in (x, y))
        is_line = element.tag == "polyline"
        if len(outline) < (4 if is_line else 6):
            raise ValueError("too few points")
        x, y, across, down = outline_box((outline,))
        box = Box(label, x, y, across or 1.0, down or 1.0, (outline,), is_line, attributes=told)
    if not all(abs(side) < 1e9 for side in (box.x, box.y, box.width, box.height)):
        raise ValueError("not finite")
    return box


def _mask_pixels(element: Element, width: int, height: int) -> bytes:
    """Runs row by row within a rectangle of the image, background first."""
    left, top, across, down = (
        int(element.get(key, "x")) for key in ("left", "top", "width", "height")
    )
    runs = [int(word) for word in element.get("rle", "").split(",")]
    fits = left >= 0 and top >= 0 and 0 < across <= width - left and 0 < down <= height - top
    if (
        not fits
        or any(run < 0 for run in runs)
        or sum(runs) != across * down
        or not sum(runs[1::2])
    ):
        raise ValueError("mask")
    part = b"".join(bytes([at & 1]) * run for at, run in enumerate(runs))
    pixels = bytearray(width * height)
    for y in range(down):
        at = (top + y) * width + left
        pixels[at : at + across] = part[y * across : (y + 1) * across]
    return bytes(pixels)


def _attributes(element: Element) -> dict[str, str | float]:
    told: dict[str, Any] = {}
    for child in element.iterfind("attribute"):
        text = (child.text or "").strip()
        told[child.get("name", "")] = _as_number(text)
    if element.get("occluded") == "1":
        told["occluded"] = 1
    return told


def _as_number(text: str) -> str | float:
    """A number where the text is just that, so that it is written again in the same way."""
    try:
        number = float(text)
    except ValueError:
        return text
    if number.is_integer() and str(int(number)) == text:
        return int(number)
    return number if str(number) == text else text
