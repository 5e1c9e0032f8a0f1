"""Parts of an image as pictures of their own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def cut_out(image: Path, points: Sequence[float]) -> bytes:
    """An outline of an image as a picture (PNG) of its own; a crooked quadrilateral is put straight.

    Blocks, and decodes the image.
    """
    straight = straightened(image, points)
    out = io.BytesIO()
    straight.save(out, "PNG")
    return out.getvalue()


def straightened(path: Path, points: Sequence[float]) -> Any:
    from PIL import Image

    with Image.open(path, formats=("JPEG", "PNG", "BMP")) as image:
        image.load()
        picture = image.convert("RGB")
    if len(points) != 8:
        across, down = points[0::2], points[1::2]
        return picture.crop(
            (int(min(across)), int(min(down)), int(max(across)) + 1, int(max(down)) + 1)
        )
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = zip(points[0::2], points[1::2], strict=True)
    width = max(_length(bx - ax, by - ay), _length(cx - dx, cy - dy))
    height = max(_length(dx - ax, dy - ay), _length(cx - bx, cy - by))
    size = (max(round(width), 1), max(round(height), 1))
    # PIL names the corners from the top left against the clock.
    quad = (ax, ay, dx, dy, cx, cy, bx, by)
    return picture.transform(size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)


def _length(x: float, y: float) -> float:
    return float((x * x + y * y) ** 0.5)
