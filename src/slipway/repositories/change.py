"""Registering, editing and deleting a repository."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.base.settings import Settings
from slipway.iam.types import Actor
from slipway.repositories import queries
from slipway.repositories.checks import checked_credentials, checked_ref, checked_url
from slipway.repositories.tables import RepositoryRow
from slipway.repositories.types import Credentials, Repository


@dataclass(frozen=True, slots=True)
class NewRepository:
    name: str
    url: str
    ref: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)


@dataclass(frozen=True, slots=True)
class RepositoryChange:
    """None leaves a field as it is. Credentials are replaced as a whole."""

    description: str | None = None
    tags: dict[str, str] | None = None
    url: str | None = None
    ref: str | None = None
    credentials: Credentials | None = None


async def create_repository(
    db: Database, settings: Settings, sealer: Sealer, actor: Actor, new: NewRepository, *, now: datetime
) -> Repository:  # fmt: skip
    url = checked_url(new.url, local=settings.git_local)
    row = RepositoryRow(
        id=new_id("repo"), project_id=actor.project_id, name=checked_name(new.name),
        description=checked_description(new.description), tags=checked_tags(new.tags), url=url,
        ref=checked_ref(new.ref), created_by=actor.user_id, creator_name=actor.user_name,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _seal(row, sealer, checked_credentials(url, new.credentials))
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            await _tell(session, row, "created", actor, now)
    except IntegrityError as error:
        raise Conflict(
            f"There is already a repository named {new.name} in this project. Choose another name.",
            code="name_taken", field="name",
        ) from error  # fmt: skip
    return queries.frozen(row)


async def edit_repository(
    db: Database, settings: Settings, sealer: Sealer, actor: Actor, repository_id: str,
    change: RepositoryChange, *, now: datetime,
) -> Repository:  # fmt: skip
    async with db.begin() as session:
        row = await queries.get_repository(session, actor.project_id, repository_id, lock=True)
        if change.description is not None:
            row.description = checked_description(change.description)
        if change.tags is not None:
            row.tags = checked_tags(change.tags)
        if change.ref is not None:
            row.ref = checked_ref(change.ref)
        if change.url is not None:
            _move(row, checked_url(change.url, local=settings.git_local))
        if change.credentials is not None:
            _seal(row, sealer, checked_credentials(row.url, change.credentials))
        row.updated_at = now
        await _tell(session, row, "edited", actor, now)
        return queries.frozen(row)


async def delete_repository(
    db: Database, actor: Actor, repository_id: str, *, now: datetime
) -> None:
    """What was started from it goes on: its files were brought at the start."""
    async with db.begin() as session:
        row = await queries.get_repository(session, actor.project_id, repository_id, lock=True)
        await _tell(session, row, "deleted", actor, now)
        await session.delete(row)


def _move(row: RepositoryRow, url: str) -> None:
    """The credentials were for the old address: whoever may edit must not send them elsewhere."""
    if url != row.url:
        row.url, row.credentials, row.credential, row.user = url, None, Credentials().kind, ""
        row.probed_at, row.probe_commit, row.probe_reason = None, "", ""


def _seal(row: RepositoryRow, sealer: Sealer, credentials: Credentials) -> None:
    row.credential, row.user = credentials.kind, credentials.user
    given = credentials != Credentials()
    row.credentials = sealer.seal(json.dumps(asdict(credentials))) if given else None


async def _tell(
    session: AsyncSession, row: RepositoryRow, what: str, actor: Actor, now: datetime
) -> None:
    await record(
        session, f"repository:{what}", subject=("repository", row.id), project_id=row.project_id,
        actor_id=actor.user_id, now=now, name=row.name,
    )  # fmt: skip
