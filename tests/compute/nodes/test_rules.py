"""The pure rules of nodes: what a state allows, what becomes of a node, what is free, who may join."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.compute.groups.capacity import CardState, CardUse, amounts_of, summary_by_card, uses_of
from slipway.compute.groups.preset import preset_by_cards
from slipway.compute.nodes.checks import Level, blocking, check_machine
from slipway.compute.nodes.events import may_enter
from slipway.compute.nodes.operations import Operation, why_blocked
from slipway.compute.nodes.steps import (
    AWAY_AFTER_S,
    Clear,
    Drained,
    Enter,
    Remind,
    Seen,
    next_node_step,
)
from slipway.compute.types import Card, Clearing, Held, Node, NodeState, Resources

NOW = datetime(2026, 1, 1, tzinfo=UTC)
S = NodeState
GIB = 1 << 30

# The catalogue's table of node operations, row by row.
ALLOWED = {
    Operation.VIEW_TASKS: {
        S.RUNNING,
        S.ABNORMAL,
        S.DEPLOYING,
        S.MOUNTING,
        S.REPAIRING,
        S.RELEASING,
    },
    Operation.MOVE: {S.RUNNING},
    Operation.RELEASE: {S.RUNNING, S.ABNORMAL},
    Operation.PLANNED_END: {S.RUNNING, S.ABNORMAL},
    Operation.REJOIN: {S.DEPLOY_FAILED, S.RELEASED, S.RETIRED},
}


@pytest.mark.covers("RES-12", "RES-13")
@pytest.mark.parametrize("operation", ALLOWED)
@pytest.mark.parametrize("state", S)
def test_a_state_allows_what_the_table_says_and_gives_a_reason_otherwise(
    operation: Operation, state: NodeState
) -> None:
    reason = why_blocked(operation, state)
    assert (reason is None) == (state in ALLOWED[operation])
    assert reason is None or reason.endswith(".")


@given(st.sampled_from(Operation), st.sampled_from(S), st.booleans(), st.booleans())
def test_every_operation_has_an_answer_in_every_state(
    operation: Operation, state: NodeState, cordoned: bool, draining: bool
) -> None:
    assert why_blocked(operation, state, cordoned=cordoned, draining=draining) != ""


def seen(state: NodeState = S.RUNNING, **changes: Any) -> Seen:
    base: dict[str, Any] = {
        "state": state, "state_since": NOW, "clearing": Clearing.NONE, "drain_until": None, "planned_end": None, "reminded": False,
        "works": 0, "answers": True, "silent_s": 0.0, "leaves_by_itself": False,
    }  # fmt: skip
    return Seen(**(base | changes))


def test_a_silent_node_becomes_abnormal_within_a_minute_and_runs_again_by_itself() -> None:
    assert AWAY_AFTER_S + 10 < 60
    assert next_node_step(seen(answers=False, silent_s=AWAY_AFTER_S - 1), NOW) is None
    step = next_node_step(seen(answers=False, silent_s=AWAY_AFTER_S), NOW)
    assert isinstance(step, Enter) and step.state == S.ABNORMAL
    assert "left alone" in step.reason
    assert next_node_step(seen(S.ABNORMAL, answers=False, silent_s=9e9), NOW) is None
    back = next_node_step(seen(S.ABNORMAL), NOW)
    assert isinstance(back, Enter) and back.state == S.RUNNING


@given(
    st.sampled_from([S.RUNNING, S.ABNORMAL]),
    st.sampled_from([True, False, None]),
    st.floats(0, 1e9),
    st.integers(0, 5),
)
def test_silence_alone_never_takes_work_away(
    state: NodeState, answers: bool | None, silent_s: float, works: int
) -> None:
    step = next_node_step(seen(state, answers=answers, silent_s=silent_s, works=works), NOW)
    assert not isinstance(step, Clear)


@given(
    st.sampled_from(S), st.sampled_from([True, False, None]), st.integers(0, 2), st.booleans(),
    st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=9)]),
)  # fmt: skip
def test_a_node_goes_only_where_its_states_lead(
    state: NodeState, answers: bool | None, works: int, local: bool, end: datetime | None
) -> None:
    node = seen(
        state, answers=answers, silent_s=1e6, works=works, leaves_by_itself=local, planned_end=end,
        state_since=NOW - timedelta(hours=1),
    )  # fmt: skip
    step = next_node_step(node, NOW)
    if isinstance(step, Enter):
        assert may_enter(state, step.state)


def test_a_machine_that_does_not_appear_has_failed_with_a_code() -> None:
    late = seen(S.DEPLOYING, answers=False, state_since=NOW - timedelta(minutes=11))
    step = next_node_step(late, NOW)
    assert isinstance(step, Enter)
    assert (step.state, step.error_code) == (S.DEPLOY_FAILED, "deploy_timeout")


def test_a_releasing_node_is_emptied_then_released_then_no_longer_used() -> None:
    assert next_node_step(seen(S.RELEASING, works=1), NOW) == Clear(Clearing.DISPLACE)
    assert next_node_step(seen(S.RELEASING), NOW) == Enter(S.RELEASED, "Released.")
    assert next_node_step(seen(S.RELEASED, answers=True), NOW) is None  # still connected
    left = next_node_step(seen(S.RELEASED, answers=False), NOW)
    assert isinstance(left, Enter) and left.state == S.RETIRED


def test_a_planned_end_reminds_a_day_before_and_then_releases() -> None:
    soon = seen(planned_end=NOW + timedelta(hours=23))
    assert next_node_step(soon, NOW) == Remind()
    assert next_node_step(seen(planned_end=NOW + timedelta(days=2)), NOW) is None
    over = next_node_step(seen(planned_end=NOW, reminded=True), NOW)
    assert isinstance(over, Enter) and over.state == S.RELEASING


def test_a_drain_lets_work_end_until_its_limit() -> None:
    later, before = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)
    assert next_node_step(seen(drain_until=later, works=1), NOW) is None
    assert next_node_step(seen(drain_until=before, works=1), NOW) == Clear(Clearing.DISPLACE)
    assert next_node_step(seen(drain_until=later, works=0), NOW) == Drained()


def node(cards: int, name: str = "a", **changes: Any) -> Node:
    base: dict[str, Any] = {
        "id": name, "group_id": "g", "name": name, "engine": "process", "host": "h", "cpu_cores": 16.0, "memory_bytes": 64 * GIB,
        "gpus": tuple(Card(i, "T4", 16 * GIB) for i in range(cards)), "state": S.RUNNING,
    }  # fmt: skip
    return Node(**(base | changes))


def held(name: str, gpus: float, *indexes: int) -> Held:
    return Held(name, Resources(1.0, GIB, gpus), indexes)


@pytest.mark.covers("RES-07", "RES-35")
def test_free_cards_are_told_apart_by_whether_their_machine_is_wholly_free() -> None:
    def summary(nodes: list[Node], *holds: Held) -> tuple[float, float, float]:
        (card,) = summary_by_card(uses_of(nodes, holds))
        return card.free, card.whole, card.fragments

    assert summary([node(8)], held("a", 3, 0, 1, 2)) == (5, 0, 5)
    assert summary([node(1)]) == (1, 1, 0)
    assert summary([node(1)], held("a", 0.1, 0)) == (0.9, 0, 0.9)  # FR-7
    assert summary([node(8), node(8, "b")], held("a", 3, 0, 1, 2)) == (13, 8, 5)


def test_shares_add_up_without_noise_and_colour_the_card() -> None:
    (use,) = uses_of([node(2)], [held("a", 0.1, 0), held("a", 0.2, 0), held("a", 1, 1)])
    assert [(c.used, c.state) for c in use.cards] == [
        (0.3, CardState.SHARED),
        (1.0, CardState.FULL),
    ]
    assert CardUse(Card(0, "T4", 1, faulty="ECC"), 0).state == CardState.FAULTY


def test_a_node_that_is_away_has_nothing_free() -> None:
    away = [
        node(8, state=S.ABNORMAL),
        node(8, "b", cordoned=True),
        node(8, "c", info={"short_of_space": True}),
    ]
    assert summary_by_card(uses_of(away, [])) == []
    assert amounts_of(uses_of(away, [])).cpu_cores_free == 0


def test_cpu_and_memory_follow_the_share_of_the_cards() -> None:
    nodes = [node(4), node(8, "b", cpu_cores=70.0)]
    given_ = preset_by_cards(Resources(0, 0, 2), nodes)
    assert (given_.cpu_cores, given_.memory_bytes) == (8.0, 16 * GIB)
    assert preset_by_cards(Resources(0, 0, 5), nodes).cpu_cores == 43.0  # only b has five
    assert preset_by_cards(Resources(0, 0, 0.1), nodes).cpu_cores == 0.4
    for asked in (Resources(1, 0, 1), Resources(0, GIB, 1), Resources(0, 0, 0)):
        with pytest.raises(Invalid) as refusal:
            preset_by_cards(asked, nodes)
        assert refusal.value.code == "preset_by_gpu"


DISK = {"mount": "/", "size_bytes": 200 * 10**9, "system": True}


@pytest.mark.parametrize(
    ("facts", "name", "words"),
    [
        ({"disks": [{**DISK, "size_bytes": 99 * 10**9}]}, "disk", "system disk has 99 GB"),
        (
            {"disks": [DISK, {"size_bytes": 5 * 10**9, "system": False}]},
            "disk",
            "data disk has 5.0 GB",
        ),
        ({"environment_free_bytes": 10**9}, "environment_space", "1.0 GB are free"),
        ({"reaches_storage": False}, "storage", "does not reach"),
        ({"closed_ports": [6379]}, "ports", "6379"),
        ({"networks": ["10.0.0.0/16"]}, "networks", "overlaps with 10.0.1.0/24"),
    ],
)
def test_a_machine_that_is_not_fit_is_blocked_with_the_reason(
    facts: dict[str, Any], name: str, words: str
) -> None:
    (bad,) = blocking(check_machine(facts, [{"networks": ["10.0.1.0/24"]}]))
    assert bad.name == name
    assert words in bad.sentence


@pytest.mark.covers("RES-20")
def test_another_processor_vendor_is_a_notice_and_no_obstacle() -> None:
    facts = {"cpu_vendor": "AMD", "disks": [DISK], "networks": ["10.0.1.0/24"]}
    checks = check_machine(facts, [{"cpu_vendor": "Intel", "networks": ["10.0.1.0/24"]}])
    assert blocking(checks) == []
    (notice,) = [check for check in checks if check.level == Level.WARNING]
    assert "perform differently" in notice.sentence
