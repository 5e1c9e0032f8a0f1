"""The part of MLflow's search language that is understood: comparisons joined by AND.

metrics.loss < 0.5 AND params.optimizer = 'adam' AND tags.team LIKE 'vis%' AND status = 'FINISHED'
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.base.errors import Invalid

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*"|`[^`]*`)|(?P<operator><=|>=|!=|=|<|>)|(?P<mark>[(),])"""
    r"""|(?P<number>-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?![\w.])|(?P<word>[A-Za-z_][\w./-]*))"""
)
_KINDS = {
    "metrics": "metrics", "metric": "metrics", "params": "params", "parameters": "params", "param": "params",
    "parameter": "params", "tags": "tags", "tag": "tags", "attributes": "attributes", "attribute": "attributes",
    "attr": "attributes", "run": "attributes",
}  # fmt: skip
_NUMERIC = {"start_time", "end_time", "created"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

Facts = Mapping[str, Mapping[str, Any]]  # "metrics", "params", "tags", "attributes" of a run


@dataclass(frozen=True, slots=True)
class Condition:
    kind: str
    key: str
    operator: str
    value: Any

    def holds(self, facts: Facts) -> bool:
        found = facts[self.kind].get(self.key)
        if found is None:
            return False
        match self.operator:
            case "IN":
                return found in self.value
            case "NOT IN":
                return found not in self.value
            case "LIKE" | "ILIKE":
                flags = re.DOTALL | (re.IGNORECASE if self.operator == "ILIKE" else 0)
                return re.fullmatch(_pattern(self.value), str(found), flags) is not None
        return _COMPARE[self.operator](found, self.value)


def parse_filter(text: str) -> list[Condition]:
    tokens = list(_tokens(text))
    conditions: list[Condition] = []
    while tokens:
        if conditions:
            kind, word = tokens.pop(0)
            if kind != "word" or word.upper() != "AND":
                raise _bad(text, f"AND was expected before {word!r} (OR is not understood)")
        conditions.append(_condition(tokens, text))
    return conditions


def parse_order(items: Sequence[str]) -> list[tuple[str, str, bool]]:
    """(kind, key, descending) of `metrics.loss DESC` and the like."""
    found = []
    for item in items:
        words = item.strip().rsplit(None, 1)
        descending = len(words) == 2 and words[1].upper() == "DESC"
        name = words[0] if len(words) == 2 and words[1].upper() in ("ASC", "DESC") else item.strip()
        kind, key = _identifier(list(_tokens(name)), item)
        found.append((kind, key, descending))
    return found


def _condition(tokens: list[tuple[str, str]], text: str) -> Condition:
    kind, key = _identifier(tokens, text)
    sign = tokens.pop(0)[1].upper() if tokens else ""
    if sign == "NOT" and tokens:
        sign += " " + tokens.pop(0)[1].upper()
    if sign in ("IN", "NOT IN"):
        return Condition(kind, key, sign, _several(tokens, text))
    if sign not in _COMPARE and sign not in ("LIKE", "ILIKE"):
        raise _bad(text, f"{sign or 'nothing'!r} is no comparison; use =, !=, <, <=, >, >=, LIKE, ILIKE or IN")  # fmt: skip
    value = _value(tokens, text)
    numeric = kind == "metrics" or (kind == "attributes" and key in _NUMERIC)
    if numeric != isinstance(value, float) or (not numeric and sign in ("<", "<=", ">", ">=")):
        wanted = "a number" if numeric else "a text in quotes, with =, !=, LIKE, ILIKE or IN"
        raise _bad(text, f"{kind}.{key} is compared with {wanted}")
    return Condition(kind, key, sign, value)


def _identifier(tokens: list[tuple[str, str]], text: str) -> tuple[str, str]:
    kind, word = tokens.pop(0) if tokens else ("", "")
    if kind != "word":
        raise _bad(text, f"a name such as metrics.loss was expected, not {word!r}")
    group, dot, key = word.partition(".")
    if dot and not key and tokens and tokens[0][0] == "text":  # metrics."a name with spaces"
        key = tokens.pop(0)[1]
    if not dot:
        group, key = "attributes", word
    if group not in _KINDS or not key:
        raise _bad(text, f"{word!r} is not metrics.*, params.*, tags.* or an attribute")
    key = {"Created": "start_time", "run_uuid": "run_id", "run name": "run_name"}.get(key, key)
    return _KINDS[group], key


def _several(tokens: list[tuple[str, str]], text: str) -> tuple[str, ...]:
    found: list[str] = []
    if tokens and tokens.pop(0)[1] == "(":
        while tokens:
            found.append(str(_value(tokens, text)))
            if (mark := tokens.pop(0)[1] if tokens else "") == ")":
                return tuple(found)
            if mark != ",":
                break
    raise _bad(text, "IN is followed by ('a', 'b')")


def _value(tokens: list[tuple[str, str]], text: str) -> float | str:
    kind, word = tokens.pop(0) if tokens else ("", "")
    if kind == "number":
        return float(word)
    if kind == "text":
        return word
    raise _bad(text, f"a number or a text in quotes was expected, not {word!r}")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise _bad(text, f"{text[at : at + 20]!r} is not understood")
        kind = str(found.lastgroup)
        yield kind, found[kind][1:-1] if kind == "text" else found[kind]
        at = found.end()


def _pattern(like: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(letter) or re.escape(letter) for letter in like)


def _bad(text: str, why: str) -> Invalid:
    return Invalid(f"The search {text[:200]!r} cannot be used: {why}.", field="filter")
