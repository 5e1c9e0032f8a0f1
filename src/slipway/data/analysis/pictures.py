"""What is likely wrong with pictures and their boxes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import orjson

from slipway.data.analysis.duplicates import copies_of
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.snapshot import in_threads

_PAGE, _EXAMPLES = 256, 50
_TINY_SIDE, _TINY_SHARE = 8.0, 0.0005  # pixels; of the picture's area


def picture_report(manifest: Manifest, ticker: Ticker) -> dict[str, Any]:
    total = manifest.summary.sample_count
    ticker.begin(1.0, total)
    broken: list[dict[str, Any]] = []
    tiny: list[dict[str, Any]] = []
    counts = {"broken": 0, "tiny": 0, "boxes": 0}
    looks: list[int] = []
    for start in range(0, total, _PAGE):
        samples = [
            orjson.loads(r.data) for r in manifest.read(range(start, min(start + _PAGE, total)))
        ]
        paths = [manifest.directory / "files" / sample["path"] for sample in samples]
        for number, (sample, look) in enumerate(
            zip(samples, in_threads(_look_of, paths), strict=True), start
        ):
            if isinstance(look, str):
                counts["broken"] += 1
                if len(broken) < _EXAMPLES:
                    broken.append({"index": number, "path": sample["path"], "reason": look})
                look = (1 << 63) + number  # equal to none
            looks.append(look)
            counts["boxes"] += len(sample.get("boxes", ()))
            for box in _tiny_boxes(sample):
                counts["tiny"] += 1
                if len(tiny) < _EXAMPLES:
                    tiny.append({"index": number, "path": sample["path"], **box})
        ticker.advance(len(samples))
    copies = copies_of(looks)
    return {
        "broken_count": counts["broken"], "broken": broken, "box_count": counts["boxes"],
        "tiny_count": counts["tiny"], "tiny": tiny,
        "near": {"count": copies.count, "group_count": copies.group_count, "groups": copies.groups},
    }  # fmt: skip


def _look_of(path: Path) -> int | str:
    """The picture as 63 comparisons of neighbours in a 9 x 7 reduction: equal for copies, also of
    another size. A sentence where it cannot be read to its end."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                image.draft("L", (64, 64))
                small = image.convert("L").resize((10, 7), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return str(error)[:200] or type(error).__name__
    pixels = small.tobytes()
    bits = 0
    for row in range(7):
        for at in range(9):
            bits = bits << 1 | (pixels[row * 10 + at] > pixels[row * 10 + at + 1])
    return bits


def _tiny_boxes(sample: dict[str, Any]) -> list[dict[str, Any]]:
    whole = max(1, sample["width"] * sample["height"])
    return [
        {"label": box["label"], "width": box["width"], "height": box["height"]}
        for box in sample.get("boxes", ())
        if not box.get("is_line")
        and (
            min(box["width"], box["height"]) < _TINY_SIDE
            or box["width"] * box["height"] < _TINY_SHARE * whole
        )
    ]
