"""HTTP of what a service wants of its calls: policy, upstreams, API document, mirror, audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import httpx
from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.errors import Unavailable
from slipway.base.forms import Form
from slipway.iam.http import Config, Db, Seal, allow
from slipway.iam.types import Actor
from slipway.serving import api_document, call_policy, queries, upstreams
from slipway.serving.api_document import ApiDocumentView
from slipway.serving.call_policy import AuditForm, CallPolicyForm
from slipway.serving.feed import load
from slipway.serving.gateway_address import PublicUrl, local_url
from slipway.serving.groups.queries import get_offered
from slipway.serving.tables_calls import ServiceUpstreamRow
from slipway.serving.token import ensure_gateway_token
from slipway.serving.views import NewServiceKeyView

router = APIRouter(tags=["Services"])

Reader = Annotated[Actor, allow("serve:service:get")]
Updater = Annotated[Actor, allow("serve:service:update")]
_SERVICE = "/services/{service_id}"


class UpstreamForm(Form):
    name: str
    url: str = Field(description="Up to and with the version, such as https://api.example.com/v1.")
    model: str = Field("", description="The model's name there; left out, the name in the call.")
    key: str = Field("", description="Sent as the bearer; kept encrypted and never shown again.")
    weight: int = Field(
        100, description="Share beside the versions' weights; 0: only when nobody else can answer."
    )

    def new(self) -> upstreams.NewUpstream:
        return upstreams.NewUpstream(self.name, self.url, self.model, self.key, self.weight)


class UpstreamPatch(Form):
    name: str | None = None
    url: str | None = None
    model: str | None = None
    key: str | None = Field(None, description="Needed again when the address changes.")
    weight: int | None = None
    enabled: bool | None = None


class ExternalServiceForm(UpstreamForm):
    description: str = ""
    served_name: str = Field("", description="Model name in calls; left out, the service's.")


class UpstreamView(BaseModel):
    id: str
    service_id: str
    name: str
    url: str
    model: str
    key_hint: str
    weight: int
    enabled: bool
    creator: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ServiceUpstreamRow) -> UpstreamView:
        return cls(
            id=row.id, service_id=row.service_id, name=row.name, url=row.url, model=row.model,
            key_hint=row.key_hint, weight=row.weight, enabled=row.enabled,
            creator=row.creator_name, created_at=row.created_at, updated_at=row.updated_at,
        )  # fmt: skip


class UpstreamList(BaseModel):
    items: list[UpstreamView]


class ExternalServiceView(BaseModel):
    id: str
    key: NewServiceKeyView = Field(description="The first key.")


class MirrorPairView(BaseModel):
    id: str
    version: str
    candidate: str
    status: int
    candidate_status: int
    ms: float
    candidate_ms: float
    same: bool


class MirrorView(BaseModel):
    """Since the gateway started. Times are sums over all pairs, in milliseconds."""

    pairs: int
    same: int
    failed: int
    ms: float
    candidate_ms: float
    last: list[MirrorPairView]


@router.post("/services/external", status_code=201)
async def create_external_service(
    form: ExternalServiceForm, db: Db, sealer: Seal,
    actor: Annotated[Actor, allow("serve:service:create")],
) -> ExternalServiceView:  # fmt: skip
    """A provider's model as a service: no instances, everything else as with the others."""
    service_id, made = await upstreams.create_external(
        db, sealer, actor, name=form.name, description=form.description,
        served_name=form.served_name, upstream=form.new(), now=utc_now(),
    )  # fmt: skip
    return ExternalServiceView(id=service_id, key=NewServiceKeyView.made(made.key, made.secret))


@router.get(_SERVICE + "/upstreams")
async def list_upstreams(service_id: str, db: Db, actor: Reader) -> UpstreamList:
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        rows = await upstreams.list_upstreams(session, [service_id])
    return UpstreamList(items=[UpstreamView.of(row) for row in rows])


@router.post(_SERVICE + "/upstreams", status_code=201)
async def add_upstream(
    service_id: str, form: UpstreamForm, db: Db, sealer: Seal, actor: Updater
) -> UpstreamView:
    """Another server that answers for this service, from the next call on."""
    row = await upstreams.add_upstream(db, sealer, actor, service_id, form.new(), now=utc_now())
    return UpstreamView.of(row)


@router.patch(_SERVICE + "/upstreams/{upstream_id}")
async def edit_upstream(
    service_id: str, upstream_id: str, form: UpstreamPatch, db: Db, sealer: Seal, actor: Updater
) -> UpstreamView:
    change = upstreams.UpstreamChange(**form.model_dump())
    return UpstreamView.of(
        await upstreams.change_upstream(
            db, sealer, actor, service_id, upstream_id, change, now=utc_now()
        )
    )


@router.delete(_SERVICE + "/upstreams/{upstream_id}", status_code=204)
async def delete_upstream(service_id: str, upstream_id: str, db: Db, actor: Updater) -> None:
    await upstreams.delete_upstream(db, actor, service_id, upstream_id, now=utc_now())


@router.get(_SERVICE + "/call-policy")
async def get_call_policy(service_id: str, db: Db, actor: Reader) -> CallPolicyForm:
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
        return await call_policy.read_policy(session, service_id)


@router.put(_SERVICE + "/call-policy")
async def set_call_policy(
    service_id: str, form: CallPolicyForm, db: Db, sealer: Seal, actor: Updater
) -> CallPolicyForm:
    """Rules of parameters, audit, retries, fallbacks, mirror: as a whole, from the next call on."""
    return await call_policy.set_policy(db, sealer, actor, service_id, form, now=utc_now())


@router.get(_SERVICE + "/api-document")
async def get_api_document(
    service_id: str, db: Db, gateway: PublicUrl, actor: Reader
) -> ApiDocumentView:
    """Address, headers, parameters with their ranges, answers, errors and programs to copy."""
    async with db.read() as session:
        service = await get_offered(session, actor.project_id, service_id)
        name = service.name
        policy = await call_policy.read_policy(session, service_id)
    routes = await load(db, [service_id])
    rules = policy.model_dump()["rules"]
    return api_document.document(
        service_id=service_id, name=name, base_url=f"{gateway}/v1",
        models=routes.services[service_id]["models"], rules=rules,
    )  # fmt: skip


@router.get(_SERVICE + "/mirror")
async def get_mirror(service_id: str, db: Db, settings: Config, actor: Reader) -> MirrorView:
    """What the copied calls have shown, in the gateway of this machine."""
    async with db.read() as session:
        await queries.get_service(session, actor.project_id, service_id)
    token = ensure_gateway_token(settings.root)
    try:
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as client:  # noqa: S501
            answer = await client.get(
                f"{local_url(settings)}/internal/mirrors/{service_id}",
                headers={"authorization": f"Bearer {token}"},
            )
            answer.raise_for_status()
            return MirrorView.model_validate(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable("The gateway cannot be reached.", code="no_gateway") from error


@router.get("/project-audit")
async def get_project_audit(
    db: Db, actor: Annotated[Actor, allow("serve:service:get")]
) -> AuditForm:
    """How calls are looked at where a service says nothing of its own."""
    async with db.read() as session:
        return await call_policy.read_project_audit(session, actor.project_id)


@router.put("/project-audit")
async def set_project_audit(
    form: AuditForm, db: Db, sealer: Seal,
    actor: Annotated[Actor, allow("iam:project:update")],
) -> AuditForm:  # fmt: skip
    return await call_policy.set_project_audit(db, sealer, actor, form, now=utc_now())
