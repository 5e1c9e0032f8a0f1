"""Ray (TRN-58..60): the platform starts a cluster for the task; the command runs on the head.

`slipway.runtime.ray_cluster` runs `ray start` on every instance. The command's exit code is the
task's result; ending the head ends its cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from slipway.base.errors import Invalid
from slipway.compute.modes.base import (
    ModeRules,
    RoleAsk,
    Shape,
    asked_roles,
    cards,
    common,
    runtime_program,
)
from slipway.compute.types import Instance, Mode, Role

HEAD_PORT = "head"
MAX_GROUPS = 5
MAX_INSTANCES = 1000


def roles(shape: Shape) -> tuple[Role, ...]:
    groups = [role.name for role in shape.roles if role.name != "head"]
    if len(groups) > MAX_GROUPS:
        raise Invalid(f"A Ray task has at most {MAX_GROUPS} worker groups.", field="roles")
    known = {"head": (1, 1)} | dict.fromkeys(groups, (1, MAX_INSTANCES))
    asked = asked_roles(shape, mode="ray", known=known)
    head = asked["head"]
    return (
        Role(
            "head", 1, head.command or shape.command,
            argv=runtime_program("ray_cluster", "head", head.command or shape.command),
            resources=head.resources, ports=(HEAD_PORT,),
        ),
        *(_group(asked[name]) for name in groups),
    )  # fmt: skip


def _group(asked: RoleAsk) -> Role:
    return Role(
        asked.name, asked.count, argv=runtime_program("ray_cluster", "worker"),
        resources=asked.resources, decides=False, after=("head",),
    )  # fmt: skip


def wiring(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    head = instances[0]
    port = str(head.ports[HEAD_PORT])
    return common(instances, own) | {
        "HEAD_ADDR": head.host,
        "HEAD_PORT": port,
        "RANK": str(own.rank),
        "RAY_ADDRESS": f"{head.host}:{port}",  # so that `ray.init()` needs no address
        "SLIPWAY_RAY_NODE_IP": own.host,
        "SLIPWAY_RAY_NODES": str(len(instances)),
        # Ray counts whole CPUs only, and a share of a card as one (TRN-60).
        "SLIPWAY_RAY_CPUS": str(int(own.resources.cpu_cores)),
        "SLIPWAY_RAY_GPUS": str(cards(own)),
        "SLIPWAY_RAY_MEMORY_BYTES": str(own.resources.memory_bytes),
    }


def warnings(shape: Shape) -> tuple[str, ...]:
    return tuple(
        f"Ray counts whole CPUs: the role {role.name} asks for {role.resources.cpu_cores:g} per instance, "
        f"of which Ray sees {int(role.resources.cpu_cores)}."
        for role in shape.roles
        if role.resources.cpu_cores != int(role.resources.cpu_cores)
    )


RULES = ModeRules(Mode.RAY, roles, wiring, by_role=True, secret=True)
