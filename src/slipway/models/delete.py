"""Editing and deleting models and versions (MOD-07, MOD-08, MOD-09).

Deleting hides at once; the loop removes the files after a grace time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.names import checked_description, checked_tags
from slipway.iam.types import Actor
from slipway.models import queries
from slipway.models.events import tell, tell_of_model
from slipway.models.types import ImportState, Model, ModelVersion
from slipway.models.uses import Use, VersionUse, list_uses


def why_not_delete_version(version: ModelVersion, uses: Sequence[Use]) -> str | None:
    if version.state == ImportState.IMPORTING:
        return "The version is being imported. Wait for the end of it."
    active = [use for use in uses if use.active]
    if not active:
        return None
    first = active[0]
    others = f" and {len(active) - 1} more" if len(active) > 1 else ""
    return f"The {first.kind} {first.name} ({first.id}){others} uses it. Stop that first."


async def delete_version(
    db: Database,
    users: Sequence[VersionUse],
    actor: Actor,
    version_id: str,
    *,
    now: datetime,
) -> None:
    async with db.begin() as session:
        row = await queries.get_version(session, actor.project_id, version_id, lock=True)
        uses = await list_uses(session, users, version_id)
        if reason := why_not_delete_version(queries.frozen_version(row), uses):
            raise Conflict(reason, code="in_use")
        row.deleted_at = now
        await session.flush()
        await tell(session, row, "versionDeleted", actor_id=actor.user_id, now=now)


async def delete_model(
    db: Database, users: Sequence[VersionUse], actor: Actor, model_id: str, *, now: datetime
) -> None:
    """The model with all its versions, if each of them may go."""
    async with db.begin() as session:
        model = await queries.get_model(session, actor.project_id, model_id, lock=True)
        for row in await queries.list_versions(session, model_id, lock=True):
            uses = await list_uses(session, users, row.id)
            if reason := why_not_delete_version(queries.frozen_version(row), uses):
                raise Conflict(f"Version v{row.number}: {reason}", code="in_use")
            row.deleted_at = now
            await tell(session, row, "versionDeleted", actor_id=actor.user_id, now=now)
        model.deleted_at = now
        await session.flush()
        await tell_of_model(session, model, "modelDeleted", actor_id=actor.user_id, now=now)


async def edit_model(
    db: Database,
    actor: Actor,
    model_id: str,
    *,
    tags: dict[str, str] | None,
    description: str | None,
    now: datetime,
) -> Model:
    async with db.begin() as session:
        row = await queries.get_model(session, actor.project_id, model_id, lock=True)
        if tags is not None:
            row.tags = checked_tags(tags)
        if description is not None:
            row.description = checked_description(description)
        row.updated_at = now
        await session.flush()
        await tell_of_model(session, row, "modelEdited", actor_id=actor.user_id, now=now)
        return queries.frozen_model(row)
