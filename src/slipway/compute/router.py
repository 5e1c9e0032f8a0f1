"""HTTP of compute: groups and nodes (files of their own), and what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from slipway.compute import queries, router_groups, router_nodes
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(tags=["Resources"])
router.include_router(router_groups.router)
router.include_router(router_nodes.router)


class QueueItem(BaseModel):
    workload_id: str
    kind: str
    owner_id: str
    name: str
    group_id: str
    priority: int | None
    reason: str
    queued_at: datetime


class QueueView(BaseModel):
    items: list[QueueItem]


@router.get("/queue")
async def list_queue(db: Db, actor: Annotated[Actor, allow("compute:queue:list")]) -> QueueView:
    """What waits for resources. Other projects' items are counted, not named."""
    async with db.read() as session:
        rows = await queries.list_queue(session)
    return QueueView(
        items=[
            QueueItem(
                workload_id=r.id, kind=r.kind, owner_id=r.owner_id if own else "", name=r.name if own else "(another project)",
                group_id=r.group_id, priority=r.priority, reason=r.reason, queued_at=r.queued_at,
            )
            for r in rows
            for own in (actor.is_admin or r.project_id == actor.project_id,)
        ]
    )  # fmt: skip
