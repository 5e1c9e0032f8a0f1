"""The language of OCR descriptors: what a box is, and which boxes belong together.

    descriptor = [ fid ] , { segment }
    segment    = "k" [ fid "," fid { "," fid } ]     key of: A is the key of B, C, ...
               | "v" [ fid "," fid { "," fid } ]     value of: A is the value of the keys B, C, ...
               | "c" ( "0" | fid "," fid { "," fid } )   piece of: the boxes joined in this order

Spaces are nothing, a full-width comma is a comma, letters are read in either case. What is stored is
the canonical form: lower case, no spaces, no leading fid, no `c0`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_COMMAS = {"，": ",", "、": ","}
MAX_LETTERS = 2000


class SegmentKind(StrEnum):
    KEY = "k"
    VALUE = "v"
    PIECE = "c"


@dataclass(frozen=True, slots=True)
class Segment:
    """`fids` is empty where the letter stands alone: this box is a key, or a value."""

    kind: SegmentKind
    fids: tuple[int, ...] = ()
    column: int = 1  # where it begins, counted from 1
    places: tuple[int, ...] = ()  # columns of the fids, where it was read from a text

    def __str__(self) -> str:
        return self.kind + ",".join(map(str, self.fids))


@dataclass(frozen=True, slots=True)
class Descriptor:
    segments: tuple[Segment, ...] = ()
    leading: int | None = None

    @property
    def piece(self) -> Segment | None:
        return next((s for s in self.segments if s.kind is SegmentKind.PIECE), None)

    def __str__(self) -> str:
        """Canonical."""
        return "".join(map(str, self.segments))


class DescriptorError(Exception):
    """What is wrong with the spelling, where (a column from 1), and what to do."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message, self.column = message, column


def parse(text: str) -> Descriptor:
    """Raises DescriptorError."""
    if len(text) > MAX_LETTERS:
        raise DescriptorError(f"A descriptor has at most {MAX_LETTERS} characters.", 1)
    return _Reader(text).descriptor()


class _Reader:
    """The text without its spaces; each letter remembers its column."""

    def __init__(self, text: str) -> None:
        self._letters = [
            (_COMMAS.get(letter, letter).lower(), column)
            for column, letter in enumerate(text, 1)
            if not letter.isspace()
        ]
        self._at = 0
        self._end = len(text) + 1

    def descriptor(self) -> Descriptor:
        leading = self._fid() if self._is_digit() else None
        segments: list[Segment] = []
        while self._here():
            segment = self._segment()
            if segment is None:
                continue
            if segment.kind is SegmentKind.PIECE and any(s.kind is segment.kind for s in segments):
                raise DescriptorError(
                    "There is a second c segment. A box is a piece of one field only: keep one.",
                    segment.column,
                )
            segments.append(segment)
        return Descriptor(tuple(segments), leading)

    def _segment(self) -> Segment | None:
        """None for `c0`, which says nothing."""
        letter, column = self._here(), self._column()
        if letter not in set(SegmentKind):
            raise DescriptorError(
                f"{letter!r} is not expected here. A segment begins with k, v or c.", column
            )
        kind = SegmentKind(letter)
        self._at += 1
        if kind is SegmentKind.PIECE and self._here() == "0":
            self._at += 1
            if self._is_digit() or self._here() == ",":
                raise DescriptorError(
                    "After c0 comes nothing more of this segment.", self._column()
                )
            return None
        if not self._is_digit():
            if kind is SegmentKind.PIECE:
                raise DescriptorError(
                    "After c come 0 or the numbers of the pieces, such as c5,7.", self._column()
                )
            if self._here() == ",":
                raise DescriptorError("A number is missing before the comma.", self._column())
            return Segment(kind, (), column)
        fids = self._fids(kind)
        return Segment(kind, tuple(fids), column, tuple(fids.values()))

    def _fids(self, kind: SegmentKind) -> dict[int, int]:
        """With their columns, in order."""
        start = self._column()
        found = {self._fid(): start}
        while self._here() == ",":
            self._at += 1
            if not self._is_digit():
                raise DescriptorError("A number is missing after the comma.", self._column())
            column = self._column()
            number = self._fid()
            if number in found:
                raise DescriptorError(
                    f"Box {number} is named twice in this segment. Name it once.", column
                )
            found[number] = column
        if len(found) == 1:
            raise DescriptorError(
                f"One number is not enough after {kind}. Write a second one, such as {kind}3,5.",
                start,
            )
        return found

    def _fid(self) -> int:
        column, digits = self._column(), ""
        while self._is_digit():
            digits += self._here()
            self._at += 1
        if digits.startswith("0") or len(digits) > 9:
            raise DescriptorError(
                f"{digits[:12]} is no box number: they begin at 1, without a leading zero.", column
            )
        return int(digits)

    def _here(self) -> str:
        return self._letters[self._at][0] if self._at < len(self._letters) else ""

    def _is_digit(self) -> bool:
        return "0" <= self._here() <= "9"

    def _column(self) -> int:
        return self._letters[self._at][1] if self._at < len(self._letters) else self._end
