"""Editing, building again, cancelling and deleting an environment."""

from __future__ import annotations

import asyncio
from datetime import datetime

from slipway.assets.pythons import list_interpreters
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.names import checked_description, checked_tags
from slipway.base.settings import Settings
from slipway.compute import submit as compute
from slipway.compute.types import Workload
from slipway.environments import queries, uses
from slipway.environments.build import build_again, cancel_build
from slipway.environments.checks import checked_purposes
from slipway.environments.events import tell
from slipway.environments.space import check_space
from slipway.environments.types import CustomEnvironment, EnvironmentState
from slipway.iam.types import Actor


def why_not_delete(running: list[Workload]) -> str | None:
    active = [w for w in running if not w.state.is_final]
    if not active:
        return None
    names = ", ".join(w.name for w in active[:3])
    more = f" and {len(active) - 3} more" if len(active) > 3 else ""
    return f"It is in use by {names}{more}. Stop that first."


def why_not_cancel(environment: CustomEnvironment) -> str | None:
    building = environment.state == EnvironmentState.BUILDING
    return None if building else f"It is {environment.state}; nothing is being built."


def why_not_build(environment: CustomEnvironment) -> str | None:
    return "It is being built." if environment.state == EnvironmentState.BUILDING else None


async def edit_environment(
    db: Database,
    actor: Actor,
    environment_id: str,
    *,
    description: str | None,
    tags: dict[str, str] | None,
    purposes: tuple[str, ...] | None,
    now: datetime,
) -> CustomEnvironment:
    async with db.begin() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id, lock=True)
        if description is not None:
            row.description = checked_description(description)
        if tags is not None:
            row.tags = checked_tags(tags)
        if purposes is not None:
            row.purposes = list(checked_purposes(purposes))
        row.updated_at = now
        await tell(session, row, "edited", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def rebuild_environment(
    db: Database, settings: Settings, actor: Actor, environment_id: str, *, now: datetime
) -> CustomEnvironment:
    interpreters = await asyncio.to_thread(list_interpreters)
    await asyncio.to_thread(check_space, settings)
    async with db.begin() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id, lock=True)
        await build_again(session, settings, row, interpreters, now=now)
        row.updated_at = now
        await tell(session, row, "buildStarted", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def cancel(
    db: Database, actor: Actor, environment_id: str, *, now: datetime
) -> CustomEnvironment:
    async with db.begin() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id, lock=True)
        await cancel_build(session, queries.frozen(row))
        await tell(session, row, "buildCancelled", actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def delete_environment(
    db: Database, actor: Actor, environment_id: str, *, now: datetime
) -> None:
    """The record goes at once; its build when nothing needs it any more."""
    async with db.begin() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id, lock=True)
        if reason := why_not_delete(await uses.list_uses(session, environment_id)):
            raise Conflict(reason, code="delete_blocked")
        await tell(session, row, "deleted", actor_id=actor.user_id, now=now)
        content = row.content_hash
        await session.delete(row)
        await session.flush()
        running = await queries.running_build(session, content)
        if running is not None and not await queries.list_of_content(session, content):
            await compute.want_stop(session, running.workload_id)
