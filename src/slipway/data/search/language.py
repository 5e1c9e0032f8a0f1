"""The words of a search, such as `lang = zh and len(answer) > 200 "full text"`.

    word  "several words"                   anywhere in the record, without regard to case
    field = value   != < <= > >=            exact; numbers as numbers
    field ~ part    field !~ part           contains
    field in (a, b)   field is empty   field is not empty
    len(field) > 200                        characters of text, or how many entries a list has
    and   or   not   ( )                    terms beside each other mean "and"

A name or a value with spaces stands in quotes. What comes out is SQL with its parameters apart: no
text of the user's becomes part of a statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.base.errors import Invalid

MAX_LETTERS = 4000
_MAX_TERMS, _MAX_DEPTH = 200, 30
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op>!=|>=|<=|==|!~|[=<>~(),])"""
    r"""|(?P<word>[^\s=<>!~(),"']+|!))"""
)
_COMPARE = {"=": "=", "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPERATORS = (*_COMPARE, "~", "!~")


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"
    LIST = "list"
    JSON = "json"  # of different types from record to record, or nested


@dataclass(frozen=True, slots=True)
class SearchField:
    """`column` and `length` (of a text) are names in the index's table, chosen by us."""

    name: str
    type: FieldType
    column: str
    length: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    sql: str
    values: tuple[str | float | bool, ...] = ()


def parse_query(text: str, fields: Mapping[str, SearchField]) -> Condition:
    """Raises Invalid, saying where. An empty query is true of every sample."""
    if len(text) > MAX_LETTERS:
        raise Invalid(f"A query has at most {MAX_LETTERS} characters.", field="q", code="bad_query")
    parser = _Parser(_tokens(text), fields)
    return parser.whole()


def parse_order(text: str, fields: Mapping[str, SearchField]) -> str:
    """`field`, `-field`, `len(field)` or `-len(field)` as SQL; empty: as they lie in the files."""
    if not text:
        return "rowid"
    name, falling = text.removeprefix("-"), text.startswith("-")
    inner = re.fullmatch(r"len\((.*)\)", name)
    found = fields.get(inner[1] if inner else name)
    if found is None:
        raise _unknown(inner[1] if inner else name, fields, "order")
    expression = _length(found) if inner else found.column
    return f"{expression} {'desc' if falling else 'asc'} nulls last, rowid"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong("A quote is not closed", at)
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "quoted":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append(_Token(kind, value, match.start(kind)))
        at = match.end()
    if len(found) > 4 * _MAX_TERMS:
        raise _wrong(f"A query has at most {_MAX_TERMS} terms", 0)
    return found


class _Parser:
    def __init__(self, tokens: list[_Token], fields: Mapping[str, SearchField]) -> None:
        self._tokens, self._fields, self._at, self._depth = tokens, fields, 0, 0

    def whole(self) -> Condition:
        if not self._tokens:
            return Condition("true")
        found = self._either()
        if (rest := self._peek()) is not None:
            raise _wrong(f"{rest.text!r} is not expected here", rest.at)
        return found

    def _either(self) -> Condition:
        return self._joined("or", self._all)

    def _all(self) -> Condition:
        return self._joined("and", self._negated)

    def _joined(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while (token := self._peek()) is not None:
            if self._is_word(token, word):
                self._at += 1
            elif word == "or" or token.text == ")" or self._is_word(token, "or"):
                break
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        sql = f" {word} ".join(f"({one.sql})" for one in parts)
        return Condition(sql, tuple(value for one in parts for value in one.values))

    def _negated(self) -> Condition:
        token = self._peek()
        if token is not None and self._is_word(token, "not"):
            self._at += 1
            self._deeper(token)
            inner = self._negated()
            self._depth -= 1
            return Condition(f"not coalesce(({inner.sql}), false)", inner.values)
        return self._term()

    def _term(self) -> Condition:
        token = self._take("a word, a field or '('")
        following = self._peek()
        if token.kind == "op":
            if token.text != "(":
                raise _wrong(f"{token.text!r} is not expected here", token.at)
            self._deeper(token)
            inner = self._either()
            self._expect(")")
            self._depth -= 1
            return inner
        if self._is_word(token, "len") and following is not None and following.text == "(":
            self._at += 1
            name = self._take("a field")
            self._expect(")")
            return self._compared_length(self._field(name))
        if following is not None and following.kind == "op" and following.text in _OPERATORS:
            self._at += 1
            return _compared(self._field(token), following, self._value())
        if following is not None and following.kind == "word" and token.text in self._fields:
            if self._is_word(following, "in"):
                self._at += 1
                return self._one_of(self._field(token))
            if self._is_word(following, "is"):
                self._at += 1
                return self._emptiness(self._field(token))
        return Condition("contains(_text, ?)", (token.text.lower(),))

    def _compared_length(self, field: SearchField) -> Condition:
        operator = self._take("an operator such as >")
        if operator.text not in _COMPARE:
            raise _wrong("A length is compared with =, !=, <, <=, > or >=", operator.at)
        value = self._value()
        return Condition(f"{_length(field)} {_COMPARE[operator.text]} ?", (_number(value, field),))

    def _one_of(self, field: SearchField) -> Condition:
        opening = self._expect("(")
        parts = []
        while True:
            parts.append(_compared(field, _Token("op", "=", opening.at), self._value()))
            token = self._take("',' or ')'")
            if token.text == ")":
                break
            if token.text != ",":
                raise _wrong("Values in ( ) stand apart by ','", token.at)
        sql = " or ".join(f"({one.sql})" for one in parts)
        return Condition(sql, tuple(value for one in parts for value in one.values))

    def _emptiness(self, field: SearchField) -> Condition:
        token = self._take("empty")
        negative = self._is_word(token, "not")
        if negative:
            token = self._take("empty")
        if not self._is_word(token, "empty"):
            raise _wrong("'is' goes with 'empty' or 'not empty'", token.at)
        empty = f"{field.column} is null"
        if field.type is FieldType.TEXT:
            # Most texts are long: only the few short ones are looked at.
            empty += f" or ({field.length} < 40 and trim({field.column}) = '')"
        elif field.type is FieldType.LIST:
            empty += f" or len({field.column}) = 0"
        elif field.type is FieldType.JSON:
            empty += f" or {as_text(field)} in ('', '[]', '{{}}') or {as_text(field)} is null"
        return Condition(f"not ({empty})" if negative else empty)

    def _field(self, token: _Token) -> SearchField:
        found = self._fields.get(token.text)
        if found is None:
            raise _unknown(token.text, self._fields, "q", token.at)
        return found

    def _value(self) -> _Token:
        token = self._take("a value")
        if token.kind == "op":
            raise _wrong(f"A value is expected, not {token.text!r}", token.at)
        return token

    def _expect(self, text: str) -> _Token:
        token = self._take(repr(text))
        if token.text != text or token.kind != "op":
            raise _wrong(f"{text!r} is expected, not {token.text!r}", token.at)
        return token

    def _take(self, wanted: str) -> _Token:
        token = self._peek()
        if token is None:
            end = self._tokens[-1].at + len(self._tokens[-1].text) if self._tokens else 0
            raise _wrong(f"The query ends where {wanted} is expected", end)
        self._at += 1
        return token

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _wrong("The query is nested too deeply", token.at)

    def _is_word(self, token: _Token, word: str) -> bool:
        return token.kind == "word" and token.text.lower() == word


def _compared(field: SearchField, operator: _Token, value: _Token) -> Condition:
    if operator.text in ("~", "!~"):
        inside = Condition(f"contains(lower({as_text(field)}), ?)", (value.text.lower(),))
        if operator.text == "~":
            return inside
        return Condition(f"not coalesce({inside.sql}, false)", inside.values)
    sign = _COMPARE[operator.text]
    match field.type:
        case FieldType.NUMBER:
            return Condition(f"{field.column} {sign} ?", (_number(value, field),))
        case FieldType.BOOL:
            if value.text.lower() not in ("true", "false") or sign not in ("=", "<>"):
                raise _wrong(f"{field.name} is true or false", value.at)
            return Condition(f"{field.column} {sign} ?", (value.text.lower() == "true",))
        case FieldType.LIST:
            if sign not in ("=", "<>"):
                raise _wrong(f"{field.name} is a list: use =, != or len({field.name})", operator.at)
            has = f"list_contains({field.column}, ?)"
            return Condition(has if sign == "=" else f"not coalesce({has}, false)", (value.text,))
        case FieldType.JSON if _is_number(value.text):
            return Condition(f"try_cast({as_text(field)} as double) {sign} ?", (float(value.text),))
        case _:
            return Condition(f"{as_text(field)} {sign} ?", (value.text,))


def as_text(field: SearchField) -> str:
    """The field as text."""
    match field.type:
        case FieldType.JSON:
            return f"({field.column}->>'$')"
        case FieldType.LIST:
            return f"array_to_string({field.column}, chr(10))"
        case FieldType.TEXT:
            return field.column
        case _:
            return f"cast({field.column} as varchar)"


def _length(field: SearchField) -> str:
    if field.length is not None:
        return field.length
    return f"len({field.column})" if field.type is FieldType.LIST else f"length({as_text(field)})"


def _number(value: _Token, field: SearchField) -> float:
    if not _is_number(value.text):
        raise _wrong(f"{field.name} is compared with a number, not {value.text[:40]!r}", value.at)
    return float(value.text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text) is not None


def _wrong(said: str, at: int) -> Invalid:
    return Invalid(f"{said} (at character {at + 1}).", field="q", code="bad_query", position=at)


def _unknown(
    name: str, fields: Mapping[str, SearchField], place: str, at: int | None = None
) -> Invalid:
    known = ", ".join(list(fields)[:20])
    where = f" (at character {at + 1})" if at is not None else ""
    return Invalid(
        f"There is no field {name[:60]!r}{where}. The fields are: {known}.",
        field=place, code="bad_query",
    )  # fmt: skip
