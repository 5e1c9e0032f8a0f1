"""Labels as text in the formats of other labelling tools; see `write.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from slipway.data.formats import brush
from slipway.data.formats.raster import shape_pixels
from slipway.data.formats.rle import RUN
from slipway.data.formats.write import Sample, plain


def label_studio_task(number: int, sample: Sample) -> dict[str, Any]:
    """One task of a Label Studio file, with its labels as an annotation."""
    results = [region for box in sample.get("boxes", ()) for region in _regions(box, sample)]
    if sample.get("labels"):
        value = {"choices": list(sample["labels"])}
        results.append(
            {"from_name": "choice", "to_name": "image", "type": "choices", "value": value}
        )
    named = [{"id": f"{number}-{at}", **result} for at, result in enumerate(results)]
    annotations = [{"result": named}] if named else []
    return {"id": number + 1, "data": {"image": sample["path"]}, "annotations": annotations}


def _regions(box: Mapping[str, Any], sample: Sample) -> Iterator[dict[str, Any]]:
    """A region a part: an outline in several parts has no other form."""
    width, height = sample["width"], sample["height"]
    if box.get("mask"):
        code = brush.encode(shape_pixels(box, width, height))
        yield _region(box, sample, "brushlabels", {"format": "rle", "rle": code})
    elif box.get("polygons") and not box.get("is_line"):
        for part in box["polygons"]:
            pairs = zip(part[0::2], part[1::2], strict=True)
            points = [[x / width * 100, y / height * 100] for x, y in pairs]
            yield _region(box, sample, "polygonlabels", {"points": points, "closed": True})
    else:
        sides = (("x", width), ("y", height), ("width", width), ("height", height))
        value = {key: box[key] / whole * 100 for key, whole in sides}
        yield _region(box, sample, "rectanglelabels", {**value, "rotation": 0})


def _region(
    box: Mapping[str, Any], sample: Sample, kind: str, value: dict[str, Any]
) -> dict[str, Any]:
    return {
        "from_name": "label", "to_name": "image", "type": kind, "image_rotation": 0,
        "original_width": sample["width"], "original_height": sample["height"],
        "value": {**value, kind: [box["label"]]},
    }  # fmt: skip


def cvat_parts(samples: Iterator[tuple[int, Sample]], labels: list[str]) -> Iterator[bytes]:
    """One CVAT file in pieces."""
    names = "".join(f"<label><name>{escape(name)}</name></label>" for name in labels)
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        f"  <meta><task><labels>{names}</labels></task></meta>\n"
    ).encode()
    for number, sample in samples:
        tags = "".join(
            f"    <tag label={_quoted(name)}></tag>\n" for name in sample.get("labels", ())
        )
        shapes = "".join(_cvat_shape(box, sample) for box in sample.get("boxes", ()))
        yield (
            f'  <image id="{number}" name={_quoted(sample["path"])} width="{sample["width"]}" '
            f'height="{sample["height"]}">\n{tags}{shapes}  </image>\n'
        ).encode()
    yield b"</annotations>\n"


def _cvat_shape(box: Mapping[str, Any], sample: Sample) -> str:
    told = dict(box.get("attributes", {}))
    occluded = int(told.pop("occluded", 0) == 1)
    common = f'label={_quoted(box["label"])} occluded="{occluded}" z_order="0"'
    inner = "".join(
        f"<attribute name={_quoted(key)}>{escape(str(entry))}</attribute>"
        for key, entry in told.items()
    )
    if box.get("mask"):
        return f"    <mask {common} {_cvat_runs(box, sample)}>{inner}</mask>\n"
    if not box.get("polygons"):
        x, y = box["x"], box["y"]
        sides = (("xtl", x), ("ytl", y), ("xbr", x + box["width"]), ("ybr", y + box["height"]))
        corners = " ".join(f'{key}="{plain(side)}"' for key, side in sides)
        return f"    <box {common} {corners}>{inner}</box>\n"
    tag = "polyline" if box.get("is_line") else "polygon"
    made = []
    for part in box["polygons"]:
        points = ";".join(
            f"{plain(x)},{plain(y)}" for x, y in zip(part[0::2], part[1::2], strict=True)
        )
        made.append(f'    <{tag} {common} points="{points}">{inner}</{tag}>\n')
    return "".join(made)


def _cvat_runs(box: Mapping[str, Any], sample: Sample) -> str:
    width, height = sample["width"], sample["height"]
    left, top, across, down = (int(box[key]) for key in ("x", "y", "width", "height"))
    pixels = shape_pixels(box, width, height)
    rows = (pixels[y * width + left : y * width + left + across] for y in range(top, top + down))
    part = b"".join(rows)
    runs = [len(found.group()) for found in RUN.finditer(part)]
    if part[:1] == b"\x01":
        runs.insert(0, 0)
    code = ", ".join(map(str, runs))
    return f'rle="{code}" left="{left}" top="{top}" width="{across}" height="{down}"'


def manifest_line(sample: Sample, numbers: Mapping[str, int], *, classified: bool) -> bytes:
    """One line of an augmented manifest."""
    names = {str(number): name for name, number in numbers.items()}
    told: dict[str, Any] = {"source-ref": sample["path"]}
    if classified:
        labels = sample.get("labels", ())
        if len(labels) == 1:
            told["class"] = numbers[labels[0]]
            told["class-metadata"] = {
                "class-name": labels[0], "type": "groundtruth/image-classification",
            } | _BY_HAND  # fmt: skip
        elif labels:
            told["class"] = [numbers[name] for name in labels]
            told["class-metadata"] = {
                "class-map": {str(numbers[name]): name for name in labels},
                "type": "groundtruth/image-classification-multilabel",
            } | _BY_HAND  # fmt: skip
    elif boxes := sample.get("boxes", ()):
        told["bounding-box"] = {
            "image_size": [{"width": sample["width"], "height": sample["height"], "depth": 3}],
            "annotations": [
                {
                    "class_id": numbers[box["label"]], "left": box["x"], "top": box["y"],
                    "width": box["width"], "height": box["height"],
                }
                for box in boxes
            ],
        }  # fmt: skip
        scores = [box.get("attributes", {}).get("confidence", 0) for box in boxes]
        told["bounding-box-metadata"] = {
            "objects": [{"confidence": score} for score in scores], "class-map": names,
            "type": "groundtruth/object-detection",
        } | _BY_HAND  # fmt: skip
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


_BY_HAND = {"human-annotated": "yes", "job-name": "slipway"}


def _quoted(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;", "\t": "&#9;"})
