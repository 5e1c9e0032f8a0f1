"""HTTP of the model repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.download import send_file
from slipway.assets.http import Store
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.forms import Form
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.models import delete, queries
from slipway.models.archive import zip_blocks
from slipway.models.formats import FORMATS
from slipway.models.import_version import import_version, retry_import
from slipway.models.mounting import directory_of, usable_version
from slipway.models.package import read_manifest
from slipway.models.types import ModelVersion, PackageFile
from slipway.models.uses import Users, VersionUse, list_uses
from slipway.models.views import (
    FilePage,
    FileView,
    FormatList,
    FormatView,
    ModelPage,
    ModelVersionView,
    ModelView,
    UseList,
    UseView,
    VersionPage,
)

router = APIRouter(prefix="/models", tags=["Models"])

ModelReader = Annotated[Actor, allow("model:model:get")]
VersionReader = Annotated[Actor, allow("model:version:get")]


class ImportForm(Form):
    model_id: str | None = Field(None, description="An existing model; its next version is made.")
    name: str | None = Field(None, description="Name of a new model.")
    description: str = Field("", description="Of a new model.")
    source: str = Field(description="Folder in storage, bucket/path/.")
    format: str
    framework: str | None = None
    environment: str | None = None
    metrics: dict[str, float] | str | None = Field(None, description="Figures, or free text.")
    tags: dict[str, str] = {}
    move: bool = Field(False, description="Remove the source once its copy is verified.")
    save_root: str | None = Field(None, description="Where to keep it; left out, models/.")


class ModelPatch(Form):
    tags: dict[str, str] | None = None
    description: str | None = None


@router.get("/formats")
async def list_model_formats(actor: Annotated[Actor, allow("model:model:list")]) -> FormatList:
    return FormatList(
        items=[
            FormatView(
                name=f.name, optimisable=f.optimisable, content=f.content,
                environments=list(f.environments),
            )
            for f in FORMATS
        ]
    )  # fmt: skip


@router.get("")
async def list_models(
    db: Db,
    page: PageArgs,
    actor: Annotated[Actor, allow("model:model:list")],
    optimised: bool | None = None,
) -> ModelPage:
    async with db.read() as session:
        found = await queries.page_models(session, actor.project_id, actor.user_id, page, optimised)
        newest = await queries.newest_versions(session, [row.id for row in found.items])
    items = []
    for row in found.items:
        count, last = newest.get(row.id, (0, None))
        version = queries.frozen_version(last) if last else None
        blocked = delete.why_not_delete_version(version, ()) if version else None
        items.append(ModelView.of(queries.frozen_model(row), count, version, blocked))
    return ModelPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("", status_code=201)
async def import_model(
    form: ImportForm, db: Db, storage: Store, actor: Annotated[Actor, allow("model:version:create")]
) -> ModelVersionView:
    """Import a new model, or a new version of one, from a folder in storage."""
    if form.name is not None:
        actor.require("model:model:create")
    version = await import_version(
        db, storage, actor, model_id=form.model_id, name=form.name, source=form.source,
        fmt=form.format, framework=form.framework, environment=form.environment,
        metrics=form.metrics, tags=form.tags, move=form.move, task=None, now=utc_now(),
        description=form.description, save_root=form.save_root,
    )  # fmt: skip
    return ModelVersionView.of(version)


@router.get("/versions/{version_id}")
async def get_model_version(
    version_id: str, db: Db, users: Users, actor: VersionReader
) -> ModelVersionView:
    async with db.read() as session:
        row = await queries.get_version(session, actor.project_id, version_id)
        uses = await list_uses(session, users, version_id)
    return ModelVersionView.of(queries.frozen_version(row), uses)


@router.delete("/versions/{version_id}", status_code=204)
async def delete_model_version(
    version_id: str, db: Db, users: Users, actor: Annotated[Actor, allow("model:version:delete")]
) -> None:
    await delete.delete_version(db, users, actor, version_id, now=utc_now())


@router.post("/versions/{version_id}/retry")
async def retry_model_import(
    version_id: str, db: Db, actor: Annotated[Actor, allow("model:version:create")]
) -> ModelVersionView:
    return ModelVersionView.of(await retry_import(db, actor, version_id, now=utc_now()))


@router.get("/versions/{version_id}/uses")
async def list_version_uses(
    version_id: str, db: Db, users: Users, actor: VersionReader, kind: str | None = None
) -> UseList:
    """Online services and other things that use the version (MOD-10, MOD-11)."""
    async with db.read() as session:
        await queries.get_version(session, actor.project_id, version_id)
        uses = await list_uses(session, users, version_id)
    return UseList(items=[UseView(**asdict(use)) for use in uses if kind in (None, use.kind)])


@router.get("/versions/{version_id}/files")
async def list_version_files(
    version_id: str,
    db: Db,
    storage: Store,
    actor: VersionReader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Annotated[str | None, Query(description="Path of the last file seen.")] = None,
) -> FilePage:
    _, files = await _files_of(db, storage, actor, version_id)
    rest = [f for f in sorted(files, key=lambda f: f.path) if cursor is None or f.path > cursor]
    shown = [FileView(path=f.path, size_bytes=f.size_bytes, sha256=f.sha256) for f in rest[:limit]]
    return FilePage(
        items=shown, next_cursor=shown[-1].path if len(rest) > limit else None, total=len(files)
    )


@router.get("/versions/{version_id}/files/{path:path}", response_class=Response)
async def download_version_file(
    version_id: str, path: str, request: Request, db: Db, storage: Store, actor: VersionReader
) -> Response:
    """One file; `Range` and `If-None-Match` are understood."""
    version, files = await _files_of(db, storage, actor, version_id)
    if path not in {file.path for file in files}:
        raise NotFound(f"There is no file {path} in this version.")
    place = Address.parse(version.save_path)
    opened = await storage.run(storage.open_file, place.bucket, f"{place.key}/{path}")
    return await send_file(storage, opened, request, download=True)


@router.get("/versions/{version_id}/download", response_class=StreamingResponse)
async def download_version(
    version_id: str, db: Db, storage: Store, actor: VersionReader
) -> StreamingResponse:
    """The whole version as a zip, made while it is sent."""
    version, files = await _files_of(db, storage, actor, version_id)
    name = quote(f"{version.model_name}-{version.name}.zip")
    return StreamingResponse(
        zip_blocks(storage, directory_of(storage, version), files),
        media_type="application/zip",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/{model_id}")
async def get_model(model_id: str, db: Db, users: Users, actor: ModelReader) -> ModelView:
    async with db.read() as session:
        model = queries.frozen_model(await queries.get_model(session, actor.project_id, model_id))
        rows = await queries.list_versions(session, model_id)
        versions = [queries.frozen_version(row) for row in rows]
        blocked = await _why_not_delete(session, users, versions)
    return ModelView.of(model, len(versions), versions[-1] if versions else None, blocked)


@router.patch("/{model_id}")
async def edit_model(
    model_id: str, form: ModelPatch, db: Db, users: Users,
    actor: Annotated[Actor, allow("model:model:update")],
) -> ModelView:  # fmt: skip
    await delete.edit_model(
        db, actor, model_id, tags=form.tags, description=form.description, now=utc_now()
    )
    return await get_model(model_id, db, users, actor)


@router.delete("/{model_id}", status_code=204)
async def delete_model(
    model_id: str, db: Db, users: Users, actor: Annotated[Actor, allow("model:model:delete")]
) -> None:
    await delete.delete_model(db, users, actor, model_id, now=utc_now())


@router.get("/{model_id}/versions")
async def list_model_versions(
    model_id: str, db: Db, page: PageArgs, users: Users,
    actor: Annotated[Actor, allow("model:version:list")],
) -> VersionPage:  # fmt: skip
    async with db.read() as session:
        await queries.get_model(session, actor.project_id, model_id)
        found = await queries.page_versions(session, actor.project_id, model_id, page)
        items = [
            ModelVersionView.of(
                queries.frozen_version(row), await list_uses(session, users, row.id)
            )
            for row in found.items
        ]
    return VersionPage(items=items, next_cursor=found.next_cursor, total=found.total)


async def _files_of(
    db: Db, storage: Storage, actor: Actor, version_id: str
) -> tuple[ModelVersion, tuple[PackageFile, ...]]:
    async with db.read() as session:
        version = await usable_version(session, actor.project_id, version_id)
    return version, await storage.run(read_manifest, directory_of(storage, version))


async def _why_not_delete(
    session: AsyncSession, users: Sequence[VersionUse], versions: Sequence[ModelVersion]
) -> str | None:
    for version in versions:
        uses = await list_uses(session, users, version.id)
        if reason := delete.why_not_delete_version(version, uses):
            return f"Version {version.name}: {reason}"
    return None
