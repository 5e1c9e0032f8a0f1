"""HTTP of views of a version: saved searches, subsets, splits."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.errors import Conflict
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries
from slipway.data.access import note_export
from slipway.data.change import require_dataset
from slipway.data.export import ExportFormat, export_zip
from slipway.data.manifest import Manifest, open_manifest
from slipway.data.preview import Status, open_content, open_version, read_page
from slipway.data.saved_views import create_views, delete_view, require_view
from slipway.data.shelf import Shelf
from slipway.data.types import View, ViewState
from slipway.data.views import SamplePage, sample_view
from slipway.data.views_search import SavedView, SavedViewList, SplitForm, ViewForm
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/{dataset_id}/versions/{number}")
Reader = Annotated[Actor, allow("data:dataset:get")]
Updater = Annotated[Actor, allow("data:dataset:update")]


@router.get("/views")
async def list_views(dataset_id: str, number: int, db: Db, actor: Reader) -> SavedViewList:
    async with db.read() as session:
        await require_dataset(session, actor, dataset_id)
        rows = await queries.list_views(session, dataset_id, number)
    views = sorted(map(queries.frozen_view, rows), key=_place)
    return SavedViewList(items=[SavedView.of(view) for view in views])


@router.post("/views", status_code=201)
async def create_view(
    dataset_id: str, number: int, form: ViewForm, db: Db, config: Config, actor: Updater
) -> SavedView:
    """The samples that match a query, or some of them by chance, as a part that stays as it is."""
    await open_version(db, Shelf(config.root), actor, dataset_id, number)
    made = await create_views(db, actor, dataset_id, number, form.to_definitions(), now=utc_now())
    return SavedView.of(made[0])


@router.post("/splits", status_code=201)
async def create_split(
    dataset_id: str, number: int, form: SplitForm, db: Db, config: Config, actor: Updater
) -> SavedViewList:
    """Parts that share no sample and leave none out, as views."""
    await open_version(db, Shelf(config.root), actor, dataset_id, number)
    made = await create_views(db, actor, dataset_id, number, form.to_definitions(), now=utc_now())
    return SavedViewList(items=[SavedView.of(view) for view in made])


@router.delete("/views/{name}", status_code=204)
async def remove_view(
    dataset_id: str, number: int, name: str, db: Db, config: Config, store: Store, actor: Updater
) -> None:
    shelf = Shelf(config.root)
    gone = await delete_view(db, actor, dataset_id, number, name, now=utc_now())
    await store.run(shelf.remove_view, dataset_id, gone.id)


@router.get("/views/{name}/samples")
async def list_view_samples(
    dataset_id: str,
    number: int,
    name: str,
    db: Db,
    config: Config,
    actor: Reader,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 10,
) -> SamplePage:
    """Samples of the view; their numbers are those in the view."""
    shelf = Shelf(config.root)
    dataset, _ = await open_content(db, shelf, actor, dataset_id, number)
    _, manifest = await _open(db, shelf, actor, dataset_id, number, name)
    samples, total = await asyncio.to_thread(
        read_page, manifest, offset, limit, label=None, status=Status.ALL
    )
    return SamplePage(
        items=[sample_view(sample, dataset, number) for sample in samples],
        offset=offset, total=total,
    )  # fmt: skip


@router.get("/views/{name}/export", response_class=StreamingResponse)
async def export_view(
    dataset_id: str,
    number: int,
    name: str,
    db: Db,
    config: Config,
    actor: Annotated[Actor, allow("data:dataset:export")],
    format: Annotated[ExportFormat, Query()] = ExportFormat.ORIGINAL,  # noqa: A002  its own name
) -> StreamingResponse:
    """The view as a zip file."""
    view, manifest = await _open(db, Shelf(config.root), actor, dataset_id, number, name)
    await note_export(db, actor, dataset_id, number, f"{name}: {format}", utc_now())
    disposition = f'attachment; filename="{dataset_id}-v{number}-{view.id}-{format}.zip"'
    return StreamingResponse(
        export_zip(manifest, format), media_type="application/zip",
        headers={"Content-Disposition": disposition},
    )  # fmt: skip


def _place(view: View) -> tuple[datetime, int]:
    """The parts of a split as they were named."""
    return view.created_at, view.definition.part.index if view.definition.part else 0


async def _open(
    db: Db, shelf: Shelf, actor: Actor, dataset_id: str, number: int, name: str
) -> tuple[View, Manifest]:
    async with db.read() as session:
        view = queries.frozen_view(await require_view(session, actor, dataset_id, number, name))
    if view.state != ViewState.AVAILABLE:
        raise Conflict(f"The view {name} is {view.state}.", code="view_not_available")
    place = shelf.view(dataset_id, view.id)
    return view, await asyncio.to_thread(open_manifest, place)
