"""HTTP of starting to label records: the schema of a dataset, the task, and its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.data.mount import mount_source
from slipway.data.shelf import Shelf
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.labelling.inplace.change import restore_files, write_files
from slipway.labelling.schema import queries as schema_queries
from slipway.labelling.schema.keep import keep_schema, parse_records
from slipway.labelling.start import start_labelling
from slipway.labelling.views import LabelTaskView
from slipway.labelling.views_start import (
    DatasetSchemaForm,
    DatasetSchemaList,
    DatasetSchemaView,
    LabelFilesForm,
    LabelStartForm,
)

router = APIRouter(tags=["Labelling"], prefix="/labelling")

Viewer = Annotated[Actor, allow("label:task:get")]
Manager = Annotated[Actor, allow("label:task:update")]


@router.post("/start", status_code=201)
async def start(
    form: LabelStartForm,
    db: Db,
    config: Config,
    actor: Annotated[Actor, allow("label:task:create")],
) -> LabelTaskView:
    """A task over the newest version of a dataset of records, by the dataset's schema."""
    made = await start_labelling(
        db, Shelf(config.root), actor, form.dataset_id, mode=form.mode,
        quota=config.max_label_tasks, now=utc_now(),
    )  # fmt: skip
    return LabelTaskView.of(made)


@router.get("/schemas")
async def list_schemas(db: Db, actor: Viewer) -> DatasetSchemaList:
    """The schemas of the project's datasets, and how far their records have been looked at."""
    async with db.read() as session:
        found = await schema_queries.list_of_project(session, actor.project_id)
    return DatasetSchemaList(items=[DatasetSchemaView.of(schema) for schema in found])


@router.get("/schemas/{dataset_id}")
async def get_schema(dataset_id: str, db: Db, config: Config, actor: Viewer) -> DatasetSchemaView:
    async with db.read() as session:
        _, info = await mount_source(session, config.root, actor.project_id, dataset_id)
        row = await schema_queries.find_schema(session, dataset_id)
    if row is None:
        raise NotFound(f"The dataset {info.name} has no schema yet.", code="schema_missing")
    return DatasetSchemaView.of(schema_queries.frozen_schema(row))


@router.put("/schemas/{dataset_id}")
async def put_schema(
    dataset_id: str, form: DatasetSchemaForm, db: Db, config: Config, actor: Manager
) -> DatasetSchemaView:
    """Refused with line and column where it is wrong; then all records are looked at."""
    kept = await keep_schema(db, config.root, actor, dataset_id, form.text, now=utc_now())
    return DatasetSchemaView.of(kept)


@router.post("/schemas/{dataset_id}/parse")
async def parse(dataset_id: str, db: Db, config: Config, actor: Manager) -> DatasetSchemaView:
    """All records of the newest version once more."""
    return DatasetSchemaView.of(
        await parse_records(db, config.root, actor, dataset_id, now=utc_now())
    )


@router.post("/tasks/{task_id}/files/write")
async def write(task_id: str, form: LabelFilesForm, db: Db, actor: Manager) -> LabelTaskView:
    """All labels into the dataset's own files, now and from now on."""
    return LabelTaskView.of(await write_files(db, actor, task_id, over=form.over, now=utc_now()))


@router.post("/tasks/{task_id}/files/restore")
async def restore(task_id: str, db: Db, actor: Manager) -> LabelTaskView:
    """The files as they were before the first label; the labels stay here."""
    return LabelTaskView.of(await restore_files(db, actor, task_id, now=utc_now()))
