"""One island of NVLink, one rack, one zone: preferred where that is possible, never demanded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from slipway.compute.scheduling.model import GroupRules, Item, Running, Start
from slipway.compute.scheduling.schedule import schedule
from slipway.compute.types import Node
from tests.compute.scheduling.house import GIB, GROUP, decide, item, node, runs, seats_of, started
from tests.compute.scheduling.test_properties import (
    MODELS,
    NOW,
    check_capacity,
    filled,
    items,
    queues,
    renamed,
    rules,
)

groups = st.lists(
    st.tuples(
        st.sampled_from(["", *MODELS]),
        st.sampled_from(["", "0011", "0123", "0000"]),
        st.sampled_from(["", "z1", "z2"]),
        st.sampled_from(["", "r1", "r2"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
).map(
    lambda shapes: [
        node(f"n{i}", model, 4 if model else 0, cpu=8, memory=16 * GIB, islands=islands,
             zone=zone, rack=rack, faulty=[0] if faulty else ())
        for i, (model, islands, zone, rack, faulty) in enumerate(shapes)
    ]
)  # fmt: skip


def test_cards_come_from_the_smallest_island_that_has_enough() -> None:
    there = [node("a", "A100", 8, islands="00001111")]
    held = runs(item("r", 0, 1), ("a", (0,)))
    decided = decide(there, [held], [item("j", 0, 2), item("k", 0, 4)])
    assert seats_of(decided, "j") == [("a", (1, 2))]  # three are left of the first island
    assert seats_of(decided, "k") == [("a", (4, 5, 6, 7))]


def test_what_no_island_holds_gets_as_few_of_them_as_possible() -> None:
    there = [node("a", "A100", 8, islands="00112222")]
    assert seats_of(decide(there, [], [item("j", 0, 6)]), "j") == [("a", (0, 1, 4, 5, 6, 7))]


def test_a_node_whose_island_is_large_enough_goes_before_a_fuller_one() -> None:
    there = [node("a", "A100", 4, islands="0011"), node("b", "A100", 8, islands="00001111")]
    assert seats_of(decide(there, [], [item("j", 0, 4)]), "j") == [("b", (0, 1, 2, 3))]
    assert seats_of(decide(there[:1], [], [item("j", 0, 4)]), "j") == [("a", (0, 1, 2, 3))]


def test_a_run_over_several_nodes_stays_in_one_rack_then_in_one_zone() -> None:
    there = [
        node("a", "A100", 4, zone="z1", rack="r1"),
        node("b", "A100", 4, zone="z2", rack="r1"),
        node("c", "A100", 4, zone="z2", rack="r2"),
        node("d", "A100", 4, zone="z2", rack="r2"),
    ]

    def nodes_of(instances: int) -> list[str]:
        decided = decide(there, [], [item("j", 0, 4, instances=instances)])
        return sorted(node_id for node_id, _ in seats_of(decided, "j"))

    assert nodes_of(1) == ["a"]
    assert nodes_of(2) == ["c", "d"]
    assert nodes_of(3) == ["b", "c", "d"]
    assert nodes_of(4) == ["a", "b", "c", "d"]  # no zone has room for it: anywhere


def test_work_without_cards_goes_to_the_emptiest_zone_as_a_whole() -> None:
    there = [
        node("a", cpu=16, zone="z1"), node("b", cpu=16, zone="z1"),
        node("c", cpu=32, zone="z2"), node("d", cpu=16, zone="z2"),
    ]  # fmt: skip
    held = runs(item("r", 0, cpu=24), ("c", ()))
    decided = decide(there, [held], [item("j", 0, cpu=8, instances=3)])
    assert {node_id for node_id, _ in seats_of(decided, "j")} == {"a", "b"}


def test_a_zone_that_an_administrator_sets_counts_at_the_next_pass() -> None:
    there = [node(name, "A100", 4) for name in "abcd"]
    assert {n for n, _ in seats_of(decide(there, [], [item("j", 0, 4, instances=2)]), "j")} == {
        "a",
        "b",
    }
    moved = [replace(n, zone="z1" if n.name in "ad" else "z2") for n in there]
    assert {n for n, _ in seats_of(decide(moved, [], [item("j", 0, 4, instances=2)]), "j")} == {
        "a",
        "d",
    }


@given(groups, queues, queues, rules)
def test_places_change_neither_what_is_there_nor_that_the_order_of_input_is_nothing(
    there: list[Node], first: list[Item], queue: list[Item], of_group: GroupRules
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    decided = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    by_id = {one.id: one for one in waiting}
    starts = [Running(by_id[d.item_id], d.seats, NOW) for d in decided if isinstance(d, Start)]
    assert all(len(one.seats) == len(one.item.needs) for one in starts)
    check_capacity(there, [*running, *starts])
    turned = schedule(there[::-1], running[::-1], waiting[::-1], {GROUP: of_group}, now=NOW)
    assert decided == turned


@given(groups, items)
def test_who_fits_without_places_fits_with_them(there: list[Node], one: Item) -> None:
    asked = replace(one, id="i")
    plain = [
        replace(n, zone="", rack="", gpus=tuple(replace(c, island=None) for c in n.gpus))
        for n in there
    ]
    assert started(decide(there, [], [asked])) == started(decide(plain, [], [asked]))


@given(groups, items)
def test_a_run_that_one_zone_could_hold_is_in_one(there: list[Node], one: Item) -> None:
    asked = replace(one, id="i")
    zones = {n.zone for n in there} - {""}
    alone = [z for z in zones if started(decide([n for n in there if n.zone == z], [], [asked]))]
    if alone and len(asked.needs) > 1:
        seats = seats_of(decide(there, [], [asked]), "i")
        zone_of = {n.id: n.zone for n in there}
        assert len({zone_of[node_id] for node_id, _ in seats}) == 1
