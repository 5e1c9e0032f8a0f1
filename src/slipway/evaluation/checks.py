"""What the configuration of an evaluation must fulfil; every refusal names the field."""

from __future__ import annotations

import re
from dataclasses import replace

from slipway.assets.environments import get_environment
from slipway.base.errors import Invalid
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.compute.scheduling.amounts import card_units
from slipway.compute.types import Resources
from slipway.evaluation.types import EvaluatedModel, EvaluationSpec, ModelKind, QuestionSet

NAME_LIMIT = 256
MAX_MODELS, MAX_SETS = 20, 50
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
_MAX_LABEL = 200


def check_spec(spec: EvaluationSpec) -> None:
    checked_name(spec.name, limit=NAME_LIMIT)
    checked_description(spec.description)
    checked_tags(spec.tags)
    get_environment("llm", purpose="serving")
    if not 1 <= len(spec.models) <= MAX_MODELS:
        raise Invalid(f"An evaluation has 1 to {MAX_MODELS} models.", field="models")
    if not 1 <= len(spec.sets) <= MAX_SETS:
        raise Invalid(f"An evaluation has 1 to {MAX_SETS} question sets.", field="sets")
    if not spec.metrics:
        raise Invalid("Choose at least one metric.", field="metrics")
    if spec.seed is not None and spec.seed < 0:
        raise Invalid("The seed is 0 or more.", field="seed")
    for number, model in enumerate(spec.models):
        _check_model(model, f"models.{number}")
    for number, question_set in enumerate(spec.sets):
        _check_set(question_set, f"sets.{number}")
    _refuse_same_sets(spec.sets)
    _check_resources(spec)


def named_apart(names: list[str], given: list[bool], field: str) -> list[str]:
    """Names we made up get a number where they clash; names the user gave must not clash."""
    seen: dict[str, int] = {}
    result = []
    for name, by_user in zip(names, given, strict=True):
        count = seen[name] = seen.get(name, 0) + 1
        if count > 1 and by_user:
            raise Invalid(f"The name {name!r} is used twice. Each needs its own.", field=field)
        result.append(name if count == 1 else f"{name} ({count})")
    return result


def with_names(
    spec: EvaluationSpec, model_names: list[str], set_names: list[str]
) -> EvaluationSpec:
    """The user's names where there are any, and else the given ones, told apart."""
    models = named_apart(
        [m.name or other for m, other in zip(spec.models, model_names, strict=True)],
        [bool(m.name) for m in spec.models],
        "models",
    )
    sets = named_apart(
        [s.name or other for s, other in zip(spec.sets, set_names, strict=True)],
        [bool(s.name) for s in spec.sets],
        "sets",
    )
    return replace(
        spec,
        models=tuple(replace(m, name=n) for m, n in zip(spec.models, models, strict=True)),
        sets=tuple(replace(s, name=n) for s, n in zip(spec.sets, sets, strict=True)),
    )


def _check_model(model: EvaluatedModel, field: str) -> None:
    if len(model.name) > _MAX_LABEL:
        raise Invalid(f"A model's name has at most {_MAX_LABEL} characters.", field=f"{field}.name")
    if model.kind == ModelKind.THIRD_PARTY:
        if not _URL.fullmatch(model.base_url):
            raise Invalid(
                "A third-party address starts with http:// or https://.", field=f"{field}.base_url"
            )
        if not model.model:
            raise Invalid("Name the model to ask for there.", field=f"{field}.model")
    elif not model.ref:
        raise Invalid("Choose the model to evaluate.", field=f"{field}.ref")
    if model.base_kind is not None and not model.base_kind.is_served_here:
        raise Invalid("The base of an adapter has files.", field=f"{field}.base_kind")
    for name, value, lowest, highest in (
        ("max_model_len", model.max_model_len, 1, 10_000_000),
        ("concurrency", model.concurrency, 1, 1024),
        ("retries", model.retries, 0, 100),
        ("timeout_s", model.timeout_s, 0.1, 86_400),
    ):
        if not lowest <= value <= highest:
            raise Invalid(f"{name} is {lowest} to {highest}.", field=f"{field}.{name}")
    reserved = {"model", "messages", "stream"} & set(model.params)
    if reserved:
        raise Invalid(
            f"{', '.join(sorted(reserved))} is set by the evaluation itself.",
            field=f"{field}.params",
        )


def _check_set(question_set: QuestionSet, field: str) -> None:
    if not question_set.ref:
        raise Invalid("Choose a dataset or a storage address.", field=f"{field}.ref")
    if len(question_set.name) > _MAX_LABEL:
        raise Invalid(f"A set's name has at most {_MAX_LABEL} characters.", field=f"{field}.name")
    if question_set.limit is not None and question_set.limit < 1:
        raise Invalid("The number of questions is 1 or more.", field=f"{field}.limit")
    if question_set.template and "{prompt}" not in question_set.template:
        raise Invalid("The template must hold {prompt}.", field=f"{field}.template")


def _refuse_same_sets(sets: tuple[QuestionSet, ...]) -> None:
    seen: set[tuple[str, ...]] = set()
    for question_set in sets:
        if question_set.identity in seen:
            raise Invalid(
                f"The set {question_set.name or question_set.ref} is there twice; "
                "its results would overwrite each other.",
                field="sets",
                code="same_set",
            )
        seen.add(question_set.identity)


def _check_resources(spec: EvaluationSpec) -> None:
    card_units(spec.gpus)
    if Resources(spec.cpu_cores, spec.memory_bytes).left_to_group:
        return  # whether its group gives them is known when it is placed
    if not 0 < spec.cpu_cores <= 1024:
        raise Invalid("An evaluation needs more than 0, at most 1024 CPU cores.", field="cpu_cores")
    if spec.memory_bytes < 256 << 20:
        raise Invalid("An evaluation needs at least 256 MiB memory.", field="memory_bytes")
