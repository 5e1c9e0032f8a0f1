"""What could not be placed even on an idle group is refused at submission, with the limit named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from slipway.compute.scheduling.amounts import CORE, is_share
from slipway.compute.scheduling.books import Books
from slipway.compute.scheduling.model import Item, Need
from slipway.compute.scheduling.reasons import amount, gib
from slipway.compute.scheduling.room import Room
from slipway.compute.types import Node, NodeState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def why_never(nodes: Sequence[Node], group_id: str, needs: tuple[Need, ...]) -> str | None:
    """A sentence if the group could not take all of it at once, were it idle and whole; else None."""
    there = [
        _at_its_best(node) for node in nodes if node.group_id == group_id and node.state.is_in_use
    ]
    if not there:
        return "The resource group has no nodes."
    rooms = [Room(node, position) for position, node in enumerate(there)]
    counts = Counter(needs)
    for need in counts:
        if not any(_fits(room, need) for room in rooms):
            return _too_large(there, rooms, need)
    if len(counts) == 1 and (needs[0].card_model or not needs[0].card_units):
        fit = sum(room.count(needs[0], needs[0].card_model or "") for room in rooms)
        return None if fit >= len(needs) else _not_together(needs)
    item = Item("", group_id, "", "", 0, _EPOCH, needs)
    return None if Books(there).seat(item) else _not_together(needs)


def _not_together(needs: Sequence[Need]) -> str:
    return (
        f"The {len(needs)} instances do not fit on the resource group together, "
        "even when it is idle."
    )


def _at_its_best(node: Node) -> Node:
    """A node that is away or closed for now may come back."""
    return Node(
        node.id, node.group_id, node.name, node.engine, node.host, node.cpu_cores, node.memory_bytes,
        node.gpus, NodeState.RUNNING,
    )  # fmt: skip


def _fits(room: Room, need: Need) -> bool:
    types = (need.card_model,) if need.card_model else (*room.free, "")
    return any(room.fits(need, model) for model in types)


def _too_large(nodes: Sequence[Node], rooms: Sequence[Room], need: Need) -> str:
    types = sorted({card.model for node in nodes for card in node.gpus})
    if need.card_units and not types:
        return "The instances ask for GPUs, but no node of this resource group has a GPU."
    if need.card_units and need.card_model and need.card_model not in types:
        return f"This resource group has no {need.card_model}; it has {', '.join(types)}."
    if is_share(need.card_units) and not _shares(nodes, need.card_model):
        which = need.card_model or "its cards"
        return f"Whole cards only: this resource group does not give out parts of {which}."
    cores = max(room.cpu_milli for room in rooms) / CORE
    memory = max(room.memory_bytes for room in rooms)
    cards = max(len(room.cards) for room in rooms)
    return (
        f"No node is large enough: an instance asks for {amount(need)}; the largest node offers "
        f"{cores:g} cores, {gib(memory)} GiB memory and {cards} GPUs."
    )


def _shares(nodes: Sequence[Node], model: str | None) -> bool:
    return any(card.shares and model in (None, card.model) for node in nodes for card in node.gpus)
