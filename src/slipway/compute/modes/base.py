"""What a distributed mode decides: roles, variables, files. One file per mode beside this one."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slipway.base.errors import Invalid
from slipway.compute.types import Instance, Mode, Resources, Role, TextFile


@dataclass(frozen=True, slots=True)
class RoleAsk:
    """One role as a user asks for it, in the modes that have requests by role."""

    name: str
    count: int
    command: str
    resources: Resources


@dataclass(frozen=True, slots=True)
class Shape:
    """What a task says of its size: the same request for every instance, or one per role."""

    command: str
    instances: int
    resources: Resources
    roles: tuple[RoleAsk, ...] = ()


Wiring = Callable[[Sequence[Instance], Instance], dict[str, str]]
Files = Callable[[Sequence[Instance]], tuple[TextFile, ...]]


def _no_files(_instances: Sequence[Instance]) -> tuple[TextFile, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class ModeRules:
    """`wiring` gives the variables of one instance among all, in rank order (table T4).

    `secret`: its instances get one secret in common, in `SLIPWAY_GROUP_SECRET`.
    """

    mode: Mode
    roles: Callable[[Shape], tuple[Role, ...]]
    wiring: Wiring
    files: Files = _no_files
    by_role: bool = False
    secret: bool = False


def common(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    """The variables of every mode."""
    return {
        "NODE_LIST": ",".join(f"{i.host}:{cards(i)}" for i in instances),
        "INDEX": str(own.rank),
    }


def gpu_counts(instances: Sequence[Instance], own: Instance) -> dict[str, str]:
    return {
        "GPU_NUM": str(sum(cards(i) for i in instances)),
        "GPU_NUM_PER_NODE": str(cards(own)),
    }


def cards(instance: Instance) -> int:
    """Devices the program sees: a share of a card is one device."""
    return math.ceil(instance.resources.gpus)


def uniform_roles(shape: Shape, first: Role, others: Role) -> tuple[Role, ...]:
    """One `first`, and `others` for the rest where there is more than one instance."""
    return (first,) if shape.instances == 1 else (first, others)


def runtime_program(module: str, *arguments: str) -> tuple[str, ...]:
    """A program of `slipway.runtime`, run by the Python that the platform runs in.

    `-P`: what lies in the working directory, a user's code, does not take the place of its imports.
    """
    return (sys.executable, "-P", "-m", f"slipway.runtime.{module}", *arguments)


def asked_roles(
    shape: Shape, *, mode: str, known: Mapping[str, tuple[int, int]]
) -> dict[str, RoleAsk]:
    """The roles by name. `known`: name -> fewest and most instances; Invalid says what is wrong."""
    names = [role.name for role in shape.roles]
    for role in shape.roles:
        if role.name not in known:
            raise Invalid(
                f"The mode {mode!r} has the roles {', '.join(known)}, not {role.name!r}.", field="roles"
            )  # fmt: skip
        if names.count(role.name) > 1:
            raise Invalid(f"The role {role.name} is there twice.", field="roles")
        least, most = known[role.name]
        if not least <= role.count <= most:
            wanted = f"exactly {least}" if least == most else f"{least} to {most}"
            raise Invalid(
                f"The role {role.name} has {wanted} instances, not {role.count}.", field="roles"
            )
    for name, (least, _most) in known.items():
        if least and name not in names:
            raise Invalid(f"The mode {mode!r} needs the role {name}.", field="roles")
    return {role.name: role for role in shape.roles}
