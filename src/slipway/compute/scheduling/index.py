"""Which node is the best one for a need, without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from slipway.compute.scheduling.amounts import CARD, core_units
from slipway.compute.scheduling.model import Need
from slipway.compute.scheduling.room import Room


class FirstFit:
    """Positions in order, each with cores and memory: finds the first that has enough of both.

    A binary tree of maxima in two flat lists; a subtree whose maximum is too small is skipped.
    """

    def __init__(self, size: int) -> None:
        self._leaves = 1 << max(0, size - 1).bit_length()
        self._cpu = [-1] * (2 * self._leaves)
        self._memory = [-1] * (2 * self._leaves)

    def put(self, position: int, cpu_milli: int, memory_bytes: int) -> None:
        cpu, memory = self._cpu, self._memory
        at = position + self._leaves
        cpu[at], memory[at] = cpu_milli, memory_bytes
        while at > 1:
            at >>= 1
            left, right = 2 * at, 2 * at + 1
            most_cpu = cpu[left] if cpu[left] > cpu[right] else cpu[right]
            most_memory = memory[left] if memory[left] > memory[right] else memory[right]
            if cpu[at] == most_cpu and memory[at] == most_memory:
                return
            cpu[at], memory[at] = most_cpu, most_memory

    def drop(self, position: int) -> None:
        self.put(position, -1, -1)

    def matching(self, cpu_milli: int, memory_bytes: int) -> Iterator[int]:
        cpu, memory, leaves = self._cpu, self._memory, self._leaves
        at = 1
        while True:
            enough = cpu[at] >= cpu_milli and memory[at] >= memory_bytes
            if enough and at < leaves:
                at *= 2
                continue
            if enough:
                yield at - leaves
            while at & 1:  # a right child, or the root: this subtree is done
                at >>= 1
            if not at:
                return
            at += 1


_LOOK_FOR_ISLAND = 64  # nodes of one class that are asked for an island; then any will do


class CardIndex:
    """Nodes with one card type by how much they have free: for packing, and for its opposite.

    `rooms` may be a part of the group's; what counts here is the place in it (`at`).
    """

    def __init__(
        self, model: str, rooms: Sequence[Room], at: Mapping[int, int] | None = None
    ) -> None:
        self._model, self._rooms, self._at = model, rooms, at
        self._has_islands = any(room.has_islands for room in rooms)
        self.free = 0  # wholly free cards on nodes that take work
        self._free: dict[int, int] = {}  # of each position
        self._trees: dict[int, FirstFit] = {}  # by `_class_of`
        self._class: dict[int, int] = {}  # of each position

    def update(self, room: Room) -> None:
        position = room.position
        if self._at is not None:
            position = self._at[position]
            free = room.free.get(self._model, 0) if room.takes_work else 0
            self.free += free - self._free.get(position, 0)
            self._free[position] = free
        self._has_islands = self._has_islands or room.has_islands
        before = self._class.get(position)
        after = self._class_of(room) if room.takes_work else None
        if before is not None and before != after:
            self._trees[before].drop(position)
            del self._class[position]
        if after is not None:
            tree = self._trees.get(after)
            if tree is None:
                tree = self._trees[after] = FirstFit(len(self._rooms))
            tree.put(position, room.cpu_milli, room.memory_bytes)
            self._class[position] = after

    def find(self, need: Need, *, spread: bool) -> Room | None:
        """Fewest wholly free cards first (or most, to spread), then by name."""
        shared = [c for c in self._trees if need.card_units <= c < CARD]
        whole = sorted(c for c in self._trees if c >= max(CARD, need.card_units))
        if self._has_islands and need.card_units > CARD:
            for one in reversed(whole) if spread else whole:
                if (room := self._with_island(one, need)) is not None:
                    return room
        if spread:
            return self._first(reversed(whole), need) or self._first_of_any(shared, need)
        return self._first_of_any(shared, need) or self._first(whole, need)

    def _with_island(self, one: int, need: Need) -> Room | None:
        """A node whose cards for the need are joined by NVLink."""
        found = self._trees[one].matching(need.cpu_milli, need.memory_bytes)
        for position in islice(found, _LOOK_FOR_ISLAND):
            if self._rooms[position].fits_island(need, self._model):
                return self._rooms[position]
        return None

    def _first(self, classes: Iterator[int] | Sequence[int], need: Need) -> Room | None:
        for one in classes:
            if (position := self._match(one, need)) is not None:
                return self._rooms[position]
        return None

    def _first_of_any(self, classes: Sequence[int], need: Need) -> Room | None:
        """Of classes that count the same (no free card), the first by name."""
        found = [p for one in classes if (p := self._match(one, need)) is not None]
        return self._rooms[min(found)] if found else None

    def _match(self, one: int, need: Need) -> int | None:
        for position in self._trees[one].matching(need.cpu_milli, need.memory_bytes):
            # Enough by class; what remains to be seen is whether these cards may be shared.
            if need.card_units >= CARD or self._rooms[position].fits(need, self._model):
                return position
        return None

    def _class_of(self, room: Room) -> int:
        """Free cards in hundredths; without a free one, the largest share left."""
        free = room.free.get(self._model, 0)
        return free * CARD if free else room.largest_share(self._model)


class CpuIndex:
    """Nodes by the share of their cores in use, those without cards first.

    Nodes of equal size are kept together: within them, the least used one has the most to give.
    """

    def __init__(self, rooms: Sequence[Room]) -> None:
        self._rooms = rooms
        self._classes: dict[tuple[bool, int], list[tuple[int, int]]] = {}  # of (in use, position)
        self._entry: dict[int, tuple[tuple[bool, int], int]] = {}  # class and use of each position

    def update(self, room: Room) -> None:
        size = core_units(room.node.cpu_cores)
        before = self._entry.pop(room.position, None)
        after = ((bool(room.node.gpus), size), size - room.cpu_milli) if room.takes_work else None
        if after is not None:
            self._entry[room.position] = after
        if before == after:
            return
        if before is not None:
            nodes = self._classes[before[0]]
            del nodes[bisect_left(nodes, (before[1], room.position))]
        if after is not None:
            insort(self._classes.setdefault(after[0], []), (after[1], room.position))

    def find(self, need: Need) -> Room | None:
        best: tuple[bool, float, int] | None = None
        for (with_cards, size), nodes in self._classes.items():
            for in_use, position in nodes:
                if size - in_use < need.cpu_milli:
                    break
                if need.memory_bytes <= self._rooms[position].memory_bytes:
                    found = (with_cards, in_use / size if size else 0.0, position)
                    best = found if best is None else min(best, found)
                    break
        return self._rooms[best[2]] if best else None
