"""What is free: of a node, of its cards, and of a group by card type. Pure sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slipway.compute.types import Card, Held, Node

_STEP = 2  # decimals: shares of a card come in tenths, their sums must not show 0.30000000000000004


class CardState(StrEnum):
    FREE = "free"
    SHARED = "shared"  # partly used: no whole-card request gets it
    FULL = "full"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class CardUse:
    card: Card
    used: float  # 0 to 1

    @property
    def free(self) -> float:
        return 0.0 if self.card.faulty else round(1 - self.used, _STEP)

    @property
    def state(self) -> CardState:
        if self.card.faulty:
            return CardState.FAULTY
        if self.used <= 0:
            return CardState.FREE
        return CardState.FULL if self.free <= 0 else CardState.SHARED


@dataclass(frozen=True, slots=True)
class NodeUse:
    node: Node
    cpu_cores_held: float
    memory_bytes_held: int
    cards: tuple[CardUse, ...]
    instances: int

    @property
    def is_untouched(self) -> bool:
        """No card of it is in use."""
        return all(card.used <= 0 for card in self.cards)


@dataclass(frozen=True, slots=True)
class CardSummary:
    """Free cards of one type. `whole` + `fragments` = `free`; shares count as fractions."""

    model: str
    total: int
    free: float
    whole: float  # on machines whose cards are all free
    fragments: float  # on machines that are partly used
    shares: bool  # whether parts of a card can be asked for


@dataclass(frozen=True, slots=True)
class Amounts:
    """Free and total of what usable nodes offer."""

    cpu_cores: float
    cpu_cores_free: float
    memory_bytes: int
    memory_bytes_free: int
    cards: int
    cards_free: float
    card_memory_bytes: int
    card_memory_bytes_free: int


def uses_of(nodes: Iterable[Node], held: Sequence[Held]) -> list[NodeUse]:
    by_node: dict[str, list[Held]] = {}
    for one in held:
        by_node.setdefault(one.node_id, []).append(one)
    return [_use(node, by_node.get(node.id, [])) for node in nodes]


def summary_by_card(uses: Iterable[NodeUse]) -> list[CardSummary]:
    """By card type; only nodes that take work have anything free (RES-07, RES-18)."""
    found: dict[str, list[tuple[NodeUse, CardUse]]] = {}
    for use in uses:
        if use.node.takes_work:
            for card in use.cards:
                found.setdefault(card.card.model, []).append((use, card))
    return [_summary(model, pairs) for model, pairs in sorted(found.items())]


def amounts_of(uses: Iterable[NodeUse]) -> Amounts:
    ready = [use for use in uses if use.node.takes_work]
    cards = [card for use in ready for card in use.cards]
    return Amounts(
        cpu_cores=_sum(use.node.cpu_cores for use in ready),
        cpu_cores_free=_sum(max(0.0, use.node.cpu_cores - use.cpu_cores_held) for use in ready),
        memory_bytes=sum(use.node.memory_bytes for use in ready),
        memory_bytes_free=sum(max(0, u.node.memory_bytes - u.memory_bytes_held) for u in ready),
        cards=len(cards),
        cards_free=_sum(card.free for card in cards),
        card_memory_bytes=sum(card.card.memory_bytes for card in cards),
        card_memory_bytes_free=sum(round(card.card.memory_bytes * card.free) for card in cards),
    )


def _use(node: Node, held: Sequence[Held]) -> NodeUse:
    used: dict[int, float] = {}
    for one in held:
        for index in one.gpu_indexes:
            used[index] = used.get(index, 0) + min(one.resources.gpus, 1)
    return NodeUse(
        node,
        _sum(h.resources.cpu_cores for h in held),
        sum(h.resources.memory_bytes for h in held),
        tuple(CardUse(card, min(1.0, round(used.get(card.index, 0), _STEP))) for card in node.gpus),
        len(held),
    )


def _summary(model: str, pairs: Sequence[tuple[NodeUse, CardUse]]) -> CardSummary:
    return CardSummary(
        model,
        len(pairs),
        _sum(card.free for _, card in pairs),
        _sum(card.free for use, card in pairs if use.is_untouched),
        _sum(card.free for use, card in pairs if not use.is_untouched),
        any(card.card.shares for _, card in pairs),
    )


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), _STEP)
