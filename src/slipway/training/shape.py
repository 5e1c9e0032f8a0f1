"""From a task's configuration to the roles of its workload."""

from __future__ import annotations

from dataclasses import replace

from slipway.compute.lifecycle.launch import HEALTH_PORT
from slipway.compute.modes.base import RoleAsk, Shape
from slipway.compute.modes.registry import RULES
from slipway.compute.types import Mode, Resources, Role
from slipway.training.types import TaskRole, TaskSpec


def shape_of(spec: TaskSpec) -> Shape:
    return Shape(
        spec.command,
        spec.instances,
        Resources(spec.cpu_cores, spec.memory_bytes, spec.gpus, spec.gpu_model),
        tuple(
            RoleAsk(role.name, role.count, role.command, _resources(role)) for role in spec.roles
        ),
    )


def roles_of(spec: TaskSpec) -> tuple[Role, ...]:
    """Raises Invalid where the mode cannot be had this way."""
    first, *others = RULES[Mode(spec.mode)].roles(shape_of(spec))
    if spec.health_check_s is not None:
        first = replace(first, ports=(*first.ports, HEALTH_PORT))
    return (first, *others)


def _resources(role: TaskRole) -> Resources:
    return Resources(role.cpu_cores, role.memory_bytes, role.gpus, role.gpu_model)
