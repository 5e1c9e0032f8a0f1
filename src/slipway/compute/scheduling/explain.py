"""The whole story of one waiting item: where it was tried, what is missing, who could be evicted."""

from __future__ import annotations

from dataclasses import dataclass

from slipway.compute.scheduling import reasons
from slipway.compute.scheduling.amounts import CARD, CORE, cards_of, is_share
from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import CPU_LANE, Item, Need
from slipway.compute.scheduling.policy import QueueStrategy
from slipway.compute.scheduling.room import Room


@dataclass(frozen=True, slots=True)
class Attempt:
    """One node, and what it lacks for one instance; nothing missing means that one would fit."""

    node_id: str
    node_name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    lane: str  # a card type, "*" for any, empty for work without cards
    fits_now: bool
    sentences: tuple[str, ...]
    attempts: tuple[Attempt, ...]  # the nearest first
    victims: tuple[str, ...]  # who would be evicted for it, were it its turn


def explain(group: Group, item: Item, *, ahead: int) -> Explanation:
    """`group` holds what runs; `ahead` is how many wait before the item in its lane."""
    lane = group.books.lane_of(item)
    seats = group.books.seat(item)
    if seats:
        group.books.unseat(item, seats)
    blocked = bool(group.accounts) and group.accounts.over_maximum(item, lane)
    victims = () if seats or blocked else tuple(group.eviction.find(item, lane))
    largest = max(item.needs, key=lambda n: (n.card_units, n.cpu_milli, n.memory_bytes))
    attempts = [_attempt(group, room, largest, lane) for room in group.books.rooms.values()]
    attempts.sort(key=lambda a: (len(a.missing), a.node_name))
    return Explanation(
        lane,
        seats is not None,
        tuple(_sentences(group, item, lane, ahead, seats is not None, len(victims))),
        tuple(attempts),
        tuple(victim.item.id for victim in victims),
    )


def _sentences(
    group: Group, item: Item, lane: str, ahead: int, fits: bool, victims: int
) -> list[str]:
    policy = group.rules.policy
    found = [f"It asks for {reasons.needs(item)}."]
    if group.accounts and group.accounts.over_maximum(item, lane):
        return [*found, reasons.over_maximum(group, item, lane)]
    if ahead and policy.strategy == QueueStrategy.STRICT:
        queue = f"the queue for {lane}" if lane else "the queue for work without cards"
        found.append(
            f"It starts after the {ahead} ahead of it: {queue} is strictly first in, first out."
        )
    elif ahead and policy.strategy == QueueStrategy.WITHIN_PRIORITY:
        found.append(
            "It may overtake items of its own priority only; those of higher ones come first."
        )
    if fits:
        found.append(
            "It would fit now; it waits for its turn."
            if ahead
            else "It fits, and is about to start."
        )
    elif victims:
        found.append(f"It may displace {victims} running of lower priority when it is its turn.")
    else:
        found.append(_why_no_eviction(group, item))
    return found


def _why_no_eviction(group: Group, item: Item) -> str:
    if not group.rules.policy.preempts:
        return "Nothing is displaced for it: the policy of this group does not allow it."
    if not item.may_evict:
        return "Nothing is displaced for it: only training tasks and services displace others."
    return "Nothing is displaced for it: all running training tasks of lower priority together would not make room."


def _attempt(group: Group, room: Room, need: Need, lane: str) -> Attempt:
    return Attempt(room.node.id, room.node.name, tuple(_missing(group, room, need, lane)))


def _missing(group: Group, room: Room, need: Need, lane: str) -> list[str]:
    if not room.takes_work:
        if room.node.cordoned:
            return ["the node is cordoned"]
        return [f"the node is {room.node.state}"]
    missing = []
    if need.cpu_milli > room.cpu_milli:
        missing.append(
            f"{(need.cpu_milli - room.cpu_milli) / CORE:g} of {need.cpu_milli / CORE:g} cores"
        )
    if need.memory_bytes > room.memory_bytes:
        lacking = need.memory_bytes - room.memory_bytes
        missing.append(f"{reasons.gib(lacking)} of {reasons.gib(need.memory_bytes)} GiB memory")
    if need.card_units and lane != CPU_LANE:
        missing += _missing_cards(group, room, need)
    return missing


def _missing_cards(group: Group, room: Room, need: Need) -> list[str]:
    types = (need.card_model,) if need.card_model else group.books.card_types
    free = max((room.free.get(t, 0) for t in types), default=0)
    name = need.card_model or "GPU"
    if is_share(need.card_units):
        most = max((CARD if room.free.get(t) else room.largest_share(t) for t in types), default=0)
        if any(room.fits(need._replace(cpu_milli=0, memory_bytes=0), t) for t in types):
            return []
        return [
            f"{cards_of(need.card_units):g} of one {name}; the most left of one is {cards_of(most):g}"
        ]
    wanted = need.card_units // CARD
    return [f"{wanted - free} of {wanted} {name}"] if free < wanted else []
