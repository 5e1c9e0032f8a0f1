"""PS-Worker (TRN-57): parameter servers and workers find each other through TF_CONFIG.

Done when every worker has exited 0: parameter servers never return by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from slipway.compute.modes.base import ModeRules, Shape, asked_roles, common
from slipway.compute.types import Instance, Mode, Role

PORT = "ps"
MAX_INSTANCES = 1000


def roles(shape: Shape) -> tuple[Role, ...]:
    asked = asked_roles(
        shape, mode="ps", known={"ps": (1, MAX_INSTANCES), "worker": (1, MAX_INSTANCES)}
    )
    return tuple(
        Role(
            name, asked[name].count, asked[name].command or shape.command,
            resources=asked[name].resources, ports=(PORT,), decides=name == "worker",
        )
        for name in ("ps", "worker")
    )  # fmt: skip


def wiring(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    cluster = {
        role: [f"{i.host}:{i.ports[PORT]}" for i in instances if i.role == role]
        for role in ("ps", "worker")
    }
    config = {
        "cluster": cluster,
        "task": {"type": own.role, "index": own.index},
        "environment": "cloud",
    }
    return common(instances, own) | {"TF_CONFIG": json.dumps(config)}


RULES = ModeRules(Mode.PS, roles, wiring, by_role=True)
