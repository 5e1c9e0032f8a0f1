"""Likely personal data in text: found by form and checked by its check digits where it has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_citizen_id(text: str) -> bool:
    rest = sum(w * int(d) for w, d in zip(_ID_WEIGHTS, text, strict=False)) % 11
    return "10X98765432"[rest] == text[-1].upper()


def _is_card(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 3:
        return False
    doubled = [d * 2 - 9 * (d > 4) if at % 2 else d for at, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _always(text: str) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b", re.ASCII), _always),
    (
        "citizen_id",
        re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\d)"),
        _is_citizen_id,
    ),
    ("phone", re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)"), _always),
    ("phone", re.compile(r"(?<!\w)\+[1-9]\d{0,2}(?:[ -]\d{2,4}){2,5}(?!\d)"), _always),
    ("card", re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"), _is_card),
    ("ip", re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"), _always),
)  # fmt: skip
_MAY_HOLD = re.compile(r"@|\d[\d .-]{5}")


def personal_data(text: str) -> Iterator[tuple[str, str]]:
    """(kind, what was found): email, phone, citizen_id, card, ip."""
    if not _MAY_HOLD.search(text):
        return
    taken: list[tuple[int, int]] = []
    for kind, pattern, right in _KINDS:
        for match in pattern.finditer(text):
            inside = any(a <= match.start() < b for a, b in taken)
            if not inside and right(match[0]):
                taken.append(match.span())
                yield kind, match[0]


def masked(text: str) -> str:
    """Enough to find it by, and no more."""
    return text if len(text) < 4 else f"{text[:3]}{'*' * min(8, len(text) - 4)}{text[-1]}"
