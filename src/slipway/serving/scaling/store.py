"""Every SQL statement of scaling: versions that scale, steps taken, minutes measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.ids import new_id
from slipway.serving.scaling.decide import ScalingStepKind
from slipway.serving.tables import ScalingStepRow, ServiceVersionRow, VersionMinuteRow
from slipway.serving.types import ServiceState, Wanted

KEPT = timedelta(days=15)
_SHOWN_STEPS = 200
_AT_REST = (ServiceState.STOPPED, ServiceState.CREATE_FAILED, ServiceState.STOPPING)


async def list_wanted(session: AsyncSession) -> list[ServiceVersionRow]:
    """Versions that shall run."""
    query = select(ServiceVersionRow).where(
        ServiceVersionRow.wanted == Wanted.RUN, ServiceVersionRow.state.not_in(_AT_REST)
    )
    return list(await session.scalars(query.order_by(ServiceVersionRow.id)))


async def add_step(
    session: AsyncSession,
    version_id: str,
    *,
    kind: ScalingStepKind,
    before: int,
    after: int,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        ScalingStepRow(
            id=new_id("step"), version_id=version_id, time=now, kind=kind, before=before,
            after=after, reason=reason,
        )
    )  # fmt: skip
    await session.execute(
        delete(ScalingStepRow)
        .where(ScalingStepRow.version_id == version_id, ScalingStepRow.time < now - KEPT)
        .execution_options(synchronize_session=False)
    )


async def list_steps(session: AsyncSession, version_id: str) -> list[ScalingStepRow]:
    """Newest first."""
    query = select(ScalingStepRow).where(ScalingStepRow.version_id == version_id)
    newest = query.order_by(ScalingStepRow.time.desc(), ScalingStepRow.id).limit(_SHOWN_STEPS)
    return list(await session.scalars(newest))


async def add_minutes(
    session: AsyncSession, rows: Iterable[Mapping[str, object]], now: datetime
) -> None:
    """One minute of each version; a version that has gone meanwhile is left out."""
    wanted = {str(row["version_id"]): row for row in rows}
    known = set(
        await session.scalars(
            select(ServiceVersionRow.id).where(ServiceVersionRow.id.in_(list(wanted)))
        )
    )
    for version_id in sorted(known):
        await session.merge(VersionMinuteRow(**wanted[version_id]))
    old = delete(VersionMinuteRow).where(VersionMinuteRow.minute < now - KEPT)
    await session.execute(old.execution_options(synchronize_session=False))


async def read_minutes(
    session: AsyncSession, version_ids: Sequence[str], start: datetime, end: datetime
) -> list[VersionMinuteRow]:
    query = select(VersionMinuteRow).where(
        VersionMinuteRow.version_id.in_(version_ids),
        VersionMinuteRow.minute >= start.replace(second=0, microsecond=0),
        VersionMinuteRow.minute < end,
    )
    return list(await session.scalars(query.order_by(VersionMinuteRow.minute)))
