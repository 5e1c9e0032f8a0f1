from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.environments.tables import EnvironmentRow


async def tell(
    session: AsyncSession,
    row: EnvironmentRow,
    what: str,
    *,
    now: datetime,
    actor_id: str | None = None,
) -> None:
    """`environment:created`, `edited`, `built`, `buildFailed`, `buildStarted`, `deleted`."""
    await record(
        session, f"environment:{what}", subject=("environment", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, name=row.name, version=row.version, state=row.state,
        reason=row.reason,
    )  # fmt: skip
