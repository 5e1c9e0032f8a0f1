"""COCO "object detection" files: images, annotations and categories in one JSON file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from slipway.data.errors import Findings
from slipway.data.formats.boxes import checked_box, is_number, is_rectangle, plain_attributes
from slipway.data.formats.masks import valid_mask
from slipway.data.formats.rle import compress
from slipway.data.types import Box, ImageLabels, Problem

MAX_BYTES = 512 << 20
_PARTS = ("images", "annotations", "categories")


class CocoLabels:
    """All label files of a folder, read at once; images are found by name or by path."""

    def __init__(self, files: Path, paths: Iterable[str], findings: Findings) -> None:
        self._findings = findings
        self._boxes: dict[str, list[tuple[str, str, Box]]] = {}
        self._used: set[str] = set()
        self._unused: dict[str, str] = {}
        all_paths = list(paths)
        self._finder = ImageFinder(all_paths)
        for path in all_paths:
            if path.lower().endswith(".json"):
                self._read(files / path, path)
        if not self._used:
            findings.error(
                Problem("There is no COCO label file (JSON with images, annotations, categories).")
            )
            findings.check()

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        boxes = []
        for file, record, box in self._boxes.get(path, ()):
            if box.mask:
                masked = valid_mask(box.mask, (width, height))
                if masked is None:
                    said = "its run-length code is empty or does not fit the image."
                    self._findings.error(Problem(said, file, record=record))
                    continue
                box = replace(masked, label=box.label, attributes=box.attributes)
            checked = checked_box(
                box, width=width, height=height, file=file, record=record, findings=self._findings
            )
            if checked is not None:
                boxes.append(checked)
        return ImageLabels(boxes=tuple(boxes))

    def finish(self) -> None:
        for image, file in sorted(self._unused.items()):
            self._findings.warn(Problem(f"there is no image {image!r}.", file))

    def used(self) -> set[str]:
        return self._used

    def _read(self, path: Path, name: str) -> None:
        if path.stat().st_size > MAX_BYTES:
            self._findings.error(Problem(f"is larger than {MAX_BYTES} bytes. Split it.", name))
            return
        try:
            value = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            self._findings.error(Problem(f"not valid JSON: {error.msg} ({place}).", name))
            return
        if not isinstance(value, dict) or not all(
            isinstance(value.get(part), list) for part in _PARTS
        ):
            return  # some other JSON file
        self._used.add(name)
        for image, boxes in parse_coco(value, name, self._findings).items():
            found = self._finder.find(image, name)
            if found is None:
                self._unused[image] = name
            else:
                self._boxes.setdefault(found, []).extend(
                    (name, record, box) for record, box in boxes
                )


def parse_coco(
    value: dict[str, Any], name: str, findings: Findings
) -> dict[str, list[tuple[str, Box]]]:
    """File name of each image -> its boxes, each with the record it comes from."""
    categories = _names(value["categories"], "categories", "name", name, findings)
    images = _names(value["images"], "images", "file_name", name, findings)
    result: dict[str, list[tuple[str, Box]]] = {image: [] for image in images.values()}
    for number, item in enumerate(value["annotations"], 1):
        record = f"annotation {item.get('id', number) if isinstance(item, dict) else number}"
        why = _fault(item, images, categories)
        if why is not None:
            findings.error(Problem(why, name, record=record))
            continue
        x, y, width, height = (float(number) for number in item["bbox"])
        label, polygons = categories[item["category_id"]], _polygons(item.get("segmentation"))
        box = Box(
            label, x, y, width, height, polygons, mask=_mask(item.get("segmentation")),
            attributes=_attributes(item),
        )  # fmt: skip
        if is_rectangle(box):  # written for readers that want an outline of everything
            box = replace(box, polygons=())
        result[images[item["image_id"]]].append((record, box))
    return result


def _names(
    items: list[Any], part: str, key: str, file: str, findings: Findings
) -> dict[int | str, str]:
    names: dict[int | str, str] = {}
    for number, item in enumerate(items, 1):
        known = isinstance(item, dict) and isinstance(item.get("id"), int | str)
        if not known or not isinstance(item.get(key), str) or not item[key].strip():
            findings.error(
                Problem(f"needs an id and a {key}.", file, record=f"{part} item {number}")
            )
        elif item["id"] in names:
            findings.error(
                Problem(
                    f"the id {item['id']!r} is there twice.", file, record=f"{part} item {number}"
                )
            )
        else:
            names[item["id"]] = item[key]
    return names


def _fault(item: Any, images: dict[int | str, str], categories: dict[int | str, str]) -> str | None:
    if not isinstance(item, dict):
        return "not a JSON object."
    for key, known in (("image_id", images), ("category_id", categories)):
        value = item.get(key)
        if not isinstance(value, int | str) or value not in known:
            return f"{key} {value!r} is unknown."
    box = item.get("bbox")
    if not isinstance(box, list) or len(box) != 4 or not all(map(is_number, box)):
        return "bbox must be four numbers: [x, y, width, height]."
    return None


def _polygons(value: Any) -> tuple[tuple[float, ...], ...]:
    """Flat polygons of at least three points; run-length masks have none."""
    if not isinstance(value, list):
        return ()
    return tuple(
        tuple(float(number) for number in part)
        for part in value
        if isinstance(part, list)
        and len(part) >= 6
        and len(part) % 2 == 0
        and all(map(is_number, part))
    )


def _mask(value: Any) -> str:
    """The run-length code, compressed; whether it fits is seen with the image."""
    counts = value.get("counts") if isinstance(value, dict) else None
    if isinstance(counts, list) and all(isinstance(n, int) and 0 <= n < 1 << 31 for n in counts):
        return compress(counts)
    return counts if isinstance(counts, str) else ""


def _attributes(item: dict[str, Any]) -> dict[str, str | float]:
    found = plain_attributes(item.get("attributes"))
    if item.get("iscrowd") == 1:
        found["iscrowd"] = 1
    if is_number(item.get("score")):
        found["confidence"] = item["score"]
    return found


class ImageFinder:
    """Where the image of a label file lies: by path from the top, beside the file, or by name."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = set(paths)
        self._by_name: dict[str, list[str]] = {}
        for path in sorted(self._paths):
            self._by_name.setdefault(PurePosixPath(path).name, []).append(path)

    def find(self, image: str, label_file: str) -> str | None:
        wanted = image.replace("\\", "/").removeprefix("./")
        folder = label_file.rpartition("/")[0]
        for base in (folder, "", "images", folder.rpartition("/")[0]):
            candidate = f"{base}/{wanted}" if base else wanted
            if candidate in self._paths:
                return candidate
        found = self._by_name.get(PurePosixPath(wanted).name, [])
        return found[0] if len(found) == 1 else None
