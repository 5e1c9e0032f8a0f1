"""The field text of an OCR box: what is printed, and after `@@` a name."""

from __future__ import annotations

from collections.abc import Iterable

# The manual does not show the order of the two parts; here is the one place that says it.
NAME_MARK, LITERAL_MARK = "@@", r"\@@"


def split_text(text: str) -> tuple[str, str]:
    """(what is printed, the name or '') of a field text. A literal `@@` is written `\\@@`."""
    at = 0
    while (at := text.find(NAME_MARK, at)) >= 0:
        if at == 0 or text[at - 1] != "\\":
            return _plain(text[:at]), _plain(text[at + len(NAME_MARK) :])
        at += len(NAME_MARK)
    return _plain(text), ""


def joined(pieces: Iterable[str]) -> str:
    """Without a space between CJK characters, with one space otherwise."""
    whole = ""
    for piece in pieces:
        if whole and piece and not (is_cjk(whole[-1]) and is_cjk(piece[0])):
            whole += " "
        whole += piece
    return whole


def is_cjk(letter: str) -> bool:
    """Han, kana, hangul, and their full-width punctuation."""
    return (
        "\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af"
        or "\uf900" <= letter <= "\ufaff" or "\uff00" <= letter <= "\uffef"
        or "\U00020000" <= letter <= "\U0003ffff"
    )  # fmt: skip


def _plain(part: str) -> str:
    return part.replace(LITERAL_MARK, NAME_MARK)
