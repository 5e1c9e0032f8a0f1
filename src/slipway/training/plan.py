"""What a configuration would become, before it is submitted (TRN-26, TRN-60, X2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.compute import queries as compute
from slipway.compute.groups.preset import as_given
from slipway.compute.modes import ray
from slipway.compute.queue.asks import needs_of
from slipway.compute.scheduling.never import why_never
from slipway.compute.types import Mode, Node, Role, WorkloadSpec
from slipway.environments.choose import Chosen, choose
from slipway.iam.types import Actor
from slipway.training.checks import check_spec
from slipway.training.dependencies import to_wait_for
from slipway.training.health import why_no_health_check
from slipway.training.shape import roles_of, shape_of
from slipway.training.templates import with_template
from slipway.training.types import TaskSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """`problem`: what a submit would be refused for, with its field. `blocked`: disabled switches."""

    problem: str | None
    field: str | None
    roles: tuple[Role, ...]
    warnings: tuple[str, ...]
    blocked: dict[str, str | None]


async def plan_task(db: Database, actor: Actor, spec: TaskSpec) -> Plan:
    """Creates nothing. The spec may still have faults."""
    spec = with_template(spec)
    environment: Chosen | SlipwayError
    async with db.read() as session:
        nodes = await compute.list_nodes(session, spec.resource_group)
        group = await compute.find_group(session, spec.resource_group)
        try:
            environment = await choose(
                session, actor.project_id, spec.environment, purpose="training"
            )
        except SlipwayError as refusal:
            environment = refusal
        by_cards = group is not None and group.preset_by_gpu
        found = plan(spec, environment, nodes, by_cards=by_cards)
        try:
            await to_wait_for(session, actor.project_id, spec.after)
        except SlipwayError as refusal:
            if found.problem is None:
                found = replace(found, problem=refusal.message, field="after")
    return found


def plan(
    spec: TaskSpec,
    environment: Chosen | SlipwayError,
    group: Sequence[Node],
    *,
    by_cards: bool = False,
) -> Plan:
    """Pure. `environment`: as `choose` answers; `group`: the nodes of the task's resource group.

    `by_cards`: the group sets CPU and memory by the number of cards; the roles then have both.
    """
    problem, field = _problem(spec, environment)
    try:
        roles = roles_of(spec)
    except (SlipwayError, ValueError):
        return Plan(problem, field, (), (), {"health_check": problem})
    no_check = why_no_health_check(roles, group)
    if problem is None and spec.health_check_s is not None and no_check:
        problem, field = no_check, "health_check_s"
    if problem is None:
        workload = WorkloadSpec(Mode(spec.mode), roles, spec.environment)
        try:
            workload = as_given(workload, group, by_cards=by_cards)
        except SlipwayError as refusal:
            problem, field = refusal.message, refusal.details.get("field")
        else:
            roles = workload.roles
            problem = why_never(group, spec.resource_group, needs_of(workload))
            field = "resources" if problem else None
    warnings = ray.warnings(shape_of(spec)) if spec.mode == Mode.RAY else ()
    return Plan(problem, field, roles, warnings, {"health_check": no_check})


def _problem(spec: TaskSpec, environment: Chosen | SlipwayError) -> tuple[str | None, str | None]:
    try:
        if isinstance(environment, SlipwayError):
            raise environment
        check_spec(spec, environment)
    except SlipwayError as refusal:
        return refusal.message, refusal.details.get("field")
    return None, None
