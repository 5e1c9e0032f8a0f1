"""Isolating, releasing and rebuilding single instances (SRV-55, SRV-59, SRV-60)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.iam.types import Actor
from slipway.serving import blocked, queries
from slipway.serving.events import tell_of_version
from slipway.serving.tables import ReplicaRow
from slipway.serving.types import Replica


async def isolate(
    db: Database, actor: Actor, version_id: str, instance: str, *, now: datetime
) -> Replica:
    """Nothing new is sent to it; it goes on running, and calls in flight finish."""

    def act(row: ReplicaRow) -> None:
        row.isolated = True

    return await _change(db, actor, version_id, instance, blocked.isolate, act, "isolated", now)


async def release(
    db: Database, actor: Actor, version_id: str, instance: str, *, now: datetime
) -> Replica:
    def act(row: ReplicaRow) -> None:
        row.isolated = False

    return await _change(db, actor, version_id, instance, blocked.release, act, "released", now)


async def rebuild(
    db: Database, actor: Actor, version_id: str, instance: str, *, now: datetime
) -> Replica:
    """Mark it as outdated: the loop replaces it as the rolling policy allows."""

    def act(row: ReplicaRow) -> None:
        row.revision = 0

    return await _change(db, actor, version_id, instance, blocked.rebuild, act, "rebuilding", now)


async def _change(
    db: Database,
    actor: Actor,
    version_id: str,
    instance: str,
    why_not: Callable[[Replica], str | None],
    act: Callable[[ReplicaRow], None],
    event: str,
    now: datetime,
) -> Replica:
    """`instance` is the replica's id or its instance's."""
    async with db.begin() as session:
        version = await queries.get_version(session, actor.project_id, version_id, lock=True)
        rows = await queries.replicas_of(session, version_id)
        row = next((r for r in rows if instance in (r.id, r.instance_id)), None)
        if row is None:
            raise NotFound(f"There is no running instance {instance} of {version_id}.")
        if reason := why_not(queries.frozen_replica(row)):
            raise Conflict(reason, code="wrong_state")
        act(row)
        await session.flush()
        await tell_of_version(
            session, version, f"instance{event.capitalize()}", actor_id=actor.user_id, now=now,
            resource=("Instance", row.id),
        )  # fmt: skip
        return queries.frozen_replica(row)
