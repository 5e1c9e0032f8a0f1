"""What a machine checks before it joins (RES-09): the platform's storage, and ports both ways."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.settings import Settings
from slipway.compute.engines.ray.options import RayOptions
from slipway.compute.nodes import queries
from slipway.compute.types import NodeState

_ANSWERS_WITHIN_S = 5.0
_MOST_PEERS = 50


@dataclass(frozen=True, slots=True)
class Terms:
    """`marker` is a file with `marker_text` in it wherever the platform's storage is mounted."""

    marker: str | None
    marker_text: str
    reach: list[str]
    port: int


async def terms_of(session: AsyncSession, group_id: str, settings: Settings) -> Terms:
    rows = await queries.list_node_rows(session, groups=[group_id], states=[NodeState.RUNNING])
    peers = [f"{r.host}:{r.info['ray_port']}" for r in rows if r.info.get("ray_port")]
    head = settings.ray_address
    if head is None:
        return Terms(None, "", peers[:_MOST_PEERS], settings.port_range_end)
    options = RayOptions(head, settings.root)
    heads = [head] if ":" in head else []
    return Terms(
        str(options.marker), options.platform_id(), heads + peers[:_MOST_PEERS], settings.port_range_end
    )  # fmt: skip


async def is_heard(host: str, port: int, says: str) -> bool:
    """Whether that machine answers there with these words: an address alone may be somebody else's."""
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_S):
            reader, writer = await asyncio.open_connection(host, port)
            with contextlib.closing(writer):
                return await reader.readexactly(len(says.encode())) == says.encode()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
