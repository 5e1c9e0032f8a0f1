"""Which parameters a model takes, and the range and default of each (GWY-32, GWY-43..54, 66..76).

The general ranges of the catalogue, narrowed by what is known of the service. The console's sliders
and the API document of a service are drawn from here, so both always say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from slipway.playground.types import TryKind


class RuleKind(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """`minimum` and `maximum` are allowed themselves, and lengths for a text. `default` None: the
    model's own. A parameter that stands at its default is left out of the request."""

    name: str
    kind: RuleKind
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    default: float | str | None = None
    choices: tuple[str, ...] = ()


STYLES = (
    "standard", "portrait", "landscape", "cartoon", "technology", "photography", "concept",
)  # fmt: skip
# Width x height. What the aspect ratios of the picker stand for comes from here, too.
SIZES = (
    "512x512", "360x640", "480x640", "640x360", "640x480", "720x1280", "1024x1024", "1280x720",
)  # fmt: skip
MAX_PROMPT = 1000
_LONGEST_ANSWER = 2048
_MAX_SEED = 2**53 - 1  # the largest whole number that a browser keeps exactly

_N, _I = RuleKind.NUMBER, RuleKind.INTEGER
_CHAT = (
    ParameterRule("temperature", _N, 0, 2, 0.01),
    ParameterRule("top_p", _N, 0.01, 1, 0.01),
    ParameterRule("frequency_penalty", _N, -2, 2, 0.01, 0),
    ParameterRule("presence_penalty", _N, -2, 2, 0.01, 0),
    ParameterRule("top_k", _I, 1, 100, 1),
    ParameterRule("max_tokens", _I, 1, _LONGEST_ANSWER, 1),
    ParameterRule("seed", _I, 1, _MAX_SEED, 1),
    ParameterRule("stop", RuleKind.TEXT, 1, 200),
)
_IMAGE = (
    ParameterRule("style", RuleKind.CHOICE, default="standard", choices=STYLES),
    ParameterRule("size", RuleKind.CHOICE, default="512x512", choices=SIZES),
    ParameterRule("n", _I, 1, 4, 1, 1),
    ParameterRule("num_inference_steps", _I, 1, 50, 1),
    ParameterRule("negative_prompt", RuleKind.TEXT, 0, MAX_PROMPT),
    ParameterRule("seed", _I, 1, _MAX_SEED, 1),
)


def parameter_rules(kind: TryKind, max_model_len: int | None) -> Sequence[ParameterRule]:
    """`max_model_len`: tokens of question and answer together, where the service has a limit."""
    if kind is TryKind.IMAGE:
        return _IMAGE
    if max_model_len is None:
        return _CHAT
    return [
        replace(rule, maximum=max_model_len) if rule.name == "max_tokens" else rule
        for rule in _CHAT
    ]
