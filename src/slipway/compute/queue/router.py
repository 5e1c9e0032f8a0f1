"""HTTP of the queue: what waits and why, policies tried before they are saved, quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute.groups import quotas
from slipway.compute.queue import dry_run
from slipway.compute.queue import look as queue
from slipway.compute.queue.look import Waiting
from slipway.compute.scheduling.amounts import cards_of
from slipway.compute.scheduling.policy import Policy, parse_policy, read_policy
from slipway.compute.types import Workload
from slipway.iam.http import Config, Db, PageArgs, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Resources"])

HIDDEN = "(another project)"


class AskView(BaseModel):
    """What the instances of one role ask for, each."""

    role: str
    instances: int
    cpu_cores: float
    memory_bytes: int
    gpus: float
    gpu_model: str | None


class QueueItem(BaseModel):
    """What belongs to another project is counted and not named: `name` says so, ids and tags are empty."""

    number: int = Field(description="Place in the order of its group, from 1.")
    workload_id: str
    kind: str
    owner_id: str
    name: str
    project_id: str
    group_id: str
    tags: dict[str, str]
    asks: list[AskView]
    priority: int = Field(description="Computed from the group's policy; 0 goes first.")
    own_priority: int | None
    evictions: int
    reason: str
    submitted_at: datetime
    queued_at: datetime = Field(description="Since when it waits; after an eviction, since then.")
    waiting_s: float


class QueuePage(BaseModel):
    items: list[QueueItem]
    next_cursor: str | None
    total: int
    start_order: bool | None = Field(
        description="Whether `number` is the order of starting (strict queue); null without a group."
    )


class WorkloadName(BaseModel):
    workload_id: str
    kind: str
    owner_id: str
    name: str
    priority: int


class NodeAttempt(BaseModel):
    node_id: str
    node_name: str
    missing: list[str] = Field(
        description="What it lacks for the largest instance; empty: one would fit."
    )


class WhyView(BaseModel):
    item: QueueItem
    lane: str = Field(description='A card type; "*" for any card; empty for work without cards.')
    strategy: int
    fits_now: bool
    sentences: list[str]
    ahead: int = Field(description="How many wait before it in its lane.")
    ahead_first: list[WorkloadName]
    nodes: list[NodeAttempt] = Field(description="The nearest first, at most 100.")
    nodes_tried: int
    victims: list[WorkloadName] = Field(description="Who would be displaced for it now.")


class PolicyForm(Form):
    policy: dict[str, Any] | str = Field(description="The document, or its text.")


class PolicyChecked(BaseModel):
    policy: dict[str, Any] = Field(description="The complete document, as it would be saved.")


class PriorityChangeView(BaseModel):
    workload: WorkloadName
    state: str
    before: int
    after: int


class EvictionView(BaseModel):
    workload: WorkloadName
    displaced_for: str = Field(description="The workload that would take its place.")


class DryRunView(BaseModel):
    """Against the policy as it is; the lists hold the first 100 of each."""

    priorities_changed: int
    would_start: int
    would_be_evicted: int
    priorities: list[PriorityChangeView]
    starts: list[WorkloadName]
    evictions: list[EvictionView]


class QuotaView(BaseModel):
    project_id: str
    card_model: str
    guaranteed: float
    maximum: float | None
    used: float
    borrowed: float = Field(description="In use beyond the guarantee; may be taken back.")


class QuotaList(BaseModel):
    items: list[QuotaView]


class QuotaForm(Form):
    guaranteed: float = Field(0, description="Cards that others give back when they are needed.")
    maximum: float | None = Field(None, description="Cards at most; left out, as many as are free.")


@router.get("/queue")
async def list_queue(
    db: Db,
    page: PageArgs,
    actor: Annotated[Actor, allow("compute:queue:list")],
    group: str | None = None,
) -> QueuePage:
    """What waits for resources, in the order of the queue. Other projects' items are counted, not named."""
    now = utc_now()
    async with db.read() as session:
        found = await queue.list_waiting(session, actor, page, group)
        ordered = await queue.is_start_order(session, group) if group is not None else None
    items = [_item(waiting, actor, now) for waiting in found.items]
    return QueuePage(
        items=items, next_cursor=found.next_cursor, total=found.total, start_order=ordered
    )


@router.get("/queue/{workload_id}/why")
async def why_waiting(
    workload_id: str, db: Db, settings: Config, actor: Annotated[Actor, allow("compute:queue:get")]
) -> WhyView:
    """Where it was tried, what is missing, who is ahead, who could be displaced."""
    async with db.read() as session:
        why = await queue.why_waiting(
            session, actor, workload_id, eviction_limit=settings.eviction_limit
        )
    told = why.explanation
    return WhyView(
        item=_item(why.waiting, actor, utc_now()), lane=told.lane, strategy=int(why.strategy),
        fits_now=told.fits_now, sentences=list(told.sentences), ahead=why.ahead,
        ahead_first=[_name(w, actor) for w in why.ahead_first],
        nodes=[
            NodeAttempt(node_id=a.node_id, node_name=a.node_name, missing=list(a.missing))
            for a in told.attempts[:100]
        ],
        nodes_tried=len(told.attempts), victims=[_name(w, actor) for w in why.victims],
    )  # fmt: skip


