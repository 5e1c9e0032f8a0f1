"""HTTP of storage: buckets, objects, folders and resumable uploads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AliasChoices, BaseModel, Field

from slipway.assets import buckets, tree, uploads
from slipway.assets.download import send_file
from slipway.assets.http import Meter, Quota, Store, own_bucket
from slipway.assets.keys import Address
from slipway.assets.listing import MAX_PAGE, list_page
from slipway.assets.types import Bucket, BucketUsage, ObjectInfo, ObjectKind, Upload
from slipway.assets.writing import receive_file
from slipway.base.clock import utc_now
from slipway.base.errors import Invalid
from slipway.base.events import record
from slipway.base.forms import Form
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Storage"])


class BucketForm(Form):
    name: str
    description: str = ""


class BucketQuotaForm(Form):
    quota_bytes: int | None = Field(ge=0, description="Most bytes it may hold; null: no limit.")


class UsageView(BaseModel):
    size_bytes: int
    file_count: int
    measured_at: datetime


class BucketView(BaseModel):
    name: str
    description: str
    created_at: datetime
    is_default: bool = Field(description="The project's own bucket, which cannot be deleted.")
    usage: UsageView | None = Field(description="Measured at most once a minute.")
    quota_bytes: int | None = Field(description="Most bytes it may hold; null: no limit.")
    blocked: dict[str, str | None]

    @classmethod
    def of(cls, bucket: Bucket, usage: BucketUsage | None) -> BucketView:
        default = bucket.name == bucket.project_id
        why = "The project's own bucket stays with the project." if default else None
        if why is None and usage is not None and usage.file_count:
            why = "The bucket is not empty. Delete what is in it first."
        measured = (
            UsageView(
                size_bytes=usage.size_bytes,
                file_count=usage.file_count,
                measured_at=usage.measured_at,
            )
            if usage
            else None
        )
        return cls(
            name=bucket.name, description=bucket.description, created_at=bucket.created_at,
            is_default=default, usage=measured, quota_bytes=bucket.quota_bytes,
            blocked={"delete": why},
        )  # fmt: skip


class BucketList(BaseModel):
    items: list[BucketView]
    next_cursor: str | None = None
    total: int


class ObjectView(BaseModel):
    key: str
    name: str
    kind: ObjectKind
    size_bytes: int
    modified_at: datetime
    etag: str | None
    content_type: str | None

    @classmethod
    def of(cls, info: ObjectInfo) -> ObjectView:
        return cls(
            key=info.key, name=info.name, kind=info.kind, size_bytes=info.size_bytes,
            modified_at=info.modified_at, etag=info.etag, content_type=info.content_type,
        )  # fmt: skip


class ObjectList(BaseModel):
    items: list[ObjectView]
    next_cursor: str | None
    total: None = Field(default=None, description="Not counted: a folder may hold millions.")


class DeletedView(BaseModel):
    deleted: int = Field(description="Files removed.")


class ObjectMoveForm(Form):
    from_key: str = Field(alias="from")
    to: str
    to_bucket: str | None = Field(
        None, description="Another bucket of the project; left out, the same."
    )
    overwrite: bool = False


class FolderForm(Form):
    key: str


class UploadForm(Form):
    bucket: str
    key: str
    size: int = Field(
        ge=0, validation_alias=AliasChoices("size", "size_bytes"), description="Bytes."
    )


class UploadView(BaseModel):
    id: str
    bucket: str
    key: str
    size_bytes: int
    offset: int = Field(description="Bytes that have arrived; send the next ones from here.")
    done: bool
    created_at: datetime

    @classmethod
    def of(cls, upload: Upload) -> UploadView:
        return cls(
            id=upload.id, bucket=upload.bucket, key=upload.key, size_bytes=upload.size_bytes,
            offset=upload.offset, done=upload.done, created_at=upload.created_at,
        )  # fmt: skip


class UploadList(BaseModel):
    items: list[UploadView]


@router.get("/buckets")
async def list_buckets(
    db: Db, store: Store, meter: Meter, actor: Annotated[Actor, allow("storage:bucket:list")]
) -> BucketList:
    found = await buckets.list_buckets(db, actor)
    views = [BucketView.of(bucket, await meter.usage(bucket.name)) for bucket in found]
    return BucketList(items=views, total=len(views))


@router.post("/buckets", status_code=201)
async def create_bucket(
    form: BucketForm, db: Db, store: Store, actor: Annotated[Actor, allow("storage:bucket:create")]
) -> BucketView:
    made = await buckets.create_bucket(
        db, store, actor, name=form.name, description=form.description, now=utc_now()
    )
    return BucketView.of(made, None)


@router.put("/buckets/{bucket}/quota")
async def set_quota(
    bucket: str,
    form: BucketQuotaForm,
    db: Db,
    store: Store,
    meter: Meter,
    actor: Annotated[Actor, allow("usage:quota:update")],
) -> BucketView:
    """What would go over it is refused from now on; what is there stays."""
    await own_bucket(db, store, actor, bucket)
    changed = await buckets.set_quota(db, actor, bucket, quota_bytes=form.quota_bytes)
    return BucketView.of(changed, await meter.usage(bucket, kept_s=0))


@router.delete("/buckets/{bucket}", status_code=204)
async def delete_bucket(
    bucket: str,
    db: Db,
    store: Store,
    meter: Meter,
    actor: Annotated[Actor, allow("storage:bucket:delete")],
) -> None:
    await buckets.delete_bucket(db, store, actor, bucket)
    meter.forget(bucket)


@router.get("/buckets/{bucket}/objects")
async def list_objects(
    bucket: str,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:list")],
    prefix: str = "",
    delimiter: Annotated[
        str, Query(description="'/' lists one folder; '' everything below.")
    ] = "/",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> ObjectList:
    if delimiter not in ("", "/"):
        raise Invalid("The delimiter is '/' or empty.", field="delimiter")
    await own_bucket(db, store, actor, bucket)
    page = await store.run(
        list_page,
        store,
        bucket,
        prefix=prefix,
        one_level=delimiter == "/",
        cursor=cursor,
        limit=limit,
    )
    return ObjectList(
        items=[ObjectView.of(item) for item in page.items], next_cursor=page.next_cursor
    )


@router.put("/buckets/{bucket}/objects/{key:path}", status_code=201)
async def put_object(
    bucket: str,
    key: str,
    request: Request,
    db: Db,
    store: Store,
    config: Config,
    quotas: Quota,
    actor: Annotated[Actor, allow("storage:object:create")],
    content_type: Annotated[str | None, Header()] = None,
    content_length: Annotated[int | None, Header(ge=0)] = None,
    if_none_match: Annotated[
        str | None, Header(description="'*': refuse if the file exists.")
    ] = None,
) -> ObjectView:
    """The body is the file. Stored whole or not at all; an existing file is replaced."""
    await own_bucket(db, store, actor, bucket)
    await quotas.require(bucket, content_length or 0)
    info = await receive_file(
        store, bucket, key, request.stream(),
        limit_bytes=config.max_upload_bytes, announced_bytes=content_length,
        content_type=content_type, only_new=if_none_match == "*",
    )  # fmt: skip
    quotas.added(bucket, info.size_bytes)
    return ObjectView.of(info)


@router.get("/buckets/{bucket}/objects/{key:path}", response_class=Response)
async def get_object(
    bucket: str,
    key: str,
    request: Request,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:get")],
    download: Annotated[bool, Query(description="Save it rather than show it.")] = False,
) -> Response:
    await own_bucket(db, store, actor, bucket)
    opened = await store.run(store.open_file, bucket, key)
    return await send_file(store, opened, request, download=download)


@router.head("/buckets/{bucket}/objects/{key:path}", response_class=Response)
async def head_object(
    bucket: str,
    key: str,
    request: Request,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:get")],
) -> Response:
    await own_bucket(db, store, actor, bucket)
    opened = await store.run(store.open_file, bucket, key)
    return await send_file(store, opened, request)


@router.delete("/buckets/{bucket}/objects/{key:path}")
async def delete_object(
    bucket: str,
    key: str,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:delete")],
    recursive: Annotated[bool, Query(description="A folder with everything in it.")] = False,
) -> DeletedView:
    await own_bucket(db, store, actor, bucket)
    if not recursive:
        return DeletedView(deleted=await store.run(tree.delete_file, store, bucket, key))
    deleted = await store.run(tree.delete_below, store, bucket, key)
    async with db.begin() as session:
        await record(
            session, "storage:folderDeleted", subject=("bucket", bucket),
            project_id=actor.project_id, actor_id=actor.user_id, key=key, files=deleted,
        )  # fmt: skip
    return DeletedView(deleted=deleted)


@router.post("/buckets/{bucket}/move")
async def move_object(
    bucket: str,
    form: ObjectMoveForm,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:update")],
) -> ObjectView:
    source, target = await _places(bucket, form, db, store, actor)
    return ObjectView.of(
        await store.run(tree.move, store, source, target, overwrite=form.overwrite)
    )


@router.post("/buckets/{bucket}/copy", status_code=201)
async def copy_object(
    bucket: str,
    form: ObjectMoveForm,
    db: Db,
    store: Store,
    quotas: Quota,
    actor: Annotated[Actor, allow("storage:object:create")],
) -> ObjectView:
    source, target = await _places(bucket, form, db, store, actor)
    await quotas.require(target.bucket, await store.run(tree.size_of, store, source))
    return ObjectView.of(
        await store.run(tree.copy, store, source, target, overwrite=form.overwrite)
    )


@router.post("/buckets/{bucket}/folders", status_code=201)
async def create_folder(
    bucket: str,
    form: FolderForm,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:create")],
) -> ObjectView:
    await own_bucket(db, store, actor, bucket)
    return ObjectView.of(await store.run(tree.make_folder, store, bucket, form.key))


@router.post("/uploads", status_code=201)
async def start_upload(
    form: UploadForm,
    db: Db,
    store: Store,
    config: Config,
    quotas: Quota,
    actor: Annotated[Actor, allow("storage:object:create")],
) -> UploadView:
    """Begin an upload that survives lost connections and restarts; kept for 7 days."""
    await own_bucket(db, store, actor, form.bucket)
    await quotas.require(form.bucket, form.size)
    upload = await uploads.start_upload(
        db, store, actor, bucket=form.bucket, key=form.key, size_bytes=form.size,
        limit_bytes=config.max_upload_bytes, now=utc_now(),
    )  # fmt: skip
    quotas.added(form.bucket, form.size)
    return UploadView.of(upload)


@router.get("/uploads")
async def list_uploads(
    db: Db, store: Store, actor: Annotated[Actor, allow("storage:object:create")]
) -> UploadList:
    return UploadList(
        items=[UploadView.of(item) for item in await uploads.list_uploads(db, store, actor)]
    )


@router.get("/uploads/{upload_id}")
async def get_upload(
    upload_id: str, db: Db, store: Store, actor: Annotated[Actor, allow("storage:object:create")]
) -> UploadView:
    return UploadView.of(await uploads.find_upload(db, store, actor, upload_id))


@router.head("/uploads/{upload_id}", response_class=Response)
async def head_upload(
    upload_id: str, db: Db, store: Store, actor: Annotated[Actor, allow("storage:object:create")]
) -> Response:
    upload = await uploads.find_upload(db, store, actor, upload_id)
    return Response(
        headers={"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size_bytes)}
    )


@router.patch("/uploads/{upload_id}")
async def append_upload(
    upload_id: str,
    request: Request,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("storage:object:create")],
    upload_offset: Annotated[int, Header(ge=0)],
) -> UploadView:
    """The body is the next bytes, from `Upload-Offset` on. The last byte puts the file in place."""
    return UploadView.of(
        await uploads.append(
            db, store, actor, upload_id, offset=upload_offset, chunks=request.stream()
        )
    )


@router.delete("/uploads/{upload_id}", status_code=204)
async def abort_upload(
    upload_id: str, db: Db, store: Store, actor: Annotated[Actor, allow("storage:object:create")]
) -> None:
    await uploads.abort_upload(db, store, actor, upload_id)


async def _places(
    bucket: str, form: ObjectMoveForm, db: Db, store: Store, actor: Actor
) -> tuple[Address, Address]:
    await own_bucket(db, store, actor, bucket)
    target = await own_bucket(db, store, actor, form.to_bucket or bucket)
    return Address(bucket, form.from_key.removesuffix("/")), Address(
        target, form.to.removesuffix("/")
    )
