"""One instance, on its own."""

from __future__ import annotations

from slipway.base.errors import Invalid
from slipway.compute.modes.base import ModeRules, Shape, common
from slipway.compute.types import Mode, Role


def roles(shape: Shape) -> tuple[Role, ...]:
    if shape.instances != 1:
        raise Invalid(
            "The mode 'single' has one instance. Choose the mode 'ddp' for more.", field="instances"
        )
    return (Role("master", 1, shape.command, resources=shape.resources),)


RULES = ModeRules(Mode.SINGLE, roles, common)
