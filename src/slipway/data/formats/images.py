"""Looking at image files: is it one, and how large?"""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from slipway.data.types import Problem

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
MAX_PIXELS = 178_956_970  # Pillow's own limit against images that explode when they are decoded
_NUMBER = re.compile(r"([0-9]{1,18})")
_FORMATS = ("JPEG", "PNG", "BMP")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    width: int
    height: int
    format: str


def is_image_name(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


def natural_key(path: str) -> list[tuple[int, int | str]]:
    """Orders as people count: frame 2 comes before frame 10."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in _NUMBER.split(path) if part]


def look_at(path: Path, name: str) -> ImageFacts | Problem:
    """Read the header. A problem says what is wrong with the file called `name`."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                width, height, kind = image.width, image.height, image.format or ""
    except Image.DecompressionBombError:
        return Problem(f"has more than {MAX_PIXELS} pixels.", name)
    except (OSError, ValueError, SyntaxError, struct.error):
        size = path.stat().st_size
        return Problem("not an image (JPEG, PNG or BMP)." if size else "an empty file.", name)
    if width < 1 or height < 1:
        return Problem("an image without pixels.", name)
    return ImageFacts(width, height, kind)
