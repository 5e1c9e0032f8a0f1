"""Taking a node that failed under a workload out of use: it gets no new work until somebody looks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.compute import queries


async def cordon_node(
    session: AsyncSession, node_id: str, *, workload_id: str, reason: str, now: datetime
) -> None:
    """Idempotent: a node that is cordoned already keeps its first reason."""
    row = await queries.find_node(session, node_id)
    if row is None or row.cordoned:
        return
    row.cordoned, row.reason = True, reason
    await record(
        session, "compute:nodeCordoned", subject=("node", row.id), project_id=None, now=now,
        node=row.name, workload=workload_id, reason=reason,
    )  # fmt: skip
