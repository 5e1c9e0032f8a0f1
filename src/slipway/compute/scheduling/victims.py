"""Who has to go so that an item fits: training tasks of lower priority, and no more of them than needed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import groupby

from slipway.compute.scheduling.accounts import Accounts
from slipway.compute.scheduling.books import Books
from slipway.compute.scheduling.model import EVICTABLE_KIND, GroupRules, Item, Need, Running
from slipway.compute.scheduling.policy import LOWEST_PRIORITY
from slipway.compute.scheduling.room import Room

_Started = tuple[datetime, str]


class VictimOrder:
    """Running training tasks, lowest priority first, then the most recently started.

    Kept apart by the card types of the nodes they are on (empty: a node without cards), so that who
    needs a card does not walk past everything that runs elsewhere.
    """

    def __init__(self) -> None:
        self._started: dict[tuple[int, str], list[_Started]] = {}
        self._types: dict[str, frozenset[str]] = {}  # of each item's nodes

    def add(self, running: Running, rooms: Iterable[Room]) -> None:
        """`rooms`: those it is on."""
        if running.item.kind == EVICTABLE_KIND and not running.ending:
            types = frozenset(t for room in rooms for t in room.free or ("",))
            self._types[running.item.id] = types
            for one in types:
                started = self._started.setdefault((running.item.priority, one), [])
                insort(started, (running.started, running.item.id))

    def remove(self, running: Running) -> None:
        entry = (running.started, running.item.id)
        for one in self._types.pop(running.item.id, ()):
            started = self._started[running.item.priority, one]
            del started[bisect_left(started, entry)]

    def ids(self, above: int, types: Collection[str] | None) -> Iterator[str]:
        """Of those with a priority number above the given one, on nodes with one of these card types.

        None: on any node.
        """
        for priority in range(LOWEST_PRIORITY, above, -1):
            lists = [
                reversed(started)
                for (of, one), started in self._started.items()
                if of == priority and (types is None or one in types)
            ]
            # Who is on nodes of several types stands in several lists: next to itself, once merged.
            for (_, item_id), _again in groupby(merge(*lists, reverse=True)):
                yield item_id


class Eviction:
    """The rules of one group, and the search for victims in its books."""

    def __init__(
        self,
        rules: GroupRules,
        books: Books,
        accounts: Accounts,
        order: VictimOrder,
        running: dict[str, Running],
    ) -> None:
        self._rules, self._books, self._accounts = rules, books, accounts
        self._order, self._running = order, running
        self._with_quotas = bool(accounts)

    def may_evict(self, item: Item, victim: Running, lane: str) -> bool:
        """Services first, training tasks only, strictly lower priority; guarantees are kept."""
        limit = self._rules.eviction_limit
        if (
            not (self._rules.policy.preempts and item.may_evict)
            or victim.item.kind != EVICTABLE_KIND
            or victim.ending
            or (limit is not None and victim.item.evictions >= limit)
        ):
            return False
        lower = victim.item.priority > item.priority
        if not self._with_quotas or victim.item.project_id == item.project_id:
            return lower
        borrows = self._accounts.borrows(victim.item.project_id, lane)
        entitled = self._accounts.entitled(item, lane)
        # Nobody is pushed below a guarantee by someone who goes beyond his own.
        return (borrows and entitled) or (
            lower and (borrows or entitled or not victim.item.card_units)
        )

    def candidates(self, item: Item, lane: str) -> Iterator[Running]:
        above = -1 if self._with_quotas and self._accounts.entitled(item, lane) else item.priority
        if not (self._rules.policy.preempts and item.may_evict):
            return
        for item_id in self._order.ids(above, self._card_types(item)):
            victim = self._running[item_id]
            if self.may_evict(item, victim, lane) and self._is_in_the_way(item, victim, lane):
                yield victim

    def find(self, item: Item, lane: str) -> list[Running]:
        """The victims in the order they are taken; none where even all of them would not do."""
        unchanged = len(self._books.journal)  # a trial leaves no trace
        gone: list[Running] = []
        alone = len(item.needs) == 1
        fits = self._fits_alone if alone else self._fits_as_a_whole
        enough = False
        for victim in self.candidates(item, lane):
            self._give_back(victim)
            gone.append(victim)
            # A whole run is tried at every doubling: what was taken too much is spared below.
            enough = (alone or len(gone) & (len(gone) - 1) == 0) and fits(item, victim)
            if enough:
                break
        if not enough and gone and not alone:
            enough = fits(item, gone[-1])
        needed = self._without_the_spared(item, gone, fits) if enough else []
        for victim in needed if enough else gone:
            self._hold(victim)
        del self._books.journal[unchanged:]
        return needed

    def hosts(self, room: Room, item: Item, lane: str) -> int:
        """How many instances would fit on the node if all went that may be evicted; never too low."""
        if not (room.takes_work and self._has_a_wanted_card(room, item)):
            return 0
        victims = [v for v in room.holders.values() if self.may_evict(item, v, lane)]
        parts = [part for victim in victims for part in _parts_on(room, victim)]
        for need, cards in parts:
            room.release(need, cards)
        types, needs = self._books.types_for(item), set(item.needs)
        found = max(room.count(need, need.card_model or t) for need in needs for t in types)
        for need, cards in parts:
            room.take(need, cards)
        return found if len(needs) == 1 or not found else len(item.needs)

    def _without_the_spared(
        self, item: Item, gone: list[Running], fits: Callable[[Item, Running], bool]
    ) -> list[Running]:
        """Back from the last one taken, each is left alone that is not needed."""
        last = gone[-1]
        needed = []
        for victim in reversed(gone):
            self._hold(victim)
            if not fits(item, last):
                self._give_back(victim)
                needed.append(victim)
        return needed[::-1]

    def _fits_alone(self, item: Item, last: Running) -> bool:
        """It did not fit before the last one went, so it can only fit where that one was."""
        (need,) = item.needs
        types = self._books.types_for(item)
        return any(
            room.takes_work and room.fits(need, need.card_model or t)
            for room in self._books.rooms_of(last)
            for t in types
        )

    def _fits_as_a_whole(self, item: Item, last: Running) -> bool:
        seats = self._books.seat(item)
        if seats is not None:
            self._books.unseat(item, seats)
        return seats is not None

    def _is_in_the_way(self, item: Item, victim: Running, lane: str) -> bool:
        """It holds something, on a node that could take an instance, that the item needs."""
        return any(
            room.takes_work and self._has_a_wanted_card(room, item)
            for room in self._books.rooms_of(victim)
        )

    def _card_types(self, item: Item) -> Collection[str] | None:
        """Nodes without one of these have nothing for it; None where one of its instances needs none."""
        if not all(need.card_units for need in item.needs):
            return None
        wished = {need.card_model for need in item.needs}
        return self._books.card_types if None in wished else {t for t in wished if t is not None}

    def _has_a_wanted_card(self, room: Room, item: Item) -> bool:
        """Always so where one of its instances needs none."""
        return any(
            not need.card_units or (need.card_model in room.free if need.card_model else room.free)
            for need in set(item.needs)
        )

    def _give_back(self, victim: Running) -> None:
        self._accounts.remove(victim, self._books.rooms)
        self._books.give_back(victim)

    def _hold(self, victim: Running) -> None:
        self._books.hold(victim)
        self._accounts.add(victim, self._books.rooms)


def _parts_on(room: Room, running: Running) -> Iterator[tuple[Need, tuple[int, ...]]]:
    for need, seat in zip(running.item.needs, running.seats, strict=True):
        if seat.node_id == room.node.id:
            yield need, seat.gpu_indexes
