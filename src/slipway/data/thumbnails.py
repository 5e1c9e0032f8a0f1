"""Small pictures for galleries, made once and kept."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from slipway.base.errors import Conflict
from slipway.base.ids import new_secret

SIZES = (64, 128, 256, 512)


def thumbnail(image: Path, cache: Path, index: int, size: int) -> Path:
    """The file of a JPEG at most `size` pixels wide and high. Blocks: call it in a thread."""
    place = cache / str(size) / f"{index // 1000}" / f"{index}.jpg"
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(new_secret(".new-", 12))
    try:
        _shrink(image, temporary, size)
        temporary.rename(place)
    finally:
        temporary.unlink(missing_ok=True)
    return place


def _shrink(image: Path, target: Path, size: int) -> None:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(image) as opened:
                opened.draft("RGB", (size, size))  # JPEG: decode only as fine as needed
                opened.thumbnail((size, size))
                _flat(opened).save(target, "JPEG", quality=82)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Conflict(
            "This image cannot be shown: its header is right, but its content is damaged.",
            code="damaged_image",
        ) from error


def _flat(image: Any) -> Any:
    """JPEG knows no transparency: show it on white."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    return image.convert("RGB")
