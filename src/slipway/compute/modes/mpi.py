"""MPI (TRN-54, TRN-55) and Horovod (TRN-56): a launcher that starts processes on its workers.

There is no SSH. Every instance runs `slipway.runtime.mpi.serve`, which starts what the launcher
sends it, inside that instance and so within its limits; `slipway.runtime.mpi.reach` is the remote
shell that Open MPI calls. Both prove that they know the secret of this attempt.

The host names of the host file are labels: `reach` finds their addresses in `SLIPWAY_MPI_PEERS`.
They differ also where two instances share a machine, which Open MPI would take for one host.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from slipway.compute.modes.base import (
    ModeRules,
    Shape,
    cards,
    gpu_counts,
    runtime_program,
    uniform_roles,
)
from slipway.compute.types import Instance, Mode, Role, TextFile

PORT = "mpi"
HOST_FILE = "/etc/mpi/hostfile"
_LAUNCHER, _WORKER = "launcher", "worker"


def roles(shape: Shape) -> tuple[Role, ...]:
    """The command runs everywhere; a worker whose command ended well serves until the launcher ends."""
    return uniform_roles(
        shape,
        _role(_LAUNCHER, 1, shape, ("launcher", shape.command)),
        _role(_WORKER, shape.instances - 1, shape, ("worker", shape.command)),
    )


def horovod_roles(shape: Shape) -> tuple[Role, ...]:
    """The command runs on the launcher only and decides; workers serve until they are ended."""
    return uniform_roles(
        shape,
        _role(_LAUNCHER, 1, shape, ("launcher", shape.command)),
        _role(_WORKER, shape.instances - 1, shape, ("serve",), decides=False),
    )


def wiring(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    hosts = [_address(instances, i) for i in instances]
    peers = {
        name: [i.host, i.ports[PORT]]
        for i, host in zip(instances, hosts, strict=True)
        for name in (host, _name(i))
    }
    return gpu_counts(instances, own) | {
        "NODE_LIST": ",".join(f"{h}:{cards(i)}" for h, i in zip(hosts, instances, strict=True)),
        "INDEX": str(own.rank),
        "NODE_IP_SLOT_LIST": ",".join(
            f"{h}:{_slots(i)}" for h, i in zip(hosts, instances, strict=True)
        ),
        "SLIPWAY_MPI_PEERS": json.dumps(peers),
        "SLIPWAY_MPI_LAUNCHER": _name(instances[0]),
        "OMPI_MCA_plm_rsh_agent": " ".join(runtime_program("mpi.reach")),
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }  # fmt: skip


def files(instances: Sequence[Instance]) -> tuple[TextFile, ...]:
    lines = "".join(f"{_name(i)} slots={_slots(i)}\n" for i in instances)
    return (TextFile(HOST_FILE, lines, "OMPI_MCA_orte_default_hostfile"),)


def _role(
    name: str, count: int, shape: Shape, arguments: tuple[str, ...], *, decides: bool = True
) -> Role:
    return Role(
        name, count, shape.command, argv=runtime_program("mpi.serve", *arguments),
        resources=shape.resources, ports=(PORT,), decides=decides,
    )  # fmt: skip


def _name(instance: Instance) -> str:
    owner = instance.id.split(f"-{instance.role}-")[0]
    return f"{owner}-{instance.role}-{instance.index}"


def _address(instances: Sequence[Instance], own: Instance) -> str:
    """Its node's address; where several instances share the node, a label that looks like one."""
    if sum(i.host == own.host for i in instances) == 1:
        return own.host
    return f"127.1.{own.rank // 250}.{own.rank % 250 + 1}"


def _slots(instance: Instance) -> int:
    return cards(instance) or 1


RULES = ModeRules(Mode.MPI, roles, wiring, files, secret=True)
HOROVOD = ModeRules(Mode.HOROVOD, horovod_roles, wiring, files, secret=True)
