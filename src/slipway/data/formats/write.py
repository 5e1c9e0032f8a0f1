"""Labels of samples as text in each format: what the readers beside this read back.

A sample is what the manifest keeps of an image: `path`, `width`, `height`, `labels`, `boxes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

import orjson
import yaml

from slipway.data.formats import rle
from slipway.data.formats.raster import outlines_of, shape_pixels
from slipway.data.formats.ti import LABEL_KEY

Sample = Mapping[str, Any]
_VOC_FLAGS = (("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0"))


def voc_xml(sample: Sample, file_name: str, *, segmented: bool = False) -> str:
    objects = "".join(_voc_object(box) for box in sample.get("boxes", ()))
    return (
        f"<annotation>\n  <folder>DataFile</folder>\n  <filename>{escape(file_name)}</filename>\n"
        f"  <size><width>{sample['width']}</width><height>{sample['height']}</height>"
        f"<depth>3</depth></size>\n  <segmented>{int(segmented)}</segmented>\n{objects}</annotation>\n"
    )


def coco_parts(
    samples: Iterator[tuple[int, Sample]],
    again: Iterator[tuple[int, Sample]],
    labels: list[str],
) -> Iterator[bytes]:
    """One COCO file in pieces. The samples come twice: images first, then annotations."""
    numbers = {label: number for number, label in enumerate(labels, 1)}
    categories = [{"id": number, "name": name} for name, number in numbers.items()]
    yield b'{"info":{},"licenses":[],"categories":' + orjson.dumps(categories) + b',"images":['
    for count, (number, sample) in enumerate(samples):
        image = {
            "id": number + 1, "file_name": sample["path"],
            "width": sample["width"], "height": sample["height"],
        }  # fmt: skip
        yield (b"," if count else b"") + orjson.dumps(image)
    yield b'],"annotations":['
    count = 0
    for number, sample in again:
        for box in sample.get("boxes", ()):
            count += 1
            annotation = _coco_annotation(box, count, number + 1, numbers, sample)
            yield (b"," if count > 1 else b"") + orjson.dumps(annotation)
    yield b"]}"


def ti_line(
    sample: Sample, *, segmented: bool = False, mask: Mapping[str, Any] | None = None
) -> bytes:
    """One line of `annotation.txt`: classes, or shapes in the form of detection or segmentation."""
    boxes = sample.get("boxes", ())
    if segmented:
        shapes = [_ti_area(box, sample) for box in boxes]
        area: dict[str, Any] = {"shapes": shapes} | ({"mask": mask} if mask else {})
        tags: dict[str, Any] = {"segmentation_tags": area}
    elif "boxes" in sample:
        tags = {"detection_tags": {"shapes": [_ti_shape(box) for box in boxes]}}
    else:
        tags = {"classification_tags": [{"first_class": name} for name in sample["labels"]]}
    value = {"info": {"path": sample["path"]}, "tags": tags}
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def yolo_text(sample: Sample, numbers: Mapping[str, int]) -> str:
    return "".join(_yolo_line(box, sample, numbers) for box in sample.get("boxes", ()))


def yolo_names(labels: list[str]) -> str:
    """`data.yaml`."""
    value = {"path": ".", "names": dict(enumerate(labels))}
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return text


def _voc_object(box: Mapping[str, Any]) -> str:
    told = box.get("attributes", {})
    flags = "".join(
        f"    <{key}>{escape(str(told.get(key, usual)))}</{key}>\n" for key, usual in _VOC_FLAGS
    )
    return (
        f"  <object>\n    <name>{escape(box['label'])}</name>\n{flags}    <bndbox>"
        f"<xmin>{plain(box['x'])}</xmin><ymin>{plain(box['y'])}</ymin>"
        f"<xmax>{plain(box['x'] + box['width'])}</xmax>"
        f"<ymax>{plain(box['y'] + box['height'])}</ymax></bndbox>\n  </object>\n"
    )


def _coco_annotation(
    box: Mapping[str, Any], number: int, image: int, numbers: Mapping[str, int], sample: Sample
) -> dict[str, Any]:
    told = dict(box.get("attributes", {}))
    crowd, score = told.pop("iscrowd", 0), told.pop("confidence", None)
    if box.get("mask"):
        runs = rle.expand(box["mask"], sample["width"] * sample["height"])
        shape: Any = {"counts": runs, "size": [sample["height"], sample["width"]]}
        area: float = rle.area_of(runs)
    else:
        outlines = [] if box.get("is_line") else [list(part) for part in box.get("polygons", ())]
        area = sum(map(_area, outlines)) if outlines else box["width"] * box["height"]
        shape = outlines or [_corners(box)]
    annotation = {
        "id": number, "image_id": image, "category_id": numbers[box["label"]],
        "bbox": [box["x"], box["y"], box["width"], box["height"]], "area": area,
        "iscrowd": int(crowd == 1), "segmentation": shape,
    }  # fmt: skip
    # Not of COCO itself; readers that know no such keys leave them.
    return (
        annotation
        | ({"attributes": told} if told else {})
        | ({} if score is None else {"score": score})
    )


def _ti_shape(box: Mapping[str, Any]) -> dict[str, Any]:
    polygons = box.get("polygons", ())
    frame = "rect" if not polygons else "polyline" if box.get("is_line") else "polygon"
    told = dict(box.get("attributes", {}))
    field: dict[str, Any] = {"label_key_name": LABEL_KEY, "label_value_name": [box["label"]]}
    if "confidence" in told:
        field["confidence_level"] = [told.pop("confidence")]
    # Detection has one outline a shape; the parts of one in several pieces lie in a list.
    points = _corners(box) if not polygons else polygons[0] if len(polygons) == 1 else polygons
    shape = {"frame_type": frame, "pts": points, "bbox": _bounds(box), "tag": [field]}
    if "track_id" in told:
        shape["track_id"] = told.pop("track_id")
    return shape | ({"attributes": told} if told else {})


def _ti_area(box: Mapping[str, Any], sample: Sample) -> dict[str, Any]:
    told = dict(box.get("attributes", {}))
    tag: dict[str, Any] = {"label_value_name": box["label"]}
    if "confidence" in told:
        tag["confidence_level"] = told.pop("confidence")
    shape = {
        "frame_type": "polygon",
        "pts": outlines(box, sample),
        "bbox": _bounds(box),
        "tag": tag,
    }
    if box.get("mask"):  # its outlines fill its holes; whoever knows this key gets the pixels
        shape["rle"] = box["mask"]
    return shape | ({"attributes": told} if told else {})


def outlines(box: Mapping[str, Any], sample: Sample) -> list[list[float]]:
    """A shape as closed outlines, whatever it is drawn with."""
    if box.get("mask"):
        size = sample["width"], sample["height"]
        return outlines_of(shape_pixels(box, *size), *size)
    if box.get("is_line") or not box.get("polygons"):
        return [_corners(box)]
    return [list(part) for part in box["polygons"]]


def _yolo_line(box: Mapping[str, Any], sample: Sample, numbers: Mapping[str, int]) -> str:
    width, height = sample["width"], sample["height"]
    if box.get("mask") or (box.get("polygons") and not box.get("is_line")):
        flat = [number for part in outlines(box, sample) for number in part]
        values = [n / (height if at % 2 else width) for at, n in enumerate(flat)]
    else:
        values = [
            (box["x"] + box["width"] / 2) / width, (box["y"] + box["height"] / 2) / height,
            box["width"] / width, box["height"] / height,
        ]  # fmt: skip
    return f"{numbers[box['label']]} {' '.join(f'{value:.10g}' for value in values)}\n"


def plain(value: float) -> str:
    """A number as people write it: 12, 12.5; never 12.0 or 1e-05."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _bounds(box: Mapping[str, Any]) -> list[float]:
    return [box["x"], box["y"], box["width"], box["height"]]


def _corners(box: Mapping[str, Any]) -> list[float]:
    """Clockwise from the top left."""
    left, top = box["x"], box["y"]
    right, bottom = left + box["width"], top + box["height"]
    return [left, top, right, top, right, bottom, left, bottom]


def _area(flat: list[float]) -> float:
    points = list(zip(flat[0::2], flat[1::2], strict=True))
    following = [*points[1:], points[0]]
    pairs = zip(points, following, strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2
