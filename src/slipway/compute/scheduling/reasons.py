"""Why an item waits, as the one sentence that is shown beside its state.

The sentences name no figure that changes with every pass; `explain.py` tells the whole story.
"""

from __future__ import annotations

from slipway.compute.scheduling.amounts import CORE, cards_of
from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import Item, Need

QUEUED = "Waiting for its turn in the queue."


def no_room(group: Group, item: Item) -> str:
    if not any(room.takes_work for room in group.books.rooms.values()):
        return "Waiting for a ready node in the resource group."
    return f"Waiting for resources: {needs(item)}."


def room_is_made(leaving: int) -> str:
    who = "a displaced task is" if leaving == 1 else f"{leaving} displaced tasks are"
    return f"Waiting for the resources reserved for it, which {who} giving back."


def over_maximum(group: Group, item: Item, lane: str) -> str:
    maximum = group.accounts.maximum(item.project_id, lane) or 0
    return (
        f"Waiting for the project's own work to end: it may hold {cards_of(maximum):g} {lane} "
        f"at most in this resource group."
    )


def needs(item: Item) -> str:
    """`2 x (4 cores, 8.0 GiB memory, 1 A100)`"""
    counts: dict[Need, int] = {}
    for need in item.needs:
        counts[need] = counts.get(need, 0) + 1
    return " and ".join(f"{count} x ({amount(need)})" for need, count in counts.items())


def amount(need: Need) -> str:
    parts = [f"{need.cpu_milli / CORE:g} cores", f"{gib(need.memory_bytes)} GiB memory"]
    if need.card_units:
        parts.append(f"{cards_of(need.card_units):g} {need.card_model or 'GPU'}")
    return ", ".join(parts)


def gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f}"
