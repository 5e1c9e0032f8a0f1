"""HTTP of share links: presigned addresses of one object, listed and taken back in the console."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from slipway.assets import links
from slipway.assets.http import Store, own_bucket
from slipway.assets.objects import find_object
from slipway.assets.types import ShareLink
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.forms import Form
from slipway.compat.s3.signature import presign
from slipway.iam.http import Config, Db, Seal, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Storage"])


class LinkForm(Form):
    key: str
    lasts_s: int = Field(ge=1, le=links.LONGEST.total_seconds(), description="At most 7 days.")


class LinkView(BaseModel):
    id: str
    bucket: str
    key: str
    url: str = Field(description="Whoever has it can download the file until it expires.")
    created_at: datetime
    created_by: str
    expires_at: datetime


class LinkList(BaseModel):
    items: list[LinkView]


@router.post("/buckets/{bucket}/links", status_code=201)
async def create_link(
    bucket: str,
    form: LinkForm,
    request: Request,
    db: Db,
    store: Store,
    sealer: Seal,
    config: Config,
    actor: Annotated[Actor, allow("storage:link:create")],
) -> LinkView:
    """An address at which anybody can download one file, until it expires or is taken back."""
    await own_bucket(db, store, actor, bucket)
    if await store.run(find_object, store, bucket, form.key) is None:
        raise NotFound(f"There is no file {bucket}/{form.key}.", field="key")
    made = await links.create_link(
        db, actor, bucket=bucket, key=form.key, lasts=timedelta(seconds=form.lasts_s), now=utc_now()
    )
    return _view(made, request, sealer, config)


@router.get("/buckets/{bucket}/links")
async def list_links(
    bucket: str,
    request: Request,
    db: Db,
    store: Store,
    sealer: Seal,
    config: Config,
    actor: Annotated[Actor, allow("storage:link:create")],
) -> LinkList:
    """Newest first. Seeing an address is as good as opening it, so it needs the same right."""
    await own_bucket(db, store, actor, bucket)
    found = await links.list_links(db, actor, bucket)
    now = utc_now()
    return LinkList(
        items=[_view(link, request, sealer, config) for link in found if link.expires_at > now]
    )


@router.delete("/buckets/{bucket}/links/{link_id}", status_code=204)
async def delete_link(
    bucket: str, link_id: str, db: Db, actor: Annotated[Actor, allow("storage:link:delete")]
) -> None:
    await links.delete_link(db, actor, bucket, link_id)


def _view(link: ShareLink, request: Request, sealer: Seal, config: Config) -> LinkView:
    lasts = link.expires_at - link.created_at
    url = presign(
        url=request.app.state.s3_url, bucket=link.bucket, key=link.key, key_id=link.id,
        secret=links.secret_of(sealer, link.id), region=config.s3_region, now=link.created_at,
        lasts_s=round(lasts.total_seconds()),
    )  # fmt: skip
    return LinkView(
        id=link.id, bucket=link.bucket, key=link.key, url=url, created_at=link.created_at,
        created_by=link.created_by, expires_at=link.expires_at,
    )  # fmt: skip
