"""HTTP of online services. Versions, keys and calls have their own files."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.events import bus
from slipway.compute.submit import unsaid_amounts
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.serving import change, create, engines, queries, reading
from slipway.serving.alarms.router import router as alarms
from slipway.serving.canary.router import router as rollout
from slipway.serving.checks import GRPC_PORT, check_fixed_mode
from slipway.serving.config import DeploymentMode
from slipway.serving.gateway_address import PublicUrl
from slipway.serving.monitoring.router_series import router as series
from slipway.serving.router_calls import router as calls
from slipway.serving.router_keys import router as keys
from slipway.serving.router_versions import router as versions
from slipway.serving.router_wire import router as wire
from slipway.serving.scaling.router import router as scaling
from slipway.serving.views import (
    CreatedServiceView,
    NewServiceKeyView,
    ServiceDetail,
    ServiceEngineList,
    ServiceEngineView,
    ServiceForm,
    ServicePage,
    ServicePatch,
    ServiceVersionForm,
    ServiceVersionList,
    ServiceVersionView,
    ServiceWeightsForm,
)

router = APIRouter(tags=["Services"])

Reader = Annotated[Actor, allow("serve:service:get")]


@router.post("/services", status_code=201)
async def create_service(
    form: ServiceForm, db: Db, storage: Store, sealer: Seal, gateway: PublicUrl, settings: Config,
    actor: Annotated[Actor, allow("serve:service:create")],
) -> CreatedServiceView:  # fmt: skip
    """A service with its version V1, which is started."""
    if form.grpc and "port" not in form.model_fields_set:
        form = form.model_copy(update={"port": GRPC_PORT})
    async with db.read() as session:
        unsaid = await unsaid_amounts(session, form.resource_group, form.model_fields_set)
    asked = create.NewService(
        name=form.name, config=form.model_copy(update=unsaid).config(), description=form.description, tags=form.tags,
        resource_group=form.resource_group, mode=form.mode, auth=form.auth, grpc=form.grpc, limit=form.limit.limit(),
        replicas=form.replicas, scaling=form.scaling.scaling(), stop_at=form.stop_at,
        site=settings.site,
    )  # fmt: skip
    made = await create.create_service(db, storage, sealer, actor, asked, now=utc_now())
    async with db.read() as session:
        detail = await _detail(session, actor, made.service.id, gateway)
    key = NewServiceKeyView.made(made.key.key, made.key.secret) if made.key else None
    return CreatedServiceView(**dict(detail), key=key)


@router.get("/services/engines")
async def list_service_engines(
    actor: Annotated[Actor, allow("serve:service:list")],
) -> ServiceEngineList:
    """What an LLM service can run on, what each engine needs, and what is missing here."""
    found = await asyncio.to_thread(engines.list_engines)
    return ServiceEngineList(items=[ServiceEngineView(**asdict(one)) for one in found])


@router.get("/services")
async def list_services(
    db: Db, page: PageArgs, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:service:list")],
    site: Annotated[list[str] | None, Query(description="Only services of these sites.")] = None,
) -> ServicePage:  # fmt: skip
    async with db.read() as session:
        found = await queries.page_services(
            session, actor.project_id, actor.user_id, page, sites=site
        )
        items = await reading.service_views(session, found.items, gateway=gateway)
    return ServicePage(items=items, next_cursor=found.next_cursor, total=found.total)


# Before `/services/{service_id}/...`: `versions` is no service's id.
router.include_router(versions)
router.include_router(wire)
router.include_router(scaling)
router.include_router(series)


@router.get("/services/{service_id}")
async def get_service(service_id: str, db: Db, gateway: PublicUrl, actor: Reader) -> ServiceDetail:
    async with db.read() as session:
        return await _detail(session, actor, service_id, gateway)


@router.get("/services/{service_id}/wait")
async def wait_for_service(
    service_id: str, db: Db, gateway: PublicUrl, actor: Reader,
    timeout_s: Annotated[float, Query(ge=0, le=120)] = 60,
) -> ServiceDetail:  # fmt: skip
    """Answers when no version is under way any more (all are Normal, Abnormal or down, and no
    update is running), or after `timeout_s` with the state it is in."""
    changed = asyncio.Event()
    stop = bus.listen(lambda event: changed.set() if event.subject_id == service_id else None)
    try:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            changed.clear()
            async with db.read() as session:
                detail = await _detail(session, actor, service_id, gateway)
            left_s = deadline - asyncio.get_running_loop().time()
            settled = all(v.state.is_settled and not v.updating for v in detail.items)
            if settled or left_s <= 0:
                return detail
            with contextlib.suppress(TimeoutError):
                # What changes without an event (an update's end) is seen at the next look.
                async with asyncio.timeout(min(left_s, 1.0)):
                    await changed.wait()
    finally:
        stop()


@router.patch("/services/{service_id}")
async def edit_service(
    service_id: str, form: ServicePatch, db: Db, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:service:update")],
) -> ServiceDetail:  # fmt: skip
    """Description, tags, request limit and scheduled stop; nothing is restarted."""
    limit = form.limit.limit() if form.limit is not None else None
    wanted = change.ServiceChange(
        form.description, form.tags, limit,
        change.StopAt(form.stop_at) if "stop_at" in form.model_fields_set else None,
    )  # fmt: skip
    await change.edit_service(db, actor, service_id, wanted, now=utc_now())
    async with db.read() as session:
        return await _detail(session, actor, service_id, gateway)


@router.delete("/services/{service_id}", status_code=204)
async def delete_service(
    service_id: str, db: Db, actor: Annotated[Actor, allow("serve:service:delete")]
) -> None:
    await change.delete_service(db, actor, service_id, now=utc_now())


@router.post("/services/{service_id}/start")
async def start_service(
    service_id: str, db: Db, storage: Store, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:service:start")],
) -> ServiceDetail:  # fmt: skip
    """Start every version that is stopped."""
    await change.start_service(db, storage, actor, service_id, now=utc_now())
    async with db.read() as session:
        return await _detail(session, actor, service_id, gateway)


@router.post("/services/{service_id}/stop")
async def stop_service(
    service_id: str, db: Db, gateway: PublicUrl,
    actor: Annotated[Actor, allow("serve:service:stop")],
) -> ServiceDetail:  # fmt: skip
    await change.stop_service(db, actor, service_id, now=utc_now())
    async with db.read() as session:
        return await _detail(session, actor, service_id, gateway)


@router.post("/services/{service_id}/versions", status_code=201)
async def add_service_version(
    service_id: str, form: ServiceVersionForm, db: Db, storage: Store,
    actor: Annotated[Actor, allow("serve:service:update")],
) -> ServiceVersionView:  # fmt: skip
    """The next version; it starts, and gets traffic when weights give it some."""
    async with db.read() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
        check_fixed_mode(DeploymentMode(service.mode), form.mode)
    made = await create.add_version(
        db, storage, actor, service_id, form.config(), replicas=form.replicas,
        scaling=form.scaling.scaling(),
        description=form.description, now=utc_now(),
    )  # fmt: skip
    return ServiceVersionView.of(made, reading.NONE)


@router.get("/services/{service_id}/versions")
async def list_service_versions(service_id: str, db: Db, actor: Reader) -> ServiceVersionList:
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        found = await reading.versions_of(session, service_id)
        counts = await queries.count_live_replicas(session, [service_id])
    return ServiceVersionList(
        items=[ServiceVersionView.of(v, counts.get(v.id, reading.NONE)) for v in found]
    )


@router.put("/services/{service_id}/weights")
async def set_service_weights(
    service_id: str, form: ServiceWeightsForm, db: Db,
    actor: Annotated[Actor, allow("serve:service:update")],
) -> ServiceVersionList:  # fmt: skip
    """Share the traffic between versions, at once and without a restart."""
    found = await change.set_weights(db, actor, service_id, form.weights, now=utc_now())
    async with db.read() as session:
        counts = await queries.count_live_replicas(session, [service_id])
    return ServiceVersionList(
        items=[ServiceVersionView.of(v, counts.get(v.id, reading.NONE)) for v in found]
    )


router.include_router(keys)
router.include_router(rollout)
router.include_router(alarms)
router.include_router(calls)


async def _detail(
    session: AsyncSession, actor: Actor, service_id: str, gateway: str
) -> ServiceDetail:
    return await reading.service_detail(session, actor, service_id, gateway=gateway)
