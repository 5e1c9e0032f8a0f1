"""The access log of a dataset: who looked into it, took it out, shared it (DAT-X8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.data.tables import AccessRow
from slipway.iam.types import Actor

_LOOKED = "preview"
_ONCE_IN = timedelta(hours=1)
_MOST_KEPT = 10_000
_seen: dict[tuple[str, str, int], datetime] = {}


@dataclass(frozen=True, slots=True)
class Access:
    version: int
    action: str
    user_id: str
    user_name: str
    detail: str
    at: datetime


def note(
    session: AsyncSession, actor: Actor, dataset_id: str, number: int, action: str, detail: str,
    now: datetime,
) -> None:  # fmt: skip
    """Write it in the caller's transaction."""
    session.add(
        AccessRow(
            dataset_id=dataset_id, version=number, action=action, user_id=actor.user_id,
            user_name=actor.user_name, detail=detail, at=now,
        )
    )  # fmt: skip


async def note_export(
    db: Database, actor: Actor, dataset_id: str, number: int, what: str, now: datetime
) -> None:
    async with db.begin() as session:
        note(session, actor, dataset_id, number, "export", what, now)


async def note_look(
    db: Database, actor: Actor, dataset_id: str, number: int, now: datetime
) -> None:
    """Once an hour for each person and version: a page turned is not worth a row."""
    key = (actor.user_id, dataset_id, number)
    last = _seen.get(key)
    if last is not None and now - last < _ONCE_IN:
        return
    if len(_seen) >= _MOST_KEPT:
        _seen.clear()
    _seen[key] = now
    async with db.begin() as session:
        note(session, actor, dataset_id, number, _LOOKED, "", now)
