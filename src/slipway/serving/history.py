"""The update records of a version (SRV-58)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.ids import new_id
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.tables import ServiceUpdateRow, ServiceVersionRow
from slipway.serving.types import UpdateKind, UpdateResult


async def note(
    session: AsyncSession,
    row: ServiceVersionRow,
    kind: UpdateKind,
    changes: dict[str, list[object]],
    actor: Actor,
    *,
    finished: bool,
    now: datetime,
) -> None:
    """Write down what was changed; one that is still under way is replaced by this one."""
    await finish(session, row.id, UpdateResult.REPLACED, now)
    session.add(
        ServiceUpdateRow(
            id=new_id("upd"), version_id=row.id, revision=row.revision, kind=kind, changes=changes,
            config=row.config, replicas=row.replicas, actor_id=actor.user_id,
            result=UpdateResult.DONE if finished else UpdateResult.RUNNING,
            actor_name=actor.user_name, created_at=now, ended_at=now if finished else None,
        )
    )  # fmt: skip
    await session.flush()


async def finish(
    session: AsyncSession, version_id: str, result: UpdateResult, now: datetime, reason: str = ""
) -> None:
    for update in await queries.running_updates(session, version_id):
        update.result, update.reason, update.ended_at = result, reason, now
    await session.flush()
