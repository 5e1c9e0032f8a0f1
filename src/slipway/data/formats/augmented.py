"""Augmented manifest: a JSON line an image, as SageMaker and ModelArts write it.

{"source-ref": "s3://bucket/1.jpg", "class": 0, "class-metadata": {"class-name": "dog", ...}}
{"source-ref": "...", "bounding-box": {"image_size": [...], "annotations": [...]}, "...-metadata": ...}
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, is_number
from slipway.data.formats.coco import ImageFinder
from slipway.data.formats.jsonl import read_lines
from slipway.data.types import Box, ImageLabels, Problem

FILE_NAME = "output.manifest"
_SIDES = ("left", "top", "width", "height")


class ManifestLabels:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._findings = findings
        self._lines: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._missing: list[tuple[str, int, str]] = []
        all_paths = list(paths)
        finder = ImageFinder(all_paths)
        self._used = {path for path in all_paths if path.lower().endswith(".manifest")}
        if not self._used:
            findings.error(Problem("There is no .manifest file with the labels."))
            findings.check()
        for name in sorted(self._used):
            with (files / name).open("rb") as file:
                for line in read_lines(file, name, findings):
                    self._take(line.value, name, line.number, finder)

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        name, line, value = self._lines.pop(path, ("", 0, {}))
        names: list[str] = []
        boxes: list[Box] = []
        for key, told in value.items():
            extra = value.get(f"{key}-metadata")
            if not isinstance(extra, dict):
                continue
            if isinstance(told, dict):
                boxes += self._boxes(told, extra, name, line, (width, height))
            else:
                names += self._classes(told, extra, name, line)
        return ImageLabels(tuple(dict.fromkeys(names)), tuple(boxes))

    def finish(self) -> None:
        for name, line, image in self._missing:
            self._findings.warn(Problem(f"there is no image {image!r}.", name, line))

    def used(self) -> set[str]:
        return self._used

    def _take(self, value: dict[str, Any], name: str, line: int, finder: ImageFinder) -> None:
        image = value.get("source-ref", value.get("source"))
        if not isinstance(image, str) or not image.strip():
            self._findings.error(Problem("source-ref, the image, is missing.", name, line))
            return
        scheme, _, rest = image.rpartition("://")
        found = finder.find(unquote(rest) if scheme else image, name)
        while found is None and "/" in rest:  # bucket and prefix are not ours
            rest = rest.partition("/")[2]
            found = finder.find(unquote(rest), name)
        if found is None:
            self._missing.append((name, line, image))
        else:
            self._lines[found] = (name, line, value)

    def _classes(self, told: Any, extra: dict[str, Any], name: str, line: int) -> list[str]:
        numbers = told if isinstance(told, list) else [told]
        if isinstance(extra.get("class-name"), str) and not isinstance(told, list):
            return [extra["class-name"]]
        names = []
        for number in numbers:
            found = _class_name(extra, number)
            if found is None:
                self._findings.error(Problem(f"class {number!r} has no name.", name, line))
            else:
                names.append(found)
        return names

    def _boxes(
        self,
        told: dict[str, Any],
        extra: dict[str, Any],
        name: str,
        line: int,
        size: tuple[int, int],
    ) -> list[Box]:
        boxes: list[Box] = []
        found = told.get("annotations")
        objects = extra.get("objects")
        objects = objects if isinstance(objects, list) else []
        for at, item in enumerate(found if isinstance(found, list) else []):
            record = f"line {line}, annotation {at + 1}"
            sides = [item.get(key) for key in _SIDES] if isinstance(item, dict) else [None]
            label = _class_name(extra, item.get("class_id")) if isinstance(item, dict) else None
            if label is None or not all(map(is_number, sides)):
                said = "an annotation needs a class_id that is named, left, top, width and height."
                self._findings.error(Problem(said, name, record=record))
                continue
            x, y, width, height = (float(side or 0) for side in sides)
            score = (
                objects[at].get("confidence")
                if at < len(objects) and isinstance(objects[at], dict)
                else None
            )
            attributes = {"confidence": score} if is_number(score) and score else {}
            box = checked_box(
                Box(label, x, y, width, height, attributes=attributes), width=size[0],
                height=size[1], file=name, record=record, findings=self._findings,
            )  # fmt: skip
            if box is not None:
                boxes.append(box)
        return boxes


def _class_name(extra: dict[str, Any], number: Any) -> str | None:
    names = extra.get("class-map")
    found = names.get(str(number)) if isinstance(names, dict) else None
    return found if isinstance(found, str) else None
