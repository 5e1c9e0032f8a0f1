"""A replica of a service: one instance, or several that answer together behind the first.

Roles come from the room that serves. The instance of rank 0 gets the requests; the others find it,
and each other, by these variables.
"""

from __future__ import annotations

from collections.abc import Sequence

from slipway.compute.modes.base import ModeRules, common, gpu_counts
from slipway.compute.modes.single import roles
from slipway.compute.types import Instance, Mode

MAIN_PORT = "main"  # where each listens
MEET_PORT = "meet"  # where members of a replica meet, such as torch.distributed; of rank 0


def wiring(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    if len(instances) == 1:
        return common(instances, own)
    first = instances[0]
    found = common(instances, own) | gpu_counts(instances, own) | {
        "RANK": str(own.rank),
        "WORLD_SIZE": str(len(instances)),
        "MASTER_ADDR": first.host,
        "MASTER_PORT": str(first.ports[MEET_PORT]),
        "SLIPWAY_ROLE": own.role,
        "SLIPWAY_ROLE_INDEX": str(own.index),
    }  # fmt: skip
    for role in dict.fromkeys(i.role for i in instances):
        addresses = [f"{i.host}:{i.ports[MAIN_PORT]}" for i in instances if i.role == role]
        found[f"SLIPWAY_ADDRESSES_{_variable(role)}"] = ",".join(addresses)
    return found


def _variable(role: str) -> str:
    return role.upper().replace("-", "_")


RULES = ModeRules(Mode.SERVICE, roles, wiring)
