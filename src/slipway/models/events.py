"""The events of models: subject is the version, or the model where it is about all of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.models.tables import ModelRow, ModelVersionRow


async def tell(
    session: AsyncSession,
    row: ModelVersionRow,
    event: str,
    *,
    actor_id: str | None = None,
    now: datetime,
) -> None:
    await record(
        session, f"model:{event}", subject=("model_version", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, model_id=row.model_id, model_name=row.model_name,
        version=f"v{row.number}", state=row.state, reason=row.reason,
    )  # fmt: skip


async def tell_of_model(
    session: AsyncSession, row: ModelRow, event: str, *, actor_id: str, now: datetime
) -> None:
    await record(
        session, f"model:{event}", subject=("model", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, model_name=row.name,
    )  # fmt: skip
