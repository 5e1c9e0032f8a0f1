"""The rules of one strict or whole-queue pass without quotas, as plainly as they can be written.

Every node is looked at for every item. What the scheduler does with indexes must come out the same.
"""

from __future__ import annotations

from slipway.compute.scheduling.model import Item, Need, Running, Seat
from slipway.compute.scheduling.policy import QueueStrategy
from slipway.compute.types import Node


class _Node:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.cpu, self.memory = round(node.cpu_cores * 1000), node.memory_bytes
        self.size = self.cpu
        self.left = {c.index: 100 for c in node.gpus if not c.faulty}
        self.model = {c.index: c.model for c in node.gpus}
        self.shares = {c.index for c in node.gpus if c.shares}

    def free(self, model: str) -> list[int]:
        return sorted(i for i, left in self.left.items() if left == 100 and self.model[i] == model)

    def cards_for(self, need: Need, model: str) -> tuple[int, ...] | None:
        if not need.card_units:
            return ()
        if need.card_units >= 100:
            free = self.free(model)
            count = need.card_units // 100
            return tuple(free[:count]) if len(free) >= count else None
        fitting = [
            (left, i)
            for i, left in self.left.items()
            if left >= need.card_units and i in self.shares and self.model[i] == model
        ]
        return (min(fitting)[1],) if fitting else None

    def fits(self, need: Need, model: str) -> bool:
        return (
            self.node.takes_work
            and need.cpu_milli <= self.cpu
            and need.memory_bytes <= self.memory
            and self.cards_for(need, model) is not None
        )

    def take(self, need: Need, cards: tuple[int, ...], sign: int = -1) -> None:
        self.cpu += sign * need.cpu_milli
        self.memory += sign * need.memory_bytes
        for card in cards:
            if card in self.left:
                self.left[card] += sign * min(100, need.card_units)


def started(
    nodes: list[Node], running: list[Running], queue: list[Item], strategy: QueueStrategy
) -> dict[str, tuple[Seat, ...]]:
    """Who starts where, when nobody may be evicted; every item names its card type."""
    there = [_Node(n) for n in sorted(nodes, key=lambda n: (n.name, n.id))]
    by_id = {n.node.id: n for n in there}
    for one in running:
        for need, seat in zip(one.item.needs, one.seats, strict=True):
            by_id[seat.node_id].take(need, seat.gpu_indexes)
    lanes: dict[str, list[Item]] = {}
    for item in sorted(queue, key=lambda i: i.place):
        models = [n.card_model for n in item.needs if n.card_units]
        lanes.setdefault(models[0] or "" if models else "", []).append(item)
    found: dict[str, tuple[Seat, ...]] = {}
    for name in sorted(lanes, key=lambda lane: (not lane, lane)):
        failing: list[int] = []
        for item in lanes[name]:
            if failing and strategy == QueueStrategy.STRICT:
                break
            if failing and strategy == QueueStrategy.WITHIN_PRIORITY and item.priority > failing[0]:
                break
            seats = _seat(there, by_id, item)
            if seats is None:
                failing.append(item.priority)
            else:
                found[item.id] = seats
    return found


def _seat(there: list[_Node], by_id: dict[str, _Node], item: Item) -> tuple[Seat, ...] | None:
    ranked = sorted(
        enumerate(item.needs), key=lambda one: (-one[1].card_units, -one[1].cpu_milli, one[0])
    )
    taken: dict[int, Seat] = {}
    for rank, need in ranked:
        model = need.card_model or ""
        fitting = [n for n in there if n.fits(need, model)]
        if not fitting:
            for done, seat in taken.items():
                by_id[seat.node_id].take(item.needs[done], seat.gpu_indexes, +1)
            return None
        if need.card_units:
            best = min(fitting, key=lambda n: len(n.free(model)))  # the first by name of equals
        else:
            best = min(fitting, key=lambda n: (bool(n.node.gpus), (n.size - n.cpu) / n.size))
        cards = best.cards_for(need, model)
        assert cards is not None
        best.take(need, cards)
        taken[rank] = Seat(best.node.id, cards)
    return tuple(taken[rank] for rank in range(len(item.needs)))
