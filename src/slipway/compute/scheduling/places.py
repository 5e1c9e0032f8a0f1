"""Nodes that stand together: a rack, a zone, or the whole group; each with indexes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slipway.compute.scheduling.amounts import CARD
from slipway.compute.scheduling.index import CardIndex, CpuIndex
from slipway.compute.scheduling.model import Item, Need
from slipway.compute.scheduling.room import Room

_MOST_TRIED = 16  # places of a kind that one item is tried in; then any nodes will do


class Place:
    """`by_position` are all rooms of the group; `own` those that stand here (None: all)."""

    def __init__(
        self,
        name: str,
        by_position: list[Room],
        models: Iterable[str],
        own: list[Room] | None = None,
    ) -> None:
        self.name = name
        self._own = own
        self._at = None if own is None else {room.position: i for i, room in enumerate(own)}
        rooms = by_position if own is None else own
        self._cpu = CpuIndex(by_position)
        self._cards = {model: CardIndex(model, rooms, self._at) for model in models}
        self._cpu_left: dict[int, int] = {}
        self.cpu_milli = 0  # free on nodes that take work; kept where it is a part of the group

    def update(self, room: Room) -> None:
        if self._at is not None and self._own is not None:
            self._own[self._at[room.position]] = room
            left = room.cpu_milli if room.takes_work else 0
            self.cpu_milli += left - self._cpu_left.get(room.position, 0)
            self._cpu_left[room.position] = left
        self._cpu.update(room)
        for model in room.free:
            self._cards[model].update(room)

    def find(self, need: Need, model: str, *, spread: bool) -> Room | None:
        if not need.card_units:
            return self._cpu.find(need)
        index = self._cards.get(model)
        return index.find(need, spread=spread) if index else None

    def free_cards(self, model: str) -> int:
        index = self._cards.get(model)
        return index.free if index else 0


class Places:
    """The racks and zones of a group, where there are several; a rack is a part of its zone."""

    def __init__(self, by_position: list[Room], models: Sequence[str]) -> None:
        racks: dict[str, list[Room]] = {}
        zones: dict[str, list[Room]] = {}
        for room in by_position:
            if room.node.rack:
                racks.setdefault(f"{room.node.zone}/{room.node.rack}", []).append(room)
            if room.node.zone:
                zones.setdefault(room.node.zone, []).append(room)
        self._kinds: list[list[Place]] = []
        self._of: dict[int, list[Place]] = {}
        for kind in (racks, zones):
            if all(len(own) == len(by_position) for own in kind.values()):
                continue  # it tells nothing apart
            self._kinds.append([])
            for name, own in sorted(kind.items()):
                place = Place(name, by_position, models, own)
                self._kinds[-1].append(place)
                for room in own:
                    self._of.setdefault(room.position, []).append(place)

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def update(self, room: Room) -> None:
        for place in self._of.get(room.position, ()):
            place.update(room)

    def for_item(self, item: Item, model: str) -> Iterable[Place]:
        """Where all of it might fit: racks before zones, the fullest first for cards, for work
        without cards the emptiest."""
        if len(item.needs) < 2 or item.spread:
            return
        cpu = sum(need.cpu_milli for need in item.needs)
        cards: dict[str, int] = {}
        for need in item.needs:
            if need.card_units >= CARD:
                wanted = need.card_model or model
                cards[wanted] = cards.get(wanted, 0) + need.card_units // CARD
        for kind in self._kinds:
            fitting = [
                place
                for place in kind
                if place.cpu_milli >= cpu
                and all(place.free_cards(wanted) >= count for wanted, count in cards.items())
            ]
            if cards:
                fitting.sort(key=lambda place: (sum(map(place.free_cards, cards)), place.name))
            else:
                fitting.sort(key=lambda place: (-place.cpu_milli, place.name))
            yield from fitting[:_MOST_TRIED]
