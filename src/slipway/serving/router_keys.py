"""HTTP of a service's keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.iam.http import Db, Seal, allow
from slipway.iam.types import Actor
from slipway.serving import keys, queries
from slipway.serving.keys import KeyChange
from slipway.serving.views import (
    NewServiceKeyView,
    ServiceAuthForm,
    ServiceAuthView,
    ServiceKeyForm,
    ServiceKeyList,
    ServiceKeyPatch,
    ServiceKeyView,
)

router = APIRouter(prefix="/services/{service_id}")

Updater = Annotated[Actor, allow("serve:key:update")]


@router.get("/keys")
async def list_service_keys(
    service_id: str, db: Db, actor: Annotated[Actor, allow("serve:key:list")]
) -> ServiceKeyList:
    found = await keys.list_keys(db, actor, service_id)
    async with db.read() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
    why_not = None if service.llm else "Token limits need an LLM service."
    return ServiceKeyList(
        items=[ServiceKeyView.of(key) for key in found], required=service.auth, token_limits=why_not
    )


@router.post("/keys", status_code=201)
async def create_service_key(
    service_id: str, form: ServiceKeyForm, db: Db, sealer: Seal,
    actor: Annotated[Actor, allow("serve:key:create")],
) -> NewServiceKeyView:  # fmt: skip
    made = await keys.create_key(
        db, sealer, actor, service_id, name=form.name or "key", remark=form.remark,
        limits=form.limits.rules(), now=utc_now(),
    )  # fmt: skip
    return NewServiceKeyView.made(made.key, made.secret)


@router.patch("/keys/{key_id}")
async def edit_service_key(
    service_id: str, key_id: str, form: ServiceKeyPatch, db: Db, actor: Updater
) -> ServiceKeyView:
    """Name, remark and limits; new limits hold at once."""
    limits = form.limits.rules() if form.limits is not None else None
    change = KeyChange(name=form.name, remark=form.remark, limits=limits)
    return ServiceKeyView.of(
        await keys.change_key(db, actor, service_id, key_id, change, now=utc_now())
    )


@router.delete("/keys/{key_id}", status_code=204)
async def delete_service_key(
    service_id: str, key_id: str, db: Db,
    actor: Annotated[Actor, allow("serve:key:delete")],
) -> None:  # fmt: skip
    await keys.delete_key(db, actor, service_id, key_id, now=utc_now())


@router.post("/keys/{key_id}/reveal")
async def reveal_service_key(
    service_id: str, key_id: str, db: Db, sealer: Seal,
    actor: Annotated[Actor, allow("serve:key:reveal")],
) -> NewServiceKeyView:  # fmt: skip
    """The secret again; who asked is recorded."""
    made = await keys.reveal_key(db, sealer, actor, service_id, key_id, now=utc_now())
    return NewServiceKeyView.made(made.key, made.secret)


@router.post("/keys/{key_id}/reset")
async def reset_service_key(
    service_id: str, key_id: str, db: Db, sealer: Seal, actor: Updater
) -> NewServiceKeyView:
    """A new value under a new id; the old one is refused at once."""
    made = await keys.reset_key(db, sealer, actor, service_id, key_id, now=utc_now())
    return NewServiceKeyView.made(made.key, made.secret)


@router.post("/keys/{key_id}/enable")
async def enable_service_key(
    service_id: str, key_id: str, db: Db, actor: Updater
) -> ServiceKeyView:
    change = KeyChange(enabled=True)
    return ServiceKeyView.of(
        await keys.change_key(db, actor, service_id, key_id, change, now=utc_now())
    )


@router.post("/keys/{key_id}/disable")
async def disable_service_key(
    service_id: str, key_id: str, db: Db, actor: Updater
) -> ServiceKeyView:
    """Calls with it are refused from now on."""
    change = KeyChange(enabled=False)
    return ServiceKeyView.of(
        await keys.change_key(db, actor, service_id, key_id, change, now=utc_now())
    )


@router.put("/auth")
async def require_service_keys(
    service_id: str, form: ServiceAuthForm, db: Db, sealer: Seal, actor: Updater
) -> ServiceAuthView:
    """Whether calls need a key; switched at once, without a restart."""
    made = await keys.require_keys(
        db, sealer, actor, service_id, required=form.required, now=utc_now()
    )
    key = NewServiceKeyView.made(made.key, made.secret) if made else None
    return ServiceAuthView(required=form.required, key=key)
