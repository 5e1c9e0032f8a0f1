"""The queue of one card type, in order: priority, time of submission, id."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import NamedTuple

from slipway.compute.scheduling.model import Item, Need


class Shape(NamedTuple):
    """Items of one shape are told apart by their place in the queue only: one fits if and only if the next does."""

    needs: tuple[Need, ...]
    may_evict: bool
    spread: bool
    project_id: str  # empty where there are no quotas

    @classmethod
    def of(cls, item: Item, *, by_project: bool) -> Shape:
        project_id = item.project_id if by_project else ""
        return cls(item.needs, item.may_evict, item.spread, project_id)


_Entry = tuple[datetime, str, int, Item]


class Lane:
    """Items by priority and shape. What was removed stays in its heap until it comes to the top."""

    def __init__(self, *, by_project: bool) -> None:
        self._by_project = by_project
        self._items: dict[str, Item] = {}
        self._shelves: dict[int, dict[Shape, list[_Entry]]] = {}
        self._serial = 0  # tells two entries of one item apart
        # (priority, shape) -> length of the journal when it was found not to fit, seats it lacked
        self.failed: dict[tuple[int, Shape], tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item) -> None:
        self._items[item.id] = item
        self._serial += 1
        shelf = self._shelves.setdefault(item.priority, {})
        entry = (item.submitted, item.id, self._serial, item)
        heapq.heappush(shelf.setdefault(Shape.of(item, by_project=self._by_project), []), entry)

    def remove(self, item: Item) -> None:
        if self._items.get(item.id) is item:
            del self._items[item.id]

    def priorities(self) -> list[int]:
        return sorted(self._shelves)

    def heads(self, priority: int) -> Heads:
        return Heads(self, priority)

    def first(self, priority: int, shape: Shape) -> _Entry | None:
        """The first item of a shape that still waits."""
        shelf = self._shelves.get(priority, {})
        entries = shelf.get(shape, [])
        while entries and self._items.get(entries[0][1]) is not entries[0][3]:
            heapq.heappop(entries)
        if entries:
            return entries[0]
        shelf.pop(shape, None)
        if not shelf:
            self._shelves.pop(priority, None)
        return None

    def shapes(self, priority: int) -> list[Shape]:
        return list(self._shelves.get(priority, ()))


class Heads:
    """Walks the items of one priority in time order, until a shape is left out or nothing is left."""

    def __init__(self, lane: Lane, priority: int) -> None:
        self._lane, self._priority = lane, priority
        self._heap: list[tuple[datetime, str, int, Item, Shape]] = []
        for shape in lane.shapes(priority):
            if entry := lane.first(priority, shape):
                self._heap.append((*entry, shape))
        heapq.heapify(self._heap)

    def next(self) -> tuple[Item, Shape] | None:
        """The first item; `leave_out` its shape, or remove it from the lane and `go_on`."""
        return (self._heap[0][3], self._heap[0][4]) if self._heap else None

    def leave_out(self) -> None:
        heapq.heappop(self._heap)

    def go_on(self) -> None:
        shape = self._heap[0][4]
        if entry := self._lane.first(self._priority, shape):
            heapq.heapreplace(self._heap, (*entry, shape))
        else:
            heapq.heappop(self._heap)
