"""The log page's own matters: how long logs are kept, delivery, and what the log says of the network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.base.database import Database
from slipway.compute.output.files import InstanceFiles, instances_of_owner
from slipway.compute.output.logs import LogQuery, read_logs
from slipway.compute.types import Instance
from slipway.delivery import queries as delivery
from slipway.delivery.loop import delivered_bytes
from slipway.delivery.switch import switch_delivery
from slipway.iam.types import Actor
from slipway.training import queries


class Network(StrEnum):
    """What NCCL said it uses between instances (TRN-62)."""

    RDMA = "rdma"
    SOCKET = "socket"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LogSettings:
    deliver: bool
    error: str  # of the last try
    delivered_bytes: int
    waiting_bytes: int
    has_store: bool


async def get_log_settings(
    db: Database, files: InstanceFiles, actor: Actor, task_id: str
) -> LogSettings:
    async with db.read() as session:
        await queries.get_task(session, actor.project_id, task_id)
        row = await delivery.find_delivery(session, task_id)
        store = await delivery.find_store(session, actor.project_id)
        instances = await instances_of_owner(session, task_id)
    sent, size = await asyncio.to_thread(_amounts, files, instances)
    on = row is not None and row.enabled
    return LogSettings(
        on, row.error if row else "", sent, size - sent if on else 0, store is not None
    )


async def set_log_delivery(
    db: Database, actor: Actor, task_id: str, *, on: bool, now: datetime
) -> None:
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id)
        await switch_delivery(session, actor, task_id, row.name, on=on, now=now)


def find_network(files: InstanceFiles, instances: list[Instance]) -> tuple[Network, str]:
    """The network of the newest channel that NCCL reported, and the line that says so. Blocking."""
    found: list[tuple[str, Network, str]] = []
    for network, words in ((Network.RDMA, "NET/IB"), (Network.SOCKET, "NET/Socket")):
        query = LogQuery(search=f"NCCL INFO via {words}", limit=1)
        found += [
            (line.time, network, line.text)
            for line in read_logs(files.logs(instances), query).lines
        ]
    _, network, text = max(found, default=("", Network.UNKNOWN, ""))
    return network, text


def _amounts(files: InstanceFiles, instances: list[Instance]) -> tuple[int, int]:
    """Bytes delivered, and bytes there are."""
    sent = sum(delivered_bytes(files.directory(instance.id)) for instance in instances)
    logs = files.logs(instances).values()
    return sent, sum(path.stat().st_size for path in logs if path.exists())
