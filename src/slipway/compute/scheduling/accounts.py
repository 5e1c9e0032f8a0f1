"""Cards that projects hold in a group, against what they are guaranteed and may have at most.

A project may use more than its guarantee while others leave theirs idle: it borrows. Who stays
within its own guarantee takes that back from borrowers, whatever their priority.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from slipway.compute.scheduling.model import ANY_CARD_LANE, CPU_LANE, Item, Quota, Running
from slipway.compute.scheduling.room import Room


class Accounts:
    def __init__(self, quotas: Iterable[Quota] = ()) -> None:
        self._quotas = {(q.project_id, q.card_model): q for q in quotas}
        self._used: Counter[tuple[str, str]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._quotas)

    def add(self, running: Running, rooms: Mapping[str, Room]) -> None:
        for card_model, units in _cards(running, rooms):
            self._used[running.item.project_id, card_model] += units

    def remove(self, running: Running, rooms: Mapping[str, Room]) -> None:
        for card_model, units in _cards(running, rooms):
            self._used[running.item.project_id, card_model] -= units

    def used(self, project_id: str, card_model: str) -> int:
        return self._used[project_id, card_model]

    def below_maximum(self, item: Item, types: Iterable[str]) -> tuple[str, ...]:
        """Those of the card types of which the project may still have what the item asks for."""
        return tuple(t for t in types if not self.over_maximum(item, t))

    def over_maximum(self, item: Item, lane: str) -> bool:
        quota = self._quotas.get((item.project_id, lane))
        if quota is None or quota.maximum is None:
            return False
        return self._used[item.project_id, lane] + item.card_units > quota.maximum

    def entitled(self, item: Item, lane: str) -> bool:
        """With it, the project would still be within what it is guaranteed."""
        if lane in (CPU_LANE, ANY_CARD_LANE):
            return False
        return self._used[item.project_id, lane] + item.card_units <= self._sure(
            item.project_id, lane
        )

    def borrows(self, project_id: str, card_model: str) -> bool:
        return self._used[project_id, card_model] > self._sure(project_id, card_model)

    def maximum(self, project_id: str, card_model: str) -> int | None:
        quota = self._quotas.get((project_id, card_model))
        return quota.maximum if quota else None

    def _sure(self, project_id: str, card_model: str) -> int:
        quota = self._quotas.get((project_id, card_model))
        return quota.guaranteed if quota else 0


def _cards(running: Running, rooms: Mapping[str, Room]) -> Iterable[tuple[str, int]]:
    for need, seat in zip(running.item.needs, running.seats, strict=True):
        if need.card_units and seat.node_id in rooms:
            yield rooms[seat.node_id].type_of(seat.gpu_indexes), need.card_units
