"""HTTP of service groups, of the rules of models, and of preset services."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.iam.http import Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.serving import call_counts
from slipway.serving.gateway_address import PublicUrl
from slipway.serving.groups import app_keys, change, model_rules, queries, reading
from slipway.serving.groups.change import GroupChange
from slipway.serving.groups.types import NewGroup, ServiceGroup
from slipway.serving.groups.views import (
    GroupBanForm,
    KeyResetForm,
    LinkableServices,
    LinkedServiceView,
    ModelRulesForm,
    ModelRulesView,
    NewServiceGroupView,
    PresetServiceList,
    PresetServiceView,
    ServiceGroupForm,
    ServiceGroupPage,
    ServiceGroupPatch,
    ServiceGroupView,
)

router = APIRouter(tags=["Service groups"])

Reader = Annotated[Actor, allow("serve:group:get")]
Lister = Annotated[Actor, allow("serve:group:list")]
Updater = Annotated[Actor, allow("serve:group:update")]
# Granted to no role: only administrators of the platform.
Staff = Annotated[Actor, allow("gateway:key:ban")]


@router.get("/service-groups")
async def list_service_groups(
    db: Db, page: PageArgs, gateway: PublicUrl, actor: Lister
) -> ServiceGroupPage:
    async with db.read() as session:
        found = await queries.page_groups(session, actor.project_id, actor.user_id, page)
        items = await reading.group_views(session, found.items, gateway, utc_now())
    return ServiceGroupPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("/service-groups", status_code=201)
async def create_service_group(
    form: ServiceGroupForm, db: Db, sealer: Seal, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:group:create")],
) -> NewServiceGroupView:  # fmt: skip
    """With its AppKey, which calls `/v1/...` of the gateway by the linked services' models."""
    made = await change.create_group(
        db, sealer, actor, name=form.name, description=form.description, services=form.services,
        rules=form.rules.rules(), now=utc_now(),
    )  # fmt: skip
    return await _with_secret(db, made, gateway)


@router.get("/service-groups/linkable")
async def list_linkable_services(db: Db, actor: Lister) -> LinkableServices:
    """What a group may link: the project's own services and the platform's presets. Only running
    ones can be added."""
    async with db.read() as session:
        found = [
            await reading.linked_services(
                session,
                await queries.linkable_services(session, actor.project_id, preset=preset),
            )
            for preset in (False, True)
        ]
    own, preset = ([LinkedServiceView.of(one) for one in some] for some in found)
    return LinkableServices(own=own, preset=preset)


@router.get("/service-groups/{group_id}")
async def get_service_group(
    group_id: str, db: Db, gateway: PublicUrl, actor: Reader
) -> ServiceGroupView:
    async with db.read() as session:
        row = await queries.get_group(session, actor.project_id, group_id)
        (view,) = await reading.group_views(session, [row], gateway, utc_now())
    return view


@router.patch("/service-groups/{group_id}")
async def edit_service_group(
    group_id: str, form: ServiceGroupPatch, db: Db, gateway: PublicUrl, actor: Updater
) -> ServiceGroupView:
    """Name, description, services, rules; the key stays, and the next call sees the change."""
    asked = GroupChange(
        form.name, form.description, form.services, form.rules.rules() if form.rules else None
    )
    group = await change.edit_group(db, actor, group_id, asked, now=utc_now())
    return await _view(db, group, gateway)


@router.delete("/service-groups/{group_id}", status_code=204)
async def delete_service_group(
    group_id: str, db: Db, actor: Annotated[Actor, allow("serve:group:delete")]
) -> None:
    """Its key dies with it. Past calls stay under its name."""
    await change.delete_group(db, actor, group_id, now=utc_now())


@router.post("/service-groups/{group_id}/enable")
async def enable_service_group(
    group_id: str, db: Db, gateway: PublicUrl, actor: Updater
) -> ServiceGroupView:
    group = await change.switch_group(db, actor, group_id, enabled=True, now=utc_now())
    return await _view(db, group, gateway)


