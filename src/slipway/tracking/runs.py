"""Experiments, and runs from outside: created, ended, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from slipway.assets import buckets
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.iam import queries as accounts
from slipway.iam.types import Actor
from slipway.tracking import queries
from slipway.tracking.tables import ExperimentRow, RunRow
from slipway.tracking.types import Experiment, Run, RunState

MAX_NAME = 250


async def list_experiments(db: Database, project_id: str) -> list[Experiment]:
    """The project's own first; deleted ones are among them."""
    async with db.read() as session:
        project = await accounts.find_project(session, project_id)
        rows = await queries.list_experiments(session, project_id)
    own = []
    if project is not None:
        own = [Experiment(project.id, project.id, project.name, project.created_at, project.created_at)]  # fmt: skip
    return own + [queries.frozen_experiment(row) for row in rows]


async def create_experiment(db: Database, actor: Actor, name: str, *, now: datetime) -> Experiment:
    _check_name("An experiment", name)
    taken = Conflict(f"There is already an experiment {name!r}.", code="name_taken", field="name")
    if any(e.name == name and e.id == actor.project_id for e in await list_experiments(db, actor.project_id)):  # fmt: skip
        raise taken
    row = ExperimentRow(
        id=new_id("exp"), project_id=actor.project_id, name=name, created_by=actor.user_id, created_at=now,
        updated_at=now,
    )  # fmt: skip
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            await record(
                session, "tracking:experimentCreated", subject=("experiment", row.id),
                project_id=row.project_id, actor_id=actor.user_id, now=now, name=name,
            )  # fmt: skip
    except IntegrityError as error:
        raise taken from error
    return queries.frozen_experiment(row)


async def change_experiment(
    db: Database, actor: Actor, experiment_id: str, *, now: datetime, **changes: Any
) -> None:
    """`name` or `deleted`."""
    if experiment_id == actor.project_id:
        raise Invalid("This experiment is the project itself; it is changed on the project's page.", code="own_experiment")  # fmt: skip
    async with db.begin() as session:
        row = await queries.find_experiment(session, experiment_id)
        if row is None or row.project_id != actor.project_id:
            raise NotFound(f"There is no experiment {experiment_id} in this project.")
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = now
        await session.flush()
        await record(
            session, "tracking:experimentChanged", subject=("experiment", row.id),
            project_id=row.project_id, actor_id=actor.user_id, now=now, **changes,
        )  # fmt: skip


async def create_run(
    db: Database,
    actor: Actor,
    *,
    experiment_id: str,
    name: str,
    started_at: datetime,
    now: datetime,
) -> Run:
    run_id = new_id("run")
    name = name or run_id
    _check_name("A run", name)
    async with db.begin() as session:
        bucket = await buckets.ensure_default_bucket(session, actor.project_id)
        row = RunRow(
            id=run_id, project_id=actor.project_id, experiment_id=experiment_id, name=name, state=RunState.RUNNING,
            artifacts=f"{bucket}/runs/{run_id}/", created_by=actor.user_id, creator_name=actor.user_name,
            created_at=now, started_at=started_at,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        await _tell(session, row, "runCreated", actor, now)
        return queries.frozen_run(row)


async def change_run(
    db: Database, actor: Actor, run_id: str, *, now: datetime, state: RunState | None = None,
    ended_at: datetime | None = None, name: str | None = None,
) -> Run:  # fmt: skip
    async with db.begin() as session:
        row = await queries.get_run(session, actor.project_id, run_id)
        if name is not None:
            _check_name("A run", name)
            row.name = name
        if state is not None:
            row.state = state
            row.ended_at = None if state in (RunState.RUNNING, RunState.QUEUED) else ended_at or now
        await session.flush()
        await _tell(session, row, "runChanged", actor, now)
        return queries.frozen_run(row)


async def delete_run(
    db: Database, actor: Actor, run_id: str, *, now: datetime, deleted: bool = True
) -> None:
    """Hide it, or bring it back; what it reported stays."""
    async with db.begin() as session:
        row = await queries.find_run(session, run_id)
        if row is None or row.project_id != actor.project_id:
            raise NotFound(f"There is no run {run_id} in this project.")
        row.deleted = deleted
        await session.flush()
        await _tell(session, row, "runDeleted" if deleted else "runRestored", actor, now)


def _check_name(what: str, name: str) -> None:
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"{what}'s name has 1 to {MAX_NAME} printable characters.", field="name")


async def _tell(session: Any, row: RunRow, event: str, actor: Actor, now: datetime) -> None:
    await record(
        session, f"tracking:{event}", subject=("run", row.id), project_id=row.project_id, actor_id=actor.user_id,
        now=now, name=row.name, state=row.state,
    )  # fmt: skip
