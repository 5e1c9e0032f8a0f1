"""How good the labels of a task are: agreement of people, control questions, what is disputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import orjson

from slipway.labelling.teams.agreement import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    matched,
    value_agreement,
)
from slipway.labelling.types import Answer

DISPUTED_BELOW = 0.999
_LISTED_PAIRS = 200


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Of one thing that is asked: a key of the schema, or the class of an image."""

    key: str
    items: int
    exact: float
    fleiss_kappa: float | None
    krippendorff_alpha: float | None


@dataclass(frozen=True, slots=True)
class PairAgreement:
    first: str
    second: str
    items: int
    agreement: float
    cohen_kappa: float | None


@dataclass(frozen=True, slots=True)
class PersonQuality:
    user_id: str
    user_name: str
    answers: int
    agreement: float | None  # with the others
    gold_count: int
    gold_score: float | None
    time_s: float


@dataclass(frozen=True, slots=True)
class Quality:
    records: int  # that more than one person has labelled
    agreement: float | None
    mean_iou: float | None
    fields: tuple[FieldAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    people: tuple[PersonQuality, ...]


def quality_of(answers: Sequence[Answer]) -> Quality:
    shared: dict[int, list[Answer]] = defaultdict(list)
    for one in answers:
        if one.score is None:
            shared[one.index].append(one)
    items = [found for found in shared.values() if len(found) > 1]
    pairs = [pair for found in items for pair in combinations(found, 2)]
    values = [value_agreement(a.value, b.value) for a, b in pairs]
    overlaps = [
        iou
        for a, b in pairs
        for _, _, iou in matched(a.value.get("boxes", []), b.value.get("boxes", []))
    ]
    return Quality(
        len(items), _mean(values), _mean(overlaps), tuple(_fields(items)),
        tuple(_pairs(pairs, values)), tuple(_people(answers, pairs, values)),
    )  # fmt: skip


def _fields(items: list[list[Answer]]) -> list[FieldAgreement]:
    by_key: dict[str, list[list[Hashable]]] = defaultdict(list)
    for found in items:
        said = [_said(one.value) for one in found]
        for key in dict.fromkeys(key for one in said for key in one):
            by_key[key].append([one.get(key) for one in said])
    return [
        FieldAgreement(
            key, len(ratings), sum(len(set(one)) == 1 for one in ratings) / len(ratings),
            fleiss_kappa(_equally_many(ratings)), krippendorff_alpha(ratings),
        )
        for key, ratings in by_key.items()
    ]  # fmt: skip


def _said(value: Any) -> dict[str, Hashable]:
    if "labels" in value:
        return {"labels": tuple(sorted(value["labels"]))}
    return {key: orjson.dumps(said) for key, said in value.get("answers", {}).items()}


def _equally_many(ratings: list[list[Hashable]]) -> list[list[Hashable]]:
    """Fleiss' kappa wants as many ratings of each item: what most have."""
    counts = [len(one) for one in ratings]
    most = max(set(counts), key=counts.count)
    return [one for one in ratings if len(one) == most]


def _pairs(pairs: list[tuple[Answer, Answer]], values: list[float]) -> list[PairAgreement]:
    found: dict[tuple[str, str], list[tuple[Hashable, Hashable, float]]] = defaultdict(list)
    for (a, b), value in zip(pairs, values, strict=True):
        first, second = sorted((a, b), key=lambda one: one.user_name)
        said = [orjson.dumps(one.value, option=orjson.OPT_SORT_KEYS) for one in (first, second)]
        found[first.user_name, second.user_name].append((said[0], said[1], value))
    made = [
        PairAgreement(
            first, second, len(said), sum(value for *_, value in said) / len(said),
            cohen_kappa([(a, b) for a, b, _ in said]),
        )
        for (first, second), said in found.items()
    ]  # fmt: skip
    return sorted(made, key=lambda pair: pair.agreement)[:_LISTED_PAIRS]


def _people(
    answers: Sequence[Answer], pairs: list[tuple[Answer, Answer]], values: list[float]
) -> list[PersonQuality]:
    of_person: dict[str, list[Answer]] = defaultdict(list)
    for one in answers:
        of_person[one.user_id].append(one)
    with_others: dict[str, list[float]] = defaultdict(list)
    for (a, b), value in zip(pairs, values, strict=True):
        with_others[a.user_id].append(value)
        with_others[b.user_id].append(value)
    people = []
    for user, given in of_person.items():
        scores = [one.score for one in given if one.score is not None]
        people.append(
            PersonQuality(
                user, given[0].user_name, len(given) - len(scores), _mean(with_others[user]),
                len(scores), _mean(scores), sum(one.time_s for one in given),
            )
        )  # fmt: skip
    return sorted(people, key=lambda person: -person.answers)


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
