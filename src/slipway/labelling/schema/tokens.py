"""The words of a template: text, and actions between `{{` and `}}` cut into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slipway.labelling.schema.errors import SchemaProblem

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<field>\.[A-Za-z_]\w*|\.)
    | (?P<variable>\$\w*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>:=|[(),|=])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # string, number, field, variable, word, mark, end
    text: str
    line: int
    column: int
    joined: bool = False  # no white space before it: `.a.b` is one path, `.a .b` are two


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ActionPart:
    tokens: tuple[Token, ...]
    source: str
    line: int
    column: int


Part = TextPart | ActionPart


def split(source: str) -> list[Part]:
    """Text and actions in order; white space that `{{-` and `-}}` take away is gone."""
    parts: list[Part] = []
    at, trims = 0, False
    while True:
        start = source.find("{{", at)
        text = source[at:] if start < 0 else source[at:start]
        opens_trim = start >= 0 and re.match(r"\{\{-\s", source[start:]) is not None
        kept = text.lstrip() if trims else text
        begun = at + len(text) - len(kept)
        kept = kept.rstrip() if opens_trim else kept
        if kept:
            parts.append(TextPart(kept, *_place(source, begun)))
        if start < 0:
            return parts
        action, at, trims = _action(source, start, start + (3 if opens_trim else 2))
        if action.tokens:
            parts.append(action)


def _action(source: str, start: int, at: int) -> tuple[ActionPart, int, bool]:
    line, column = _place(source, start)
    comment = re.compile(r"\s*/\*.*?\*/\s*?(\s-)?\}\}", re.DOTALL).match(source, at)
    if comment:
        return ActionPart((), "", line, column), comment.end(), bool(comment.group(1))
    tokens: list[Token] = []
    while True:
        closing = re.compile(r"(\s+-)?\s*\}\}").match(source, at)
        if closing:
            text = source[start : closing.end()]
            return (
                ActionPart(tuple(tokens), text, line, column), closing.end(),
                closing.group(1) is not None,
            )  # fmt: skip
        found = _TOKEN.match(source, at)
        if not found:
            rest = source[at:].lstrip()
            place = at + len(source[at:]) - len(rest)
            if not rest:
                raise SchemaProblem("The action is not closed: }} is missing.", line, column)
            raise SchemaProblem(
                f"{rest.split()[0][:20]!r} is not understood in an action.", *_place(source, place)
            )
        kind = found.lastgroup or ""
        begun = found.start(kind)
        tokens.append(Token(kind, found.group(kind), *_place(source, begun), begun == at))
        at = found.end()


def _place(source: str, at: int) -> tuple[int, int]:
    line = source.count("\n", 0, at) + 1
    return line, at - (source.rfind("\n", 0, at) + 1) + 1
