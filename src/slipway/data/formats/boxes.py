"""What a box may be: inside its image, and not empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slipway.data.errors import Findings
from slipway.data.types import Box, Problem

_TOLERANCE = 1.0  # formats that count from 1 reach one pixel over the edge


def checked_box(
    box: Box, *, width: int, height: int, file: str, record: str, findings: Findings
) -> Box | None:
    """The box cut to its image. None, and a finding, if there is nothing left of it."""
    said = f"the box of {box.label!r}"
    if box.width < 0 or box.height < 0:
        findings.error(Problem(f"{said} ends before it begins.", file, record=record))
        return None
    if box.width == 0 or box.height == 0:
        findings.warn(Problem(f"{said} is empty and was left out.", file, record=record))
        return None
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, float(width)), min(box.y + box.height, float(height))
    if right <= left or bottom <= top:
        findings.error(
            Problem(
                f"{said} lies outside the image, which has {width} x {height} pixels.",
                file,
                record=record,
            )
        )
        return None
    over = max(left - box.x, top - box.y, box.x + box.width - right, box.y + box.height - bottom)
    if over > _TOLERANCE:
        findings.warn(
            Problem(
                f"{said} reaches {over:g} pixels over the edge and was cut.", file, record=record
            )
        )
    if over <= 0:
        return box
    return replace(box, x=left, y=top, width=right - left, height=bottom - top)


def outline_box(parts: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """x, y, width and height around flat x, y lists."""
    across = [number for part in parts for number in part[0::2]]
    down = [number for part in parts for number in part[1::2]]
    left, top = min(across), min(down)
    return left, top, max(across) - left, max(down) - top


def is_rectangle(box: Box) -> bool:
    """Whether an outline says no more than its box: four corners, in any order around."""
    if len(box.polygons) != 1 or len(box.polygons[0]) != 8 or box.is_line:
        return False
    flat = box.polygons[0]
    corners = {(round(x, 4), round(y, 4)) for x, y in zip(flat[0::2], flat[1::2], strict=True)}
    right, bottom = box.x + box.width, box.y + box.height
    wanted = {(x, y) for x in (box.x, right) for y in (box.y, bottom)}
    crossed = flat[0] != flat[2] and flat[1] != flat[3]
    return corners == {(round(x, 4), round(y, 4)) for x, y in wanted} and not crossed


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def plain_attributes(value: Any) -> dict[str, str | float]:
    """The texts and numbers of an object; anything else in it is left out."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(key): int(entry) if isinstance(entry, bool) else entry
        for key, entry in value.items()
        if isinstance(entry, str | bool) or is_number(entry)
    }
