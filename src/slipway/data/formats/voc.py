"""Pascal VOC: one XML file an image, found by equal base name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box
from slipway.data.types import Box, ImageLabels, Problem

MAX_BYTES = 1 << 20  # of label content an image (DAT-15)
# Pictures in these folders are masks, not samples.
MASK_FOLDERS = ("SegmentationClass", "SegmentationObject")


class VocLabels:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._by_stem: dict[str, list[str]] = {}
        for path in paths:
            if path.lower().endswith(".xml"):
                self._by_stem.setdefault(PurePosixPath(path).stem, []).append(path)
        self._unused = {path for found in self._by_stem.values() for path in found}

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        annotation = nearest(self._by_stem, path)
        if annotation is None:
            return ImageLabels()
        self._unused.discard(annotation)
        data = (self._files / annotation).read_bytes()
        return ImageLabels(boxes=parse_voc(data, annotation, width, height, self._findings))

    def finish(self) -> None:
        for annotation in sorted(self._unused):
            self._findings.warn(Problem("there is no image for this label file.", annotation))

    def used(self) -> set[str]:
        return {path for found in self._by_stem.values() for path in found}


def nearest(by_stem: Mapping[str, list[str]], path: str) -> str | None:
    """Of several label files with the image's base name, the one nearest to it."""
    candidates = by_stem.get(PurePosixPath(path).stem, [])
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return max(candidates, key=lambda one: (_shared(one, path), -one.count("/"), one))


def parse_voc(
    data: bytes, name: str, width: int, height: int, findings: Findings
) -> tuple[Box, ...]:
    """The boxes of one file. What is wrong with it goes to `findings`."""
    root = _root(data, name, findings)
    if root is None:
        return ()
    size = root.find("size")
    if size is not None:
        told = (_number(size, "width"), _number(size, "height"))
        if all(told) and told != (width, height):
            findings.warn(
                Problem(
                    f"says {told[0]:g} x {told[1]:g} pixels; the image has {width} x {height}.",
                    name,
                )
            )
    boxes = []
    for number, element in enumerate(root.findall("object"), 1):
        record = f"object {number}"
        box = _box(element, name, record, findings)
        if box is not None:
            box = checked_box(
                box, width=width, height=height, file=name, record=record, findings=findings
            )
        if box is not None:
            boxes.append(box)
    return tuple(boxes)


def _root(data: bytes, name: str, findings: Findings) -> ElementTree.Element | None:
    if len(data) > MAX_BYTES:
        findings.error(Problem(f"has {len(data)} bytes; at most {MAX_BYTES} are possible.", name))
        return None
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        findings.error(Problem("declares entities, which is refused.", name))
        return None
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  no entities: refused above
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        findings.error(Problem(f"not valid XML: {error}.", name))
        return None
    if root.tag != "annotation":
        findings.error(Problem(f"its root is <{root.tag}>, not <annotation>.", name))
        return None
    return root


def _box(element: ElementTree.Element, name: str, record: str, findings: Findings) -> Box | None:
    label = (element.findtext("name") or "").strip()
    if not label:
        findings.error(Problem("has no <name>.", name, record=record))
        return None
    bounds = element.find("bndbox")
    if bounds is None:
        findings.error(Problem("has no <bndbox>.", name, record=record))
        return None
    values = [_number(bounds, key) for key in ("xmin", "ymin", "xmax", "ymax")]
    left, top, right, bottom = values
    if left is None or top is None or right is None or bottom is None:
        findings.error(
            Problem("<bndbox> needs xmin, ymin, xmax and ymax as numbers.", name, record=record)
        )
        return None
    # What a difference of two decimals adds at its end is no label.
    width, height = round(right - left, 6), round(bottom - top, 6)
    return Box(label, left, top, width, height, attributes=_flags(element))


def _flags(element: ElementTree.Element) -> dict[str, str | float]:
    """What the file says beside the box, where it says more than nothing."""
    told = {
        key: (element.findtext(key) or "").strip() for key in ("pose", "truncated", "difficult")
    }
    return {key: text for key, text in told.items() if text not in ("", "0", "Unspecified")}


def _number(element: ElementTree.Element, key: str) -> float | None:
    try:
        value = float(element.findtext(key) or "")
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None  # also turns away nan and inf


def _shared(one: str, other: str) -> int:
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count
