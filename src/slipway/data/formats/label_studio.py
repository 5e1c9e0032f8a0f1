"""Label Studio: a JSON list of tasks, each an image with annotations; places are in percent.

Of several annotations of a task the last one that was not cancelled counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from slipway.data.errors import Findings
from slipway.data.formats import brush
from slipway.data.formats.boxes import checked_box, is_number, outline_box
from slipway.data.formats.coco import MAX_BYTES, ImageFinder
from slipway.data.formats.masks import mask_box
from slipway.data.types import Box, ImageLabels, Problem

FILE_NAME = "label-studio.json"
_DIGITS = 4  # of a pixel: percent does not come back exactly
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")


class LabelStudioLabels:
    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._findings = findings
        self._found: dict[str, tuple[str, str, list[Any]]] = {}
        self._used: set[str] = set()
        self._missing: dict[str, str] = {}
        all_paths = list(paths)
        self._finder = ImageFinder(all_paths)
        for path in all_paths:
            if path.lower().endswith(".json"):
                self._read(files / path, path)
        if not self._used:
            findings.error(
                Problem("There is no Label Studio export (a JSON list of tasks with data).")
            )
            findings.check()

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        file, record, results = self._found.pop(path, ("", "", []))
        names: list[str] = []
        boxes: list[Box] = []
        for result in results:
            value = result.get("value") if isinstance(result, dict) else None
            if not isinstance(value, dict):
                continue
            if isinstance(value.get("choices"), list):
                names += [str(choice) for choice in value["choices"]]
                continue
            box = self._box(value, file, record, (width, height))
            if box is not None:
                box = checked_box(
                    box, width=width, height=height, file=file, record=record,
                    findings=self._findings,
                )  # fmt: skip
            if box is not None:
                boxes.append(box)
        return ImageLabels(tuple(dict.fromkeys(names)), tuple(boxes))

    def finish(self) -> None:
        for image, file in sorted(self._missing.items()):
            self._findings.warn(Problem(f"there is no image {image!r}.", file))

    def used(self) -> set[str]:
        return self._used

    def _read(self, path: Path, name: str) -> None:
        if path.stat().st_size > MAX_BYTES:
            self._findings.error(Problem(f"is larger than {MAX_BYTES} bytes. Split it.", name))
            return
        try:
            tasks = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            self._findings.error(Problem(f"not valid JSON: {error.msg} ({place}).", name))
            return
        if not isinstance(tasks, list) or not all(
            isinstance(task, dict) and isinstance(task.get("data"), dict) for task in tasks
        ):
            return  # some other JSON file
        self._used.add(name)
        for number, task in enumerate(tasks, 1):
            record = f"task {task.get('id', number)}"
            image = next((v for v in task["data"].values() if isinstance(v, str)), "")
            found = next(
                (p for word in _places(image) if (p := self._finder.find(word, name))), None
            )
            if found is None:
                self._missing[image] = name
            else:
                self._found[found] = (name, record, _results(task))

    def _box(
        self, value: dict[str, Any], file: str, record: str, size: tuple[int, int]
    ) -> Box | None:
        label = next(
            (
                str(v[0])
                for k, v in value.items()
                if k.endswith("labels") and isinstance(v, list) and v
            ),
            "",
        )
        if not label:
            self._findings.error(Problem("a region has no label.", file, record=record))
            return None
        if isinstance(value.get("rle"), list):
            pixels = brush.decode(value["rle"], size[0] * size[1])
            if pixels is None or not any(pixels):
                said = "the brush of a region is empty or does not fit the image."
                self._findings.error(Problem(said, file, record=record))
                return None
            return mask_box(label, pixels, *size)
        across, down = size[0] / 100, size[1] / 100
        points = value.get("points")
        if isinstance(points, list):
            good = len(points) > 2 and all(
                isinstance(p, list) and len(p) == 2 and all(map(is_number, p)) for p in points
            )
            if not good:
                self._findings.error(
                    Problem("points are at least three [x, y].", file, record=record)
                )
                return None
            outline = tuple(
                round(n * scale, _DIGITS) for p in points for n, scale in zip(p, (across, down), strict=True)
            )  # fmt: skip
            return Box(label, *outline_box((outline,)), (outline,))
        sides = [value.get(key) for key in ("x", "y", "width", "height")]
        if not all(map(is_number, sides)) or value.get("rotation"):
            said = "a region is no rectangle without rotation, polygon or brush."
            self._findings.error(Problem(said, file, record=record))
            return None
        x, y, w, h = (
            round(float(side or 0) * scale, _DIGITS)
            for side, scale in zip(sides, (across, down, across, down), strict=True)
        )
        return Box(label, x, y, w, h)


def _results(task: dict[str, Any]) -> list[Any]:
    for annotation in reversed(task.get("annotations") or task.get("predictions") or []):
        if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
            result = annotation.get("result")
            return result if isinstance(result, list) else []
    return []


def _places(image: str) -> Iterator[str]:
    """What file an address may mean: `/data/local-files/?d=a/b.jpg`, `/data/upload/1/1a2b3c4d-b.jpg`."""
    split = urlsplit(image)
    yield from parse_qs(split.query).get("d", [])
    path = unquote(split.path).lstrip("/")
    yield path
    name = PurePosixPath(path).name
    yield _UPLOADED.sub("", name)
