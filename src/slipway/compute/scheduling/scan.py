"""One pass over a resource group: who starts, who is evicted for whom, who waits and why.

Who evicted others goes first: what they give back is his. Then each lane is walked in its order:

- strict: up to the first item that does not fit;
- within a priority: all items of the head's priority; lower ones only when none of those waits;
- whole queue: all items.

An item that fits starts; one that does not may evict; who only waits for his project's maximum is
passed over. Starting one makes no other fit, so one walk is as good as a new scan after each start.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from slipway.compute.scheduling import reasons
from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.lane import Lane, Shape
from slipway.compute.scheduling.model import (
    ANY_CARD_LANE,
    CPU_LANE,
    Decision,
    Evict,
    Item,
    Running,
    Seat,
    Start,
    Wait,
)
from slipway.compute.scheduling.policy import QueueStrategy
from slipway.compute.scheduling.reservation import Reservation, reserve

_EVERYONE = ""
_JOURNAL_LIMIT = 100_000
_LOOK_AT_EACH = 64  # more changed nodes than this: searching all is as quick


class _Outcome(Enum):
    DECIDED = auto()  # started, or its room is being made
    PASSED_OVER = auto()  # waits for its own project only
    WAITS = auto()


class Scan:
    def __init__(self, group: Group, now: datetime, guard_before: datetime | None) -> None:
        self._group, self._now, self._guard_before = group, now, guard_before
        self._decisions: list[Decision] = []
        self._reservations: list[Reservation] = []

    def run(self) -> list[Decision]:
        group = self._group
        if len(group.books.journal) > _JOURNAL_LIMIT:
            group.forget_failures()
        self._honour_claims()
        for name in sorted(group.lanes, key=_lane_order):
            lane = group.lanes[name]
            if group.accounts:
                self._walk(name, lane, entitled_only=True)
            self._walk(name, lane)
        for reservation in reversed(self._reservations):
            reservation.undo(group)
        group.is_dirty = False
        return self._decisions

    def _honour_claims(self) -> None:
        group = self._group
        winners = [group.waiting[i] for i in group.claims if i in group.waiting]
        for item in sorted(winners, key=self._turn):
            if seats := group.books.seat(item):
                self._start(item, seats)
                continue
            leaving = [
                group.running[i] for i in sorted(group.claims[item.id]) if i in group.running
            ]
            if leaving:
                self._reserve(item, leaving)

    def _turn(self, item: Item) -> tuple[tuple[bool, bool, str], tuple[int, datetime, str]]:
        """The order in which the room was made: lane by lane, so that each finds what he was promised."""
        return _lane_order(self._group.books.lane_of(item)), item.place

    def _walk(self, name: str, lane: Lane, *, entitled_only: bool = False) -> None:
        """`entitled_only`: items within their project's guarantee, in an order of each project's own."""
        group, strategy = self._group, self._group.rules.policy.strategy
        stopped: set[str] = set()  # projects, or everyone
        for priority in lane.priorities():
            waiting: set[str] = set()
            heads = lane.heads(priority)
            while (head := heads.next()) and _EVERYONE not in stopped:
                item, shape = head
                scope = item.project_id if entitled_only else _EVERYONE
                if scope in stopped:
                    heads.leave_out()
                    continue
                if entitled_only and not group.accounts.entitled(item, name):
                    outcome = _Outcome.WAITS
                else:
                    outcome = self._try(name, lane, item, shape)
                if outcome is _Outcome.DECIDED:
                    heads.go_on()
                    continue
                heads.leave_out()
                if outcome is _Outcome.WAITS:
                    waiting.add(scope)
                    if strategy == QueueStrategy.STRICT or self._is_guarded(item):
                        stopped.add(scope)
            if _EVERYONE in stopped:
                return
            if strategy == QueueStrategy.WITHIN_PRIORITY:
                stopped |= waiting
                if _EVERYONE in stopped:
                    return

    def _is_guarded(self, item: Item) -> bool:
        """It has waited so long that nobody overtakes it any more."""
        return self._guard_before is not None and item.submitted < self._guard_before

    def _try(self, name: str, lane: Lane, item: Item, shape: Shape) -> _Outcome:
        group = self._group
        if group.accounts and group.accounts.over_maximum(item, name):
            self._wait(item, reasons.over_maximum(group, item, name))
            return _Outcome.PASSED_OVER
        key = (item.priority, shape)
        if self._still_fails(lane, key, item, name):
            return _Outcome.WAITS
        types = group.accounts.below_maximum(item, group.books.types_for(item))
        if seats := group.books.seat(item, types):
            self._start(item, seats)
        elif victims := group.eviction.find(item, name):
            self._evict(item, victims)
        else:
            lane.failed[key] = len(group.books.journal), group.books.missing
            self._wait(item, reasons.no_room(group, item))
            return _Outcome.WAITS
        if key in lane.failed:  # what the changed nodes offered is used up by so much
            since, missing = lane.failed[key]
            lane.failed[key] = since, missing + len(item.needs)
        return _Outcome.DECIDED

    def _still_fails(self, lane: Lane, key: tuple[int, Shape], item: Item, name: str) -> bool:
        """It failed before, and the nodes changed since cannot offer as many seats as it lacked."""
        # Who may be evicted under quotas depends on what projects hold, not on nodes alone.
        if key not in lane.failed or self._group.accounts:
            return False
        since, missing = lane.failed[key]
        journal = self._group.books.journal
        if len(journal) - since > _LOOK_AT_EACH:
            return False
        if len(journal) > since:
            changed = {room.position: room for room in journal[since:]}
            eviction = self._group.eviction
            missing -= sum(eviction.hosts(room, item, name) for room in changed.values())
            lane.failed[key] = len(journal), missing
        return missing > 0

    def _start(self, item: Item, seats: tuple[Seat, ...]) -> None:
        displaced = item.id in self._group.claims
        self._group.starts(item)
        self._group.register(Running(item, seats, self._now))
        self._decisions.append(Start(item.id, seats, displaced))

    def _evict(self, item: Item, victims: list[Running]) -> None:
        self._decisions += [Evict(victim.item.id, item.id) for victim in victims]
        for victim in victims:
            self._group.leaves(victim, item)
        self._reserve(item, [self._group.running[victim.item.id] for victim in victims])

    def _reserve(self, item: Item, leaving: list[Running]) -> None:
        """The room of those who leave is the item's; if it is not enough any more, it waits as before."""
        if reservation := reserve(self._group, item, leaving):
            self._reservations.append(reservation)
            self._wait(item, reasons.room_is_made(len(leaving)))

    def _wait(self, item: Item, reason: str) -> None:
        self._decisions.append(Wait(item.id, reason))


def _lane_order(name: str) -> tuple[bool, bool, str]:
    """Cards by type, then any card, then work without cards: it can go elsewhere most easily."""
    return name == CPU_LANE, name == ANY_CARD_LANE, name
