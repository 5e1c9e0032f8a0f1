"""The catalogue's worked examples EX-1 to EX-10 and FR-1 to FR-5, and what surrounds them."""

from __future__ import annotations

import pytest

from slipway.base.errors import Invalid
from slipway.compute.scheduling.amounts import card_units
from slipway.compute.scheduling.model import Item, Running, Start, Wait
from slipway.compute.types import Node, NodeState
from tests.compute.scheduling.house import (
    decide,
    evicted,
    item,
    node,
    rules,
    runs,
    seats_of,
    started,
)

ANY = [0, 1, 2]
A8 = node("a", "A100", 8)


def cards(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


R1_HOLDS_6 = runs(item("R1", 0, 6), ("a", cards(0, 6)))


@pytest.mark.covers("RES-23")
@pytest.mark.parametrize(("strategy", "start"), [(0, []), (1, ["J2"]), (2, ["J2"])])
def test_ex1_strict_order_leaves_cards_idle(strategy: int, start: list[str]) -> None:
    queue = [item("J1", 0, 4), item("J2", 0, 2, submitted="10:05")]
    assert started(decide([A8], [R1_HOLDS_6], queue, rules(strategy))) == start
    assert started(decide([A8], [], queue, rules(strategy))) == ["J1", "J2"]


@pytest.mark.covers("RES-23")
@pytest.mark.parametrize(("strategy", "start"), [(0, []), (1, []), (2, ["J2"])])
def test_ex2_lower_priority_overtakes_only_in_the_whole_queue(
    strategy: int, start: list[str]
) -> None:
    queue = [item("J1", 0, 4), item("J2", 1, 2, submitted="10:05")]
    decisions = decide([A8], [R1_HOLDS_6], queue, rules(strategy))
    assert started(decisions) == start
    if start:  # J2 is not evicted afterwards: J1 would have 2 of the 4 cards it needs
        j2 = runs(queue[1], ("a", (6, 7)), since="10:05")
        again = decide([A8], [R1_HOLDS_6, j2], queue[:1], rules(strategy))
        assert not started(again)
        assert not evicted(again)


@pytest.mark.covers("RES-26")
@pytest.mark.parametrize(("preempts", "gone"), [(True, [("R2", "J1")]), (False, [])])
def test_ex3_the_lowest_priority_makes_room_where_allowed(
    preempts: bool, gone: list[tuple[str, str]]
) -> None:
    running = [
        runs(item("R1", 2, 4), ("a", cards(0, 4)), since="09:00"),
        runs(item("R2", 5, 4), ("a", cards(4, 4)), since="09:30"),
    ]
    decisions = decide([A8], running, [item("J1", 1, 4)], rules(0, preempts=preempts))
    assert evicted(decisions) == gone
    assert not started(decisions)  # not before R2 has ended
    after = decide([A8], running[:1], [item("J1", 1, 4), running[1].item], rules(0))
    assert started(after) == ["J1"]


@pytest.mark.covers("RES-27")
def test_ex4_services_evict_tasks_and_never_services() -> None:
    there = [node("a", "A10", 2)]
    s1 = runs(item("S1", 5, 1, kind="service"), ("a", (0,)))
    r1 = runs(item("R1", 3, 1), ("a", (1,)))
    s2 = item("S2", 0, 1, kind="service")
    assert evicted(decide(there, [s1, r1], [s2])) == [("R1", "S2")]
    services = [s1, runs(s2, ("a", (1,)))]
    for strategy in ANY:
        queue = [item("J2", 0, 1), item("S3", 0, 1, kind="service"), r1.item]
        decisions = decide(there, services, queue, rules(strategy))
        assert not started(decisions)
        assert not evicted(decisions)


@pytest.mark.parametrize("strategy", ANY)
def test_ex5_nobody_is_evicted_when_it_would_not_be_enough(strategy: int) -> None:
    running = [
        runs(item("S1", 4, 3, kind="service"), ("a", (0, 1, 2))),
        runs(item("R1", 4, 1), ("a", (3,))),
    ]
    decisions = decide([node("a", "A100", 4)], running, [item("J1", 0, 2)], rules(strategy))
    assert decisions == [Wait("J1", "Waiting for resources: 1 x (1 cores, 1.0 GiB memory, 2 GPU).")]


@pytest.mark.covers("RES-30")
def test_ex6_card_types_do_not_block_each_other() -> None:
    there = [node("a", "T4", 2), node("b", "A100", 8)]
    r0 = runs(item("R0", 0, 2, model="T4"), ("a", (0, 1)))
    queue = [
        item("J1", 0, 1, model="T4"),
        item("J2", 0, 8, model="A100", submitted="10:01"),
        item("J3", 0, 1, model="T4", submitted="10:02"),
        item("J4", 0, 0, submitted="10:03"),
    ]
    assert started(decide(there, [r0], queue)) == ["J2", "J4"]


@pytest.mark.covers("RES-28")
def test_ex7_a_victim_keeps_its_place_by_its_time_of_submission() -> None:
    r1 = item("R1", 5, 4, submitted="09:30")
    r2 = runs(item("R2", 0, 4), ("a", cards(4, 4)))
    j9, j1 = item("J9", 5, 4, submitted="09:45"), item("J1", 1, 4, submitted="10:10")
    assert evicted(decide([A8], [runs(r1, ("a", cards(0, 4))), r2], [j9, j1])) == [("R1", "J1")]
    j1_runs = runs(j1, ("a", cards(0, 4)))
    assert started(decide([A8], [j1_runs], [j9, r1])) == ["R1"]  # when R2 has ended


@pytest.mark.covers("RES-29")
def test_ex8_cards_are_packed() -> None:
    there = [node("a", "A100", 4), node("b", "A100", 4)]
    assert _nodes_one_after_the_other(there, [item(str(n), 0, c) for n, c in enumerate((2, 1, 4, 1))]) == [
        "a", "a", "b", "a",
    ]  # fmt: skip


def test_ex9_work_without_cards_is_spread() -> None:
    there = [node(n, cpu=16) for n in "cde"]
    asks = [item(str(n), 0, cpu=c) for n, c in enumerate((4, 4, 4, 2, 8))]
    assert _nodes_one_after_the_other(there, asks) == ["c", "d", "e", "c", "d"]


@pytest.mark.parametrize("strategy", ANY)
def test_ex10_those_who_do_not_help_are_spared(strategy: int) -> None:
    there = [node("a", "A100", 4), node("b", "A100", 4)]
    running = [
        runs(item("R1", 6, 2), ("a", (0, 1)), since="09:00"),
        runs(item("R3", 6, 2), ("a", (2, 3)), since="09:10"),
        runs(item("R2", 4, 4), ("b", cards(0, 4))),
    ]
    decisions = decide(there, running, [item("J1", 1, 4)], rules(strategy))
    assert evicted(decisions) == [("R3", "J1"), ("R1", "J1")]
    assert seats_of(decide(there, running[2:], [item("J1", 1, 4)]), "J1") == [("a", cards(0, 4))]


def _nodes_one_after_the_other(there: list[Node], items: list[Item]) -> list[str]:
    running: list[Running] = []
    for one in items:
        (start,) = (d for d in decide(there, running, [one]) if isinstance(d, Start))
        running.append(Running(one, start.seats, one.submitted))
    return [seat.node_id for r in running for seat in r.seats]


def _shares(*asked: float) -> list[Running]:
    there, running = [node("a", "T4", 2)], []
    for n, share in enumerate(asked):
        one = item(str(n), 0, share)
        (start,) = (d for d in decide(there, running, [one]) if isinstance(d, Start))
        running.append(Running(one, start.seats, one.submitted))
    return running


@pytest.mark.covers("RES-33")
def test_fr1_a_share_goes_to_the_tightest_card() -> None:
    assert [r.seats[0].gpu_indexes for r in _shares(0.5, 0.3, 0.6, 0.2)] == [(0,), (0,), (1,), (0,)]


@pytest.mark.covers("RES-35")
@pytest.mark.parametrize("asked", [1, 0.5])
def test_fr2_fr3_no_card_is_free_and_no_share_is_split(asked: float) -> None:
    running = _shares(0.5, 0.3, 0.6, 0.2)
    assert not started(decide([node("a", "T4", 2)], running, [item("J", 0, asked)]))
    assert started(decide([node("a", "T4", 2)], running, [item("J", 0, 0.4)])) == ["J"]


@pytest.mark.covers("RES-31")
def test_fr4_amounts_of_cards() -> None:
    given = [0, 0.1, 0.30000000000000004, 0.7, 1, 2, 64]
    assert [card_units(c) for c in given] == [0, 10, 30, 70, 100, 200, 6400]
    for wrong in (1.5, 0.05, 2.1, 0.25, -1, -0.1, float("nan"), float("inf"), 1e300):
        with pytest.raises(Invalid):
            card_units(wrong)


def test_a_share_is_not_given_on_cards_that_do_not_share() -> None:
    there = [node("a", "T4", 1, shares=False), node("b", "T4", 1)]
    assert seats_of(decide(there, [], [item("J", 0, 0.5)]), "J") == [("b", (0,))]
    assert seats_of(decide(there, [], [item("J", 0, 1)]), "J") == [("a", (0,))]


def test_faulty_cards_and_closed_nodes_are_given_to_nobody() -> None:
    there = [
        node("a", "T4", 2, faulty=[0]),
        node("b", "T4", 2, cordoned=True),
        node("c", "T4", 2, state=NodeState.ABNORMAL),
    ]
    assert seats_of(decide(there, [], [item("J", 0, 1)]), "J") == [("a", (1,))]
    (waits,) = decide(there, [], [item("J", 0, 2)])
    assert isinstance(waits, Wait)
    (waits,) = decide(there[1:], [], [item("J", 0, 1)])
    assert waits == Wait("J", "Waiting for a ready node in the resource group.")


def test_a_service_may_be_spread() -> None:
    there = [node("a", "T4", 2), node("b", "T4", 2)]
    running = [runs(item("R", 0, 1), ("a", (0,)))]
    packed, spread = item("S", 0, 1, kind="service"), item("S", 0, 1, kind="service", spread=True)
    assert seats_of(decide(there, running, [packed]), "S") == [("a", (1,))]
    assert seats_of(decide(there, running, [spread]), "S") == [("b", (0,))]


def test_all_instances_of_a_run_are_placed_or_none() -> None:
    there = [node("a", "A100", 4), node("b", "A100", 4)]
    three, two = item("J", 0, 4, instances=3), item("J", 0, 4, instances=2)
    assert not started(decide(there, [], [three]))
    assert [n for n, _ in seats_of(decide(there, [], [two]), "J")] == ["a", "b"]
    busy = [
        runs(item("R1", 5, 1), ("a", (0,))),
        runs(item("R2", 5, 1), ("b", (0,))),
        runs(item("R3", 0, 1), ("b", (1,))),
    ]
    assert not evicted(decide(there, busy, [two]))  # R3 cannot go, so nobody goes
    assert sorted(evicted(decide(there, busy[:2], [two]))) == [("R1", "J"), ("R2", "J")]


@pytest.mark.covers("RES-21")
def test_other_kinds_neither_evict_nor_are_evicted() -> None:
    there = [node("a", "A100", 1)]
    task = runs(item("R", 9, 1), ("a", (0,)))
    exam = runs(item("E", 9, 1, kind="evaluation"), ("a", (0,)))
    assert not evicted(decide(there, [task], [item("E", 0, 1, kind="evaluation")]))
    assert not evicted(decide(there, [exam], [item("J", 0, 1)]))


def test_any_card_is_one_type_for_the_whole_run() -> None:
    there = [node("a", "A10", 1), node("b", "T4", 1), node("c", "T4", 1)]
    assert [n for n, _ in seats_of(decide(there, [], [item("J", 0, 1, instances=2)]), "J")] == [
        "b",
        "c",
    ]
    assert not started(decide(there[:2], [], [item("J", 0, 1, instances=2)]))
