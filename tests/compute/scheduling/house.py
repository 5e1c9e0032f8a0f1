"""Short words for building groups, nodes and items in scheduling tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from slipway.compute.scheduling.amounts import card_units, core_units
from slipway.compute.scheduling.model import (
    Decision,
    Evict,
    GroupRules,
    Item,
    Need,
    Running,
    Seat,
    Start,
)
from slipway.compute.scheduling.policy import Policy, QueueStrategy
from slipway.compute.scheduling.schedule import schedule
from slipway.compute.types import Card, Node, NodeState

GIB = 1 << 30
DAY = datetime(2026, 1, 2, tzinfo=UTC)
GROUP = "g"


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def node(
    name: str,
    model: str = "",
    cards: int = 0,
    *,
    cpu: float = 64,
    memory: int = 256 * GIB,
    group: str = GROUP,
    state: NodeState = NodeState.RUNNING,
    cordoned: bool = False,
    shares: bool = True,
    faulty: Iterable[int] = (),
    islands: str = "",
    zone: str = "",
    rack: str = "",
) -> Node:
    """`islands`: one digit for each card, such as "0011"."""
    bad = set(faulty)
    gpus = tuple(
        Card(i, model, 16 * GIB, shares=shares, faulty="ECC" if i in bad else "",
             island=int(islands[i]) if islands else None)
        for i in range(cards)
    )  # fmt: skip
    return Node(
        name, group, name, "process", "127.0.0.1", cpu, memory, gpus, state, cordoned, zone=zone, rack=rack
    )  # fmt: skip


def need(cards: float = 0, model: str | None = None, *, cpu: float = 1, memory: int = GIB) -> Need:
    return Need(core_units(cpu), memory, card_units(cards), model if cards else None)


def item(
    name: str,
    priority: int,
    cards: float = 0,
    *,
    model: str | None = None,
    submitted: str = "10:00",
    kind: str = "training",
    instances: int = 1,
    cpu: float = 1,
    project: str = "p",
    spread: bool = False,
    evictions: int = 0,
) -> Item:
    needs = (need(cards, model, cpu=cpu),) * instances
    return Item(name, GROUP, project, kind, priority, at(submitted), needs, spread, evictions)


def runs(one: Item, *seats: tuple[str, tuple[int, ...]], since: str = "09:00") -> Running:
    return Running(one, tuple(Seat(node_id, cards) for node_id, cards in seats), at(since))


def rules(strategy: int = 0, *, preempts: bool = True, **more: object) -> GroupRules:
    return GroupRules(Policy(0, QueueStrategy(strategy), preempts), **more)  # type: ignore[arg-type]


def decide(
    nodes: list[Node], running: list[Running], queue: list[Item], of_group: GroupRules | None = None
) -> list[Decision]:
    return schedule(nodes, running, queue, {GROUP: of_group or rules()}, now=at("12:00"))


def started(decisions: Iterable[Decision]) -> list[str]:
    return [d.item_id for d in decisions if isinstance(d, Start)]


def evicted(decisions: Iterable[Decision]) -> list[tuple[str, str]]:
    return [(d.item_id, d.winner_id) for d in decisions if isinstance(d, Evict)]


def seats_of(decisions: Iterable[Decision], name: str) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (seat.node_id, seat.gpu_indexes)
        for d in decisions
        if isinstance(d, Start) and d.item_id == name
        for seat in d.seats
    ]