@router.post("/scheduling-policy/check")
async def check_policy(
    form: PolicyForm, actor: Annotated[Actor, allow("compute:policy:get")]
) -> PolicyChecked:
    """The complete document, or a refusal that names line and column, or the field."""
    return PolicyChecked(policy=_policy(form).as_json())


@router.post("/resource-groups/{group_id}/policy/dry-run")
async def dry_run_policy(
    group_id: str,
    form: PolicyForm,
    db: Db,
    settings: Config,
    actor: Annotated[Actor, allow("compute:policy:try")],
) -> DryRunView:
    """What waits or runs that would change its priority, start or be displaced. Saves nothing."""
    policy = _policy(form)
    async with db.read() as session:
        tried = await dry_run.try_policy(
            session, group_id, policy, eviction_limit=settings.eviction_limit, now=utc_now()
        )
    return DryRunView(
        priorities_changed=tried.priorities_changed, would_start=tried.would_start,
        would_be_evicted=tried.would_be_evicted,
        priorities=[
            PriorityChangeView(
                workload=_name(c.workload, actor), state=c.workload.state, before=c.before, after=c.after
            )
            for c in tried.priorities
        ],
        starts=[_name(w, actor) for w in tried.starts],
        evictions=[
            EvictionView(workload=_name(w, actor), displaced_for=winner)
            for w, winner in tried.evictions
        ],
    )  # fmt: skip


@router.get("/resource-groups/{group_id}/quotas")
async def list_quotas(
    group_id: str, db: Db, actor: Annotated[Actor, allow("compute:quota:list")]
) -> QuotaList:
    """An administrator sees all; others what their own project has."""
    async with db.read() as session:
        found = await quotas.list_quotas(session, group_id)
    return QuotaList(
        items=[
            QuotaView(
                project_id=q.quota.project_id, card_model=q.quota.card_model,
                guaranteed=cards_of(q.quota.guaranteed),
                maximum=None if q.quota.maximum is None else cards_of(q.quota.maximum),
                used=cards_of(q.used), borrowed=cards_of(max(0, q.used - q.quota.guaranteed)),
            )
            for q in found
            if actor.is_admin or q.quota.project_id == actor.project_id
        ]
    )  # fmt: skip


@router.put("/resource-groups/{group_id}/quotas/{project_id}/{card_model}", status_code=204)
async def set_quota(
    group_id: str,
    project_id: str,
    card_model: str,
    form: QuotaForm,
    db: Db,
    actor: Annotated[Actor, allow("compute:quota:set")],
) -> None:
    await quotas.set_quota(
        db, actor, group_id, project_id, card_model,
        guaranteed=form.guaranteed, maximum=form.maximum, now=utc_now(),
    )  # fmt: skip


@router.delete("/resource-groups/{group_id}/quotas/{project_id}/{card_model}", status_code=204)
async def delete_quota(
    group_id: str,
    project_id: str,
    card_model: str,
    db: Db,
    actor: Annotated[Actor, allow("compute:quota:delete")],
) -> None:
    await quotas.delete_quota(db, actor, group_id, project_id, card_model, now=utc_now())


def _policy(form: PolicyForm) -> Policy:
    given = form.policy
    return parse_policy(given) if isinstance(given, str) else read_policy(given)


def _item(waiting: Waiting, actor: Actor, now: datetime) -> QueueItem:
    w = waiting.workload
    own = _may_see(w, actor)
    return QueueItem(
        number=waiting.number, kind=w.kind, group_id=w.group_id,
        workload_id=w.id if own else "", owner_id=w.owner_id if own else "",
        name=w.name if own else HIDDEN, project_id=w.project_id if own else "",
        tags=w.tags if own else {}, own_priority=w.priority if own else None,
        asks=[
            AskView(
                role=r.name, instances=r.count, cpu_cores=r.resources.cpu_cores,
                memory_bytes=r.resources.memory_bytes, gpus=r.resources.gpus, gpu_model=r.resources.gpu_model,
            )
            for r in w.spec.roles
        ],
        priority=w.queue_priority, evictions=w.evictions, reason=w.reason if own else "",
        submitted_at=w.created_at, queued_at=w.queued_at,
        waiting_s=max(0.0, (now - w.queued_at).total_seconds()),
    )  # fmt: skip


def _name(w: Workload, actor: Actor) -> WorkloadName:
    own = _may_see(w, actor)
    return WorkloadName(
        workload_id=w.id if own else "", kind=w.kind, owner_id=w.owner_id if own else "",
        name=w.name if own else HIDDEN, priority=w.queue_priority,
    )  # fmt: skip


def _may_see(workload: Workload, actor: Actor) -> bool:
    return actor.is_admin or workload.project_id == actor.project_id
