"""Masks as picture files: grey values (TI), palettes of classes and objects (Pascal VOC)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipway.data.errors import Findings
from slipway.data.formats import rle
from slipway.data.types import Box, Problem

MAX_PIXELS = 178_956_970


def mask_box(label: str, pixels: bytes, width: int, height: int) -> Box:
    """A shape of the pixels that are 1; at least one is."""
    runs = rle.runs_of(pixels, width, height)
    x, y, across, down = rle.bounds_of(runs, height) or (0, 0, 1, 1)
    return Box(label, x, y, across, down, mask=rle.compress(runs))


def valid_mask(counts: Any, size: tuple[int, int]) -> Box | None:
    """The mask as a shape without a label, or None if it is none of an image of that size."""
    if not isinstance(counts, str) or not counts:
        return None
    try:
        runs = rle.expand(counts, size[0] * size[1])
    except ValueError:
        return None
    bounds = rle.bounds_of(runs, size[1])
    return None if bounds is None else Box("", *bounds, mask=counts)


def read_gray(path: Path, name: str, size: tuple[int, int], findings: Findings) -> bytes | None:
    """A byte a pixel: the grey value, or the place in the palette."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG", "BMP")) as image:
            if image.size != size:
                said = f"has {image.width} x {image.height} pixels; its image has {size[0]} x {size[1]}."
                findings.error(Problem(said, name))
                return None
            pixels: bytes = (image if image.mode in ("L", "P") else image.convert("L")).tobytes()
            return pixels
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        findings.error(Problem("not a mask: an 8-bit PNG is needed.", name))
        return None


def gray_png(pixels: bytes, size: tuple[int, int], palette: Sequence[int] | None = None) -> bytes:
    """A PNG of a byte a pixel; with a palette (r, g, b, ...) it shows in colours."""
    from PIL import Image

    image = Image.frombytes("L" if palette is None else "P", size, pixels)
    if palette is not None:
        image.putpalette(list(palette))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def painted(layers: Sequence[tuple[int, bytes]], size: tuple[int, int]) -> bytes:
    """Shapes (value, picture of 0 and 1) on one picture; later ones lie above."""
    whole = bytes(size[0] * size[1])
    for value, pixels in layers:
        number = int.from_bytes(pixels, "big")
        kept = int.from_bytes(whole, "big") & ~(number * 255)
        whole = (kept | number * value).to_bytes(len(whole), "big")
    return whole


def voc_palette() -> list[int]:
    """The 256 colours of the VOC development kit, as r, g, b, ..."""
    colours = []
    for number in range(256):
        red = green = blue = 0
        rest = number
        for bit in range(7, -1, -1):
            red |= (rest & 1) << bit
            green |= (rest >> 1 & 1) << bit
            blue |= (rest >> 2 & 1) << bit
            rest >>= 3
        colours += [red, green, blue]
    return colours
