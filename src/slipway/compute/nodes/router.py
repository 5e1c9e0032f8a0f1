"""HTTP of nodes: reading them, moving them, taking them out of service, and joining."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import utc_now
from slipway.base.events import list_events
from slipway.base.forms import Form
from slipway.base.paging import PageQuery
from slipway.compute import queries
from slipway.compute.groups.capacity import uses_of
from slipway.compute.nodes import changes as node_changes
from slipway.compute.nodes import join as joining
from slipway.compute.nodes import queries as node_queries
from slipway.compute.nodes import service as node_service
from slipway.compute.nodes.views import CheckView, NodeDetail, NodePage, NodeView, node_fields
from slipway.compute.queries import frozen_node
from slipway.compute.tables import NodeRow
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/nodes", tags=["Nodes"])

Lister = Annotated[Actor, allow("compute:node:list")]
Reader = Annotated[Actor, allow("compute:node:get")]
Changer = Annotated[Actor, allow("compute:node:update")]


class MoveForm(Form):
    group: str = Field(description="The group to move to.")
    confirm: bool = Field(False, description="What runs on the node may be moved away.")


class ReleaseForm(Form):
    confirm: bool = False


class BatchMoveForm(MoveForm):
    nodes: list[str]


class BatchReleaseForm(ReleaseForm):
    nodes: list[str]


class DoneView(BaseModel):
    node_id: str
    done: bool
    problem: str | None
    code: str | None


class BatchView(BaseModel):
    items: list[DoneView]


class ReasonForm(Form):
    reason: str = ""


class DrainForm(ReasonForm):
    time_limit_s: float = Field(0, description="What still runs then is moved away.")


class DeadForm(Form):
    confirm: bool = Field(False, description="The machine is really off.")


class NodePatch(Form):
    """Only what is given is changed."""

    planned_end: datetime | None = Field(
        None, description="When it is released by itself; null: never."
    )
    zone: str | None = Field(
        None, description="Where it stands; empty: as the machine said at its join."
    )
    rack: str | None = Field(None, description="A part of the zone.")


class RejoinForm(Form):
    group: str


class NodeEventView(BaseModel):
    seq: int
    time: datetime
    type: str
    actor_id: str | None
    data: dict[str, Any]


class NodeEventList(BaseModel):
    items: list[NodeEventView]


@router.get("")
async def list_nodes(db: Db, page: PageArgs, actor: Lister, group: str | None = None) -> NodePage:
    return await _page(db, page, group, history=False)


@router.get("/history")
async def list_node_history(
    db: Db, page: PageArgs, actor: Lister, group: str | None = None
) -> NodePage:
    """Nodes that could not be set up, or that have left."""
    return await _page(db, page, group, history=True)


@router.post("/move")
async def move_nodes(form: BatchMoveForm, db: Db, actor: Changer) -> BatchView:
    """One by one; each answers for itself."""

    async def one(node_id: str) -> None:
        await node_changes.move_node(
            db, actor, node_id, group_id=form.group, confirmed=form.confirm, now=utc_now()
        )

    return _batch(await node_changes.batch(form.nodes, one))


@router.post("/release")
async def release_nodes(form: BatchReleaseForm, db: Db, actor: Changer) -> BatchView:
    async def one(node_id: str) -> None:
        await node_changes.release_node(db, actor, node_id, confirmed=form.confirm, now=utc_now())

    return _batch(await node_changes.batch(form.nodes, one))


@router.get("/{node_id}")
async def get_node(node_id: str, db: Db, actor: Reader) -> NodeDetail:
    return await _detail(db, node_id)


@router.get("/{node_id}/events")
async def list_node_events(node_id: str, db: Db, actor: Reader) -> NodeEventList:
    """What happened to the node, newest first."""
    async with db.read() as session:
        await node_queries.get_node(session, node_id)
        found = await list_events(session, project_id=None, subject_id=node_id, newest_first=True)
    return NodeEventList(
        items=[
            NodeEventView(seq=e.seq, time=e.time, type=e.type, actor_id=e.actor_id, data=e.data)
            for e in found
        ]
    )


@router.post("/{node_id}/move")
async def move_node(node_id: str, form: MoveForm, db: Db, actor: Changer) -> NodeDetail:
    await node_changes.move_node(
        db, actor, node_id, group_id=form.group, confirmed=form.confirm, now=utc_now()
    )
    return await _detail(db, node_id)


@router.post("/{node_id}/release")
async def release_node(node_id: str, form: ReleaseForm, db: Db, actor: Changer) -> NodeDetail:
    await node_changes.release_node(db, actor, node_id, confirmed=form.confirm, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/cordon")
async def cordon_node(node_id: str, form: ReasonForm, db: Db, actor: Changer) -> NodeDetail:
    await node_service.cordon_node(db, actor, node_id, reason=form.reason, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/uncordon")
async def uncordon_node(node_id: str, db: Db, actor: Changer) -> NodeDetail:
    await node_service.uncordon_node(db, actor, node_id, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/drain")
async def drain_node(node_id: str, form: DrainForm, db: Db, actor: Changer) -> NodeDetail:
    await node_service.drain_node(
        db, actor, node_id, time_limit_s=form.time_limit_s, reason=form.reason, now=utc_now()
    )
    return await _detail(db, node_id)


@router.post("/{node_id}/repair")
async def start_repair(node_id: str, form: ReasonForm, db: Db, actor: Changer) -> NodeDetail:
    await node_service.start_repair(db, actor, node_id, reason=form.reason, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/end-repair")
async def end_repair(node_id: str, db: Db, actor: Changer) -> NodeDetail:
    await node_service.end_repair(db, actor, node_id, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/dead")
async def declare_dead(node_id: str, form: DeadForm, db: Db, actor: Changer) -> NodeDetail:
    """A person vouches that the machine is off: what ran on it has ended."""
    await node_service.declare_dead(db, actor, node_id, confirmed=form.confirm, now=utc_now())
    return await _detail(db, node_id)


@router.patch("/{node_id}")
async def change_node(node_id: str, form: NodePatch, db: Db, actor: Changer) -> NodeDetail:
    given = form.model_fields_set
    place = {name: value for name in ("zone", "rack") if (value := getattr(form, name)) is not None}
    if place:
        await node_service.set_place(db, actor, node_id, place, now=utc_now())
    if "planned_end" in given:
        await node_service.plan_end(db, actor, node_id, planned_end=form.planned_end, now=utc_now())
    return await _detail(db, node_id)


@router.post("/{node_id}/rejoin")
async def rejoin_node(node_id: str, form: RejoinForm, db: Db, actor: Changer) -> NodeDetail:
    await joining.rejoin(db, actor, node_id, form.group, now=utc_now())
    return await _detail(db, node_id)


async def _page(db: Db, page: PageQuery, group: str | None, *, history: bool) -> NodePage:
    async with db.read() as session:
        found = await node_queries.page_nodes(session, page, group_id=group, history=history)
        items = await _views(session, found.items)
    return NodePage(items=items, next_cursor=found.next_cursor, total=found.total)


async def _views(session: AsyncSession, rows: Sequence[NodeRow]) -> list[NodeView]:
    held = await node_queries.held_on(session, [row.id for row in rows])
    names = {group.id: group.name for group in await queries.list_groups(session)}
    uses = uses_of((frozen_node(row) for row in rows), held)
    return [
        NodeView.of(row, use, names.get(row.group_id, ""))
        for row, use in zip(rows, uses, strict=True)
    ]


async def _detail(db: Db, node_id: str) -> NodeDetail:
    async with db.read() as session:
        row = await node_queries.get_node(session, node_id)
        held = await node_queries.held_on(session, [node_id])
        group = await queries.find_group(session, row.group_id)
        checks = await joining.check_against_group(session, row.group_id, row.info, own_id=row.id)
    (use,) = uses_of([frozen_node(row)], held)
    fields = node_fields(row, use, group.name if group else "")
    return NodeDetail(**fields, info=row.info, checks=[CheckView.of(check) for check in checks])


def _batch(done: Sequence[node_changes.Done]) -> BatchView:
    return BatchView(
        items=[
            DoneView(node_id=d.node_id, done=d.problem is None, problem=d.problem, code=d.code)
            for d in done
        ]
    )
