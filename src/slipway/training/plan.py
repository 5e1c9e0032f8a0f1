"""What a configuration would become, before it is submitted (TRN-26, TRN-60, X2). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.base.errors import SlipwayError
from slipway.compute.modes import ray
from slipway.compute.placement import why_never
from slipway.compute.submit import ask_of
from slipway.compute.types import Mode, Node, Role, WorkloadSpec
from slipway.training.checks import check_spec
from slipway.training.health import why_no_health_check
from slipway.training.shape import roles_of, shape_of
from slipway.training.types import TaskSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """`problem`: what a submit would be refused for, with its field. `blocked`: disabled switches."""

    problem: str | None
    field: str | None
    roles: tuple[Role, ...]
    warnings: tuple[str, ...]
    blocked: dict[str, str | None]


def plan(spec: TaskSpec, group: Sequence[Node]) -> Plan:
    """`group`: the nodes of the task's resource group."""
    problem, field = _problem(spec)
    try:
        roles = roles_of(spec)
    except (SlipwayError, ValueError):
        return Plan(problem, field, (), (), {"health_check": problem})
    no_check = why_no_health_check(roles, group)
    if problem is None and spec.health_check_s is not None and no_check:
        problem, field = no_check, "health_check_s"
    if problem is None:
        workload = WorkloadSpec(Mode(spec.mode), roles, spec.environment)
        problem = why_never(group, ask_of("plan", spec.resource_group, workload))
        field = "resources" if problem else None
    warnings = ray.warnings(shape_of(spec)) if spec.mode == Mode.RAY else ()
    return Plan(problem, field, roles, warnings, {"health_check": no_check})


def _problem(spec: TaskSpec) -> tuple[str | None, str | None]:
    try:
        check_spec(spec)
    except SlipwayError as refusal:
        return refusal.message, refusal.details.get("field")
    return None, None
