"""Pascal VOC segmentation: a picture of classes and one of objects beside each image.

    DataFile/1.jpg   Annotations/1.xml   SegmentationClass/1.png   SegmentationObject/1.png

The class of a number is in `labelmap.txt` (lines `name:r,g,b` in order); without one it is one of the
twenty classes of VOC. 0 is background, 255 a border that belongs to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from slipway.data.errors import Findings
from slipway.data.formats.masks import mask_box, read_gray
from slipway.data.formats.voc import nearest
from slipway.data.types import Box, ImageLabels, Problem

LABEL_MAP = "labelmap.txt"
BORDER = 255
CLASSES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
)  # fmt: skip


class VocMasks:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._classes: dict[str, list[str]] = {}
        self._objects: dict[str, list[str]] = {}
        self._used: set[str] = set()
        self._names: tuple[str, ...] = CLASSES
        for path in paths:
            pure = PurePosixPath(path)
            found = {"SegmentationClass": self._classes, "SegmentationObject": self._objects}.get(
                pure.parent.name
            )
            if found is not None:
                found.setdefault(pure.stem, []).append(path)
            elif pure.name == LABEL_MAP:
                self._names = self._read_names(path)
            elif pure.suffix.lower() != ".xml":
                continue
            self._used.add(path)
        self._unused = {path for found in self._classes.values() for path in found}

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        class_path = nearest(self._classes, path)
        if class_path is None:
            return ImageLabels()
        self._unused.discard(class_path)
        size = (width, height)
        classes = read_gray(self._files / class_path, class_path, size, self._findings)
        if classes is None:
            return ImageLabels()
        object_path = nearest(self._objects, path)
        objects = None
        if object_path is not None:
            objects = read_gray(self._files / object_path, object_path, size, self._findings)
        if objects is None:  # then a class is one object
            objects = classes
        boxes = []
        for number in sorted(set(objects) - {0, BORDER}):
            box = self._box(classes, objects, number, class_path, size)
            if box is not None:
                boxes.append(box)
        return ImageLabels(boxes=tuple(boxes))

    def finish(self) -> None:
        for path in sorted(self._unused):
            self._findings.warn(Problem("there is no image for this mask.", path))

    def used(self) -> set[str]:
        return self._used

    def _box(
        self, classes: bytes, objects: bytes, number: int, name: str, size: tuple[int, int]
    ) -> Box | None:
        pixels = objects.translate(bytes(1 if at == number else 0 for at in range(256)))
        at = pixels.find(b"\x01")
        value = classes[at]
        while value in (0, BORDER):
            at = pixels.find(b"\x01", at + 1)
            if at < 0:
                said = f"object {number} has no class."
                self._findings.error(Problem(said, name))
                return None
            value = classes[at]
        if value >= len(self._names):
            said = f"class {value} has no name. Name the classes in {LABEL_MAP}."
            self._findings.error(Problem(said, name))
            return None
        return mask_box(self._names[value], pixels, *size)

    def _read_names(self, path: str) -> tuple[str, ...]:
        text = (self._files / path).read_text("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines()]
        return tuple(_name(line) for line in lines if line and not line.startswith("#"))


def _name(line: str) -> str:
    """`name:r,g,b`, and what other programs write behind it; a name may hold colons."""
    words = line.split(":")
    at = next((at for at in range(len(words) - 1, 0, -1) if words[at].count(",") == 2), len(words))
    return ":".join(words[:at]).strip()
