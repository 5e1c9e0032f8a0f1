"""Set values in a line of JSON and leave every other byte of it as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    key_end: int
    start: int
    end: int


def set_in_line(raw: bytes, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    """The line of the object `old` with the members in which `new` differs from it.

    Members keep their order, spacing and spelling; new ones come last. `new` lacks none of them.
    """
    changed = {k: v for k, v in new.items() if k not in old or not _same(old[k], v)}
    if not changed:
        return raw
    text = raw.decode()
    try:
        members, end = _members(text)
    except RecursionError:  # nested deeper than the standard library goes: written anew
        ending = raw[len(raw.rstrip()) :]
        return orjson.dumps(dict(new)) + ending
    style = _Style.of(raw, text, members)
    known = {member.key: member for member in members}  # of a repeated key the last one counts
    pieces: list[str] = []
    at = 0
    for member in members:
        if member.key in changed and known[member.key] is member:
            pieces += [text[at : member.start], style.dumped(changed[member.key])]
            at = member.end
    last = members[-1].end if members else end
    pieces.append(text[at:last])
    added = [
        f"{style.dumped(key)}{style.colon}{style.dumped(value)}"
        for key, value in changed.items()
        if key not in known
    ]
    if added:
        pieces.append((style.comma if members else "") + style.comma.join(added))
    pieces.append(text[last:])
    return "".join(pieces).encode()


@dataclass(frozen=True, slots=True)
class _Style:
    """How the line is written: spaces after commas and colons, letters beyond ASCII escaped."""

    comma: str
    colon: str
    escaped: bool

    @classmethod
    def of(cls, raw: bytes, text: str, members: list[_Member]) -> _Style:
        comma, colon = ", ", ": "
        if members:
            colon = ":" + _spaces_after(text, text.index(":", members[0].key_end) + 1)
        if len(members) > 1:
            comma = "," + _spaces_after(text, text.index(",", members[0].end) + 1)
        elif colon == ":":
            comma = ","
        return cls(comma, colon, escaped=raw.isascii() and b"\\u" in raw)

    def dumped(self, value: Any) -> str:
        separators = (self.comma, self.colon)
        return json.dumps(value, ensure_ascii=self.escaped, separators=separators)


def _members(text: str) -> tuple[list[_Member], int]:
    """The members of the object, and where its last bracket is. The line has been parsed before."""
    found: list[_Member] = []
    at = _past_spaces(text, text.index("{") + 1)
    while text[at] != "}":
        key, key_end = _DECODER.raw_decode(text, at)
        start = _past_spaces(text, text.index(":", key_end) + 1)
        _, end = _DECODER.raw_decode(text, start)
        found.append(_Member(key, key_end, start, end))
        at = _past_spaces(text, end)
        if text[at] == ",":
            at = _past_spaces(text, at + 1)
    return found, at


def _past_spaces(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _spaces_after(text: str, at: int) -> str:
    return text[at : _past_spaces(text, at)].replace("\r", "").replace("\n", "")


def _same(old: Any, new: Any) -> bool:
    return old is new or orjson.dumps(old) == orjson.dumps(new)
