"""What routers use of storage: the service itself, and a bucket that belongs to the actor."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from slipway.assets.buckets import ensure_default_bucket, require_bucket
from slipway.assets.measure import Quotas, UsageMeter
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.iam.types import Actor


def get_storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


def get_meter(request: Request) -> UsageMeter:
    """One meter an application, made on first use."""
    state = request.app.state
    if not hasattr(state, "usage_meter"):
        state.usage_meter = UsageMeter(state.storage)
    meter: UsageMeter = state.usage_meter
    return meter


def get_quotas(request: Request) -> Quotas:
    state = request.app.state
    if not hasattr(state, "quotas"):
        state.quotas = Quotas(state.db, get_meter(request))
    quotas: Quotas = state.quotas
    return quotas


Store = Annotated[Storage, Depends(get_storage)]
Meter = Annotated[UsageMeter, Depends(get_meter)]
Quota = Annotated[Quotas, Depends(get_quotas)]


async def own_bucket(db: Database, storage: Storage, actor: Actor, name: str) -> str:
    """The name of a bucket of the project; its own one is made on first use."""
    async with db.read() as session:
        await require_bucket(session, actor.project_id, name)
    if name == actor.project_id and not storage.bucket_root(name).is_dir():
        async with db.begin() as session:
            await ensure_default_bucket(session, actor.project_id)
        await storage.run(storage.make_bucket, name)
    return name
