"""What is free and who holds what in one resource group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter

from slipway.compute.scheduling.model import ANY_CARD_LANE, CPU_LANE, Item, Need, Running, Seat
from slipway.compute.scheduling.places import Place, Places
from slipway.compute.scheduling.room import Room
from slipway.compute.types import Node


class Books:
    """Rooms of the nodes, with indexes that are brought up to date when they are asked.

    `journal` names each room that may have become larger, in order: who failed to fit when it was
    n long needs to look at `journal[n:]` only.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.journal: list[Room] = []
        self.missing = 0  # seats that the last item that failed lacked
        self._nodes = {node.id: node for node in nodes}
        self._holders: dict[str, Running] = {}
        self._build()

    @property
    def nodes(self) -> Iterable[Node]:
        return self._nodes.values()

    def put_node(self, node: Node) -> None:
        before = self._nodes.get(node.id)
        self._nodes[node.id] = node
        if before is None or _where(before) != _where(node):
            self._build()
        else:
            self._replace_room(node)

    def drop_node(self, node_id: str) -> None:
        if self._nodes.pop(node_id, None) is not None:
            self._build()

    def hold(self, running: Running) -> None:
        """Write down what something holds, also on a node that takes no more work."""
        for room, need, seat in self._parts(running):
            room.take(need, seat.gpu_indexes)
            room.holders[running.item.id] = running
            self._dirty[room.position] = room
        self._holders[running.item.id] = running

    def name_holder(self, running: Running) -> None:
        """Whose the seats are that were taken before."""
        self._holders[running.item.id] = running
        for room in self.rooms_of(running):
            room.holders[running.item.id] = running

    def give_back(self, running: Running) -> None:
        self._holders.pop(running.item.id, None)
        for room, need, seat in self._parts(running):
            room.release(need, seat.gpu_indexes)
            room.holders.pop(running.item.id, None)
            self._dirty[room.position] = room
            self.journal.append(room)

    def seat(self, item: Item, types: Iterable[str] | None = None) -> tuple[Seat, ...] | None:
        """Seats for the whole item, which are taken; or None, and nothing is."""
        for model in self.types_for(item) if types is None else types:
            if seats := self._seat_on(item, model):
                return seats
        return None

    def unseat(self, item: Item, seats: Iterable[Seat]) -> None:
        for need, seat in zip(item.needs, seats, strict=True):
            self._release(self.rooms[seat.node_id], need, seat)
            self.journal.append(self.rooms[seat.node_id])

    def keep_back(self, running: Running) -> list[tuple[str, Need, tuple[int, ...]]]:
        """Take what is left of the seats of someone who gave back but has not ended yet."""
        kept: list[tuple[str, Need, tuple[int, ...]]] = []
        for room, need, seat in self._parts(running):
            parts: list[tuple[Need, tuple[int, ...]]] = [
                (need.left_of(room.cpu_milli, room.memory_bytes), ())
            ] + [
                (Need(0, 0, min(need.card_units, room.cards[card])), (card,))
                for card in seat.gpu_indexes
                if room.cards.get(card)
            ]
            for part, cards in parts:
                room.take(part, cards)
                kept.append((room.node.id, part, cards))
            self._dirty[room.position] = room
        return kept

    def let_go(self, kept: Iterable[tuple[str, Need, tuple[int, ...]]]) -> None:
        for node_id, part, cards in kept:
            self._release(self.rooms[node_id], part, Seat(node_id, cards))

    def types_for(self, item: Item) -> tuple[str, ...]:
        """Card types that instances without a wish may get: all get the same one."""
        if any(need.card_units and need.card_model is None for need in item.needs):
            return self.card_types
        return ("",)

    def lane_of(self, item: Item) -> str:
        """Its first instance with cards decides; "any card" is a plain type where there is one only."""
        for need in item.needs:
            if need.card_units:
                if need.card_model is not None:
                    return need.card_model
                return self.card_types[0] if len(self.card_types) == 1 else ANY_CARD_LANE
        return CPU_LANE

    def rooms_of(self, running: Running) -> Iterator[Room]:
        return (room for room, _, _ in self._parts(running))

    def _seat_on(self, item: Item, model: str) -> tuple[Seat, ...] | None:
        """In one rack or zone where that is possible."""
        if self._places:
            self._refresh()
            for place in self._places.for_item(item, model):
                if seats := self._seat_in(place, item, model):
                    return seats
        return self._seat_in(self._everywhere, item, model)

    def _seat_in(self, place: Place, item: Item, model: str) -> tuple[Seat, ...] | None:
        """The largest instances first: what is small finds a place more easily."""
        ranked = list(enumerate(item.needs))
        if len(ranked) > 1:
            ranked.sort(key=lambda one: (-one[1].card_units, -one[1].cpu_milli, one[0]))
        taken: list[tuple[int, Seat]] = []
        for rank, need in ranked:
            wanted = need.card_model or model
            self._refresh()
            room = place.find(need, wanted, spread=item.spread)
            if room is None:
                self.missing = len(item.needs) - len(taken)
                for earlier, seat in taken:
                    self._release(self.rooms[seat.node_id], item.needs[earlier], seat)
                return None
            cards = room.pick(need, wanted)
            room.take(need, cards)
            self._dirty[room.position] = room
            taken.append((rank, Seat(room.node.id, cards)))
        taken.sort(key=itemgetter(0))
        return tuple(seat for _, seat in taken)

    def _release(self, room: Room, need: Need, seat: Seat) -> None:
        room.release(need, seat.gpu_indexes)
        self._dirty[room.position] = room

    def _refresh(self) -> None:
        for room in self._dirty.values():
            self._everywhere.update(room)
            self._places.update(room)
        self._dirty.clear()

    def _parts(self, running: Running) -> Iterator[tuple[Room, Need, Seat]]:
        for need, seat in zip(running.item.needs, running.seats, strict=True):
            if room := self.rooms.get(seat.node_id):
                yield room, need, seat

    def _build(self) -> None:
        ordered = sorted(self._nodes.values(), key=lambda node: (node.name, node.id))
        rooms = [Room(node, position) for position, node in enumerate(ordered)]
        self.rooms = {room.node.id: room for room in rooms}
        self.card_types = tuple(sorted({card.model for node in ordered for card in node.gpus}))
        self._by_position = rooms
        self._everywhere = Place("", rooms, self.card_types)
        self._places = Places(rooms, self.card_types)
        self._dirty = dict(enumerate(rooms))
        self.journal.extend(rooms)
        for running in list(self._holders.values()):
            self.hold(running)

    def _replace_room(self, node: Node) -> None:
        before = self.rooms[node.id]
        room = Room(node, before.position)
        self.rooms[node.id] = self._by_position[before.position] = room
        for running in before.holders.values():
            for held, need, seat in self._parts(running):
                if held is room:
                    room.take(need, seat.gpu_indexes)
            room.holders[running.item.id] = running
        self._dirty[room.position] = room
        self.journal.append(room)


def _where(node: Node) -> tuple[object, ...]:
    """What the order and the indexes of the nodes depend on."""
    types = tuple(sorted({card.model for card in node.gpus}))
    return node.name, node.zone, node.rack, types
