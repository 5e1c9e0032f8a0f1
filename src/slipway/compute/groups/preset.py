"""Groups that give CPU and memory by a task's share of a node's cards (RES-36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slipway.base.errors import Invalid
from slipway.compute.types import Node, NodeState, Resources, WorkloadSpec

_ALIGN_BYTES = 1 << 20


def as_given(spec: WorkloadSpec, nodes: Sequence[Node], *, by_cards: bool) -> WorkloadSpec:
    """The spec with what its group gives; `nodes` are those of the group.

    `by_cards`: CPU and memory come from the card count, and must not be asked for. Otherwise they
    must be.
    """
    if by_cards:
        roles = [
            replace(role, resources=preset_by_cards(role.resources, nodes)) for role in spec.roles
        ]
        return replace(spec, roles=tuple(roles))
    if any(role.resources.left_to_group for role in spec.roles):
        raise Invalid(
            "This resource group does not set CPU and memory by the number of cards. "
            "Ask for both.",
            field="cpu_cores", code="not_preset_by_gpu",
        )  # fmt: skip
    return spec


def preset_by_cards(asked: Resources, nodes: Sequence[Node]) -> Resources:
    """The share of the smallest node that has the cards, so that any of them can take it."""
    if asked.cpu_cores or asked.memory_bytes:
        raise Invalid(
            "This resource group sets CPU and memory by the number of cards. Leave both at 0.",
            field="cpu_cores" if asked.cpu_cores else "memory_bytes", code="preset_by_gpu",
        )  # fmt: skip
    if not asked.gpus:
        raise Invalid(
            "This resource group sets CPU and memory by the number of cards. Ask for cards.",
            field="gpus", code="preset_by_gpu",
        )  # fmt: skip
    shares = [
        (node.cpu_cores * asked.gpus / len(node.gpus), node.memory_bytes * asked.gpus / len(node.gpus))
        for node in nodes
        if node.state == NodeState.RUNNING and _has_cards(node, asked)
    ]  # fmt: skip
    if not shares:
        return asked  # no node could ever take it: the placement says so
    cpu, memory = min(s[0] for s in shares), min(s[1] for s in shares)
    return replace(
        asked, cpu_cores=_cores(cpu), memory_bytes=int(memory) // _ALIGN_BYTES * _ALIGN_BYTES
    )


def _cores(share: float) -> float:
    """Whole cores; a share below one core in tenths, since it must get something."""
    return float(int(share + 1e-9)) if share >= 1 else max(0.1, int(share * 10 + 1e-9) / 10)


def _has_cards(node: Node, asked: Resources) -> bool:
    models = {card.model for card in node.gpus}
    return len(node.gpus) >= asked.gpus > 0 and asked.gpu_model in (None, *models)
