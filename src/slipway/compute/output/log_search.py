"""What a search in a log means: words, all of which are in the line, letter case ignored.

`*` stands for any letters and `?` for one; "words in quotes" are one word with its spaces. Most
blocks of a log hold no match, so the question asked first is whether a block can hold one. That is
asked of its bytes, many times quicker than of its text, wherever bytes can tell: not where the
block has one of the few characters that fold to ASCII letters ('ß' is 'ss', the Kelvin sign 'k'),
and not for words in other alphabets that know letter case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r'"([^"]*)"|(\S+)')
_WILD = re.compile(r"[*?]+")
# Characters that fold to themselves and to which no other folds: kana, Chinese, Korean.
_CASELESS = ((0x3041, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3))
# First bytes of every character beyond ASCII that folds to something with ASCII in it.
_FOLDING = (
    b"\xc3\x9f",
    b"\xc4\xb0",
    b"\xc5\x89",
    b"\xc5\xbf",
    b"\xc7\xb0",
    b"\xe1\xba",
    b"\xe2\x84\xaa",
    b"\xef\xac",
)


@dataclass(frozen=True, slots=True)
class Words:
    literals: tuple[str, ...]  # words without wildcards, folded
    patterns: tuple[re.Pattern[str], ...]  # words with them, for folded text
    pieces: tuple[str, ...]  # texts that every match holds
    byte_pieces: tuple[bytes, ...] | None  # the same in bytes, where bytes can tell

    @classmethod
    def of(cls, search: str) -> Words:
        words = [(quoted or plain).casefold() for quoted, plain in _WORD.findall(search)]
        literals = [word for word in words if word and not _WILD.search(word)]
        wild = [word for word in words if _WILD.search(word)]
        pieces = literals + [max(_WILD.split(word), key=len) for word in wild]
        pieces = [piece for piece in pieces if piece]
        plain = all(_is_plain(piece) for piece in pieces)
        return cls(
            tuple(literals), tuple(_pattern(word) for word in wild), tuple(pieces),
            tuple(piece.encode() for piece in pieces) if plain else None,
        )  # fmt: skip

    def may_be_in(self, block: bytes) -> bool:
        """Whether a line of the block can match; quick where it cannot."""
        if not self.pieces:
            return True
        if self.byte_pieces is not None:
            lowered = block.lower()
            if all(piece in lowered for piece in self.byte_pieces):
                return True
            if block.isascii() or not any(start in block for start in _FOLDING):
                return False
        folded = block.decode(errors="replace").casefold()
        return all(piece in folded for piece in self.pieces)

    def are_in(self, text: str) -> bool:
        if not self.literals and not self.patterns:
            return True
        folded = text.casefold()
        return all(word in folded for word in self.literals) and all(
            pattern.search(folded) for pattern in self.patterns
        )


def _is_plain(piece: str) -> bool:
    return all(
        c < "\x80" or any(first <= ord(c) <= last for first, last in _CASELESS) for c in piece
    )


def _pattern(word: str) -> re.Pattern[str]:
    letters = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in _short(word))
    return re.compile("".join(letters), re.DOTALL)


def _short(word: str) -> str:
    """Runs of stars are one: several would try every way to share the same letters."""
    return re.sub(r"\*+", "*", word).strip("*")
