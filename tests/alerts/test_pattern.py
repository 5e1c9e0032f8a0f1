"""The matching language: table T7, the places of mistakes, and what must hold for any rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.alerts.catalogue import Facts, facts_of, sample_of, tags_of
from slipway.alerts.errors import PatternFault
from slipway.alerts.form import RuleForm, form_of, pattern_text
from slipway.alerts.pattern import parse_pattern
from slipway.api.alert_services import CATALOGUE, TRAINING
from slipway.base.clock import utc_now
from slipway.training.types import TaskEvent

BOTH = {"tags": [{"contain": ["team:vision;", "stage:test;"]}]}
RULES: list[dict[str, Any]] = [
    {
        "source": "platform.training",
        "type": ["training:taskExecuteFailed", "training:taskPreempted"],
    },
    {"source": "platform.training", "data": {"taskSubUin": "u-1042"}},
    {"source": "platform.training", "data": BOTH},
    {
        "source": "platform.training",
        "data": {"tags": [{"contain": ["team:vision;"]}, {"contain": ["stage:test;"]}]},
    },
    {
        "source": "platform.training",
        "type": ["training:taskExecuteFailed"],
        "data": {**BOTH, "taskSubUin": "u-1042"},
    },
]
EVENTS = {
    "failed": ("taskExecuteFailed", "u-1042", "team:vision;stage:test;"),
    "other's": ("taskExecuteFailed", "u-7", "team:vision;"),
    "completed": ("taskCompleted", "u-1042", "stage:test;"),
    "running": ("taskRunning", "u-7", ""),
}
TABLE = {
    "failed": (True, True, True, True, True),
    "other's": (True, False, False, True, False),
    "completed": (False, True, False, True, False),
    "running": (False, False, False, False, False),
}


def facts(name: str, creator: str, tags: str) -> Facts:
    return Facts(f"training:{name}", "train-1", creator, tags_of(tags))


def matches(rule: dict[str, Any], event: Facts) -> bool:
    return parse_pattern(json.dumps(rule), CATALOGUE).matches(event)


@pytest.mark.covers("TRN-67", "TRN-68", "TRN-69", "TRN-70")
@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("event", EVENTS)
def test_table_t7(event: str, number: int) -> None:
    assert matches(RULES[number], facts(*EVENTS[event])) is TABLE[event][number]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("event", EVENTS)
def test_the_vendors_literals_are_synonyms(event: str, number: int) -> None:
    brought = {**RULES[number], "source": "tione.cloud.tencent"}
    if "type" in brought:
        brought["type"] = [t.replace("training:", "tione:ErrorEvent:") for t in brought["type"]]
    assert matches(brought, facts(*EVENTS[event])) is TABLE[event][number]


def test_the_events_of_the_catalogue_are_those_of_table_t6() -> None:
    assert {kind.name for kind in TRAINING.events} == set(TaskEvent)


def test_without_type_all_seven_match() -> None:
    pattern = parse_pattern('{"source": "platform.training"}', CATALOGUE)
    assert pattern.types == {f"training:{event}" for event in TaskEvent}


def test_tags_are_compared_whole() -> None:
    rule = {"source": "platform.training", "data": {"tags": [{"contain": ["team:vision;"]}]}}
    assert not matches(rule, facts("taskRunning", "u", "subteam:vision;"))
    assert not matches(rule, facts("taskRunning", "u", "team:visions;"))
    assert matches(rule, facts("taskRunning", "u", "a:b;team:vision;"))


FAULTS = {
    "not JSON": ('{"source": "platform.training",\n "type": ["a" "b"]}', 2, 15, "Expected ','"),
    "cut off": ('{"source": ', 1, 12, "ends too early"),
    "trailing": ('{"source": "platform.training"} x', 1, 33, "after the end"),
    "not an object": ("[]", 1, 1, "must be an object, not a list"),
    "no source": ("{}", 1, 1, 'needs a "source"'),
    "unknown source": ('{"source": "x"}', 1, 12, "Unknown source"),
    "unknown key": ('{"source": "platform.training",\n\n  "typ": []}', 3, 3, 'Unknown key "typ"'),
    "key twice": ('{"source": "platform.training", "source": "x"}', 1, 33, "there twice"),
    "unknown data key": (
        '{"source": "platform.training", "data": {"name": "x"}}', 1, 42, 'Unknown key "name"',
    ),
    "unknown event": (
        '{"source": "platform.training",\n "type": ["training:taskRunning",\n  "training:taskRan"]}',
        3, 3, "Unknown event 'training:taskRan'",
    ),
    "another service's event": (
        '{"source": "platform.training", "type": ["service:created"]}', 1, 42, "Unknown event",
    ),
    "wrong type": ('{"source": "platform.training", "type": "x"}', 1, 41, "must be a list, not text"),
    "number": ('{"source": 5}', 1, 12, "must be text in double quotes, not a number"),
    "empty list": ('{"source": "platform.training", "type": []}', 1, 41, "is empty"),
    "no semicolon": (
        '{"source": "platform.training", "data": {"tags": [{"contain": ["team:vision"]}]}}',
        1, 64, "'key:value;' with the closing semicolon",
    ),
    "no contain": ('{"source": "platform.training", "data": {"tags": [{}]}}', 1, 51, "has the form"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_pointed_at(fault: str) -> None:
    text, line, column, words = FAULTS[fault]
    with pytest.raises(PatternFault) as refused:
        parse_pattern(text, CATALOGUE)
    assert (refused.value.line, refused.value.column) == (line, column), refused.value.message
    assert words in refused.value.message


def test_the_sample_is_an_event_of_its_service() -> None:
    for service in CATALOGUE.services:
        sample = sample_of(service, "site-a", utc_now())
        pattern = parse_pattern(json.dumps({"source": service.source}), CATALOGUE)
        assert pattern.matches(facts_of(sample, service))


names = st.text(
    st.characters(exclude_characters=":;|", exclude_categories=["Cs"]), min_size=1, max_size=6
)
tags = st.builds(lambda key, value: f"{key}:{value}", names, names)
forms = st.builds(
    RuleForm,
    service=st.just("training"),
    types=st.lists(st.sampled_from([e.value for e in TaskEvent]), unique=True).map(
        lambda found: tuple(sorted(found))
    ),
    subjects=st.lists(names, max_size=3).map(tuple),
    creator=st.just("") | names,
    tags=st.lists(
        st.frozensets(tags, min_size=1, max_size=3).map(lambda found: tuple(sorted(found))), max_size=3
    ).map(tuple),
)  # fmt: skip
events = st.builds(
    Facts, st.sampled_from([f"training:{e}" for e in TaskEvent]), names, names, st.frozensets(tags, max_size=4)
)  # fmt: skip


@given(forms)
def test_a_form_survives_the_way_to_the_pattern_and_back(form: RuleForm) -> None:
    back = form_of(parse_pattern(pattern_text(form, CATALOGUE), CATALOGUE))
    assert back == form


@given(forms, events)
def test_a_match_is_the_and_of_its_parts(form: RuleForm, event: Facts) -> None:
    found = parse_pattern(pattern_text(form, CATALOGUE), CATALOGUE).matches(event)
    by_type = not form.types or event.type.removeprefix("training:") in form.types
    by_subject = not form.subjects or event.subject_id in form.subjects
    by_creator = not form.creator or event.creator == form.creator
    by_tags = not form.tags or any(set(group) <= event.tags for group in form.tags)
    assert found == (by_type and by_subject and by_creator and by_tags)


@given(st.text(max_size=200) | st.text('{}[]":, \nabcsourcetypedata', max_size=200))
def test_any_text_is_a_pattern_or_a_fault_inside_it(text: str) -> None:
    try:
        parse_pattern(text, CATALOGUE)
    except PatternFault as fault:
        lines = text.split("\n")
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["source", "type", "data", "tags", "contain", "x"]), inner, max_size=4),
    max_leaves=8,
))  # fmt: skip
def test_any_json_is_a_pattern_or_a_fault(value: Any) -> None:
    try:
        parse_pattern(json.dumps(value, indent=1), CATALOGUE)
    except PatternFault as fault:
        assert fault.line >= 1
