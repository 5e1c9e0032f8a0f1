"""What a box may be: inside its image, and not empty."""

from __future__ import annotations

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
    return Box(box.label, left, top, right - left, bottom - top, box.polygons)
