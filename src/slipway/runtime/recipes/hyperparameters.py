"""The fine-tuning hyper-parameters: names, defaults, checks.

Names are compared without regard to case, `_` and `-`. What is not in `KEYS` is handed on to
Hugging Face's training arguments (see `training_arguments.py`), which then have the last word.
"""

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from slipway.runtime.recipes.errors import HyperParameterError


class Kind(StrEnum):
    BOOLEAN = "true or false"
    COUNT = "a whole number of 1 or more"
    POSITIVE = "a number above 0"
    SHARE = "a number from 0 to 0.5"
    WHOLE = "a whole number of 0 or more"
    CHOICE = "one of the listed values"
    TEXT = "text"
    TEXTS = "text or a list of texts"
    SCRATCH = "true, a size, or an object of sizes"


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    kind: Kind
    default: Any
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


KEYS: tuple[Key, ...] = (
    Key("Epoch", Kind.POSITIVE, 2, aliases=("Epochs",)),
    Key("BatchSize", Kind.COUNT, 1),
    Key("LearningRate", Kind.POSITIVE, 1e-5),
    Key("Step", Kind.COUNT, 750),
    Key("UseTilearn", Kind.BOOLEAN, True),
    Key("FinetuningType", Kind.CHOICE, "Lora", choices=("Lora", "Full")),
    Key("MaxSequenceLength", Kind.COUNT, 2048),
    Key("GradienAccumulationSteps", Kind.COUNT, 1, aliases=("GradientAccumulationSteps",)),
    Key("GradientCheckPointing", Kind.BOOLEAN, True),
    Key(
        "DeepspeedZeroStage",
        Kind.CHOICE,
        "z3",
        choices=("z0", "z2", "z2_offload", "z3", "z3_offload"),
    ),
    Key("ResumeFromCheckpoint", Kind.BOOLEAN, True),
    Key("TilearnHybridTPSize", Kind.COUNT, 1),
    Key("TilearnHybridPPSize", Kind.COUNT, 1),
    Key("overwrite_output_dir", Kind.BOOLEAN, False),
    # From here on: what the manual's table does not have.
    Key("Stage", Kind.CHOICE, "sft", choices=("sft", "pretrain")),
    Key("FromScratch", Kind.SCRATCH, None),
    Key("ValidationShare", Kind.SHARE, 0.0),
    Key("DataFiles", Kind.TEXTS, ()),
    Key("Dataset", Kind.TEXTS, ()),
    Key("LoraRank", Kind.COUNT, 8),
    Key("LoraAlpha", Kind.COUNT, None),
    Key("LoraDropout", Kind.SHARE, 0.0),
    Key("LoraTarget", Kind.TEXTS, ("all-linear",)),
    Key("MergeAdapter", Kind.BOOLEAN, True),
    Key("Seed", Kind.WHOLE, 42),
)


@dataclass(frozen=True, slots=True)
class HyperParameters:
    """Checked values by their canonical name, and what goes on to the training arguments."""

    values: Mapping[str, Any]
    passed_on: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()  # canonical names that the user wrote himself

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def lora(self) -> bool:
        return bool(self["FinetuningType"] == "Lora")

    @property
    def pretrain(self) -> bool:
        return bool(self["Stage"] == "pretrain")


def load(path: Path) -> HyperParameters:
    """Read the file; one that is not there means all defaults."""
    if not path.exists():
        return parse({})
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise HyperParameterError(f"The hyper-parameters in {path} are not JSON: {error}") from None
    if not isinstance(content, dict):
        raise HyperParameterError("The hyper-parameters must be a JSON object.")
    return parse(content)


