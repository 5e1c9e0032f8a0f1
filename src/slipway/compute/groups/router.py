"""HTTP of resource groups: what there is, what is free, what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute.groups import groups
from slipway.compute.groups.capacity import NodeUse, amounts_of, summary_by_card, uses_of
from slipway.compute.groups.holding import page_of_holding
from slipway.compute.nodes import queries as node_queries
from slipway.compute.nodes.views import (
    CardSummaryView,
    FreeView,
    GroupDetail,
    GroupPage,
    GroupView,
    HoldingPage,
    HoldingView,
    NodeView,
    group_fields,
    policy_of,
)
from slipway.compute.queries import frozen_node
from slipway.compute.tables import NodeRow, ResourceGroupRow
from slipway.iam.http import Config, Db, PageArgs, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Resources"])

Reader = Annotated[Actor, allow("compute:group:get")]


class GroupForm(Form):
    name: str
    engine: Literal["process", "ray"] = Field(
        "process", description="process: this machine; ray: machines that join."
    )
    tags: dict[str, str] = {}
    policy: dict[str, Any] | str | None = Field(
        None, description="The scheduling policy, or its text; left out, the default."
    )
    preset_by_gpu: bool = Field(
        False, description="CPU and memory are given by the share of a node's cards."
    )
    risk_accepted: bool = Field(
        description="The notice was read: machines are not changed by hand after they joined."
    )


class GroupPatch(Form):
    name: str | None = None
    tags: dict[str, str] | None = None
    policy: dict[str, Any] | str | None = None
    preset_by_gpu: bool | None = None


@router.get("/resource-groups")
async def list_resource_groups(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("compute:group:list")]
) -> GroupPage:
    async with db.read() as session:
        found = await node_queries.page_groups(session, page)
        uses = await _uses_by_group(session, found.items)
    return GroupPage(
        items=[GroupView(**_fields(row, uses[row.id])) for row in found.items],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post("/resource-groups", status_code=201)
async def create_resource_group(
    form: GroupForm, db: Db, config: Config, actor: Annotated[Actor, allow("compute:group:create")]
) -> GroupDetail:
    asked = groups.GroupForm(form.name, form.engine, form.tags, form.policy, form.preset_by_gpu)
    group_id = await groups.create_group(
        db, actor, asked, site=config.site, risk_accepted=form.risk_accepted, now=utc_now()
    )
    return await _detail(db, group_id)


@router.get("/resource-groups/{group_id}")
async def get_resource_group(group_id: str, db: Db, actor: Reader) -> GroupDetail:
    return await _detail(db, group_id)


@router.patch("/resource-groups/{group_id}")
async def change_resource_group(
    group_id: str, form: GroupPatch, db: Db, actor: Annotated[Actor, allow("compute:group:update")]
) -> GroupDetail:
    change = groups.GroupChange(form.name, form.tags, form.policy, form.preset_by_gpu)
    await groups.change_group(db, actor, group_id, change, now=utc_now())
    return await _detail(db, group_id)


@router.delete("/resource-groups/{group_id}", status_code=204)
async def delete_resource_group(
    group_id: str, db: Db, actor: Annotated[Actor, allow("compute:group:delete")]
) -> None:
    await groups.delete_group(db, actor, group_id, now=utc_now())


@router.get("/resource-groups/{group_id}/free")
async def get_free_resources(group_id: str, db: Db, actor: Reader) -> FreeView:
    """By card type: total free, on fully free machines, on partly used ones; and each node."""
    async with db.read() as session:
        group = await node_queries.get_group(session, group_id)
        pairs = await _uses(session, [group_id])
    in_use = [(row, use) for row, use in pairs if use.node.state.is_in_use]
    return FreeView(
        cards=[CardSummaryView.of(card) for card in summary_by_card(use for _, use in in_use)],
        nodes=[NodeView.of(row, use, group.name) for row, use in in_use],
    )


@router.get("/resource-groups/{group_id}/holding")
async def list_holding(
    group_id: str, db: Db, page: PageArgs, actor: Reader, node: str | None = None
) -> HoldingPage:
    """What holds resources of the group, or of one of its nodes. Other projects' items have no name."""
    async with db.read() as session:
        await node_queries.get_group(session, group_id)
        # By node: what a moved node still runs belongs to the group it came from.
        found = await page_of_holding(
            session, actor, page, group_id=None if node else group_id, node_id=node, now=utc_now()
        )
    return HoldingPage(
        items=[HoldingView.of(item) for item in found.items],
        next_cursor=found.next_cursor,
        total=found.total,
    )


async def _detail(db: Db, group_id: str) -> GroupDetail:
    async with db.read() as session:
        row = await node_queries.get_group(session, group_id)
        uses = await _uses_by_group(session, [row])
    return GroupDetail(**_fields(row, uses[row.id]), policy=policy_of(row))


def _fields(row: ResourceGroupRow, uses: list[NodeUse]) -> dict[str, Any]:
    return group_fields(row, uses, amounts_of(uses), summary_by_card(uses))


async def _uses_by_group(
    session: AsyncSession, rows: Sequence[ResourceGroupRow]
) -> dict[str, list[NodeUse]]:
    found: dict[str, list[NodeUse]] = {row.id: [] for row in rows}
    for node, use in await _uses(session, list(found)):
        found[node.group_id].append(use)
    return found


async def _uses(session: AsyncSession, group_ids: Sequence[str]) -> list[tuple[NodeRow, NodeUse]]:
    rows = await node_queries.list_node_rows(session, groups=group_ids)
    held = await node_queries.held_on(session, [row.id for row in rows])
    return list(zip(rows, uses_of((frozen_node(row) for row in rows), held), strict=True))
