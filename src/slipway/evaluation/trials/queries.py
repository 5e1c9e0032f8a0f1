"""Every SQL statement of trials."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.evaluation.trials.tables import TrialRow
from slipway.evaluation.trials.types import Trial, TrialRecord
from slipway.serving import queries as serving
from slipway.serving.statistics import last_calls


def frozen(row: TrialRow) -> TrialRecord:
    return TrialRecord(
        id=row.id, project_id=row.project_id, task_id=row.task_id, task_name=row.task_name,
        checkpoint=row.checkpoint, address=row.address, service_id=row.service_id,
        idle_s=row.idle_s, stop_reason=row.stop_reason, created_by=row.created_by,
        creator_name=row.creator_name, created_at=row.created_at,
    )  # fmt: skip


async def get_trial(session: AsyncSession, project_id: str, trial_id: str) -> TrialRow:
    query = select(TrialRow).where(TrialRow.id == trial_id, TrialRow.project_id == project_id)
    row = await session.scalar(query)
    if row is None:
        raise NotFound(f"There is no trial {trial_id} in this project.", code="no_trial")
    return row


async def find_at(session: AsyncSession, project_id: str, address: str) -> TrialRow | None:
    query = select(TrialRow).where(TrialRow.project_id == project_id, TrialRow.address == address)
    return await session.scalar(query)


async def list_trials(
    session: AsyncSession, project_id: str, task_id: str | None = None
) -> list[TrialRow]:
    query = select(TrialRow).where(TrialRow.project_id == project_id)
    if task_id is not None:
        query = query.where(TrialRow.task_id == task_id)
    return list(await session.scalars(query.order_by(TrialRow.created_at.desc(), TrialRow.id)))


async def list_everywhere(session: AsyncSession) -> list[TrialRow]:
    return list(await session.scalars(select(TrialRow).order_by(TrialRow.created_at)))


async def as_they_are(session: AsyncSession, rows: Sequence[TrialRow]) -> list[Trial]:
    """Each trial with what its service says."""
    ids = [row.service_id for row in rows]
    services = {s.id: serving.frozen_service(s) for s in await serving.list_services(session, ids)}
    versions = {
        v.service_id: serving.frozen_version(v) for v in await serving.list_versions(session, ids)
    }
    ready, called = await serving.ready_since(session, ids), await last_calls(session, ids)
    found = []
    for row in rows:
        times = [t for t in (ready.get(row.service_id), called.get(row.service_id)) if t]
        service, version = services[row.service_id], versions[row.service_id]
        found.append(Trial(frozen(row), service, version, max(times, default=None)))
    return found
