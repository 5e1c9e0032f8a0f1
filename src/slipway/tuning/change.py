"""Starting, stopping and deleting a search."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.iam.types import Actor
from slipway.training.change import delete_task
from slipway.training.submit import check_task
from slipway.training.types import TaskSpec
from slipway.tuning import queries
from slipway.tuning.space import check_grid, check_space, grid_size
from slipway.tuning.suggest import suggest
from slipway.tuning.tables import SearchRow
from slipway.tuning.types import (
    Method,
    Search,
    SearchSpec,
    SearchState,
    SearchTrial,
    Value,
    why_not_delete,
    why_not_stop,
)

MAX_TRIALS, MAX_PARALLEL = 1000, 100
MAX_NAME = 55  # a trial's task adds its number
TAG = "search"  # of a trial's task: the id of its search


async def start_search(db: Database, actor: Actor, spec: SearchSpec, *, now: datetime) -> Search:
    """Writes what is wanted; the loop creates the trials."""
    check_spec(spec)
    search_id = new_id("hps")
    await check_task(db, actor, task_of(spec, search_id, 1, _first_point(spec)))
    row = SearchRow(
        id=search_id, project_id=actor.project_id, name=spec.name, tags=spec.tags, spec=spec.as_json(),
        state=SearchState.RUNNING, created_by=actor.user_id, creator_name=actor.user_name,
        created_at=now, updated_at=now,
    )  # fmt: skip
    try:
        async with db.begin() as session:
            session.add(row)
            await session.flush()
            await tell(session, row, actor_id=actor.user_id, now=now)
            return await queries.one_frozen(session, row)
    except IntegrityError as error:
        raise Conflict(
            f"There is already a search named {spec.name} in this project. Choose another name.",
            code="name_taken", field="name",
        ) from error  # fmt: skip


async def stop_search(db: Database, actor: Actor, search_id: str, *, now: datetime) -> Search:
    """No trial starts any more, and those that go on are stopped."""
    async with db.begin() as session:
        row = await queries.get_search(session, actor.project_id, search_id, lock=True)
        search = await queries.one_frozen(session, row)
        if reason := why_not_stop(search):
            raise Conflict(reason, code="wrong_state")
        row.state, row.updated_at = SearchState.STOPPING, now
        await session.flush()
        await tell(session, row, actor_id=actor.user_id, now=now)
        return replace(search, state=SearchState.STOPPING)


async def delete_search(
    db: Database, storage: Storage, actor: Actor, search_id: str, *, with_tasks: bool, now: datetime
) -> list[SearchTrial]:
    """Its trials are tasks and stay, unless asked otherwise: then they go with their outputs.

    Returns the trials whose tasks were deleted.
    """
    async with db.read() as session:
        row = await queries.get_search(session, actor.project_id, search_id)
        _require_ended(await queries.one_frozen(session, row))
        trials = await queries.list_trials(session, row) if with_tasks else []
    if with_tasks:
        actor.require("train:task:delete")
    gone = [trial for trial in trials if trial.task_state is not None]
    for trial in gone:
        try:
            await delete_task(db, storage, actor, trial.task_id, with_outputs=True, now=now)
        except NotFound:
            continue  # somebody else deleted it
    async with db.begin() as session:
        row = await queries.get_search(session, actor.project_id, search_id, lock=True)
        _require_ended(await queries.one_frozen(session, row))
        await tell(session, row, "deleted", actor_id=actor.user_id, now=now)
        await session.delete(row)
    return gone


def _require_ended(search: Search) -> None:
    if reason := why_not_delete(search):
        raise Conflict(reason, code="wrong_state")


def check_spec(spec: SearchSpec) -> None:
    checked_name(spec.name, limit=MAX_NAME)
    checked_description(spec.description)
    checked_tags(spec.tags)
    check_space(spec.space)
    if not spec.metric.strip() or len(spec.metric) > 250:
        raise Invalid("Name the metric that the trials report and that decides.", field="metric")
    if not 1 <= spec.max_trials <= MAX_TRIALS:
        raise Invalid(f"A search has 1 to {MAX_TRIALS} trials.", field="max_trials")
    if not 1 <= spec.parallel <= MAX_PARALLEL:
        raise Invalid(f"1 to {MAX_PARALLEL} trials run at once.", field="parallel")
    if not 1 <= spec.max_failures <= MAX_TRIALS:
        raise Invalid(
            f"A search ends after 1 to {MAX_TRIALS} failed trials in a row.", field="max_failures"
        )
    if spec.method == Method.GRID:
        check_grid(spec.space)
        if (size := grid_size(spec.space)) > spec.max_trials:
            raise Invalid(
                f"The grid has {size} points and the budget is {spec.max_trials} trials. Allow more trials, or give fewer values.",
                field="max_trials", code="grid_too_large",
            )  # fmt: skip
    if early := spec.stops_early:
        if early.min_reports < 1:
            raise Invalid("Trials are compared after 1 report or more.", field="early_stopping")
        if not 2 <= early.factor <= 10:
            raise Invalid(
                "Of 2 to 10 trials that are compared the best one goes on.", field="early_stopping"
            )


def task_of(spec: SearchSpec, search_id: str, number: int, point: dict[str, Value]) -> TaskSpec:
    """The task of one trial: its values are hyper-parameters, and variables `HP_<name>` besides."""
    task = spec.task
    variables = {f"HP_{_variable(name)}": _text(value) for name, value in point.items()}
    return replace(
        task, name=f"{spec.name}-{number}", hyperparameters={**task.hyperparameters, **point},
        env={**variables, **task.env}, tags={**task.tags, **spec.tags, TAG: search_id},
        description=task.description or f"{spec.name}: {number}",
    )  # fmt: skip


def _variable(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


def _text(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _first_point(spec: SearchSpec) -> dict[str, Value]:
    point = suggest(spec, 1, [])
    assert point is not None, "a grid has one point at least"
    return point


async def tell(
    session: AsyncSession, row: SearchRow, event: str | None = None, *, actor_id: str | None = None, now: datetime
) -> None:  # fmt: skip
    await record(
        session, f"search:{event or row.state}", subject=("search", row.id), project_id=row.project_id,
        actor_id=actor_id, now=now, name=row.name, state=row.state, reason=row.reason, best=row.best_value,
    )  # fmt: skip
