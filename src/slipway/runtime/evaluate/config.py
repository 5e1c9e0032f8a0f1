"""The evaluation's configuration file -> checked values."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from slipway.runtime.evaluate.errors import ConfigError

MAX_CONCURRENCY = 24
MAX_RETRY_PER_QUERY = 0
TIMEOUT_S = 600.0

_Choice = TypeVar("_Choice", bound=StrEnum)


class Format(StrEnum):
    AUTO = "auto"
    CONVERSATION = "conversation"
    QA = "qa"
    GSM8K = "gsm8k"


class History(StrEnum):
    """Whose earlier answers a later turn of a conversation sees."""

    PLAYED = "played"  # the model's own: the turns are played in order
    GIVEN = "given"  # the set's


class MetricName(StrEnum):
    ACCURACY = "accuracy"
    ROUGE1 = "rouge1"
    ROUGE2 = "rouge2"
    ROUGEL = "rougeL"
    BLEU4 = "bleu4"


class TokenizerName(StrEnum):
    AUTO = "auto"
    CHAR = "char"
    JIEBA = "jieba"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Model:
    """Where and how to ask. `params` go into the request as they are."""

    name: str
    base_url: str
    model: str
    api_key: str | None
    params: Mapping[str, Any]
    concurrency: int
    retries: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class QuestionSet:
    name: str
    files: tuple[Path, ...]
    format: Format
    system: str | None  # added where a sample has no system text of its own
    template: str | None  # wraps each question; holds {prompt}
    history: History
    limit: int | None

    def digest(self) -> str:
        """SHA-256 over all files, so that a result says what was asked."""
        digests = [hashlib.sha256(path.read_bytes()).digest() for path in self.files]
        return hashlib.sha256(b"".join(digests)).hexdigest()


@dataclass(frozen=True, slots=True)
class Config:
    models: tuple[Model, ...]
    sets: tuple[QuestionSet, ...]
    metrics: tuple[MetricName, ...]
    tokenizer: TokenizerName
    seed: int | None

    def described(self) -> dict[str, Any]:
        """All that shapes the answers and scores; no secrets, and nothing about place or speed."""
        return {
            "models": [
                {"name": m.name, "model": m.model, "params": dict(m.params)} for m in self.models
            ],
            "sets": [
                {
                    "name": s.name,
                    "sha256": s.digest(),
                    "format": s.format,
                    "system": s.system,
                    "template": s.template,
                    "history": s.history,
                    "limit": s.limit,
                }
                for s in self.sets
            ],
            "metrics": list(self.metrics),
            "tokenizer": self.tokenizer,
            "seed": self.seed,
        }

    def places(self) -> dict[str, Any]:
        """Where the questions came from and went to. May differ when an evaluation goes on."""
        return {
            "models": {m.name: m.base_url for m in self.models},
            "sets": {s.name: [str(path) for path in s.files] for s in self.sets},
        }


def load(path: Path) -> Config:
    """Relative file names in the configuration are meant from its own directory."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is not JSON: {error}") from error
    return parse(raw, path.parent)


def parse(raw: Any, base: Path = Path()) -> Config:
    fields = _Fields(raw, "configuration")
    models = tuple(_model(entry) for entry in fields.objects("models"))
    sets = tuple(_set(entry, base) for entry in fields.objects("sets"))
    names = fields.texts("metrics") or [str(name) for name in MetricName]
    config = Config(
        models=models,
        sets=sets,
        metrics=tuple(_choice(MetricName, name, "metrics") for name in dict.fromkeys(names)),
        tokenizer=_choice(TokenizerName, fields.text("tokenizer", "auto"), "tokenizer"),
        seed=fields.number("seed", None, lowest=0),
    )
    fields.refuse_others()
    _refuse_twice("models", [m.name for m in models])
    _refuse_twice("sets", [s.name for s in sets])
    return config


def _model(fields: "_Fields") -> Model:
    name = fields.text("name")
    model = Model(
        name=name,
        base_url=fields.text("base_url").rstrip("/"),
        model=fields.text("model", name),
        api_key=fields.text("api_key", "") or None,
        params=fields.object("params"),
        concurrency=fields.number("concurrency", MAX_CONCURRENCY, lowest=1, also="MAX_CONCURRENCY"),
        retries=fields.number("retries", MAX_RETRY_PER_QUERY, lowest=0, also="MAX_RETRY_PER_QUERY"),
        timeout_s=fields.number("timeout_s", TIMEOUT_S, lowest=0.001),
    )
    fields.refuse_others()
    return model


def _set(fields: "_Fields", base: Path) -> QuestionSet:
    files = tuple(base / name for name in fields.texts("files"))
    if not files:
        raise ConfigError(f"{fields.place}.files: name at least one file.")
    for path in files:
        if not path.is_file():
            raise ConfigError(f"{fields.place}.files: {path} does not exist.")
    template = fields.text("template", "") or None
    if template and "{prompt}" not in template:
        raise ConfigError(f"{fields.place}.template: must hold {{prompt}}.")
    question_set = QuestionSet(
        name=fields.text("name"),
        files=files,
        format=_choice(Format, fields.text("format", "auto"), f"{fields.place}.format"),
        system=fields.text("system", "") or None,
        template=template,
        history=_choice(History, fields.text("history", "played"), f"{fields.place}.history"),
        limit=fields.number("limit", None, lowest=1),
    )
    fields.refuse_others()
    return question_set


def _choice(kind: type[_Choice], value: str, place: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise ConfigError(f"{place}: {value!r} is not one of {', '.join(kind)}.") from None


def _refuse_twice(place: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{place}: the name {name!r} is used twice.")


class _Fields:
    """Reads the fields of one object and remembers which were asked for."""

    def __init__(self, raw: Any, place: str) -> None:
        if not isinstance(raw, dict):
            raise ConfigError(f"{place}: must be a JSON object.")
        self.place = place
        self._raw: dict[str, Any] = raw
        self._known: set[str] = set()

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise ConfigError(f"{self.place}.{key}: must be text.")
        return value

    def texts(self, key: str) -> list[str]:
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise ConfigError(f"{self.place}.{key}: must be a list of texts.")
        return value

    def number(self, key: str, default: Any, *, lowest: float, also: str | None = None) -> Any:
        value = self._get(key)
        if value is None and also:
            value = self._get(also)
        if value is None:
            return default
        kinds = int | float if isinstance(default, float) else int
        if isinstance(value, bool) or not isinstance(value, kinds) or value < lowest:
            raise ConfigError(f"{self.place}.{key}: must be a number of {lowest:g} or more.")
        return value

    def object(self, key: str) -> dict[str, Any]:
        value = self._get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise ConfigError(f"{self.place}.{key}: must be a JSON object.")
        return value

    def objects(self, key: str) -> list["_Fields"]:
        value = self._get(key)
        if not isinstance(value, list) or not value:
            raise ConfigError(f"{self.place}.{key}: must be a list with at least one entry.")
        return [_Fields(entry, f"{key}[{i}]") for i, entry in enumerate(value)]

    def refuse_others(self) -> None:
        others = sorted(set(self._raw) - self._known)
        if others:
            known = ", ".join(sorted(self._known))
            raise ConfigError(f"{self.place}.{others[0]}: is not known; known are {known}.")

    def _get(self, key: str) -> Any:
        self._known.add(key)
        return self._raw.get(key)
