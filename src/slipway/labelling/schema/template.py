"""The template language: the part of Go's `text/template` that schemas use, without any access to
the outside and within limits of time and size.

`parse` turns text into nodes; `render` walks them over a record. What an action yields is not put
into the text: a placeholder is, and the value is put in its place after the YAML has been read. So a
record is data and can never become structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson

from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.schema.tokens import ActionPart, TextPart, Token, split

LIMIT_S, LIMIT_BYTES, LIMIT_STEPS, MAX_DEPTH = 1.0, 1 << 20, 200_000, 20
OPEN, CLOSE = (
    "\ue000",
    "\ue001",
)  # around the number of a value; private letters, good in any YAML scalar


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """`.a.b` of the present element, `$.a.b` of the whole, `$x.a` of a variable."""

    base: str  # ".", "$" or "$name"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]


Expression = Literal | Path | Call


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Emit:
    value: Expression
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """`if`, `with` and `range`."""

    kind: str
    value: Expression
    names: tuple[str, ...]
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node = Text | Emit | Block


def parse(source: str) -> tuple[Node, ...]:
    """Raises SchemaProblem with the place."""
    if OPEN in source or CLOSE in source:
        raise SchemaProblem("The schema holds letters of the private use area; remove them.")
    parser = _Parser(split(source))
    nodes, end = parser.nodes(0)
    if end is not None:
        raise SchemaProblem(f"{end.source} without a beginning.", end.line, end.column)
    return nodes


@dataclass(slots=True)
class Rendered:
    """Text with placeholders, the values in their place, and where each line comes from."""

    text: str
    values: list[Any]
    lines: list[int]


def render(nodes: tuple[Node, ...], record: dict[str, Any], *, outline: bool = False) -> Rendered:
    """With `outline` each `range` goes around once where there is nothing: the form of an item. Raises SchemaProblem where a limit is reached or an action does not fit the record."""
    run = _Run(record, outline)
    run.walk(nodes, {"Values": record}, {})
    return Rendered("".join(run.parts), run.values, run.lines)


class _Parser:
    def __init__(self, parts: list[TextPart | ActionPart]) -> None:
        self._parts: Iterator[TextPart | ActionPart] = iter(parts)

    def nodes(self, depth: int) -> tuple[tuple[Node, ...], ActionPart | None]:
        """Nodes up to an `else` or `end`, which comes with them."""
        found: list[Node] = []
        for part in self._parts:
            if isinstance(part, TextPart):
                found.append(Text(part.text, part.line, part.column))
                continue
            word = part.tokens[0].text if part.tokens[0].kind == "word" else ""
            if word in ("else", "end"):
                return tuple(found), part
            if word in ("if", "with", "range"):
                if depth >= MAX_DEPTH:
                    raise SchemaProblem("Blocks are nested too deep.", part.line, part.column)
                found.append(self._block(part, part.tokens[1:], word, depth))
            else:
                found.append(Emit(_Expressions(part).whole(part.tokens), part.line, part.column))
        return tuple(found), None

    def _block(self, part: ActionPart, tokens: tuple[Token, ...], kind: str, depth: int) -> Block:
        names, tokens = _assigned(part, tokens, kind)
        value = _Expressions(part).whole(tokens)
        body, end = self.nodes(depth + 1)
        otherwise: tuple[Node, ...] = ()
        if end is not None and end.tokens[0].text == "else":
            rest = end.tokens[1:]
            if rest and rest[0].text == "if" and kind == "if":
                return Block(kind, value, names, body, (self._block(end, rest[1:], "if", depth),))
            _no_more(end, rest)
            otherwise, end = self.nodes(depth + 1)
        if end is None or end.tokens[0].text != "end":
            raise SchemaProblem(f"{part.source} has no {{{{ end }}}}.", part.line, part.column)
        _no_more(end, end.tokens[1:])
        return Block(kind, value, names, body, otherwise)


def _assigned(
    part: ActionPart, tokens: tuple[Token, ...], kind: str
) -> tuple[tuple[str, ...], tuple[Token, ...]]:
    """`$i, $x :=` before the value."""
    at = next((i for i, token in enumerate(tokens) if token.text == ":="), None)
    if at is None:
        return (), tokens
    names = tuple(token.text for token in tokens[:at] if token.kind == "variable")
    commas = sum(token.text == "," for token in tokens[:at])
    if not names or len(names) > (2 if kind == "range" else 1) or commas != len(names) - 1:
        raise SchemaProblem(f"{part.source} is not understood.", part.line, part.column)
    return names, tokens[at + 1 :]


def _no_more(part: ActionPart, tokens: tuple[Token, ...]) -> None:
    if tokens:
        raise SchemaProblem(f"{part.source} is not understood.", part.line, part.column)


class _Expressions:
    """`name argument ...`, a single operand, or either in brackets."""

    def __init__(self, part: ActionPart) -> None:
        self._part = part
        self._tokens: list[Token] = []

    def whole(self, tokens: tuple[Token, ...]) -> Expression:
        self._tokens = list(tokens)
        if not tokens:
            raise self._refuse(None)
        found = self._call()
        if self._tokens:
            raise self._refuse(self._tokens[0])
        return found

    def _call(self) -> Expression:
        token = self._tokens[0] if self._tokens else None
        if token is None or token.kind != "word" or token.text in _CONSTANTS:
            return self._operand()
        if token.text not in FUNCTIONS:
            raise SchemaProblem(
                f"{token.text!r} is not known; possible are: {', '.join(sorted(FUNCTIONS))}.",
                token.line, token.column,
            )  # fmt: skip
        self._tokens.pop(0)
        arguments = []
        while self._tokens and self._tokens[0].text != ")":
            arguments.append(self._operand())
        least, most = _ARGUMENTS[token.text]
        if not least <= len(arguments) <= most:
            raise SchemaProblem(
                f"{token.text} has the wrong number of arguments.", token.line, token.column
            )
        return Call(token.text, tuple(arguments))

    def _operand(self) -> Expression:
        if not self._tokens:
            raise self._refuse(None)
        token = self._tokens.pop(0)
        if token.kind == "string":
            return Literal(_unquoted(token))
        if token.kind == "number":
            return Literal(orjson.loads(token.text) if token.text[-1] != "." else 0)
        if token.kind == "word" and token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text])
        if token.text == "(":
            inner = self._call()
            if not self._tokens or self._tokens.pop(0).text != ")":
                raise self._refuse(token)
            return inner
        if token.kind == "field":
            first = () if token.text == "." else (token.text[1:],)
            return Path(".", first + self._fields())
        if token.kind == "variable":
            return Path(token.text, self._fields())
        raise self._refuse(token)

    def _fields(self) -> tuple[str, ...]:
        names = []
        while self._tokens and self._tokens[0].joined and self._tokens[0].kind == "field":
            names.append(self._tokens.pop(0).text[1:])
        if any(not name for name in names):
            raise self._refuse(None)
        return tuple(names)

    def _refuse(self, token: Token | None) -> SchemaProblem:
        place = token or self._part
        return SchemaProblem(f"{self._part.source} is not understood.", place.line, place.column)


def _unquoted(token: Token) -> str:
    if token.text[0] == "`":
        return token.text[1:-1]
    try:
        text: str = orjson.loads(token.text)
    except orjson.JSONDecodeError as error:
        raise SchemaProblem("The text has an unknown escape.", token.line, token.column) from error
    return text


class _Run:
    def __init__(self, record: dict[str, Any], outline: bool) -> None:
        self._outline = outline
        self._root = {"Values": record}
        self.parts: list[str] = []
        self.values: list[Any] = []
        self.lines: list[int] = [1]
        self._size, self._steps = 0, 0
        self._end = monotonic() + LIMIT_S

    def walk(self, nodes: tuple[Node, ...], dot: Any, names: dict[str, Any]) -> None:
        for node in nodes:
            self._step()
            match node:
                case Text():
                    self._add(node.text, node.line)
                case Emit():
                    self._emit(node, self._value(node.value, dot, names))
                case Block():
                    self._block(node, dot, names)

    def _block(self, node: Block, dot: Any, names: dict[str, Any]) -> None:
        value = self._value(node.value, dot, names)
        if node.kind == "range":
            items = _items(value) or ([(0, None)] if self._outline else [])
            for key, item in items:
                self._step()
                given = (key, item) if len(node.names) == 2 else (item,)
                self.walk(node.body, item, names | dict(zip(node.names, given, strict=False)))
            if not items:
                self.walk(node.otherwise, dot, names)
        elif _truth(value):
            inner = names | dict.fromkeys(node.names, value)
            self.walk(node.body, value if node.kind == "with" else dot, inner)
        else:
            self.walk(node.otherwise, dot, names)

    def _value(self, expression: Expression, dot: Any, names: dict[str, Any]) -> Any:
        match expression:
            case Literal():
                return expression.value
            case Path():
                base = {".": dot, "$": self._root}.get(expression.base)
                value = names.get(expression.base) if expression.base not in (".", "$") else base
                for field in expression.fields:
                    value = value.get(field) if isinstance(value, dict) else None
                return value
            case Call():
                self._step()
                return FUNCTIONS[expression.name](
                    *(self._value(argument, dot, names) for argument in expression.arguments)
                )

    def _emit(self, node: Emit, value: Any) -> None:
        text = shown(value)
        self._grow(len(text))
        self._add(f"{OPEN}{len(self.values)}{CLOSE}", node.line)
        self.values.append(text)

    def _add(self, text: str, line: int) -> None:
        self._grow(len(text))
        self.parts.append(text)
        for count in range(text.count("\n")):
            self.lines.append(line + count + 1)

    def _grow(self, letters: int) -> None:
        self._size += letters
        if self._size > LIMIT_BYTES:
            raise SchemaProblem("What the schema makes of this record is larger than 1 MB.")

    def _step(self) -> None:
        self._steps += 1
        if self._steps > LIMIT_STEPS or (self._steps % 256 == 0 and monotonic() > self._end):
            raise SchemaProblem("The schema takes longer than 1 second for this record.")


def shown(value: Any) -> str:
    """A value as text: nothing for what is missing, JSON for what is no text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return sorted(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _truth(value: Any) -> bool:
    return bool(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key) if isinstance(key, str) else None
        elif isinstance(value, list) and isinstance(key, int) and -1 < key < len(value):
            value = value[key]
        else:
            return None
    return value


def _and(*values: Any) -> Any:
    return next((value for value in values if not _truth(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if _truth(value)), values[-1])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "index": _index,
    "len": lambda value: len(value) if isinstance(value, str | list | dict) else 0,
    "eq": lambda first, *others: any(first == other for other in others),
    "not": lambda value: not _truth(value),
    "and": _and,
    "or": _or,
}
_MANY = 20
_ARGUMENTS = {
    "index": (1, _MANY), "len": (1, 1), "eq": (2, _MANY), "not": (1, 1), "and": (1, _MANY),
    "or": (1, _MANY),
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "nil": None}
