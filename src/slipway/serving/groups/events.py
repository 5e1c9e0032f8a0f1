"""The events of a service group, and the word to the gateways."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.events import record
from slipway.serving import wake
from slipway.serving.groups.tables import ServiceGroupRow


async def tell_of_group(
    session: AsyncSession,
    row: ServiceGroupRow,
    event: str,
    *,
    actor_id: str,
    now: datetime,
    description: str = "",
) -> None:
    await record(
        session, f"serviceGroup:{event}", subject=("service-group", row.id),
        project_id=row.project_id, actor_id=actor_id, now=now, name=row.name,
        description=description,
    )  # fmt: skip
    touch_group(session, row.id)


def touch_group(session: AsyncSession, group_id: str) -> None:
    """Let the gateways hear of it once the transaction is durable."""
    after_commit(session, lambda: wake.services.tell(group_id))
