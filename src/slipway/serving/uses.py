"""Which services use a model version (implements `models.uses.VersionUse`)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.models.uses import Use
from slipway.serving import queries
from slipway.serving.types import KIND, ServiceState


async def uses_of_version(session: AsyncSession, version_id: str) -> list[Use]:
    """Every service version that names it, whatever its state."""
    return [
        Use(KIND, row.id, f"{name} V{row.number}", row.state, not ServiceState(row.state).is_down)
        for row, name in await queries.versions_of_model(session, version_id)
    ]


class ServiceUses:
    async def uses(self, session: AsyncSession, version_id: str) -> list[Use]:
        return await uses_of_version(session, version_id)
