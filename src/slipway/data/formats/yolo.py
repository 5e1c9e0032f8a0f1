"""YOLO: a text file an image, a line a shape: class number, then numbers relative to the image.

Five numbers are a box (class, centre x, centre y, width, height), more are the points of an outline.
The label file of `images/a.jpg` is `labels/a.txt`, or `a.txt` beside the image. The class names are in
`data.yaml` (`names`), or one a line in `classes.txt`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, outline_box
from slipway.data.types import Box, ImageLabels, Problem

NAME_FILES = ("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "obj.names")
MAX_BYTES = 1 << 20
_DIGITS = 4  # of a pixel: relative numbers do not come back exactly


def label_path(image: str) -> str:
    """Where the labels of an image belong."""
    path = PurePosixPath(image).with_suffix(".txt")
    parts = list(path.parts)
    for at in range(len(parts) - 2, -1, -1):
        if parts[at] == "images":
            return "/".join([*parts[:at], "labels", *parts[at + 1 :]])
    return str(path)


class YoloLabels:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._texts = {path for path in paths if path.lower().endswith(".txt")}
        self._names, self._used = self._read_names(sorted(paths))
        self._unused = {p for p in self._texts - self._used if "labels" in PurePosixPath(p).parts}

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        beside = str(PurePosixPath(path).with_suffix(".txt"))
        name = next((place for place in (label_path(path), beside) if place in self._texts), None)
        if name is None:
            return ImageLabels()
        self._used.add(name)
        self._unused.discard(name)
        place = self._files / name
        if place.stat().st_size > MAX_BYTES:
            self._findings.error(Problem(f"has more than {MAX_BYTES} bytes.", name))
            return ImageLabels()
        boxes = []
        for line, text in enumerate(place.read_text("utf-8", "replace").splitlines(), 1):
            box = self._box(text.split(), name, line, width, height) if text.strip() else None
            if box is not None:
                box = checked_box(
                    box, width=width, height=height, file=name, record=f"line {line}",
                    findings=self._findings,
                )  # fmt: skip
            if box is not None:
                boxes.append(box)
        return ImageLabels(boxes=tuple(boxes))

    def finish(self) -> None:
        for name in sorted(self._unused):
            self._findings.warn(Problem("there is no image for this label file.", name))

    def used(self) -> set[str]:
        return self._used

    def _read_names(self, paths: list[str]) -> tuple[dict[int, str], set[str]]:
        for wanted in NAME_FILES:
            for path in paths:
                if PurePosixPath(path).name == wanted:
                    text = (self._files / path).read_text("utf-8", "replace")
                    return self._parse_names(text, path), {path}
        self._findings.error(Problem("There is no data.yaml or classes.txt with the class names."))
        self._findings.check()
        return {}, set()

    def _parse_names(self, text: str, path: str) -> dict[int, str]:
        if not path.endswith((".yaml", ".yml")):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return dict(enumerate(lines))
        try:
            value: Any = yaml.safe_load(text)
        except yaml.YAMLError as error:
            said = str(error).replace("\n", " ")
            self._findings.error(Problem(f"not valid YAML: {said}.", path))
            return {}
        names = value.get("names") if isinstance(value, dict) else None
        if isinstance(names, list):
            names = dict(enumerate(names))
        if not isinstance(names, dict) or not all(isinstance(key, int) for key in names):
            self._findings.error(Problem("names, the list of classes, is missing.", path))
            return {}
        return {key: str(name) for key, name in names.items()}

    def _box(self, words: list[str], name: str, line: int, width: int, height: int) -> Box | None:
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            self._findings.error(Problem("holds something that is no number.", name, line))
            return None
        label = self._names.get(int(numbers[0])) if abs(numbers[0]) < 1e9 else None
        if label is None:
            self._findings.error(Problem(f"class {words[0]} has no name.", name, line))
            return None
        rest = numbers[1:]
        if not all(-1 <= number <= 2 for number in rest):
            said = "numbers are relative to the image: between 0 and 1."
            self._findings.error(Problem(said, name, line))
            return None
        if len(rest) == 4:
            across, down = rest[2] * width, rest[3] * height
            left, top = rest[0] * width - across / 2, rest[1] * height - down / 2
            x, y, w, h = (round(number, _DIGITS) for number in (left, top, across, down))
            return Box(label, x, y, w, h)
        if len(rest) < 6 or len(rest) % 2:
            said = "a line has a class and four numbers (a box) or at least three points."
            self._findings.error(Problem(said, name, line))
            return None
        points = tuple(
            round(number * (height if at % 2 else width), _DIGITS) for at, number in enumerate(rest)
        )
        return Box(label, *outline_box((points,)), (points,))
