"""The timeline of a workload: each attempt with its instances, its times and why it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.ids import new_id
from slipway.compute import queries
from slipway.compute.lifecycle.steps import Finish
from slipway.compute.tables import AttemptRow, InstanceRow, WorkloadRow
from slipway.compute.types import Instance


@dataclass(frozen=True, slots=True)
class Attempt:
    """`ending` and `reason` are empty while it goes on. No instances: it never left the queue."""

    workload_id: str
    number: int
    queued_at: datetime
    placed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    ending: str
    reason: str
    instances: tuple[Instance, ...]


def ended_attempt(
    row: WorkloadRow, instances: Sequence[InstanceRow], step: Finish, now: datetime
) -> AttemptRow:
    return AttemptRow(
        id=new_id("att"), workload_id=row.id, number=row.attempt, queued_at=row.queued_at,
        placed_at=min((i.created_at for i in instances), default=None),
        started_at=min((i.started_at for i in instances if i.started_at), default=None),
        ended_at=now, ending=step.ending, reason=step.reason,
    )  # fmt: skip


async def attempts_of_owner(session: AsyncSession, owner_id: str) -> list[Attempt]:
    """Every attempt of every run, newest first; the one that goes on is built from its rows."""
    found: list[Attempt] = []
    for workload in await queries.list_workloads_of(session, owner_id):
        instances = [
            queries.frozen_instance(row)
            for row in await queries.list_instances(session, workload.id)
        ]
        ended = await queries.list_attempts(session, workload.id)
        if workload.ended_at is None:
            found.append(_going_on(workload, instances))
        found += [_frozen(row, instances) for row in reversed(ended)]
    return found


def _going_on(workload: WorkloadRow, instances: list[Instance]) -> Attempt:
    own = tuple(i for i in instances if i.attempt == workload.attempt)
    return Attempt(
        workload.id, workload.attempt, workload.queued_at,
        min((i.created_at for i in own), default=None),
        min((i.started_at for i in own if i.started_at), default=None),
        None, "", workload.reason, own,
    )  # fmt: skip


def _frozen(row: AttemptRow, instances: list[Instance]) -> Attempt:
    own = tuple(i for i in instances if i.attempt == row.number)
    return Attempt(
        row.workload_id, row.number, row.queued_at, row.placed_at, row.started_at, row.ended_at,
        row.ending, row.reason, own,
    )  # fmt: skip
