"""JSON that remembers where each value stood, so that a wrong one can be pointed at.

The standard parser tells the place of a grammar mistake only; a rule's mistakes are mostly in
well-formed text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # older than the stubs

from slipway.alerts.errors import PatternFault

MAX_CHARS = 16_384
_MAX_DEPTH = 16
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Located:
    """One value; `text`, `items` or `members` is filled as its kind says."""

    kind: str  # "object", "list", "text", "number", "true or false", "null"
    line: int
    column: int
    text: str = ""
    items: tuple[Located, ...] = ()
    members: tuple[tuple[Located, Located], ...] = ()

    def fault(self, message: str) -> PatternFault:
        return PatternFault(message, line=self.line, column=self.column)


def parse_located(text: str) -> Located:
    """Raises PatternFault with the place of the first mistake."""
    if len(text) > MAX_CHARS:
        raise PatternFault(f"A pattern has at most {MAX_CHARS} characters.", line=1, column=1)
    reader = _Reader(text)
    found = reader.value(depth=0)
    reader.skip_space()
    if reader.at < len(text):
        raise reader.fault("There is something after the end of the JSON value.")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def fault(self, message: str, at: int | None = None) -> PatternFault:
        line, column = self._place(self.at if at is None else at)
        return PatternFault(message, line=line, column=column)

    def skip_space(self) -> None:
        found = _SPACE.match(self._text, self.at)
        self.at = found.end() if found else self.at

    def value(self, depth: int) -> Located:
        self.skip_space()
        if depth > _MAX_DEPTH:
            raise self.fault("This is nested too deeply.")
        match self._peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                return self._string()
            case "":
                raise self.fault("The JSON ends too early; a value is missing here.")
        return self._scalar()

    def _object(self, depth: int) -> Located:
        start = self.at
        members: list[tuple[Located, Located]] = []
        seen: set[str] = set()
        self.at += 1
        self.skip_space()
        while self._peek() != "}":
            if members:
                self._expect(",", "Expected ',' or '}' here.")
                self.skip_space()
            if self._peek() != '"':
                raise self.fault("Expected a key in double quotes here.")
            key = self._string()
            if key.text in seen:
                raise key.fault(f'The key "{key.text}" is there twice.')
            seen.add(key.text)
            self.skip_space()
            self._expect(":", "Expected ':' after the key.")
            members.append((key, self.value(depth + 1)))
            self.skip_space()
        self.at += 1
        return Located("object", *self._place(start), members=tuple(members))

    def _list(self, depth: int) -> Located:
        start = self.at
        items: list[Located] = []
        self.at += 1
        self.skip_space()
        while self._peek() != "]":
            if items:
                self._expect(",", "Expected ',' or ']' here.")
            items.append(self.value(depth + 1))
            self.skip_space()
        self.at += 1
        return Located("list", *self._place(start), items=tuple(items))

    def _string(self) -> Located:
        start = self.at
        try:
            text, self.at = scanstring(self._text, start + 1, True)
        except json.JSONDecodeError as error:
            raise self.fault("This text is not closed or not valid JSON.", error.pos) from error
        return Located("text", *self._place(start), text=text)

    def _scalar(self) -> Located:
        start = self.at
        for word in _WORDS:
            if self._text.startswith(word, start):
                self.at += len(word)
                return Located("null" if word == "null" else "true or false", *self._place(start))
        number = _NUMBER.match(self._text, start)
        if number is None:
            raise self.fault("Expected a JSON value here.")
        self.at = number.end()
        return Located("number", *self._place(start))

    def _expect(self, mark: str, message: str) -> None:
        if self._peek() != mark:
            raise self.fault(message)
        self.at += 1

    def _peek(self) -> str:
        return self._text[self.at : self.at + 1]

    def _place(self, at: int) -> tuple[int, int]:
        before = self._text[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
