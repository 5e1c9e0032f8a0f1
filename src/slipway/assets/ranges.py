"""Parts of a file: the HTTP Range header (RFC 9110, section 14), one range at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` up to but not including `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class NotSatisfiableError(ValueError):
    """The range lies behind the end of the file."""


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range asked for; None means the whole file (no range, several, or not understood)."""
    found = _RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size_bytes - int(last)), size_bytes
    else:
        start, end = int(first), min(int(last) + 1, size_bytes) if last else size_bytes
        if last and int(last) < start:
            return None
    if start >= size_bytes or end <= start:
        raise NotSatisfiableError
    return ByteRange(start, end)
