"""HTTP of the project's log store."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from slipway.assets.http import Store, own_bucket
from slipway.assets.keys import Address
from slipway.base.clock import rfc3339, utc_now
from slipway.base.errors import NotFound
from slipway.base.forms import Form
from slipway.delivery import store as use
from slipway.delivery.senders import Refused, try_out
from slipway.delivery.types import LogStore, StoreKind
from slipway.iam.http import Db, Seal, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/log-store", tags=["Log store"])

# Where all the project's logs go is its administrator's to decide.
Administrator = Annotated[Actor, allow("iam:project:update")]


class LogStoreForm(Form):
    kind: StoreKind
    address: str = Field(description="A URL; for kind file, an address in storage: bucket/path.")
    index: str = Field("", description="Elasticsearch: the index.")
    username: str = ""
    secret: SecretStr | None = Field(
        None, description="Password, or bearer token where there is no user name. Left out: kept."
    )
    labels: dict[str, str] = Field({}, description="Loki: labels of every stream.")

    def store(self, project_id: str) -> LogStore:
        secret = self.secret.get_secret_value() if self.secret is not None else None
        return LogStore(project_id, self.kind, self.address.strip(), self.index, self.username, self.labels, secret)  # fmt: skip


class LogStoreView(BaseModel):
    kind: StoreKind
    address: str
    index: str
    username: str
    labels: dict[str, str]
    has_secret: bool
    updated_at: datetime | None


class StoreCheckView(BaseModel):
    error: str | None = Field(description="Why the store did not take a test line; null if it did.")


class LogStoreAnswer(BaseModel):
    store: LogStoreView | None


@router.get("")
async def get_log_store(
    db: Db, sealer: Seal, actor: Annotated[Actor, allow("train:log:get")]
) -> LogStoreAnswer:
    found = await use.find_store(db, sealer, actor.project_id)
    return LogStoreAnswer(store=_view(found) if found else None)


@router.put("")
async def set_log_store(
    form: LogStoreForm, db: Db, sealer: Seal, storage: Store, actor: Administrator
) -> LogStoreAnswer:
    if form.kind == StoreKind.FILE:
        await own_bucket(db, storage, actor, Address.parse(form.address).bucket)
    await use.set_store(db, sealer, actor, form.store(actor.project_id), now=utc_now())
    found = await use.find_store(db, sealer, actor.project_id)
    return LogStoreAnswer(store=_view(found) if found else None)


@router.delete("", status_code=204)
async def remove_log_store(db: Db, actor: Administrator) -> None:
    await use.remove_store(db, actor, now=utc_now())


@router.post("/test")
async def test_log_store(
    db: Db, sealer: Seal, storage: Store, actor: Administrator
) -> StoreCheckView:
    """Send one line to the store that is set."""
    found = await use.find_store(db, sealer, actor.project_id)
    if found is None:
        raise NotFound("This project has no log store. Save one first.")
    try:
        await try_out(found, storage, rfc3339(utc_now()))
    except Refused as refusal:
        return StoreCheckView(error=str(refusal))
    return StoreCheckView(error=None)


def _view(store: LogStore) -> LogStoreView:
    return LogStoreView(
        kind=store.kind, address=store.address, index=store.index, username=store.username, labels=store.labels,
        has_secret=bool(store.secret), updated_at=store.updated_at,
    )  # fmt: skip
