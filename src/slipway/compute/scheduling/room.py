"""What is left on one node."""

from __future__ import annotations

from slipway.compute.scheduling.amounts import CARD, core_units
from slipway.compute.scheduling.model import Need, Running
from slipway.compute.types import Node


class Room:
    """`take` and `release` are exact inverses, so a trial is undone by doing the opposite.

    Faulty cards are left out: what still holds one gives nothing back for it.
    """

    __slots__ = ("_islands", "_models", "_shares", "cards", "cpu_milli", "free", "holders", "memory_bytes", "node", "position", "takes_work")  # fmt: skip

    def __init__(self, node: Node, position: int) -> None:
        self.node, self.position = node, position
        self.takes_work = node.takes_work
        self.cpu_milli, self.memory_bytes = core_units(node.cpu_cores), node.memory_bytes
        usable = [card for card in node.gpus if not card.faulty]
        self.cards = {card.index: CARD for card in usable}  # what is left of each
        self._models = {card.index: card.model for card in usable}
        self._shares = {card.index for card in usable if card.shares}
        self._islands = {card.index: card.island for card in usable if card.island is not None}
        self.free: dict[str, int] = {}  # wholly free cards of each type
        for card in usable:
            self.free[card.model] = self.free.get(card.model, 0) + 1
        self.holders: dict[str, Running] = {}

    def fits(self, need: Need, model: str) -> bool:
        return (
            need.cpu_milli <= self.cpu_milli
            and need.memory_bytes <= self.memory_bytes
            and (not need.card_units or self._has_cards(need.card_units, model))
        )

    def count(self, need: Need, model: str) -> int:
        """How many of these would fit together."""
        limits = []
        if need.cpu_milli:
            limits.append(self.cpu_milli // need.cpu_milli)
        if need.memory_bytes:
            limits.append(self.memory_bytes // need.memory_bytes)
        if need.card_units >= CARD:
            limits.append(self.free.get(model, 0) * CARD // need.card_units)
        elif need.card_units:
            limits.append(
                sum(
                    left // need.card_units
                    for index, left in self.cards.items()
                    if self._models[index] == model and index in self._shares
                )
            )
        return max(0, min(limits, default=1))

    def pick(self, need: Need, model: str) -> tuple[int, ...]:
        """Cards for a need that fits: the lowest free ones, or the tightest card for a share."""
        if not need.card_units:
            return ()
        if need.card_units < CARD:
            share = self._tightest(need.card_units, model)
            assert share is not None
            return (share,)
        free = sorted(
            i for i, left in self.cards.items() if left == CARD and self._models[i] == model
        )
        count = need.card_units // CARD
        return self._together(free, count) if self._islands else tuple(free[:count])

    @property
    def has_islands(self) -> bool:
        return bool(self._islands)

    def fits_island(self, need: Need, model: str) -> bool:
        """Whether one island has the whole cards free, or no islands are known here."""
        if not self._islands:
            return True
        free = [i for i, left in self.cards.items() if left == CARD and self._models[i] == model]
        return max(map(len, self._by_island(free)), default=0) >= need.card_units // CARD

    def _together(self, free: list[int], count: int) -> tuple[int, ...]:
        """From the smallest island that has enough; else from as few islands as possible."""
        islands = self._by_island(free)
        enough = [island for island in islands if len(island) >= count]
        if enough:
            return tuple(min(enough, key=len)[:count])
        largest_first = sorted(islands, key=len, reverse=True)
        return tuple(sorted([card for island in largest_first for card in island][:count]))

    def _by_island(self, cards: list[int]) -> list[list[int]]:
        """In order of their lowest card; a card of no known island is one by itself."""
        found: dict[tuple[bool, int], list[int]] = {}
        for card in cards:
            island = self._islands.get(card)
            found.setdefault((island is None, card if island is None else island), []).append(card)
        return sorted(found.values())

    def take(self, need: Need, cards: tuple[int, ...]) -> None:
        self.cpu_milli -= need.cpu_milli
        self.memory_bytes -= need.memory_bytes
        self._change_cards(cards, -min(need.card_units, CARD))

    def release(self, need: Need, cards: tuple[int, ...]) -> None:
        self.cpu_milli += need.cpu_milli
        self.memory_bytes += need.memory_bytes
        self._change_cards(cards, min(need.card_units, CARD))

    def type_of(self, cards: tuple[int, ...]) -> str:
        """The type of cards that were given out here; empty where the node has lost them."""
        return next((self._models[card] for card in cards if card in self._models), "")

    def largest_share(self, model: str) -> int:
        """The largest share that a card in use has left."""
        return max(
            (
                left
                for index, left in self.cards.items()
                if left < CARD and self._models[index] == model and index in self._shares
            ),
            default=0,
        )

    def _has_cards(self, units: int, model: str) -> bool:
        if units >= CARD:
            return units // CARD <= self.free.get(model, 0)
        return self._tightest(units, model) is not None

    def _tightest(self, units: int, model: str) -> int | None:
        found = [
            (left, index)
            for index, left in self.cards.items()
            if left >= units and self._models[index] == model and index in self._shares
        ]
        return min(found)[1] if found else None

    def _change_cards(self, cards: tuple[int, ...], by: int) -> None:
        for index in cards:
            if index not in self.cards:
                continue
            before = self.cards[index]
            self.cards[index] = after = before + by
            if before == CARD:
                self.free[self._models[index]] -= 1
            elif after == CARD:
                self.free[self._models[index]] += 1
