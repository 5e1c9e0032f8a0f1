"""What a model takes: ranges, defaults, roles and turns, as data that comes with the feed.

A service without rules is passed through, and only its model server judges. Rules are made ready
once, when the feed brings them; a call is then checked by a handful of comparisons and its body
travels on byte for byte, save for a default that is put in or a bare picture that gets its prefix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.gateway.body import with_fields
from slipway.gateway.errors import BAD_REQUEST, Refused
from slipway.gateway.messages import MessageRules, check_messages, make_pictures_plain

Json = Mapping[str, Any]
Check = Callable[[str, Any], None]

# The function of a model that stands behind each path.
FUNCTIONS = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completion",
    "/v1/embeddings": "embedding",
    "/v1/rerank": "rerank",
    "/v1/images/generations": "image",
    "/v1/audio/transcriptions": "transcription",
}
_FORMATS = ("text", "json_object", "json_schema")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    check: Check
    required: bool
    default: Any  # put into calls that leave it out; None: nothing is


@dataclass(frozen=True, slots=True)
class FunctionRules:
    parameters: tuple[Parameter, ...]
    messages: MessageRules | None


@dataclass(frozen=True, slots=True)
class Rules:
    """By function; one that is not there is refused."""

    functions: Mapping[str, FunctionRules]

    def prepare(self, path: str, payload: Json, body: bytes) -> bytes:
        """The body to send on. Raises Refused naming the field that breaks a rule."""
        name = FUNCTIONS[path]
        rules = self.functions.get(name)
        if rules is None:
            raise Refused(
                BAD_REQUEST,
                f"The model {str(payload.get('model'))[:200]!r} does not do this ({name}).",
                param="model",
            )
        missing: dict[str, Any] = {}
        for parameter in rules.parameters:
            value = payload.get(parameter.name)
            if value is not None:
                parameter.check(parameter.name, value)
            elif parameter.required:
                raise _wrong(parameter.name, "is required")
            elif parameter.default is not None and parameter.name not in payload:
                missing[parameter.name] = parameter.default
        if rules.messages is not None:
            check_messages(rules.messages, payload.get("messages"))
            plain = make_pictures_plain(payload) if rules.messages.vision else None
            body = plain if plain is not None else body
        return with_fields(body, missing) if missing else body


def parse_rules(value: Json | None) -> Rules | None:
    """Raises ValueError, TypeError or KeyError for what is not understood."""
    if value is None:
        return None
    return Rules({str(name): _function(str(name), one) for name, one in value.items()})


def _function(name: str, value: Json) -> FunctionRules:
    if name not in FUNCTIONS.values():
        raise ValueError(f"unknown function {name!r}")
    parameters = tuple(_parameter(one) for one in value.get("parameters") or ())
    messages = MessageRules.of(value) if name == "chat" else None
    return FunctionRules(parameters, messages)


def _parameter(value: Json) -> Parameter:
    name = str(value["name"])
    if value.get("supported") is False:
        return Parameter(name, _unsupported, required=False, default=None)
    return Parameter(
        name, _CHECKS[value["type"]](value), bool(value.get("required")), value.get("default")
    )


def _number(rule: Json) -> Check:
    low, high = rule.get("min"), rule.get("max")
    low_out, high_out = bool(rule.get("min_excluded")), bool(rule.get("max_excluded"))
    kinds = (int,) if rule["type"] == "integer" else (int, float)
    what = "a whole number" if rule["type"] == "integer" else "a number"
    shown = _span(low, high, low_out, high_out)

    def check(name: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise _wrong(name, f"must be {what}")
        if (low is not None and (value < low or (low_out and value == low))) or (
            high is not None and (value > high or (high_out and value == high))
        ):
            raise _wrong(name, f"must be in {shown}; it is {value}")

    return check


def _text(rule: Json) -> Check:
    values, most = rule.get("values"), rule.get("max_length")

    def check(name: str, value: Any) -> None:
        if not isinstance(value, str):
            raise _wrong(name, "must be a text")
        if values and value not in values:
            raise _wrong(name, f"must be one of {', '.join(map(str, values))}")
        if most is not None and len(value) > most:
            raise _wrong(name, f"has {len(value)} characters; at most {most} are taken")

    return check


def _texts(rule: Json) -> Check:
    """A text or a list of texts."""

    def check(name: str, value: Any) -> None:
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(one, str) for one in listed):
            raise _wrong(name, "must be a text or a list of texts")

    return check


def _yes_or_no(rule: Json) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, bool):
            raise _wrong(name, "must be true or false")

    return check


def _format(rule: Json) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, dict) or value.get("type") not in _FORMATS:
            raise Refused(
                BAD_REQUEST,
                f"`{name}.type` must be one of {', '.join(_FORMATS)}.",
                param=f"{name}.type",
            )

    return check


def _anything(rule: Json) -> Check:
    return lambda name, value: None


def _unsupported(name: str, value: Any) -> None:
    raise _wrong(name, "is not a parameter of this model")


_CHECKS: Mapping[str, Callable[[Json], Check]] = {
    "number": _number,
    "integer": _number,
    "string": _text,
    "strings": _texts,
    "boolean": _yes_or_no,
    "format": _format,
    "any": _anything,
}


def _wrong(name: str, what: str) -> Refused:
    return Refused(BAD_REQUEST, f"`{name}` {what}.", param=name)


def _span(low: Any, high: Any, low_out: bool, high_out: bool) -> str:
    """A range as mathematics writes it: (0, 2048]."""
    left = "(" if low_out or low is None else "["
    right = ")" if high_out or high is None else "]"
    return f"{left}{'-∞' if low is None else low}, {'∞' if high is None else high}{right}"
