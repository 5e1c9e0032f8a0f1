"""Placement: a pure function from nodes, what runs and what waits to who goes where.

No I/O, no clock, deterministic. Items are taken by priority, then by age; one that does not fit
now waits with the reason, and a later one that fits may go. All instances of an item are placed
or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.compute.types import Node, Resources


@dataclass(frozen=True, slots=True)
class Held:
    """Resources that a live instance holds on a node."""

    node_id: str
    resources: Resources
    gpu_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One waiting workload; `instances` in rank order."""

    workload_id: str
    group_id: str
    instances: tuple[Resources, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    node_id: str
    gpu_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    workload_id: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    workload_id: str
    reason: str


@dataclass(slots=True)
class _Room:
    node: Node
    cpu_cores: float
    memory_bytes: int
    gpus: list[int]

    def fits(self, ask: Resources) -> bool:
        return (
            ask.cpu_cores <= self.cpu_cores + 1e-9
            and ask.memory_bytes <= self.memory_bytes
            and ask.gpus <= len(self.gpus)
            and (ask.gpus == 0 or ask.gpu_model in (None, *_models(self.node)))
        )

    def take(self, ask: Resources) -> Seat:
        cards = tuple(self.gpus[: int(ask.gpus)])
        self.cpu_cores -= ask.cpu_cores
        self.memory_bytes -= ask.memory_bytes
        self.gpus = self.gpus[int(ask.gpus) :]
        return Seat(self.node.id, cards)


def place(
    nodes: Sequence[Node], held: Sequence[Held], queue: Sequence[Ask]
) -> list[Placed | Waits]:
    """Decide for every ask, in the queue's order. Never gives out more than a node has."""
    rooms = {node.id: _free(node, held) for node in nodes if node.takes_work}
    decisions: list[Placed | Waits] = []
    for ask in queue:
        group = [room for room in rooms.values() if room.node.group_id == ask.group_id]
        seats = _seat_all(group, ask.instances)
        if seats is None:
            decisions.append(Waits(ask.workload_id, _why_waiting(group, ask)))
        else:
            decisions.append(Placed(ask.workload_id, seats))
    return decisions


def why_never(nodes: Sequence[Node], ask: Ask) -> str | None:
    """A sentence if the ask could not be placed even on an idle group, else None."""
    group = [_free(node, ()) for node in nodes if node.group_id == ask.group_id]
    if not group:
        return "The resource group has no nodes."
    for resources in ask.instances:
        if any(room.fits(resources) for room in group):
            continue
        if resources.gpus and not any(room.node.gpus for room in group):
            return f"Asked for {resources.gpus} GPU per instance, but no node of this resource group has a GPU."
        most_cpu = max(room.cpu_cores for room in group)
        most_memory = max(room.memory_bytes for room in group)
        most_gpus = max(len(room.gpus) for room in group)
        return (
            f"No node is large enough: an instance asks for {_amount(resources)}; the largest node offers "
            f"{most_cpu:g} cores, {_gib(most_memory)} GiB memory and {most_gpus} GPUs."
        )
    if _seat_all(group, ask.instances) is None:
        return f"The {len(ask.instances)} instances do not fit on the resource group together, even when it is idle."
    return None


def _free(node: Node, held: Sequence[Held]) -> _Room:
    own = [h for h in held if h.node_id == node.id]
    used_cards = {card for h in own for card in h.gpu_indexes}
    return _Room(
        node,
        node.cpu_cores - sum(h.resources.cpu_cores for h in own),
        node.memory_bytes - sum(h.resources.memory_bytes for h in own),
        [card.index for card in node.gpus if card.index not in used_cards and not card.faulty],
    )


def _seat_all(group: list[_Room], asks: tuple[Resources, ...]) -> tuple[Seat, ...] | None:
    trial = [_Room(r.node, r.cpu_cores, r.memory_bytes, list(r.gpus)) for r in group]
    seats = []
    for ask in asks:
        room = _best(trial, ask)
        if room is None:
            return None
        seats.append(room.take(ask))
    for room, taken in zip(group, trial, strict=True):
        room.cpu_cores, room.memory_bytes, room.gpus = (
            taken.cpu_cores,
            taken.memory_bytes,
            taken.gpus,
        )
    return tuple(seats)


def _best(rooms: list[_Room], ask: Resources) -> _Room | None:
    """GPU asks pack onto the fullest card node, CPU asks spread to the emptiest; ties by node id."""
    fitting = [room for room in rooms if room.fits(ask)]
    if not fitting:
        return None
    if ask.gpus:
        return min(fitting, key=lambda r: (len(r.gpus), r.node.id))
    return min(fitting, key=lambda r: (len(r.node.gpus), -r.cpu_cores, r.node.id))


def _why_waiting(group: list[_Room], ask: Ask) -> str:
    if not group:
        return "Waiting for a ready node in the resource group."
    total = Resources(
        sum(r.cpu_cores for r in ask.instances), sum(r.memory_bytes for r in ask.instances),
        sum(r.gpus for r in ask.instances),
    )  # fmt: skip
    free_cpu = sum(room.cpu_cores for room in group)
    free_memory = sum(room.memory_bytes for room in group)
    free_gpus = sum(len(room.gpus) for room in group)
    return (
        f"Waiting for resources: {len(ask.instances)} x instance, together {_amount(total)}; "
        f"free now: {max(0.0, free_cpu):g} cores, {_gib(max(0, free_memory))} GiB memory, {free_gpus} GPUs."
    )


def _amount(resources: Resources) -> str:
    gpus = f" and {resources.gpus} GPUs" if resources.gpus else ""
    return f"{resources.cpu_cores:g} cores, {_gib(resources.memory_bytes)} GiB memory{gpus}"


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f}"


def _models(node: Node) -> tuple[str, ...]:
    return tuple(card.model for card in node.gpus)
