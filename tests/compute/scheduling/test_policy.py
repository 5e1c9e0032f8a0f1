"""The policy document: what is read, what is refused and where, and which priority follows."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.compute.scheduling.policy import (
    DEFAULT_DOCUMENT,
    Policy,
    QueueStrategy,
    TagRule,
    parse_policy,
    priority_of,
    read_policy,
    stored_policy,
)

LAB = """{
  "Version": "1.0",
  "ResourceRule": {"DefaultPriority": 2, "DefaultQueue": 1, "Preempted": 1},
  "TaskRules": [
    {"AttrRules": [{"ValueType": "Tag", "Key": "team", "Value": "speech"}],
     "ScheduleRule": {"Priority": 1}},
    {"AttrRules": [{"ValueType": "Tag", "Key": "team", "Value": "lab"},
                   {"ValueType": "Tag", "Key": "tier", "Value": "scratch"}],
     "ScheduleRule": {"Priority": 7}}
  ]
}"""

documents = st.builds(
    Policy,
    st.integers(0, 9),
    st.sampled_from(QueueStrategy),
    st.booleans(),
    st.lists(
        st.builds(
            TagRule,
            st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1, max_size=3).map(tuple),
            st.integers(0, 9),
        ),
        max_size=3,
    ).map(tuple),
)


def test_the_default_document_is_strict_and_preempts() -> None:
    assert read_policy(DEFAULT_DOCUMENT) == stored_policy({}) == Policy()
    assert Policy() == Policy(0, QueueStrategy.STRICT, preempts=True, rules=())


@given(documents)
def test_what_is_written_is_read_again(policy: Policy) -> None:
    assert parse_policy(json.dumps(policy.as_json())) == policy


@pytest.mark.covers("RES-25")
@pytest.mark.parametrize(
    ("kind", "tags", "priority"),
    [
        ("training", [("team", "speech")], 1),
        ("training", [("team", "lab")], 2),
        ("service", [("team", "lab"), ("tier", "scratch")], 7),
        ("training", [("team", "speech"), ("team", "lab"), ("tier", "scratch")], 1),
        ("training", [("team", "Speech")], 2),
        ("notebook", [("team", "speech")], 2),
        ("evaluation", [("team", "speech")], 2),
    ],
)
def test_priorities_of_the_catalogues_example(
    kind: str, tags: list[tuple[str, str]], priority: int
) -> None:
    assert priority_of(parse_policy(LAB), kind, tags) == priority


@pytest.mark.covers("RES-24")
def test_an_own_priority_beats_the_rules_for_tasks_and_services_only() -> None:
    policy = parse_policy(LAB)
    assert priority_of(policy, "service", [("team", "speech")], own=5) == 5
    assert priority_of(policy, "training", [("team", "speech")], own=0) == 0
    assert priority_of(policy, "evaluation", [], own=0) == 2


def _with(path: str, value: Any) -> dict[str, Any]:
    document: Any = json.loads(LAB)
    at, *rest = [int(p) if p.isdigit() else p for p in path.split("/")]
    inner = document
    for step in (at, *rest[:-1]) if rest else ():
        inner = inner[step]
    inner[rest[-1] if rest else at] = value
    return document  # type: ignore[no-any-return]


@pytest.mark.covers("RES-22")
@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("Version", "1.1", "policy.Version"),
        ("Version", 1.0, "policy.Version"),
        ("Extra", 1, "policy.Extra"),
        ("ResourceRule", [], "policy.ResourceRule"),
        ("ResourceRule/DefaultPriority", 10, "policy.ResourceRule.DefaultPriority"),
        ("ResourceRule/DefaultPriority", -1, "policy.ResourceRule.DefaultPriority"),
        ("ResourceRule/DefaultPriority", True, "policy.ResourceRule.DefaultPriority"),
        ("ResourceRule/DefaultPriority", 1.0, "policy.ResourceRule.DefaultPriority"),
        ("ResourceRule/DefaultQueue", 3, "policy.ResourceRule.DefaultQueue"),
        ("ResourceRule/Preempted", 2, "policy.ResourceRule.Preempted"),
        ("ResourceRule/Preempt", 1, "policy.ResourceRule.Preempt"),
        ("TaskRules", {}, "policy.TaskRules"),
        ("TaskRules/0/AttrRules", [], "policy.TaskRules[0].AttrRules"),
        ("TaskRules/1/AttrRules/0/ValueType", "Name", "policy.TaskRules[1].AttrRules[0].ValueType"),
        ("TaskRules/1/AttrRules/0/Key", "", "policy.TaskRules[1].AttrRules[0].Key"),
        ("TaskRules/1/AttrRules/1/Value", 1, "policy.TaskRules[1].AttrRules[1].Value"),
        ("TaskRules/0/ScheduleRule", {}, "policy.TaskRules[0].ScheduleRule.Priority"),
        ("TaskRules/0/ScheduleRule/Priority", "1", "policy.TaskRules[0].ScheduleRule.Priority"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(path: str, value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_policy(_with(path, value))
    assert refused.value.details["field"] == field
    assert refused.value.code == "bad_policy"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{\n "Version": "1.0", # the format\n}', 2, "comments are not possible"),
        ('// policy\n{"Version": "1.0"}', 1, "comments are not possible"),
        ('{"Version": "1.0",\n}', 2, "not JSON"),
        ("", 1, "not JSON"),
    ],
)
def test_text_that_is_no_json_is_refused_by_line(text: str, line: int, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        parse_policy(text)
    assert refused.value.details["line"] == line


@pytest.mark.parametrize("text", ["{}", "[]", "9" * 5000, "null", "3", '"x"', "NaN", "[" * 100_000])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_policy(text)


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="twice"):
        parse_policy('{"Version": "1.0", "Version": "1.0", "ResourceRule": {}}')
