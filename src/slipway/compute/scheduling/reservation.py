"""Room that is being made: within a pass, what leaving items still hold belongs to the winner.

Nothing of it outlives the pass. The next one finds it again in what is written down: the victims,
and for whom each of them leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import Item, Need, Running, Seat


@dataclass(frozen=True, slots=True)
class Reservation:
    item: Item
    seats: tuple[Seat, ...]
    leaving: list[Running]
    kept_back: list[tuple[str, Need, tuple[int, ...]]]  # theirs, and not needed by the winner

    @property
    def _winner(self) -> Running:
        return Running(self.item, self.seats, self.leaving[0].started)

    def undo(self, group: Group) -> None:
        group.books.let_go(self.kept_back)
        group.books.unseat(self.item, self.seats)
        group.accounts.remove(self._winner, group.books.rooms)
        for running in self.leaving:
            group.books.hold(running)
            group.accounts.add(running, group.books.rooms)
        group.lane_of(self.item).add(self.item)


def reserve(group: Group, item: Item, leaving: list[Running]) -> Reservation | None:
    """Seat the item where others leave, and take it out of its lane for this pass."""
    for running in leaving:
        group.books.give_back(running)
    seats = group.books.seat(item)
    if seats is None:
        for running in leaving:
            group.books.hold(running)
        return None
    kept = [part for running in leaving for part in group.books.keep_back(running)]
    for running in leaving:
        group.accounts.remove(running, group.books.rooms)
    group.accounts.add(Running(item, seats, leaving[0].started), group.books.rooms)
    group.lane_of(item).remove(item)
    return Reservation(item, seats, leaving, kept)
