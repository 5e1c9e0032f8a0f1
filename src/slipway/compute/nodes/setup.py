"""The resource group `local` and this machine as its node.

Made once, at the first start; what administrators did with them since stays. What the machine has
is kept true at every start.
"""

from __future__ import annotations

import socket
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.settings import Settings
from slipway.compute.nodes.machine import Machine
from slipway.compute.nodes.queries import count_live
from slipway.compute.nodes.sharing import allowed_by_type, as_rows, shared_as
from slipway.compute.submit import DEFAULT_GROUP
from slipway.compute.tables import NodeRow, ResourceGroupRow
from slipway.compute.types import NodeState

LOCAL_NODE = "node-local"


async def ensure_local_node(
    session: AsyncSession, machine: Machine, settings: Settings, now: datetime
) -> None:
    busy = LOCAL_NODE in await count_live(session, [LOCAL_NODE])
    allowed = await allowed_by_type(session)
    node = await session.get(NodeRow, LOCAL_NODE)
    if node is None:
        if await session.get(ResourceGroupRow, DEFAULT_GROUP) is None:
            session.add(
                ResourceGroupRow(
                    id=DEFAULT_GROUP,
                    name="local",
                    engine="process",
                    site=settings.site,
                    created_at=now,
                )
            )
            await session.flush()
        node = NodeRow(
            id=LOCAL_NODE,
            group_id=DEFAULT_GROUP,
            engine="process",
            host="127.0.0.1",
            created_at=now,
            joined_at=now,
            state_since=now,
            engine_node="local",
            state=NodeState.RUNNING,
        )
        session.add(node)
    node.name = socket.gethostname()
    node.cpu_cores = machine.cores * settings.cpu_overcommit
    node.memory_bytes = machine.memory_bytes
    node.gpus = as_rows(shared_as(machine.gpus, node.gpus or (), allowed, busy=busy))
