"""HTTP of sharing datasets between projects, and of who looked at them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.sharing import Share, create_share, frozen_share, revoke_share
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/{dataset_id}")
Sharer = Annotated[Actor, allow("data:dataset:share")]


class ShareForm(Form):
    version: int = Field(ge=1)
    expires_in_days: int = Field(7, description="1 to 365.")
    max_uses: int | None = Field(None, ge=1, description="Left out: any number of times.")


class DatasetShareView(BaseModel):
    id: str
    version: int
    expires_at: datetime
    max_uses: int | None
    uses: int
    revoked_at: datetime | None
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, share: Share) -> DatasetShareView:
        return cls.model_validate(share, from_attributes=True)


class NewDatasetShare(DatasetShareView):
    token: str = Field(description="Shown once.")


class DatasetShareList(BaseModel):
    items: list[DatasetShareView]


class DatasetAccessView(BaseModel):
    version: int
    action: str = Field(description="preview (once an hour), export, share, copy")
    user_id: str
    user_name: str
    detail: str
    at: datetime


class DatasetAccessList(BaseModel):
    items: list[DatasetAccessView]


@router.get("/shares")
async def list_shares(dataset_id: str, db: Db, actor: Sharer) -> DatasetShareList:
    async with db.read() as session:
        await require_dataset(session, actor, dataset_id)
        rows = await queries.list_shares(session, dataset_id)
    return DatasetShareList(items=[DatasetShareView.of(frozen_share(row)) for row in rows])


@router.post("/shares", status_code=201)
async def share(dataset_id: str, form: ShareForm, db: Db, actor: Sharer) -> NewDatasetShare:
    """A token that lets another project make a copy of a version."""
    made, token = await create_share(
        db, actor, dataset_id, form.version, days=form.expires_in_days, max_uses=form.max_uses,
        now=utc_now(),
    )  # fmt: skip
    return NewDatasetShare(token=token, **DatasetShareView.of(made).model_dump())


@router.delete("/shares/{share_id}", status_code=204)
async def revoke(dataset_id: str, share_id: str, db: Db, actor: Sharer) -> None:
    """The token ends; copies that were made stay."""
    await revoke_share(db, actor, dataset_id, share_id, now=utc_now())


@router.get("/accesses")
async def list_accesses(
    dataset_id: str,
    db: Db,
    actor: Sharer,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> DatasetAccessList:
    """Who looked into the dataset, took it out or shared it, the newest first."""
    async with db.read() as session:
        await require_dataset(session, actor, dataset_id)
        rows = await queries.list_accesses(session, dataset_id, limit)
    return DatasetAccessList(
        items=[DatasetAccessView.model_validate(row, from_attributes=True) for row in rows]
    )