def parse(raw: Mapping[str, Any]) -> HyperParameters:
    values = {key.name: key.default for key in KEYS}
    passed_on: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for written, value in raw.items():
        key = _BY_SPELLING.get(normalise(written))
        if key is None:
            passed_on[written] = value
            continue
        if key.name in spelled:
            raise HyperParameterError(
                f"{written}: given twice, also as {spelled[key.name]}. Keep one."
            )
        spelled[key.name] = written
        if value is not None:
            values[key.name] = check(written, key, value)
    if values["FromScratch"] is not None and "FinetuningType" not in spelled:
        values["FinetuningType"] = "Full"
    _check_together(values, spelled)
    return HyperParameters(values, passed_on, frozenset(spelled))


def defaults() -> dict[str, Any]:
    """The manual's table: what a form shows before anything is changed."""
    end = next(i for i, key in enumerate(KEYS) if key.name == "overwrite_output_dir")
    return {key.name: key.default for key in KEYS[:end]}


def normalise(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def suggestion(name: str, others: tuple[str, ...] = ()) -> str:
    """` Did you mean X?`, or nothing."""
    known = {normalise(n): n for n in (*others, *(key.name for key in KEYS))}
    close = difflib.get_close_matches(normalise(name), known, n=1)
    return f" Did you mean {known[close[0]]}?" if close else ""


def check(written: str, key: Key, value: Any) -> Any:
    """The value in its canonical form, or an error that starts with the name as written."""
    match key.kind:
        case Kind.BOOLEAN:
            return _boolean(written, value)
        case Kind.COUNT:
            return _number(written, value, key.kind, whole=True, lowest=1)
        case Kind.WHOLE:
            return _number(written, value, key.kind, whole=True, lowest=0)
        case Kind.POSITIVE:
            number = _number(written, value, key.kind, whole=False, lowest=0)
            return number if number > 0 else _refuse(written, value, key.kind)
        case Kind.SHARE:
            number = _number(written, value, key.kind, whole=False, lowest=0)
            return number if number <= 0.5 else _refuse(written, value, key.kind)
        case Kind.CHOICE:
            return _choice(written, value, key.choices)
        case Kind.TEXT:
            return value if isinstance(value, str) else _refuse(written, value, key.kind)
        case Kind.TEXTS:
            return _texts(written, value, key.kind)
        case Kind.SCRATCH:
            return _scratch(written, value, key.kind)


def _boolean(written: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    # The manual's own table writes True, which people copy as text into JSON.
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return _refuse(written, value, Kind.BOOLEAN)


def _number(written: str, value: Any, kind: Kind, *, whole: bool, lowest: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _refuse(written, value, kind)
    if value < lowest or (whole and value != int(value)):
        return _refuse(written, value, kind)
    return int(value) if whole else value


def _choice(written: str, value: Any, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if isinstance(value, str) and value.lower() == choice.lower():
            return choice
    raise HyperParameterError(f"{written}: {value!r} is not one of {', '.join(choices)}.")


def _texts(written: str, value: Any, kind: Kind) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    return _refuse(written, value, kind)


def _scratch(written: str, value: Any, kind: Kind) -> Any:
    if value is None or value is False:
        return None
    if value is True:
        return {}
    if isinstance(value, str):
        return {"Size": value}
    return value if isinstance(value, dict) else _refuse(written, value, kind)


def _check_together(values: Mapping[str, Any], spelled: Mapping[str, str]) -> None:
    for name in ("TilearnHybridTPSize", "TilearnHybridPPSize"):
        if values[name] != 1:
            raise HyperParameterError(
                f"{spelled[name]}: this recipe trains with data parallelism only; leave it at 1."
            )
    if values["FromScratch"] is not None and values["FinetuningType"] == "Lora":
        raise HyperParameterError(
            f"{spelled['FinetuningType']}: a model from scratch has no trained weights to adapt. "
            "Use Full."
        )


def _refuse(written: str, value: Any, kind: Kind) -> NoReturn:
    raise HyperParameterError(f"{written}: {value!r} is not {kind}.")


_BY_SPELLING: dict[str, Key] = {
    normalise(spelling): key for key in KEYS for spelling in (key.name, *key.aliases)
}
