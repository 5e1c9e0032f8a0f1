"""DDP (TRN-52): the command runs on every instance; the master's address is known to all.

`WORLD_SIZE` and `RANK` count instances here, not processes; the launcher counts anew for its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from slipway.compute.modes.base import ModeRules, Shape, common, gpu_counts, uniform_roles
from slipway.compute.types import Instance, Mode, Role

MASTER_PORT = "master"


def roles(shape: Shape) -> tuple[Role, ...]:
    return uniform_roles(
        shape,
        Role("master", 1, shape.command, resources=shape.resources, ports=(MASTER_PORT,)),
        Role(
            "worker", shape.instances - 1, shape.command, resources=shape.resources, after=("master",)
        ),
    )  # fmt: skip


def wiring(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    master = instances[0]
    port = str(master.ports[MASTER_PORT])
    return common(instances, own) | gpu_counts(instances, own) | {
        "MASTER_ADDR": master.host,
        "MASTER_PORT": port,
        "WORLD_SIZE": str(len(instances)),
        "RANK": str(own.rank),
        # The names torchrun itself reads (FIN-23).
        "PET_NNODES": str(len(instances)),
        "PET_NODE_RANK": str(own.rank),
        "PET_MASTER_ADDR": master.host,
        "PET_MASTER_PORT": port,
    }  # fmt: skip


RULES = ModeRules(Mode.DDP, roles, wiring)
