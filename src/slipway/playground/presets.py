"""Saved prompts (PLY-X3): persona, parameters and messages under a name, with versions and a link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, TooLarge
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name
from slipway.iam.types import Actor
from slipway.playground import preset_queries as queries
from slipway.playground.tables import PresetRow, PresetVersionRow
from slipway.playground.types import Preset, PresetVersion, TryKind

MAX_CONTENT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class NewPreset:
    name: str
    kind: TryKind
    content: Mapping[str, Any]
    description: str = ""
    shared: bool = False
    note: str = ""


async def create_preset(db: Database, actor: Actor, new: NewPreset, *, now: datetime) -> Preset:
    row = PresetRow(
        id=new_id("pgp"), project_id=actor.project_id, name=checked_name(new.name),
        description=checked_description(new.description), kind=new.kind, shared=new.shared,
        latest=1, owner_id=actor.user_id, owner=actor.user_name, created_at=now, updated_at=now,
    )  # fmt: skip
    version = _version(row, actor, new.content, new.note, now)
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            session.add(version)
            await _tell(session, row, "created", actor, now)
    except IntegrityError as error:
        raise _name_taken(new.name) from error
    return queries.frozen_preset(row)


async def save_version(
    db: Database, actor: Actor, preset_id: str, content: Mapping[str, Any], note: str, *, now: datetime
) -> PresetVersion:  # fmt: skip
    async with db.begin() as session:
        row = await queries.get_own_preset(session, actor.project_id, actor.user_id, preset_id)
        row.latest, row.updated_at = row.latest + 1, now
        version = _version(row, actor, content, note, now)
        session.add(version)
        await session.flush()
        await _tell(session, row, "changed", actor, now)
        return queries.frozen_version(version)


async def edit_preset(
    db: Database, actor: Actor, preset_id: str, *, name: str | None, description: str | None,
    shared: bool | None, now: datetime,
) -> Preset:  # fmt: skip
    """None leaves a field as it is."""
    try:
        async with db.begin() as session:
            row = await queries.get_own_preset(session, actor.project_id, actor.user_id, preset_id)
            if name is not None:
                row.name = checked_name(name)
            if description is not None:
                row.description = checked_description(description)
            if shared is not None:
                row.shared = shared
            row.updated_at = now
            await session.flush()
            await _tell(session, row, "changed", actor, now)
            return queries.frozen_preset(row)
    except IntegrityError as error:
        raise _name_taken(name or "") from error


async def delete_preset(db: Database, actor: Actor, preset_id: str, *, now: datetime) -> None:
    async with db.begin() as session:
        row = await queries.get_own_preset(session, actor.project_id, actor.user_id, preset_id)
        await _tell(session, row, "deleted", actor, now)
        await session.delete(row)


def _version(
    row: PresetRow, actor: Actor, content: Mapping[str, Any], note: str, now: datetime
) -> PresetVersionRow:
    if len(json.dumps(content)) > MAX_CONTENT_BYTES:
        raise TooLarge(
            f"A saved prompt has at most {MAX_CONTENT_BYTES >> 20} MB. Leave pictures out of it."
        )
    return PresetVersionRow(
        preset_id=row.id, number=row.latest, note=checked_description(note, field="note"),
        content=dict(content), author=actor.user_name, created_at=now,
    )  # fmt: skip


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"You already have a saved prompt named {name}. Choose another name.",
        code="name_taken", field="name",
    )  # fmt: skip


async def _tell(
    session: AsyncSession, row: PresetRow, what: str, actor: Actor, now: datetime
) -> None:
    """Nobody else hears of a prompt that is not shared: its name is left out."""
    await record(
        session, f"playground:preset{what.capitalize()}", subject=("playground-preset", row.id),
        project_id=row.project_id, actor_id=actor.user_id, now=now,
        name=row.name if row.shared else "",
    )  # fmt: skip
