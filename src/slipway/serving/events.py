"""The events of a service; `version_id` and `replica_id` say what of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import after_commit
from slipway.base.events import record
from slipway.base.names import tag_text
from slipway.serving import wake
from slipway.serving.tables import ServiceRow, ServiceVersionRow


class Level(StrEnum):
    NORMAL = "Normal"
    WARNING = "Warning"


async def tell_of_service(
    session: AsyncSession,
    row: ServiceRow,
    event: str,
    *,
    actor_id: str | None = None,
    now: datetime,
    description: str = "",
    level: Level = Level.NORMAL,
) -> None:
    """Also wakes the routes: whatever is worth an event may be worth a message to the gateway."""
    await record(
        session, f"service:{event}", subject=("service", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, name=row.name, creator=row.created_by, tags=tag_text(row.tags),
        state=row.state, level=level,
        resource_type="Service", resource_name=row.name, description=description,
    )  # fmt: skip
    touch_service(session, row.id)


async def tell_of_version(
    session: AsyncSession,
    row: ServiceVersionRow,
    event: str,
    *,
    actor_id: str | None = None,
    now: datetime,
    description: str = "",
    level: Level = Level.NORMAL,
    resource: tuple[str, str] | None = None,
) -> None:
    """`resource` is (type, name) of what it happened to; left out, the version."""
    kind, name = resource or ("Version", row.id)
    service = await session.get(ServiceRow, row.service_id)
    await record(
        session, f"service:{event}", subject=("service", row.service_id),
        project_id=row.project_id, actor_id=actor_id, now=now, version_id=row.id, state=row.state,
        name=service.name if service else row.service_id, creator=row.created_by,
        tags=tag_text(service.tags) if service else "", level=level, resource_type=kind, resource_name=name,
        description=description or row.reason,
    )  # fmt: skip
    touch_version(session, row.id, row.service_id)


def touch_service(session: AsyncSession, service_id: str) -> None:
    """Let the gateway hear of it once the transaction is durable."""
    after_commit(session, lambda: wake.services.tell(service_id))


def touch_version(session: AsyncSession, version_id: str, service_id: str) -> None:
    """Let the loop look at the version, and the gateway hear of it."""
    after_commit(session, lambda: wake.versions.tell(version_id))
    after_commit(session, lambda: wake.services.tell(service_id))
