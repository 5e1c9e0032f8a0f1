"""Who uses a version: told by the rooms above, through a protocol that `api/` hands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Use:
    """`kind` is `service`, `batch` ...; an `active` use (starting or running) forbids deletion."""

    kind: str
    id: str
    name: str
    state: str
    active: bool


class VersionUse(Protocol):
    async def uses(self, session: AsyncSession, version_id: str) -> list[Use]:
        """Everything of the room that uses the version, whatever its state."""


def get_users(request: Request) -> Sequence[VersionUse]:
    """`app.state.version_uses`: the rooms that may use versions; none before they exist."""
    users: Sequence[VersionUse] = getattr(request.app.state, "version_uses", ())
    return users


Users = Annotated[Sequence[VersionUse], Depends(get_users)]


async def list_uses(
    session: AsyncSession, users: Sequence[VersionUse], version_id: str
) -> list[Use]:
    return [use for user in users for use in await user.uses(session, version_id)]
