"""HTTP of labelling: tasks, their records, review, publication."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

from fastapi import APIRouter, Query

from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.paging import MAX_LIMIT
from slipway.data.mount import mount_source
from slipway.data.shelf import Shelf
from slipway.iam.http import Config, Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.change import change_task, delete_task, retry_task
from slipway.labelling.change_tracks import change_track, read_tracks
from slipway.labelling.create import create_task
from slipway.labelling.inplace.bell import bell
from slipway.labelling.publish import publish_task
from slipway.labelling.read import Shown, list_page, read_full, read_sample
from slipway.labelling.review import review_record
from slipway.labelling.save import Saving, save_record
from slipway.labelling.schema.trying import draft_schema, try_schema
from slipway.labelling.take import give_back, may_see, take, take_next
from slipway.labelling.teams.answers import as_seen
from slipway.labelling.teams.queries import find_gold
from slipway.labelling.types import LabelKind, Record, Task, WriteMode
from slipway.labelling.values import checked_value
from slipway.labelling.views import (
    LabelDocumentView,
    LabelHistoryList,
    LabelHistoryView,
    LabelNextForm,
    LabelNextView,
    LabelPublishForm,
    LabelRecordList,
    LabelRecordView,
    LabelReviewForm,
    LabelSaveForm,
    LabelSchemaForm,
    LabelSchemaText,
    LabelSchemaView,
    LabelTaskForm,
    LabelTaskPage,
    LabelTaskPatch,
    LabelTaskView,
    LabelTrackForm,
    LabelTrackList,
    LabelWorkList,
    record_brief,
    record_view,
)

router = APIRouter(tags=["Labelling"], prefix="/labelling")

_FILE_WAIT_S = 0.05
Viewer = Annotated[Actor, allow("label:task:get")]
Labeller = Annotated[Actor, allow("label:record:update")]
Manager = Annotated[Actor, allow("label:task:update")]


@router.get("/tasks")
async def list_tasks(
    db: Db,
    page: PageArgs,
    actor: Annotated[Actor, allow("label:task:list")],
    kind: Annotated[list[LabelKind] | None, Query(description="Scenarios; any of them.")] = None,
) -> LabelTaskPage:
    async with db.read() as session:
        found = await queries.page_tasks(session, actor, page, kinds=kind or ())
        items = [LabelTaskView.of(queries.frozen_task(row)) for row in found.items]
    return LabelTaskPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("/tasks", status_code=201)
async def create(
    form: LabelTaskForm, db: Db, config: Config, actor: Annotated[Actor, allow("label:task:create")]
) -> LabelTaskView:
    """Answers at once with state `creating`; the records are laid out in the background."""
    made = await create_task(
        db, Shelf(config.root), actor, form.to_new(), quota=config.max_label_tasks, now=utc_now()
    )
    return LabelTaskView.of(made)


@router.get("/tasks/{task_id}")
async def get_task(task_id: str, db: Db, actor: Viewer) -> LabelTaskView:
    return LabelTaskView.of(await _task(db, actor, task_id))


@router.patch("/tasks/{task_id}")
async def update_task(
    task_id: str, form: LabelTaskPatch, db: Db, config: Config, actor: Manager
) -> LabelTaskView:
    """What is left out stays. A label that is in use is renamed or merged, see `renames`."""
    changed = await change_task(db, config.root, actor, task_id, form.to_changes(), now=utc_now())
    return LabelTaskView.of(changed)


@router.delete("/tasks/{task_id}", status_code=204)
async def remove_task(
    task_id: str, db: Db, actor: Annotated[Actor, allow("label:task:delete")]
) -> None:
    """The task and its labels. Versions published from it stay."""
    await delete_task(db, actor, task_id, now=utc_now())


@router.post("/tasks/{task_id}/retry")
async def retry(task_id: str, db: Db, actor: Manager) -> LabelTaskView:
    return LabelTaskView.of(await retry_task(db, actor, task_id, now=utc_now()))


@router.post("/tasks/{task_id}/publish", status_code=202)
async def publish(task_id: str, form: LabelPublishForm, db: Db, actor: Manager) -> LabelTaskView:
    """The labels become a new version of the dataset."""
    task = await publish_task(
        db, actor, task_id, label_format=form.label_format, description=form.description,
        now=utc_now(),
    )  # fmt: skip
    return LabelTaskView.of(task)


@router.get("/tasks/{task_id}/shares")
async def list_shares(task_id: str, db: Db, actor: Viewer) -> LabelWorkList:
    """What each person has done."""
    await _task(db, actor, task_id)
    async with db.read() as session:
        return LabelWorkList.of(await queries.shares(session, task_id))


@router.get("/tasks/{task_id}/records")
async def list_records(
    task_id: str,
    db: Db,
    config: Config,
    actor: Viewer,
    shown: Shown = Shown.ALL,
    after: Annotated[int, Query(ge=-1)] = -1,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> LabelRecordList:
    await _task(db, actor, task_id)
    task, found = await list_page(db, config.root, actor, task_id, shown, after=after, limit=limit)
    items = [record_brief(task, record, content) for record, content in found]
    return LabelRecordList(items=items, next_after=items[-1].index if len(items) == limit else None)


@router.post("/tasks/{task_id}/next")
async def open_next(
    task_id: str, form: LabelNextForm, db: Db, config: Config, actor: Labeller
) -> LabelNextView:
    """Opens the next record that waits for you; nobody else gets it for ten minutes."""
    if form.review:
        actor.require("label:review:update")
    record = await take_next(
        db, actor, task_id, after=form.after, review=form.review, now=utc_now()
    )
    if record is None:
        return LabelNextView(record=None)
    return LabelNextView(record=await _full(config, await _task(db, actor, task_id), record))


@router.get("/tasks/{task_id}/records/{index}")
async def get_record(
    task_id: str, index: int, db: Db, config: Config, actor: Viewer
) -> LabelRecordView:
    """Only to look at."""
    task = await _task(db, actor, task_id)
    async with db.read() as session:
        row = await queries.find_record(session, task_id, index)
        record = Record(index)
        if row is not None:
            whole = await queries.get_task(session, actor.project_id, task_id)
            record = await as_seen(session, whole, row, queries.frozen_record(row), actor)
    return await _full(config, task, record)


@router.post("/tasks/{task_id}/records/{index}/open")
async def open_record(
    task_id: str, index: int, db: Db, config: Config, actor: Labeller
) -> LabelRecordView:
    """Opens a record to work on it, or keeps it open. `lock` says if another was first."""
    record = await take(db, actor, task_id, index, now=utc_now())
    return await _full(config, await _task(db, actor, task_id), record)


@router.post("/tasks/{task_id}/records/{index}/close", status_code=204)
async def close_record(task_id: str, index: int, db: Db, actor: Labeller) -> None:
    await give_back(db, actor, task_id, index)


@router.put("/tasks/{task_id}/records/{index}")
async def save(
    task_id: str, index: int, form: LabelSaveForm, db: Db, config: Config, actor: Labeller
) -> LabelRecordView:
    """Labels and state. Refused (409) if another has changed or opened the record meanwhile."""
    task = await _task(db, actor, task_id)
    value = form.value
    if value is not None:
        value = checked_value(task, await read_sample(config.root, task, index), value)
    saving = Saving(index, form.revision, value, form.state, form.time_s, form.release)
    async with bell.waiting(task_id) as settled:
        record = await save_record(db, actor, task_id, saving, now=utc_now())
        if task.mode is WriteMode.IN_PLACE:  # nearly always it is in the file by then
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), _FILE_WAIT_S)
    return await _full(config, task, record)


@router.post("/tasks/{task_id}/records/{index}/review")
async def review(
    task_id: str,
    index: int,
    form: LabelReviewForm,
    db: Db,
    config: Config,
    actor: Annotated[Actor, allow("label:review:update")],
) -> LabelRecordView:
    """Approve, or send back with a comment."""
    record = await review_record(
        db, actor, task_id, index, approve=form.approve, comment=form.comment,
        revision=form.revision, now=utc_now(),
    )  # fmt: skip
    return await _full(config, await _task(db, actor, task_id), record)


@router.get("/tasks/{task_id}/records/{index}/history")
async def get_history(task_id: str, index: int, db: Db, actor: Viewer) -> LabelHistoryList:
    await _task(db, actor, task_id)
    async with db.read() as session:
        found = await queries.list_history(session, task_id, index)
        gold = await find_gold(session, task_id, index)
    if not actor.may("label:review:update"):  # who answers for themselves does not look at others
        blind = gold is not None or any(entry.action == "answer" for entry in found)
        found = [one for one in found if not blind or one.user_id == actor.user_id]
    return LabelHistoryList(items=[LabelHistoryView.of(entry) for entry in found])


@router.get("/tasks/{task_id}/tracks")
async def list_tracks(
    task_id: str,
    db: Db,
    config: Config,
    actor: Viewer,
    at: Annotated[int, Query(ge=0, description="A frame; its sequence is meant.")] = 0,
) -> LabelTrackList:
    """The tracks of the sequence (the images of one folder) that a frame lies in."""
    return LabelTrackList.of(await read_tracks(db, config.root, actor, task_id, at))


@router.post("/tasks/{task_id}/tracks")
async def update_track(
    task_id: str, form: LabelTrackForm, db: Db, config: Config, actor: Labeller
) -> LabelTrackList:
    """Fill a track between its keyframes, or change it in all of its frames at once."""
    found = await change_track(db, config.root, actor, task_id, form.to_change(), now=utc_now())
    return LabelTrackList.of(found)


@router.post("/schema/check")
async def check_schema(
    form: LabelSchemaForm, db: Db, config: Config, actor: Viewer
) -> LabelSchemaView:
    """What a schema shows for a record of a dataset, or what is wrong with it and where."""
    async with db.read() as session:
        files, info = await mount_source(
            session, config.root, actor.project_id, form.dataset_id, form.dataset_version
        )
    tried = await asyncio.to_thread(try_schema, files.parent, form.text, form.index)
    if tried.problem is not None:
        problem = tried.problem
        return LabelSchemaView(
            document=None, message=problem.message, line=problem.line, column=problem.column
        )
    base = f"/api/v1/datasets/{info.dataset_id}/versions/{info.version}/files/"
    assert tried.document is not None
    view = LabelDocumentView.of(tried.document, tried.content, base)
    return LabelSchemaView(document=view, message=None, line=0, column=0)


@router.get("/schema/draft")
async def make_schema(
    dataset_id: str, db: Db, config: Config, actor: Viewer, dataset_version: int | None = None
) -> LabelSchemaText:
    """A schema made from the first records of a dataset, to begin with."""
    async with db.read() as session:
        files, _ = await mount_source(
            session, config.root, actor.project_id, dataset_id, dataset_version
        )
    return LabelSchemaText(text=await asyncio.to_thread(draft_schema, files.parent))


async def _task(db: Db, actor: Actor, task_id: str) -> Task:
    async with db.peek() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
    if not may_see(row, actor):
        raise NotFound(f"There is no labelling task {task_id} in this project.")
    return queries.frozen_task(row)


async def _full(config: Config, task: Task, record: Record) -> LabelRecordView:
    full = await read_full(config.root, task, record)
    return record_view(task, full.record, full.content, full.document)
