"""Fit an image into the tensor range of a model: proportional scaling, then padding."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Image = np.ndarray[Any, Any]


class Horizontal(Enum):
    """The side that gets the columns."""

    LEFT = 0
    RIGHT = 1


class Vertical(Enum):
    """The side that gets the rows."""

    UPPER = 0
    LOWER = 1


def scale_fill_image(
    image: Image,
    min_size: int,
    max_size: int,
    padding_limit: int | None = None,
    horizontal: Horizontal = Horizontal.RIGHT,
    vertical: Vertical = Vertical.LOWER,
    fill_color: int = 0,
) -> tuple[Image, float]:
    """Scale the short side to min_size (the long one at most max_size), then pad.

    image: H x W x 3. Sides below padding_limit (None: min_size) are padded up to it.
    Returns the image and the scale; boxes found on it divided by the scale are boxes on the
    original where padding is right and lower. TypeError for no array, ValueError for limits
    that cannot be met.
    """
    limit = min_size if padding_limit is None else padding_limit
    _check(image, min_size, max_size, limit)
    scaled, scale = scale_image(image, min_size, max_size)
    return fill_image(scaled, limit, horizontal, vertical, fill_color), scale


def scale_image(image: Image, min_size: int, max_size: int) -> tuple[Image, float]:
    """The proportional part; the scale has three decimals, sides are rounded up."""
    import cv2

    _check(image, min_size, max_size, min_size)
    height, width = image.shape[:2]
    scale = round(min_size / min(height, width), 3)
    if max(height, width) * scale > max_size:
        scale = round(max_size / max(height, width), 3)
    size = (_whole(width * scale), _whole(height * scale))
    if size == (width, height):
        return image, scale
    return cv2.resize(image, size), scale


def fill_image(
    image: Image,
    padding_limit: int,
    horizontal: Horizontal = Horizontal.RIGHT,
    vertical: Vertical = Vertical.LOWER,
    fill_color: int = 0,
) -> Image:
    """Pad each side below padding_limit up to it."""
    import numpy as np

    height, width = image.shape[:2]
    rows, columns = max(0, padding_limit - height), max(0, padding_limit - width)
    if not rows and not columns:
        return image
    across = (columns, 0) if horizontal is Horizontal.LEFT else (0, columns)
    along = (rows, 0) if vertical is Vertical.UPPER else (0, rows)
    channels = [(0, 0)] * (image.ndim - 2)
    return np.pad(image, [along, across, *channels], constant_values=fill_color)


def _whole(side: float) -> int:
    # 1000 * 1.999 is 1998.9999999999998 in floating point and means 1999.
    return math.ceil(round(side, 6))


def _check(image: object, min_size: int, max_size: int, padding_limit: int) -> None:
    import numpy as np

    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a numpy array (H x W x 3), not {type(image).__name__}")
    if min_size > max_size:
        raise ValueError(f"min_size {min_size} is larger than max_size {max_size}")
    if padding_limit > max_size:
        raise ValueError(f"padding_limit {padding_limit} is larger than max_size {max_size}")
