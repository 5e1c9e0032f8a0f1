"""HTTP of datasets: create, list, detail, samples, versions, export."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from slipway.assets.download import send_file
from slipway.assets.http import Store
from slipway.assets.storage import OpenFile
from slipway.base.clock import utc_now
from slipway.base.errors import Invalid, NotFound
from slipway.base.forms import Form
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries, router_search, router_sharing, router_views
from slipway.data.access import note_export, note_look
from slipway.data.change import change_dataset, require_dataset
from slipway.data.changes import changes_between, sample_changes
from slipway.data.create import create_dataset
from slipway.data.delete import delete_dataset, remove_output
from slipway.data.examples import example_zip
from slipway.data.export import ExportFormat, export_zip
from slipway.data.manifest import Manifest, open_manifest
from slipway.data.preview import (
    Status,
    file_path,
    open_content,
    open_version,
    picture_path,
    read_one,
    read_page,
    read_short,
)
from slipway.data.publish import publish_version, restore_version, retry_import
from slipway.data.sharing import take_shared
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
    SampleChangesView,
    SamplePage,
    SamplePair,
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
router.include_router(router_search.router)
router.include_router(router_views.router)
router.include_router(router_sharing.router)
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


class SharedForm(Form):
    token: str = Field(min_length=1, max_length=100)
    name: str | None = Field(None, description="Left out: the name it has.")


@router.post("/shared", status_code=201)
async def add_shared(
    form: SharedForm,
    db: Db,
    config: Config,
    actor: Annotated[Actor, allow("data:dataset:create")],
) -> DatasetView:
    """A copy of a dataset that someone shared by token, in this project."""
    made = await take_shared(
        db, actor, form.token, form.name or None, quota=config.max_datasets, now=utc_now()
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
        labels=None if form.labels is None else tuple(form.labels), tags=form.tags,
        preview=form.preview, now=utc_now(),
    )  # fmt: skip
    return await _view(db, actor, dataset_id)


@router.delete("/{dataset_id}", status_code=202)
async def remove_dataset(
    dataset_id: str,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("data:dataset:delete")],
    confirm: Annotated[bool, Query(description="Delete although it was used.")] = False,
    delete_output: Annotated[
        bool, Query(description="Also what was written to its output path.")
    ] = False,
) -> DatasetView:
    """The record and what the platform keeps of it. The files at its address stay."""
    gone = await delete_dataset(db, actor, dataset_id, confirmed=confirm, now=utc_now())
    if delete_output and gone.output_address is not None:
        await store.run(remove_output, store, gone)
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
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Reader,
    since: Annotated[
        int | None, Query(ge=1, description="Left out: the published version before.")
    ] = None,
) -> ChangesView:
    """Files and samples added, removed and changed since another version."""
    shelf = Shelf(config.root)
    dataset, _ = await open_version(db, shelf, actor, dataset_id, number)
    if since is None:
        async with db.read() as session:
            rows = await queries.list_versions(session, dataset_id)
        since = next(
            (r.number for r in rows if r.number < number and r.state == VersionState.AVAILABLE),
            None,
        )
        if since is None:
            raise Invalid(f"There is no published version before v{number}.", field="number")
    else:
        await open_version(db, shelf, actor, dataset_id, since)
    old, new = shelf.version(dataset_id, since), shelf.version(dataset_id, number)
    files = await asyncio.to_thread(changes_between, old, new)
    samples = await asyncio.to_thread(_sample_changes, dataset, since, old, number, new)
    return ChangesView.of(since, files, samples)


@router.post("/{dataset_id}/versions/{number}/restore", status_code=201)
async def restore(
    dataset_id: str, number: int, db: Db, config: Config, actor: Updater
) -> VersionView:
    """A new version with the content of this one."""
    _, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    made = await restore_version(
        db, actor, dataset_id, number, manifest.summary.label_format, now=utc_now()
    )
    return VersionView.of(made)


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
    dataset, manifest = await open_content(db, Shelf(config.root), actor, dataset_id, number)
    await note_look(db, actor, dataset_id, number, utc_now())
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
    dataset, manifest = await open_content(db, Shelf(config.root), actor, dataset_id, number)
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
    _, manifest = await open_content(db, Shelf(config.root), actor, dataset_id, number)
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
    _, manifest = await open_content(db, shelf, actor, dataset_id, number)
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
    _, manifest = await open_content(db, Shelf(config.root), actor, dataset_id, number)
    return await _send(store, await asyncio.to_thread(file_path, manifest, path), request)


@router.get("/{dataset_id}/versions/{number}/export", response_class=StreamingResponse)
async def export(
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Annotated[Actor, allow("data:dataset:export")],
    format: Annotated[ExportFormat, Query()] = ExportFormat.ORIGINAL,  # noqa: A002  its own name
) -> StreamingResponse:
    """The whole version as a zip file, with its labels in the format asked for."""
    dataset, manifest = await open_version(db, Shelf(config.root), actor, dataset_id, number)
    await note_export(db, actor, dataset_id, number, format, utc_now())
    name = f"{dataset.id}-v{number}-{format}.zip"
    return StreamingResponse(
        export_zip(manifest, format),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _sample_changes(
    dataset: Dataset, since: int, old: Path, number: int, new: Path
) -> SampleChangesView | None:
    found = sample_changes(old, new)
    if found is None:
        return None
    before, after = open_manifest(old), open_manifest(new)

    def shown(manifest: Manifest, version: int, index: int) -> SampleView:
        return sample_view(read_short(manifest, index), dataset, version)

    examples = [
        *(SamplePair(old=shown(before, since, a), new=shown(after, number, b))
          for a, b in found.changed),
        *(SamplePair(old=None, new=shown(after, number, one)) for one in found.added),
        *(SamplePair(old=shown(before, since, one), new=None) for one in found.removed),
    ]  # fmt: skip
    return SampleChangesView(
        added_count=found.added_count, removed_count=found.removed_count,
        changed_count=found.changed_count, examples=examples if dataset.preview else [],
    )  # fmt: skip


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
