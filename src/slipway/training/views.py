"""What the API shows of plans and attempts."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from slipway.compute.http import InstanceView
from slipway.compute.lifecycle.attempts import Attempt
from slipway.compute.types import Role
from slipway.training.plan import Plan
from slipway.training.types import TaskRole


class RoleAmount(BaseModel):
    """One role's part of a task: so many instances, each with so much."""

    name: str
    count: int
    cpu_cores: float
    memory_bytes: int
    gpus: float

    @classmethod
    def of_task(cls, role: TaskRole) -> RoleAmount:
        return cls(
            name=role.name, count=role.count, cpu_cores=role.cpu_cores, memory_bytes=role.memory_bytes,
            gpus=role.gpus,
        )  # fmt: skip


class PlannedRole(RoleAmount):
    decides: bool = Field(description="Whether its exit codes decide when the task is done.")

    @classmethod
    def of(cls, role: Role) -> PlannedRole:
        asked = role.resources
        return cls(
            name=role.name, count=role.count, cpu_cores=asked.cpu_cores, memory_bytes=asked.memory_bytes,
            gpus=asked.gpus, decides=role.decides,
        )  # fmt: skip


class PerHour(BaseModel):
    """What an hour of it draws from the resource group."""

    cpu_core_hours: float
    memory_gib_hours: float
    gpu_hours: float

    @classmethod
    def of(cls, roles: tuple[Role, ...]) -> PerHour:
        each = [(role.count, role.resources) for role in roles]
        return cls(
            cpu_core_hours=sum(n * r.cpu_cores for n, r in each),
            memory_gib_hours=sum(n * r.memory_bytes for n, r in each) / 2**30,
            gpu_hours=sum(n * r.gpus for n, r in each),
        )


class TaskPlan(BaseModel):
    problem: str | None = Field(description="What a submit would be refused for.")
    field: str | None
    roles: list[PlannedRole]
    warnings: list[str]
    per_hour: PerHour
    blocked: dict[str, str | None] = Field(
        description="Why a switch of the form cannot be turned on for this configuration, or null."
    )

    @classmethod
    def of(cls, plan: Plan) -> TaskPlan:
        return cls(
            problem=plan.problem, field=plan.field, roles=[PlannedRole.of(r) for r in plan.roles],
            warnings=list(plan.warnings), per_hour=PerHour.of(plan.roles), blocked=plan.blocked,
        )  # fmt: skip


class AttemptView(BaseModel):
    workload_id: str
    number: int
    queued_at: datetime
    placed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    ending: str = Field(
        description="succeeded, failed, stopped, restart, evicted or rescheduled; empty while it goes on."
    )
    reason: str
    instances: list[InstanceView]

    @classmethod
    def of(cls, a: Attempt) -> AttemptView:
        return cls(
            workload_id=a.workload_id, number=a.number, queued_at=a.queued_at, placed_at=a.placed_at,
            started_at=a.started_at, ended_at=a.ended_at, ending=a.ending, reason=a.reason,
            instances=[InstanceView.of(i) for i in a.instances],
        )  # fmt: skip


class AttemptList(BaseModel):
    items: list[AttemptView]