@router.post("/service-groups/{group_id}/disable")
async def disable_service_group(
    group_id: str, db: Db, gateway: PublicUrl, actor: Updater
) -> ServiceGroupView:
    """Every call is refused until it is enabled; the key stays the same."""
    group = await change.switch_group(db, actor, group_id, enabled=False, now=utc_now())
    return await _view(db, group, gateway)


@router.post("/service-groups/{group_id}/reveal")
async def reveal_app_key(
    group_id: str, db: Db, sealer: Seal, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:group:reveal")],
) -> NewServiceGroupView:  # fmt: skip
    """The AppKey; who asked is recorded."""
    found = await app_keys.reveal_key(db, sealer, actor, group_id, now=utc_now())
    return await _with_secret(db, found, gateway)


@router.post("/service-groups/{group_id}/reset")
async def reset_app_key(
    group_id: str, form: KeyResetForm, db: Db, sealer: Seal, gateway: PublicUrl, actor: Updater
) -> NewServiceGroupView:
    """A new AppKey; the old one ends at once, or after `overlap_s`. A ban stays."""
    made = await app_keys.reset_key(
        db, sealer, actor, group_id, overlap=timedelta(seconds=form.overlap_s), now=utc_now()
    )
    return await _with_secret(db, made, gateway)


@router.post("/service-groups/{group_id}/end-old-keys", status_code=204)
async def end_old_app_keys(group_id: str, db: Db, actor: Updater) -> None:
    """Replaced keys that still worked are refused from now on."""
    await app_keys.end_old_keys(db, actor, group_id, now=utc_now())


@router.post("/service-groups/{group_id}/ban")
async def ban_app_key(
    group_id: str, form: GroupBanForm, db: Db, gateway: PublicUrl, actor: Staff
) -> ServiceGroupView:
    """By administrators of the platform. Its owner cannot get around it."""
    group = await change.ban_group(db, actor, group_id, reason=form.reason, now=utc_now())
    return await _view(db, group, gateway)


@router.post("/service-groups/{group_id}/unban")
async def unban_app_key(
    group_id: str, db: Db, gateway: PublicUrl, actor: Staff
) -> ServiceGroupView:
    group = await change.ban_group(db, actor, group_id, reason=None, now=utc_now())
    return await _view(db, group, gateway)


@router.get("/services/{service_id}/rules")
async def get_model_rules(
    service_id: str, db: Db, actor: Annotated[Actor, allow("serve:service:get")]
) -> ModelRulesView:
    return ModelRulesView.of(await model_rules.get_rules(db, actor, service_id))


@router.put("/services/{service_id}/rules")
async def set_model_rules(
    service_id: str, form: ModelRulesForm, db: Db,
    actor: Annotated[Actor, allow("serve:service:update")],
) -> ModelRulesView:  # fmt: skip
    """Aliases and limits over all keys. Presets, free trials and prices: the platform's staff."""
    rules = await model_rules.set_rules(db, actor, service_id, form.rules(), now=utc_now())
    return ModelRulesView.of(rules)


@router.get("/preset-services")
async def list_preset_services(db: Db, actor: Lister) -> PresetServiceList:
    """Services that every project may call, each with what is left of the project's free trial."""
    async with db.read() as session:
        found = await queries.linkable_services(session, actor.project_id, preset=True)
        linked = await reading.linked_services(session, found)
        used = await call_counts.tokens_of_project(session, actor.project_id)
    items = []
    for (row, rules), service in zip(found, linked, strict=True):
        free = rules.free_tokens if rules is not None else None
        items.append(
            PresetServiceView(
                **dict(LinkedServiceView.of(service)), description=row.description,
                free_tokens=free,
                free_tokens_left=None if free is None else max(0, free - used.get(row.id, 0)),
            )
        )  # fmt: skip
    return PresetServiceList(items=items)


async def _view(db: Database, group: ServiceGroup, gateway: str) -> ServiceGroupView:
    async with db.read() as session:
        (view,) = await reading.views_of(session, [group], gateway)
    return view


async def _with_secret(db: Database, made: NewGroup, gateway: str) -> NewServiceGroupView:
    view = await _view(db, made.group, gateway)
    return NewServiceGroupView(**dict(view), secret=made.secret)
