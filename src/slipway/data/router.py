"""HTTP of datasets: create, list, detail, samples, versions, export."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from slipway.assets.download import send_file
from slipway.assets.http import Store
from slipway.assets.storage import OpenFile
from slipway.base.clock import utc_now
from slipway.base.errors import Invalid, NotFound
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries
from slipway.data.change import change_dataset, require_dataset
from slipway.data.changes import changes_between
from slipway.data.create import create_dataset
from slipway.data.delete import delete_dataset
from slipway.data.examples import example_zip
from slipway.data.export import ExportFormat, export_zip
from slipway.data.manifest import open_manifest
from slipway.data.preview import Status, file_path, open_version, picture_path, read_one, read_page
from slipway.data.publish import publish_version, retry_import
from slipway.data.shelf import Shelf
from slipway.data.thumbnails import SIZES, thumbnail
from slipway.data.types import Dataset, DatasetKind, LabelFormat, Version, VersionState
from slipway.data.uses import uses_of
from slipway.data.views import (
    ChangesView,
    DatasetForm,
    DatasetPage,
    DatasetPatch,
    DatasetView,
    SamplePage,
    SampleView,
    VersionDetail,
    VersionForm,
    VersionList,
    VersionView,
    sample_view,
)
from slipway.iam.http import Config, Db, PageArgs, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Datasets"], prefix="/datasets")
_FOR_EVER = "private, max-age=31536000, immutable"  # a version never changes

Reader = Annotated[Actor, allow("data:dataset:get")]
Updater = Annotated[Actor, allow("data:dataset:update")]


@router.get("")
async def list_datasets(
    db: Db,
    page: PageArgs,
    actor: Annotated[Actor, allow("data:dataset:list")],
    kind: DatasetKind | None = None,
) -> DatasetPage:
    async with db.read() as session:
        found = await queries.page_datasets(session, actor, page, kind=kind)
        rows = [queries.frozen_dataset(row) for row in found.items]
        newest = await queries.list_newest_versions(session, [row.id for row in rows])
    by_dataset = {row.dataset_id: queries.frozen_version(row) for row in newest}
    return DatasetPage(
        items=[DatasetView.of(row, by_dataset.get(row.id)) for row in rows],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get("/examples/{kind}/{label_format}", response_class=Response)
async def get_example(
    kind: DatasetKind,
    label_format: LabelFormat,
    actor: Annotated[Actor, allow("data:dataset:list")],
) -> Response:
    """Sample files of a kind of images in a label format, as a zip file that can be imported."""
    name = f"{kind}-{label_format}.zip"
    return Response(
        await asyncio.to_thread(example_zip, kind, label_format),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post("", status_code=201)
async def create(
    form: DatasetForm,
    db: Db,
    store: Store,
    config: Config,
    actor: Annotated[Actor, allow("data:dataset:create")],
) -> DatasetView:
    """Answers at once with state `importing`; the import goes on in the background."""
    made = await create_dataset(
        db, store, actor, form.to_new(), quota=config.max_datasets, now=utc_now()
    )
    return await _view(db, actor, made.id)


@router.get("/{dataset_id}")
async def get_dataset(dataset_id: str, db: Db, actor: Reader) -> DatasetView:
    return await _view(db, actor, dataset_id)


@router.patch("/{dataset_id}")
async def update_dataset(
    dataset_id: str, form: DatasetPatch, db: Db, actor: Updater
) -> DatasetView:
    await change_dataset(
        db, actor, dataset_id, name=form.name, description=form.description,
        labels=None if form.labels is None else tuple(form.labels), tags=form.tags, now=utc_now(),
    )  # fmt: skip
    return await _view(db, actor, dataset_id)


@router.delete("/{dataset_id}", status_code=202)
async def remove_dataset(
    dataset_id: str,
    db: Db,
    actor: Annotated[Actor, allow("data:dataset:delete")],
    confirm: Annotated[bool, Query(description="Delete although it was used.")] = False,
) -> DatasetView:
    """The record and what the platform keeps of it. The files at its address stay."""
    await delete_dataset(db, actor, dataset_id, confirmed=confirm, now=utc_now())
    return await _view(db, actor, dataset_id)


@router.post("/{dataset_id}/retry")
async def retry(dataset_id: str, db: Db, actor: Updater) -> DatasetView:
    """Import the newest version again after it failed."""
    await retry_import(db, actor, dataset_id, now=utc_now())
    return await _view(db, actor, dataset_id)


@router.get("/{dataset_id}/versions")
async def list_versions(dataset_id: str, db: Db, actor: Reader) -> VersionList:
    async with db.read() as session:
        await require_dataset(session, actor, dataset_id)
        rows = await queries.list_versions(session, dataset_id)
    return VersionList(items=[VersionView.of(queries.frozen_version(row)) for row in rows])


@router.post("/{dataset_id}/versions", status_code=201)
async def publish(dataset_id: str, form: VersionForm, db: Db, actor: Updater) -> VersionView:
    """Read the source again and freeze what is there now as the next version."""
    made = await publish_version(db, actor, dataset_id, description=form.description, now=utc_now())
    return VersionView.of(made)


@router.get("/{dataset_id}/versions/{number}")
async def get_version(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> VersionDetail:
    """With label distribution, statistics and warnings once it is published."""
    _, version = await _found(db, actor, dataset_id, number)
    if version.state != VersionState.AVAILABLE:
        return VersionDetail.with_manifest(version, None)
    place = Shelf(config.root).version(dataset_id, number)
    return VersionDetail.with_manifest(version, await asyncio.to_thread(open_manifest, place))


@router.get("/{dataset_id}/versions/{number}/changes")
async def get_changes(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> ChangesView:
    """Files added, removed and changed since the published version before."""
    shelf = Shelf(config.root)
    await open_version(db, shelf, actor, dataset_id, number)
    async with db.read() as session:
        rows = await queries.list_versions(session, dataset_id)
    since = next(
        (r.number for r in rows if r.number < number and r.state == VersionState.AVAILABLE), None
    )
    if since is None:
        raise Invalid(f"There is no published version before v{number}.", field="number")
    old, new = shelf.version(dataset_id, since), shelf.version(dataset_id, number)
    return ChangesView.of(since, await asyncio.to_thread(changes_between, old, new))


@router.get("/{dataset_id}/versions/{number}/samples")
async def list_samples(
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Reader,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 10,
    label: str | None = None,
    status: Status = Status.ALL,
) -> SamplePage:
    dataset, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    samples, total = await asyncio.to_thread(
        read_page, manifest, offset, limit, label=label, status=status
    )
    return SamplePage(
        items=[sample_view(sample, dataset, number) for sample in samples],
        offset=offset,
        total=total,
    )


@router.get("/{dataset_id}/versions/{number}/samples/{index}")
async def get_sample(
    dataset_id: str, number: int, index: int, db: Db, config: Config, actor: Reader
) -> SampleView:
    """One sample in full."""
    dataset, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    return sample_view(await asyncio.to_thread(read_one, manifest, index), dataset, number)


@router.get("/{dataset_id}/versions/{number}/samples/{index}/image", response_class=Response)
async def get_image(
    dataset_id: str,
    number: int,
    index: int,
    request: Request,
    db: Db,
    store: Store,
    config: Config,
    actor: Reader,
) -> Response:
    _, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    path = await asyncio.to_thread(picture_path, manifest, index)
    return await _send(store, path, request)


@router.get("/{dataset_id}/versions/{number}/samples/{index}/thumbnail", response_class=Response)
async def get_thumbnail(
    dataset_id: str,
    number: int,
    index: int,
    request: Request,
    db: Db,
    store: Store,
    config: Config,
    actor: Reader,
    size: Annotated[int, Query(description="64, 128, 256 or 512 pixels.")] = 256,
) -> Response:
    if size not in SIZES:
        raise Invalid(f"The size is one of {', '.join(map(str, SIZES))}.", field="size")
    shelf = Shelf(config.root)
    _, manifest = await open_version(db, shelf, actor, dataset_id, number)
    path = await asyncio.to_thread(picture_path, manifest, index)
    small = await store.run(thumbnail, path, shelf.cache(dataset_id, number), index, size)
    return await _send(store, small, request)


@router.get("/{dataset_id}/versions/{number}/files/{path:path}", response_class=Response)
async def get_file(
    dataset_id: str,
    number: int,
    path: str,
    request: Request,
    db: Db,
    store: Store,
    config: Config,
    actor: Reader,
) -> Response:
    """A file of the version as it was imported."""
    _, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    return await _send(store, await asyncio.to_thread(file_path, manifest, path), request)


@router.get("/{dataset_id}/versions/{number}/export", response_class=StreamingResponse)
async def export(
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Reader,
    format: Annotated[ExportFormat, Query()] = ExportFormat.ORIGINAL,  # noqa: A002  its own name
) -> StreamingResponse:
    """The whole version as a zip file, with its labels in the format asked for."""
    dataset, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    name = f"{dataset.id}-v{number}-{format}.zip"
    return StreamingResponse(
        export_zip(manifest, format),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _view(db: Db, actor: Actor, dataset_id: str) -> DatasetView:
    async with db.read() as session:
        row = await require_dataset(session, actor, dataset_id)
        newest = await queries.list_newest_versions(session, [dataset_id])
        uses = await uses_of(session, dataset_id)
    version = queries.frozen_version(newest[0]) if newest else None
    return DatasetView.of(queries.frozen_dataset(row), version, uses)


async def _found(db: Db, actor: Actor, dataset_id: str, number: int) -> tuple[Dataset, Version]:
    async with db.read() as session:
        row = await require_dataset(session, actor, dataset_id)
        version = await queries.find_version(session, dataset_id, number)
    if version is None:
        raise NotFound(f"The dataset {row.name} has no version v{number}.")
    return queries.frozen_dataset(row), queries.frozen_version(version)


async def _send(store: Store, path: Path, request: Request) -> Response:
    def opened() -> OpenFile:
        file = path.open("rb", buffering=0)
        return OpenFile(file, store.describe(file.fileno(), path.stat(), path.name))

    return await send_file(store, await store.run(opened), request, cache=_FOR_EVER)
