"""HTTP of resources: groups, nodes, what is held and what waits."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from slipway.compute import queries
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Resources"])


class NodeView(BaseModel):
    id: str
    name: str
    engine: str
    host: str
    state: str
    cordoned: bool
    cpu_cores: float
    cpu_cores_held: float
    memory_bytes: int
    memory_bytes_held: int
    gpus: list[dict[str, Any]]
    gpus_held: list[int]
    instances: int


class GroupView(BaseModel):
    id: str
    name: str
    engine: str
    nodes: list[NodeView]


class GroupList(BaseModel):
    items: list[GroupView]


@router.get("/resource-groups")
async def list_resource_groups(
    db: Db, actor: Annotated[Actor, allow("compute:group:list")]
) -> GroupList:
    async with db.read() as session:
        groups, nodes = await queries.list_groups(session), await queries.list_nodes(session)
        held = await queries.list_held(session)
    views = []
    for group in groups:
        members = [
            NodeView(
                id=n.id, name=n.name, engine=n.engine, host=n.host, state=n.state, cordoned=n.cordoned, cpu_cores=n.cpu_cores,
                cpu_cores_held=sum(h.resources.cpu_cores for h in held if h.node_id == n.id),
                memory_bytes=n.memory_bytes,
                memory_bytes_held=sum(h.resources.memory_bytes for h in held if h.node_id == n.id),
                gpus=[asdict(card) for card in n.gpus], gpus_held=[g for h in held if h.node_id == n.id for g in h.gpu_indexes],
                instances=sum(h.node_id == n.id for h in held),
            )
            for n in nodes
            if n.group_id == group.id
        ]  # fmt: skip
        views.append(GroupView(id=group.id, name=group.name, engine=group.engine, nodes=members))
    return GroupList(items=views)
