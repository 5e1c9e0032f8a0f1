"""Machines that an engine reaches and nobody has joined: they come into a group of the engine's own.

A machine that was released keeps its record, so it does not come back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.ids import new_id
from slipway.compute.engines.base import SeenNode
from slipway.compute.nodes import queries
from slipway.compute.nodes.events import tell
from slipway.compute.tables import NodeRow, ResourceGroupRow
from slipway.compute.types import NodeState


async def unknown_nodes(
    session: AsyncSession, engine: str, seen: Sequence[SeenNode]
) -> list[SeenNode]:
    rows = await queries.list_node_rows(session)
    known = {row.id for row in rows} | {row.engine_node for row in rows if row.engine == engine}
    return [
        node
        for node in seen
        if node.engine_node not in known and node.info.get("node_id") not in known
    ]


async def take_in(
    session: AsyncSession, engine: str, nodes: Sequence[SeenNode], site: str, now: datetime
) -> None:
    """Each becomes a node that is being deployed: the loop that follows nodes brings it on."""
    group_id = await _own_group(session, engine, site, now)
    for node in nodes:
        row = NodeRow(
            id=new_id("node", 8), group_id=group_id, engine=engine, engine_node=node.engine_node,
            name=node.name, host=node.host, cpu_cores=node.cpu_cores, memory_bytes=node.memory_bytes,
            gpus=[asdict(card) for card in node.gpus], info=node.info, state=NodeState.DEPLOYING,
            state_since=now, created_at=now,
        )  # fmt: skip
        session.add(row)
        await session.flush()
        await tell(session, "nodeJoining", row, now=now)


async def _own_group(session: AsyncSession, engine: str, site: str, now: datetime) -> str:
    """The group named like the engine; made when the first machine is found."""
    found = await queries.find_group_by_name(session, site, engine)
    if found is not None:
        return found
    row = ResourceGroupRow(
        id=new_id("rsg", 8), name=engine, engine=engine, site=site, created_at=now
    )
    session.add(row)
    await session.flush()
    return row.id
