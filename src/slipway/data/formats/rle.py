"""Masks as run lengths, the way COCO writes them: column by column, the first run is background.

`counts` is the compressed text of pycocotools; a mask covers its whole image.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

RUN = re.compile(rb"\x00+|\x01+")
_MORE, _SIGN, _BITS = 0x20, 0x10, 0x1F


def compress(runs: Sequence[int]) -> str:
    """Each run as the difference to the last of its kind, five bits a letter."""
    letters = []
    for at, run in enumerate(runs):
        rest = run - runs[at - 2] if at > 2 else run
        while True:
            bits = rest & _BITS
            rest >>= 5
            more = rest != -1 if bits & _SIGN else rest != 0
            letters.append(chr(48 + (bits | _MORE if more else bits)))
            if not more:
                break
    return "".join(letters)


def expand(counts: str, pixels: int) -> list[int]:
    """The runs of a compressed mask. ValueError unless they make up `pixels`."""
    runs: list[int] = []
    value = shift = 0
    for letter in counts:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise ValueError("is no run-length code")
        value |= (bits & _BITS) << shift
        shift += 5
        if bits & _MORE:
            continue
        if bits & _SIGN:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return checked_runs(runs, pixels)


def checked_runs(runs: Sequence[int], pixels: int) -> list[int]:
    if any(run < 0 for run in runs) or sum(runs) != pixels:
        raise ValueError(f"does not cover the image's {pixels} pixels")
    return list(runs)


def runs_of(pixels: bytes, width: int, height: int) -> list[int]:
    """Runs of a picture of bytes 0 and 1, row by row."""
    columns = _turned(pixels, width, height)
    runs = [len(found.group()) for found in RUN.finditer(columns)]
    return [0, *runs] if columns[:1] == b"\x01" else runs


def pixels_of(runs: Sequence[int], width: int, height: int) -> bytes:
    """The picture, row by row, of bytes 0 and 1."""
    columns = b"".join(bytes([at & 1]) * run for at, run in enumerate(runs))
    return _turned(columns, height, width)


def area_of(runs: Sequence[int]) -> int:
    return sum(runs[1::2])


def bounds_of(runs: Sequence[int], height: int) -> tuple[int, int, int, int] | None:
    """x, y, width and height around the mask; None if it is empty."""
    left = right = top = bottom = -1
    at = 0
    for number, run in enumerate(runs):
        if number & 1 and run:
            last = at + run - 1
            column, until = at // height, last // height
            low, high = (0, height - 1) if until > column else (at % height, last % height)
            left, right = (column if left < 0 else left), until
            top = low if top < 0 else min(top, low)
            bottom = max(bottom, high)
        at += run
    return None if left < 0 else (left, top, right - left + 1, bottom - top + 1)


def _turned(pixels: bytes, width: int, height: int) -> bytes:
    from PIL import Image

    image = Image.frombytes("L", (width, height), pixels)
    turned: bytes = image.transpose(Image.Transpose.TRANSPOSE).tobytes()
    return turned
