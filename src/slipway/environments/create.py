"""Making an environment, and its next version."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.containers import why_unavailable
from slipway.assets.environments import BUILT_IN
from slipway.assets.pythons import list_interpreters
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.base.settings import Settings
from slipway.environments import queries
from slipway.environments.build import take_build
from slipway.environments.checks import NewEnvironment, checked
from slipway.environments.events import tell
from slipway.environments.space import check_space
from slipway.environments.tables import EnvironmentRow
from slipway.environments.types import CustomEnvironment, EnvironmentState, SourceKind
from slipway.iam.types import Actor


async def create_environment(
    db: Database,
    settings: Settings,
    sealer: Sealer,
    actor: Actor,
    new: NewEnvironment,
    *,
    next_of: str | None = None,
    now: datetime,
) -> CustomEnvironment:
    """`next_of`: an environment of the project whose next version this is; it keeps the name."""
    interpreters = await asyncio.to_thread(list_interpreters)
    if next_of is not None:
        async with db.read() as session:
            earlier = await queries.get_environment(session, actor.project_id, next_of)
        new = replace(new, name=earlier.name)
    new = checked(new, interpreters)
    await asyncio.to_thread(_check_machine, settings, new)
    try:
        async with db.begin() as session:
            row = await _add(session, sealer, actor, new, is_next=next_of is not None, now=now)
            await take_build(session, settings, row, interpreters, now=now)
            await tell(session, row, "created", actor_id=actor.user_id, now=now)
            return queries.frozen(row)
    except IntegrityError as error:
        raise _taken(new.name) from error


def _check_machine(settings: Settings, new: NewEnvironment) -> None:
    if new.source.kind == SourceKind.IMAGE and (reason := why_unavailable()):
        raise Invalid(
            f"{reason} Use a requirements file instead, or install an engine ('slipway doctor').",
            field="kind", code="no_container_engine",
        )  # fmt: skip
    check_space(settings)


async def _add(
    session: AsyncSession,
    sealer: Sealer,
    actor: Actor,
    new: NewEnvironment,
    *,
    is_next: bool,
    now: datetime,
) -> EnvironmentRow:
    last = await queries.last_version(session, actor.project_id, new.name)
    if new.name in {e.id for e in BUILT_IN} or (last and not is_next):
        raise _taken(new.name)
    sealed = sealer.seal(json.dumps(asdict(new.credentials))) if new.credentials else None
    scope = actor.project_id if sealed else ""
    row = EnvironmentRow(
        id=new_id("env"), project_id=actor.project_id, name=new.name, version=last + 1,
        description=new.description, tags=new.tags, framework=new.framework, modes=list(new.modes),
        purposes=list(new.purposes), source=asdict(new.source),
        user=new.credentials.user if new.credentials else "", credentials=sealed,
        content_hash=new.source.content_hash(scope), state=EnvironmentState.BUILDING, build_id="",
        created_by=actor.user_id, creator_name=actor.user_name, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is already an environment named {name}. Make its next version, or choose another "
        "name.",
        code="name_taken", field="name",
    )  # fmt: skip
