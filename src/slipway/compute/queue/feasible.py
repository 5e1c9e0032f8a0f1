"""Whether a resource group could ever hold something, without reading ten thousand nodes for it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import queries
from slipway.compute.scheduling.model import Need
from slipway.compute.scheduling.never import why_never

# Nodes to try with first: most of a group are alike, and what fits on a part fits on the whole.
_PARTS = (64, 512)


async def why_never_in(session: AsyncSession, group_id: str, needs: tuple[Need, ...]) -> str | None:
    """As `why_never`, of the nodes that the group has now.

    Only what does not fit, or needs many of the nodes, costs reading all of them.
    """
    for limit in _PARTS:
        some = await queries.list_nodes(session, group_id, limit=limit)
        problem = why_never(some, group_id, needs)
        if problem is None or len(some) < limit:
            return problem
    return why_never(await queries.list_nodes(session, group_id), group_id, needs)
