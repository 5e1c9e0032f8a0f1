"""Rules of a model's parameters: the platform's general ones, and what a service says otherwise.

The same data checks calls in the gateway and fills the tables of the API document, so the two
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slipway.base.errors import Invalid

Json = dict[str, Any]

SIZES = ("360x640", "480x640", "512x512", "640x360", "640x480", "720x1280", "1024x1024", "1280x720")
STYLES = ("standard", "portrait", "landscape", "cartoon", "technology", "photography", "concept")
ROLES = ("system", "user", "assistant")
MAX_SEED = 2**63 - 1


def _number(name: str, low: float, high: float, what: str, **more: Any) -> Json:
    kind = "integer" if more.pop("whole", False) else "number"
    return {"name": name, "type": kind, "min": low, "max": high, **more, "description": what}


def _plain(name: str, kind: str, what: str, **more: Any) -> Json:
    return {"name": name, "type": kind, **more, "description": what}


_MODEL = _plain("model", "string", "Name of the model.", required=True)
_USER = _plain("user", "string", "Your own name for the end user.")

GENERAL: dict[str, list[Json]] = {
    "chat": [
        _MODEL,
        _plain("messages", "any", "The conversation: objects with role and content.", required=True),
        _number("frequency_penalty", -2, 2, "Above 0: words that came often come less."),
        _number("presence_penalty", -2, 2, "Above 0: words that came at all come less."),
        _number("max_tokens", 0, 2048, "The answer is cut at this length.", whole=True, min_excluded=True),
        _number("n", 1, 4, "How many answers.", whole=True),
        _plain("response_format", "format", "text, json_object or json_schema."),
        _number("seed", 0, MAX_SEED, "Equal seeds give equal answers where the model can.", whole=True, min_excluded=True),
        _plain("stop", "strings", "The answer ends before one of these texts."),
        _plain("stream", "boolean", "The answer comes in pieces."),
        _plain("stream_options", "any", "include_usage: a last piece with the tokens used."),
        _number("temperature", 0, 2, "Higher is more varied.", min_excluded=True, max_excluded=True),
        _number("top_k", 1, 100, "Only so many candidates for each word.", whole=True),
        _number("top_p", 0, 1, "Only candidates that together are so likely.", min_excluded=True),
        _USER,
    ],
    "completion": [
        _MODEL,
        _plain("prompt", "any", "The text to go on from.", required=True),
        _number("max_tokens", 0, 2048, "The answer is cut at this length.", whole=True, min_excluded=True),
        _plain("stop", "strings", "The answer ends before one of these texts."),
        _plain("stream", "boolean", "The answer comes in pieces."),
        _number("temperature", 0, 2, "Higher is more varied.", min_excluded=True, max_excluded=True),
        _number("top_p", 0, 1, "Only candidates that together are so likely.", min_excluded=True),
        _USER,
    ],
    "embedding": [_MODEL, _plain("input", "any", "A text, or a list of texts.", required=True), _USER],
    "rerank": [
        _MODEL,
        _plain("query", "string", "What is looked for.", required=True),
        _plain("documents", "any", "The texts to put in order.", required=True),
        _number("top_n", 1, 10_000, "Only the best so many.", whole=True),
    ],
    "image": [
        _MODEL,
        _plain("prompt", "string", "What to show.", required=True, max_length=1000),
        _plain("negative_prompt", "string", "What to avoid.", max_length=1000),
        _number("n", 1, 1, "How many pictures.", whole=True),
        _number("num_inference_steps", 1, 50, "More steps: better and slower.", whole=True),
        _plain("quality", "any", "Taken for compatibility; has no effect."),
        _plain("size", "string", "Width x height.", values=list(SIZES), default="512x512"),
        _plain("response_format", "string", "An address that holds for a day, or base64.", values=["url", "b64_json"], default="b64_json"),
        _plain("style", "string", "The kind of picture.", values=list(STYLES), default="standard"),
        _USER,
    ],
    "transcription": [
        _MODEL,
        _plain("language", "string", "Language of the recording."),
        _plain("prompt", "string", "Words that may occur in it."),
        _plain("response_format", "string", "How the text is given."),
    ],
}  # fmt: skip

_CHAT_SWITCHES = ("strict_turns", "vision", "tools")
_TYPES = {"number", "integer", "string", "strings", "boolean", "format", "any"}


def resolved(rules: Mapping[str, Any] | None) -> dict[str, Json] | None:
    """The rules as the gateway needs them, by function; None: everything is passed through."""
    if rules is None:
        return None
    return {name: _function(name, given) for name, given in rules.items()}


def check(rules: Mapping[str, Any] | None) -> None:
    """Raises Invalid naming what is wrong."""
    for name, given in (rules or {}).items():
        if name not in GENERAL:
            raise Invalid(
                f"{name!r} is no function; there are {', '.join(GENERAL)}.", field="rules"
            )
        for parameter in given.get("parameters") or ():
            _check_parameter(f"rules.{name}", parameter, _known(name).get(parameter["name"]))
        if "user" not in (given.get("roles") or ROLES):
            raise Invalid("The roles must include `user`.", field=f"rules.{name}.roles")


def _function(name: str, given: Mapping[str, Any]) -> Json:
    own = {str(parameter["name"]): parameter for parameter in given.get("parameters") or ()}
    merged = [
        {**general, **_said(own.pop(general["name"], {}))} for general in GENERAL[name]
    ]  # fmt: skip
    found: Json = {"parameters": merged + [_said(one) for one in own.values()]}
    if name == "chat":
        found["roles"] = list(given.get("roles") or ROLES)
        found["image_hosts"] = list(given.get("image_hosts") or ())
        # A model with rules is one that the platform vouches for: turns alternate unless it says no.
        found |= {
            switch: bool(given.get(switch, switch == "strict_turns")) for switch in _CHAT_SWITCHES
        }
    if name == "image":
        found["size_order"] = given.get("size_order") or "width x height"
    return found


def _said(parameter: Mapping[str, Any]) -> Json:
    """What is set; 2.0 is shown as 2."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in parameter.items()
        if value is not None
    }


def _known(name: str) -> dict[str, Json]:
    return {parameter["name"]: parameter for parameter in GENERAL[name]}


def _check_parameter(field: str, given: Mapping[str, Any], general: Json | None) -> None:
    where = f"{field}.{given['name']}"
    kind = given.get("type") or (general or {}).get("type")
    if kind not in _TYPES:
        raise Invalid(
            f"The type of {given['name']} is one of {', '.join(sorted(_TYPES))}.", field=where
        )
    low, high = given.get("min"), given.get("max")
    if low is not None and high is not None and low > high:
        raise Invalid(f"The range of {given['name']} is empty: {low} to {high}.", field=where)
    if general is not None and general["name"] in ("model", "messages"):
        raise Invalid(f"{general['name']} has the same rule for every model.", field=where)
