"""The guard against starvation: who has waited too long is not overtaken any more (RES-X2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.compute.scheduling.model import GroupRules, Item, Running, Start
from slipway.compute.scheduling.policy import Policy, QueueStrategy
from slipway.compute.scheduling.schedule import schedule
from slipway.compute.types import Node
from tests.compute.scheduling.house import DAY, GROUP, at, item, node, rules, runs, started
from tests.compute.scheduling.test_properties import groups, queues

MINUTE = timedelta(minutes=1)
# One lane, so that items stand in each other's way often enough.
one_lane = queues.map(
    lambda queue: [
        replace(one, needs=tuple(n._replace(card_units=n.card_units or 100, card_model="T4") for n in one.needs))
        for one in queue
    ]
)  # fmt: skip
one_type = groups.map(lambda nodes: [node(n.id, "T4", max(1, len(n.gpus))) for n in nodes])
free_policies = st.builds(
    GroupRules, st.builds(Policy, st.just(0), st.sampled_from(QueueStrategy), st.booleans())
)


def starts_after(strategy: int, guard: timedelta | None) -> int | None:
    """Minutes until a task for the whole node starts, while a task for a quarter of it comes every
    minute and runs for three; None: not in three hours."""
    machine, whole = [node("a", "T4", 4)], item("whole", 3, 4, submitted="00:00")
    waiting: list[Item] = [whole]
    running: list[Running] = [
        runs(item(f"first-{card}", 3, 1), ("a", (card,)), since="00:00") for card in range(4)
    ]
    ends = {one.item.id: at("00:00") + (n + 1) * MINUTE for n, one in enumerate(running)}
    for minute in range(1, 181):
        now = at("00:00") + minute * MINUTE
        running = [one for one in running if ends[one.item.id] > now]
        waiting.append(replace(item(f"small-{minute}", 3, 1), submitted=now))
        before = None if guard is None else now - guard
        policy = {GROUP: rules(strategy, preempts=False)}
        found = schedule(machine, running, waiting, policy, now=now, guard_before=before)
        by_id = {one.id: one for one in waiting}
        for start in (d for d in found if isinstance(d, Start)):
            if start.item_id == "whole":
                return minute
            waiting.remove(by_id[start.item_id])
            running.append(Running(by_id[start.item_id], start.seats, now))
            ends[start.item_id] = now + 3 * MINUTE
    return None


@pytest.mark.covers("RES-X2")
@pytest.mark.parametrize("strategy", [1, 2])
def test_a_large_item_starts_soon_after_its_guard_begins_and_never_without_one(
    strategy: int,
) -> None:
    assert starts_after(strategy, None) is None
    minutes = starts_after(strategy, 30 * MINUTE)
    assert minutes is not None
    assert 30 < minutes <= 30 + 4  # what runs then ends within three minutes


@pytest.mark.covers("RES-X2")
def test_the_guard_holds_within_its_lane_and_lets_those_ahead_pass() -> None:
    machines = [node("a", "T4", 2), node("b", "A100", 2)]
    running = [runs(item("r", 0, 1, model="T4"), ("a", (0,)))]
    queue = [
        item("old", 2, 2, model="T4", submitted="08:00"),
        item("behind", 2, 1, model="T4", submitted="11:59"),
        item("other lane", 5, 1, model="A100", submitted="11:59"),
    ]

    def found(guard: datetime | None, *more: Item) -> list[str]:
        policy = {GROUP: rules(2, preempts=False)}
        return started(
            schedule(machines, running, [*queue, *more], policy, now=at("12:00"), guard_before=guard)
        )  # fmt: skip

    assert sorted(found(None)) == ["behind", "other lane"]
    assert sorted(found(at("08:00"))) == ["behind", "other lane"]  # not yet: submitted before it
    assert found(at("08:01")) == ["other lane"]
    ahead = item("ahead", 1, 1, model="T4", submitted="11:59")
    assert sorted(found(at("08:01"), ahead)) == ["ahead", "other lane"]


@pytest.mark.covers("RES-X2")
@settings(deadline=None)
@given(one_type, one_lane, free_policies, st.integers(10, 31))
def test_nobody_behind_a_guarded_item_starts_before_it(
    nodes: list[Node], queue: list[Item], policy: GroupRules, minute: int
) -> None:
    guard = DAY + minute * MINUTE
    found = schedule(nodes, [], queue, {GROUP: policy}, now=at("12:00"), guard_before=guard)
    begun = set(started(found))
    guarded = [one for one in queue if one.submitted < guard and one.id not in begun]
    for one in queue:
        if one.id in begun:
            assert [g.id for g in guarded if g.place < one.place] == []
