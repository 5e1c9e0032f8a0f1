"""The scheduling policy of a resource group: one JSON document, checked key by key.

    {"Version": "1.0",
     "ResourceRule": {"DefaultPriority": 0, "DefaultQueue": 0, "Preempted": 1},
     "TaskRules": [{"AttrRules": [{"ValueType": "Tag", "Key": "team", "Value": "speech"}],
                    "ScheduleRule": {"Priority": 1}}]}

A refusal names the field (`TaskRules[0].ScheduleRule.Priority`), or line and column where the text
is no JSON. What a policy means for the queue is in `schedule.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Never

from slipway.base.errors import Invalid

RULED_KINDS = frozenset({"training", "service"})  # tag rules cover these and no others
LOWEST_PRIORITY = 9  # 0 is the highest
VERSION = "1.0"


class QueueStrategy(IntEnum):
    STRICT = 0  # first in, first out: only the head of a lane may start
    WITHIN_PRIORITY = 1  # items of the head's priority may overtake it
    WHOLE_QUEUE = 2  # whatever fits starts


@dataclass(frozen=True, slots=True)
class TagRule:
    """Gives its priority to items that carry every one of `tags` (key, value)."""

    tags: tuple[tuple[str, str], ...]
    priority: int


@dataclass(frozen=True, slots=True)
class Policy:
    default_priority: int = 0
    strategy: QueueStrategy = QueueStrategy.STRICT
    preempts: bool = True
    rules: tuple[TagRule, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The complete document: what a saved policy is written as."""
        return {
            "Version": VERSION,
            "ResourceRule": {
                "DefaultPriority": self.default_priority,
                "DefaultQueue": int(self.strategy),
                "Preempted": int(self.preempts),
            },
            "TaskRules": [
                {
                    "AttrRules": [
                        {"ValueType": "Tag", "Key": key, "Value": value} for key, value in rule.tags
                    ],
                    "ScheduleRule": {"Priority": rule.priority},
                }
                for rule in self.rules
            ],
        }


DEFAULT_DOCUMENT: dict[str, Any] = {
    "Version": VERSION,
    "ResourceRule": {"DefaultPriority": 0, "DefaultQueue": 0},
    "TaskRules": [],
}


def parse_policy(text: str) -> Policy:
    """The policy of a JSON text, as people edit it."""
    try:
        document = json.loads(text, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; deep nesting
        raise Invalid("The policy cannot be read.", field="policy", code="bad_policy") from error
    return read_policy(document)


def stored_policy(document: dict[str, Any]) -> Policy:
    """The policy of a group's row; empty, where none was ever saved, is the default."""
    return read_policy(document) if document else Policy()


def read_policy(document: object) -> Policy:
    """The policy of a decoded document."""
    top = _keys(document, "", required=("Version", "ResourceRule"), optional=("TaskRules",))
    if top["Version"] != VERSION:
        _refuse("Version", f'must be "{VERSION}"')
    rule = _keys(
        top["ResourceRule"],
        "ResourceRule",
        optional=("DefaultPriority", "DefaultQueue", "Preempted"),
    )
    path = "ResourceRule."
    return Policy(
        _integer(rule.get("DefaultPriority", 0), path + "DefaultPriority", LOWEST_PRIORITY),
        QueueStrategy(_integer(rule.get("DefaultQueue", 0), path + "DefaultQueue", 2)),
        bool(_integer(rule.get("Preempted", 1), path + "Preempted", 1)),
        tuple(
            _task_rule(item, f"TaskRules[{index}]")
            for index, item in enumerate(_array(top.get("TaskRules", []), "TaskRules"))
        ),
    )


def priority_of(
    policy: Policy, kind: str, tags: Iterable[tuple[str, str]], own: int | None = None
) -> int:
    """0 (first) to 9: an item's own, else the first rule whose tags it carries, else the default."""
    if kind not in RULED_KINDS:
        return policy.default_priority
    if own is not None:
        return own
    carried = frozenset(tags)
    return next(
        (rule.priority for rule in policy.rules if carried.issuperset(rule.tags)),
        policy.default_priority,
    )


def _task_rule(item: object, path: str) -> TagRule:
    keys = _keys(item, path, required=("AttrRules", "ScheduleRule"))
    attributes = _array(keys["AttrRules"], f"{path}.AttrRules")
    if not attributes:
        _refuse(f"{path}.AttrRules", "needs at least one condition")
    tags = tuple(
        _attribute(one, f"{path}.AttrRules[{index}]") for index, one in enumerate(attributes)
    )
    given = _keys(keys["ScheduleRule"], f"{path}.ScheduleRule", required=("Priority",))
    priority = _integer(given["Priority"], f"{path}.ScheduleRule.Priority", LOWEST_PRIORITY)
    return TagRule(tags, priority)


def _attribute(item: object, path: str) -> tuple[str, str]:
    keys = _keys(item, path, required=("Key", "Value"), optional=("ValueType",))
    if keys.get("ValueType", "Tag") != "Tag":
        _refuse(f"{path}.ValueType", 'must be "Tag"')
    return _text(keys["Key"], f"{path}.Key"), _text(keys["Value"], f"{path}.Value", empty=True)


def _keys(
    value: object, path: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(path, "must be an object")
    known = (*required, *optional)
    for key in value:
        if key not in known:
            _refuse(_below(path, str(key)), f"is not known; possible here: {', '.join(known)}")
    for key in required:
        if key not in value:
            _refuse(_below(path, key), "is missing")
    return value


def _array(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        _refuse(path, "must be an array")
    return value


def _integer(value: object, path: str, largest: int) -> int:
    # `True` is an int in Python, but no number in JSON.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        _refuse(path, f"must be an integer from 0 to {largest}")
    return value


def _text(value: object, path: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty):
        _refuse(path, "must be a string" if empty else "must be a string that is not empty")
    return value


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _refuse(path: str, problem: str) -> Never:
    raise Invalid(
        f"In the policy, {path or 'the document'} {problem}.",
        field=f"policy.{path}" if path else "policy", code="bad_policy",
    )  # fmt: skip


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        _refuse(twice, "is given twice in one object")
    return keys


def _not_json(text: str, error: json.JSONDecodeError) -> Invalid:
    at = text[error.pos :].lstrip()
    has_comment = at.startswith(("#", "//", "/*"))
    return Invalid(
        f"The policy is not JSON at line {error.lineno}, column {error.colno}: comments are not possible in it."
        if has_comment
        else f"The policy is not JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
        field="policy", code="bad_policy", line=error.lineno, column=error.colno,
    )  # fmt: skip
