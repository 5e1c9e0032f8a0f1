"""What must hold for every group, queue and policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.compute.scheduling.model import (
    Evict,
    GroupRules,
    Item,
    Need,
    Quota,
    Running,
    Start,
    Wait,
)
from slipway.compute.scheduling.policy import Policy, QueueStrategy
from slipway.compute.scheduling.schedule import loaded, schedule
from slipway.compute.scheduling.scheduler import Scheduler
from slipway.compute.types import Node
from tests.compute.scheduling import reference
from tests.compute.scheduling.house import DAY, GIB, GROUP, at, node

NOW = at("12:00")
MODELS = ("A100", "T4")

needs = st.builds(
    Need,
    st.sampled_from([500, 1000, 4000]),
    st.sampled_from([GIB, 4 * GIB]),
    st.sampled_from([0, 0, 30, 50, 100, 200, 400]),
    st.sampled_from(MODELS),
).map(lambda n: n if n.card_units else n._replace(card_model=None))
items = st.builds(
    Item,
    st.just(""),
    st.just(GROUP),
    st.sampled_from(["p", "q"]),
    st.sampled_from(["training", "training", "service", "evaluation"]),
    st.integers(0, 3),
    st.integers(0, 30).map(lambda minutes: DAY + timedelta(minutes=minutes)),
    st.tuples(needs, st.integers(1, 3)).map(lambda one: (one[0],) * one[1]),
)
queues = st.lists(items, max_size=10).map(
    lambda found: [replace(one, id=f"i{n}") for n, one in enumerate(found)]
)
groups = st.lists(
    st.tuples(st.sampled_from(["", *MODELS]), st.integers(1, 4), st.booleans(), st.booleans()),
    min_size=1,
    max_size=4,
).map(
    lambda shapes: [
        node(f"n{i}", model, cards if model else 0, cpu=8, memory=16 * GIB, shares=shares,
             faulty=[0] if faulty else ())
        for i, (model, cards, shares, faulty) in enumerate(shapes)
    ]
)  # fmt: skip
quotas = st.lists(
    st.tuples(st.sampled_from("pq"), st.sampled_from(MODELS), st.integers(0, 4), st.integers(0, 4)),
    max_size=3,
    unique_by=lambda one: one[:2],
).map(lambda found: tuple(Quota(p, m, low * 100, (low + more) * 100) for p, m, low, more in found))
rules = st.builds(
    GroupRules,
    st.builds(Policy, st.just(0), st.sampled_from(QueueStrategy), st.booleans()),
    st.one_of(st.just(()), quotas),
    st.sampled_from([None, 1]),
)


def filled(there: list[Node], first: list[Item]) -> list[Running]:
    """A group in which something runs already, of low priority for the most part."""
    first = [
        replace(one, priority=3, kind="training", needs=one.needs[:1]) if n % 3 else one
        for n, one in enumerate(first, 1)
    ]
    by_id = {one.id: one for one in first}
    plain = GroupRules(Policy(0, QueueStrategy.WHOLE_QUEUE, preempts=False))
    decided = schedule(there, [], first, {GROUP: plain}, now=NOW)
    return [
        Running(by_id[d.item_id], d.seats, by_id[d.item_id].submitted)
        for d in decided
        if isinstance(d, Start)
    ]


def renamed(queue: list[Item]) -> list[Item]:
    return [replace(one, id=f"w{one.id}") for one in queue]


def check_capacity(there: list[Node], running: list[Running]) -> None:
    """No node gives more than it has; a share lies on one card, whole cards are nobody else's."""
    for one in there:
        parts = [
            (need, seat.gpu_indexes)
            for r in running
            for need, seat in zip(r.item.needs, r.seats, strict=True)
            if seat.node_id == one.id
        ]
        assert sum(need.cpu_milli for need, _ in parts) <= one.cpu_cores * 1000
        assert sum(need.memory_bytes for need, _ in parts) <= one.memory_bytes
        used: dict[int, int] = {}
        cards = {card.index: card for card in one.gpus}
        for need, indexes in parts:
            assert len(indexes) == -(-need.card_units // 100)
            for index in indexes:
                used[index] = used.get(index, 0) + min(100, need.card_units)
                assert cards[index].model == need.card_model
                assert not cards[index].faulty
                assert cards[index].shares or need.card_units >= 100
        assert all(units <= 100 for units in used.values())


@given(groups, queues, queues, rules)
def test_never_oversubscribes_nor_splits_a_run(
    there: list[Node], first: list[Item], queue: list[Item], of_group: GroupRules
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    decided = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    by_id = {one.id: one for one in waiting}
    starts = [Running(by_id[d.item_id], d.seats, NOW) for d in decided if isinstance(d, Start)]
    for one in starts:
        assert len(one.seats) == len(one.item.needs)
    check_capacity(there, [*running, *starts])  # also while victims still hold their seats


@given(groups, queues, queues, rules)
def test_the_order_of_the_input_does_not_matter(
    there: list[Node], first: list[Item], queue: list[Item], of_group: GroupRules
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    one = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    other = schedule(there[::-1], running[::-1], waiting[::-1], {GROUP: of_group}, now=NOW)
    assert one == other


@given(groups, queues, queues, rules)
def test_an_eviction_always_makes_room_and_takes_nobody_in_vain(
    there: list[Node], first: list[Item], queue: list[Item], of_group: GroupRules
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    decided = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    starts = {d.item_id: d.seats for d in decided if isinstance(d, Start)}
    evictions: dict[str, set[str]] = {}
    for d in decided:
        if isinstance(d, Evict):
            evictions.setdefault(d.winner_id, set()).add(d.item_id)
    by_id = {one.id: one for one in (*waiting, *(r.item for r in running))}
    gone = {victim for victims in evictions.values() for victim in victims}
    assert not gone & {victim for victim in gone if by_id[victim].kind != "training"}
    if not of_group.quotas:
        for winner, victims in evictions.items():
            assert all(by_id[v].priority > by_id[winner].priority for v in victims)
    if not of_group.policy.preempts:
        assert not gone
    # When the victims have ended and are back in the queue, the first winner starts, before all others.
    stay = [r for r in running if r.item.id not in gone]
    stay += [Running(by_id[i], seats, NOW) for i, seats in starts.items()]
    back = [
        replace(by_id[v], displaced_for=w, evictions=1) for w, vs in evictions.items() for v in vs
    ]
    left = [one for one in waiting if one.id not in starts]
    after = schedule(there, stay, [*left, *back], {GROUP: of_group}, now=NOW)
    if evictions:
        first_winner = min(evictions, key=lambda winner: _turn(by_id[winner]))
        assert first_winner in {d.item_id for d in after if isinstance(d, Start)}


def _turn(item: Item) -> tuple[object, ...]:
    """Lanes of cards by name, then work without cards; in a lane by place."""
    model = item.needs[0].card_model or ""
    return not model, model, item.place


@given(groups, queues, queues, st.booleans())
def test_strict_order_never_overtakes(
    there: list[Node], first: list[Item], queue: list[Item], preempts: bool
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    of_group = GroupRules(Policy(0, QueueStrategy.STRICT, preempts))
    decided = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    done = {d.item_id for d in decided if isinstance(d, Start)}
    done |= {d.winner_id for d in decided if isinstance(d, Evict)}
    lanes: dict[str | None, list[Item]] = {}
    for one in sorted(waiting, key=lambda item: item.place):
        lanes.setdefault(one.needs[0].card_model, []).append(one)
    for lane in lanes.values():
        decided_there = [one.id in done for one in lane]
        assert decided_there == sorted(decided_there, reverse=True)


@given(groups, queues, queues, st.sampled_from(QueueStrategy))
def test_it_starts_what_the_plain_rules_start_and_where(
    there: list[Node], first: list[Item], queue: list[Item], strategy: QueueStrategy
) -> None:
    running, waiting = filled(there, first), renamed(queue)
    of_group = GroupRules(Policy(0, strategy, preempts=False))
    decided = schedule(there, running, waiting, {GROUP: of_group}, now=NOW)
    assert {d.item_id: d.seats for d in decided if isinstance(d, Start)} == reference.started(
        there, running, waiting, strategy
    )


@settings(max_examples=60)
@given(groups, queues, rules, st.data())
def test_the_resident_scheduler_decides_as_one_made_anew(
    there: list[Node], queue: list[Item], of_group: GroupRules, data: st.DataObject
) -> None:
    """Whatever happens between passes: arrivals, ends, victims that come back, nodes that change."""
    resident = loaded(there, [], queue, {GROUP: of_group})
    nodes = {one.id: one for one in there}
    waiting = {one.id: one for one in queue}
    running: dict[str, Running] = {}
    for step in range(data.draw(st.integers(1, 6))):
        fresh = loaded(nodes.values(), running.values(), waiting.values(), {GROUP: of_group})
        expected = fresh.run(NOW)
        decided = resident.run(NOW)
        assert _acts(decided) == _acts(expected)
        _carry_out(decided, waiting, running)
        _change(data, step, resident, nodes, waiting, running)


def _acts(decided: list[Start | Evict | Wait]) -> list[Start | Evict | Wait]:
    return [d for d in decided if not isinstance(d, Wait)]


def _carry_out(
    decided: list[Start | Evict | Wait], waiting: dict[str, Item], running: dict[str, Running]
) -> None:
    for d in decided:
        match d:
            case Start(item_id, seats):
                one = replace(waiting.pop(item_id), displaced_for=None)
                running[item_id] = Running(one, seats, NOW)
                for other in list(waiting.values()):
                    if other.displaced_for == item_id:
                        waiting[other.id] = replace(other, displaced_for=None)
                for id_, there in list(running.items()):
                    if there.leaving_for == item_id:
                        running[id_] = replace(there, leaving_for=None)
            case Evict(item_id, winner_id):
                running[item_id] = replace(running[item_id], leaving_for=winner_id, ending=True)


def _change(
    data: st.DataObject,
    step: int,
    resident: Scheduler,
    nodes: dict[str, Node],
    waiting: dict[str, Item],
    running: dict[str, Running],
) -> None:
    what = data.draw(st.sampled_from(["arrives", "ends", "victims end", "cordon", "leaves"]))
    if what == "arrives":
        one = replace(data.draw(items), id=f"new{step}")
        waiting[one.id] = one
        resident.put_waiting(one)
    elif what == "ends" and running:
        gone = data.draw(st.sampled_from(sorted(running)))
        del running[gone]
        resident.remove(gone)
    elif what == "victims end":
        for victim in [r for r in running.values() if r.ending]:
            del running[victim.item.id]
            back = replace(
                victim.item, displaced_for=victim.leaving_for, evictions=victim.item.evictions + 1
            )
            waiting[back.id] = back
            resident.put_waiting(back)
    elif what == "cordon":
        name = data.draw(st.sampled_from(sorted(nodes)))
        nodes[name] = replace(nodes[name], cordoned=not nodes[name].cordoned)
        resident.put_nodes(nodes.values())
    elif what == "leaves" and waiting:
        gone = data.draw(st.sampled_from(sorted(waiting)))
        del waiting[gone]
        resident.remove(gone)
