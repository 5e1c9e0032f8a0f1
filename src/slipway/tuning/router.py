"""HTTP of hyper-parameter searches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.compute.http import Files
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.compute.output.metrics import latest_values
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.tracking.http import Reports
from slipway.tracking.journal import MetricJournal
from slipway.training.amounts import given_amounts
from slipway.tuning import change, queries
from slipway.tuning.types import SearchTrial
from slipway.tuning.views import SearchDetail, SearchForm, SearchPage, SearchView

router = APIRouter(prefix="/training/searches", tags=["Searches"])


@router.post("", status_code=201)
async def start_search(
    form: SearchForm, db: Db, actor: Annotated[Actor, allow("train:search:create")]
) -> SearchView:
    """Trials are ordinary training tasks, created one after the other by the platform."""
    actor.require("train:task:create")
    given = await given_amounts(db, form.task)
    return SearchView.of(await change.start_search(db, actor, form.spec(given), now=utc_now()))


@router.get("")
async def list_searches(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("train:search:list")]
) -> SearchPage:
    async with db.read() as session:
        found = await queries.page_searches(session, actor.project_id, actor.user_id, page)
        counts = await queries.count_trials(session, [row.id for row in found.items])
    return SearchPage(
        items=[SearchView.of(queries.frozen(row, counts[row.id])) for row in found.items],
        next_cursor=found.next_cursor, total=found.total,
    )  # fmt: skip


@router.get("/{search_id}")
async def get_search(
    search_id: str, db: Db, files: Files, reports: Reports,
    actor: Annotated[Actor, allow("train:search:get")],
) -> SearchDetail:  # fmt: skip
    """With all its trials; of those that run, the value that they have reported by now."""
    async with db.read() as session:
        row = await queries.get_search(session, actor.project_id, search_id)
        search = await queries.one_frozen(session, row)
        trials = await queries.list_trials(session, row)
    still = [trial for trial in trials if trial.state.is_open]
    values = await _values_by_now(db, files, reports.journal, search.spec.metric, still)
    return SearchDetail.with_trials(search, trials, values)


@router.post("/{search_id}/stop")
async def stop_search(
    search_id: str, db: Db, actor: Annotated[Actor, allow("train:search:stop")]
) -> SearchView:
    """No trial starts any more, and those that run are stopped."""
    return SearchView.of(await change.stop_search(db, actor, search_id, now=utc_now()))


@router.delete("/{search_id}", status_code=204)
async def delete_search(
    search_id: str, db: Db, storage: Store, reports: Reports,
    actor: Annotated[Actor, allow("train:search:delete")], with_tasks: bool = False,
) -> None:  # fmt: skip
    """The trials' tasks stay, unless `with_tasks`: then they are deleted with their outputs."""
    gone = await change.delete_search(
        db, storage, actor, search_id, with_tasks=with_tasks, now=utc_now()
    )
    for trial in gone:
        await reports.journal.forget(trial.task_id)


async def _values_by_now(
    db: Database,
    files: InstanceFiles,
    journal: MetricJournal,
    metric: str,
    trials: Sequence[SearchTrial],
) -> dict[str, float]:
    ids = [trial.task_id for trial in trials]
    async with db.read() as session:
        instances = await instances_of_owners(session, ids)
    paths = {i: files.metrics(instances.get(i, [])) | {i: journal.path(i)} for i in ids}
    read = await asyncio.to_thread(lambda: {i: latest_values(found) for i, found in paths.items()})
    return {i: values[metric].value for i, values in read.items() if metric in values}
