"""From outlines to pixels and back. A pixel belongs to an outline if its middle lies inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import Any

from slipway.data.formats import rle

_EDGE = re.compile(rb"[^\x00]+")
Point = tuple[int, int]


def shape_pixels(box: Any, width: int, height: int) -> bytes:
    """A shape as a picture of bytes 0 and 1, row by row: its mask, its outlines, or its rectangle."""
    if box.get("mask"):
        return rle.pixels_of(rle.expand(box["mask"], width * height), width, height)
    x, y, right, bottom = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    corners = [x, y, right, y, right, bottom, x, bottom]
    return fill(box.get("polygons") or [corners], width, height)


def fill(outlines: Sequence[Sequence[float]], width: int, height: int) -> bytes:
    """Several outlines are parts of one shape."""
    pixels = bytearray(width * height)
    for outline in outlines:
        for y, crossings in _rows(outline, height).items():
            crossings.sort()
            for start, stop in zip(crossings[0::2], crossings[1::2], strict=False):
                first, last = max(ceil(start - 0.5), 0), min(ceil(stop - 0.5), width)
                if last > first:
                    at = y * width
                    pixels[at + first : at + last] = b"\x01" * (last - first)
    return bytes(pixels)


def outlines_of(pixels: bytes, width: int, height: int) -> list[list[float]]:
    """Outlines along the edges of the pixels, clockwise; what they enclose is filled, holes too."""
    following = _edges(pixels, width, height)
    found = []
    while following:
        loop = _loop(following)
        if _turns_clockwise(loop):
            found.append([float(number) for point in loop for number in point])
    return found


def _rows(outline: Sequence[float], height: int) -> dict[int, list[float]]:
    """Row -> where the outline crosses the middle of its pixels."""
    rows: dict[int, list[float]] = {}
    points = list(zip(outline[0::2], outline[1::2], strict=True))
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if y0 == y1:
            continue
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0)
        for y in range(max(ceil(y0 - 0.5), 0), min(ceil(y1 - 0.5), height)):
            rows.setdefault(y, []).append(x0 + (y + 0.5 - y0) * slope)
    return rows


def _edges(pixels: bytes, width: int, height: int) -> dict[Point, list[Point]]:
    """Pieces of the border, from point to point, with the mask on their right."""
    following: dict[Point, list[Point]] = {}
    above = bytes(width)
    for y in range(height + 1):
        row = pixels[y * width : (y + 1) * width] if y < height else bytes(width)
        if row != above:
            differing = int.from_bytes(row, "big") ^ int.from_bytes(above, "big")
            for found in _EDGE.finditer(differing.to_bytes(width, "big")):
                for x in range(*found.span()):
                    start, end = ((x, y), (x + 1, y)) if row[x] else ((x + 1, y), (x, y))
                    following.setdefault(start, []).append(end)
        for found in _EDGE.finditer(row):
            left, right = found.span()
            following.setdefault((left, y + 1), []).append((left, y))
            following.setdefault((right, y), []).append((right, y + 1))
        above = row
    return following


def _loop(following: dict[Point, list[Point]]) -> list[Point]:
    """Take one closed loop out; points within straight pieces are left out."""
    start = next(iter(following))
    loop: list[Point] = []
    before, here = None, start
    while True:
        after = _take(following, before, here)
        if before is None or (here[0] - before[0], here[1] - before[1]) != (
            after[0] - here[0], after[1] - here[1]
        ):  # fmt: skip
            loop.append(here)
        before, here = here, after
        if here == start:
            break
    if len(loop) > 4 and _straight(loop[-1], loop[0], loop[1]):
        loop.pop(0)
    return loop


def _take(following: dict[Point, list[Point]], before: Point | None, here: Point) -> Point:
    """The next point; where two pixels touch at a corner, turn right: stay with the same pixel."""
    choices = following[here]
    at = 0
    if before is not None and len(choices) > 1:
        dx, dy = here[0] - before[0], here[1] - before[1]
        right = (here[0] - dy, here[1] + dx)
        at = choices.index(right) if right in choices else 0
    after = choices.pop(at)
    if not choices:
        del following[here]
    return after


def _straight(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])


def _turns_clockwise(loop: list[Point]) -> bool:
    pairs = zip(loop, [*loop[1:], loop[0]], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) > 0
