"""Which tasks may ask for the check before their command (TRN-15). Pure."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from slipway.compute.types import Node, Role


def why_no_health_check(roles: Sequence[Role], nodes: Sequence[Node]) -> str | None:
    """A sentence for the disabled switch, or None. `nodes` are those of the task's group.

    With cards: whole machines only, and more than one needs RDMA. Without cards the check is a
    gloo test of the network between the instances, so there must be two.
    """
    if importlib.util.find_spec("torch") is None:
        return "The check needs PyTorch, which is not installed with the platform."
    resources = [role.resources for role in roles for _ in range(role.count)]
    if not any(r.gpus for r in resources):
        return None if len(resources) > 1 else "There is no network to check with one instance."
    if len({r.gpus for r in resources}) > 1:
        return "The check needs the same number of cards in every instance."
    asked, model = resources[0].gpus, resources[0].gpu_model
    fitting = [n for n in nodes if n.gpus and model in (None, *(card.model for card in n.gpus))]
    whole = [n for n in fitting if len(n.gpus) == asked]
    if not whole:
        sizes = ", ".join(sorted({str(len(n.gpus)) for n in fitting})) or "none"
        return (
            "The check is for whole machines: ask for all cards of a node "
            f"(cards per node here: {sizes})."
        )
    if len(resources) > 1 and not all(n.info.get("rdma") for n in whole):
        return "The check of several machines needs nodes with RDMA."
    return None
