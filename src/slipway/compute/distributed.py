"""The variables that tell each instance who it is and where the others are (TRN-51, table T4)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from slipway.compute.types import Instance, Mode

MASTER_PORT = "master"  # the port name that DDP roles ask for


def wiring(mode: Mode, instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    """Environment of `own` within `instances` (in rank order)."""
    env = {
        "NODE_LIST": ",".join(f"{i.host}:{_cards(i)}" for i in instances),
        "INDEX": str(own.rank),
    }
    if mode == Mode.DDP:
        master = instances[0]
        env |= {
            "MASTER_ADDR": master.host,
            "MASTER_PORT": str(master.ports[MASTER_PORT]),
            "WORLD_SIZE": str(len(instances)),
            "RANK": str(own.rank),
            "GPU_NUM": str(sum(_cards(i) for i in instances)),
            "GPU_NUM_PER_NODE": str(_cards(own)),
            # The names torchrun itself reads (FIN-23).
            "PET_NNODES": str(len(instances)),
            "PET_NODE_RANK": str(own.rank),
            "PET_MASTER_ADDR": master.host,
            "PET_MASTER_PORT": str(master.ports[MASTER_PORT]),
        }
    return env


def _cards(instance: Instance) -> int:
    """Devices the program sees: a share of a card is one device."""
    return math.ceil(instance.resources.gpus)
