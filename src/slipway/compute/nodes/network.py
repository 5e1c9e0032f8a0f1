"""RDMA (TRN-61): which tasks get it, and the variables of their nodes' profile (table T5).

A profile belongs to a card model and is an administrator's to edit; a user's own variable wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.compute import queries
from slipway.compute.nodes import queries as node_queries
from slipway.compute.queue.queries import nodes_by_id
from slipway.compute.tables import NetworkProfileRow
from slipway.compute.types import Instance, Node

# A starting point to copy: one family's values, for an interface eth0 and a bonded adapter.
EXAMPLE = {
    "NCCL_IB_GID_INDEX": "3", "NCCL_IB_SL": "3", "NCCL_CHECK_DISABLE": "1", "NCCL_P2P_DISABLE": "0",
    "NCCL_IB_DISABLE": "0", "NCCL_LL_THRESHOLD": "16384", "NCCL_IB_CUDA_SUPPORT": "1",
    "NCCL_IB_HCA": "mlx5_bond", "NCCL_NET_GDR_LEVEL": "2", "NCCL_IB_QPS_PER_CONNECTION": "4",
    "NCCL_IB_TC": "160", "NCCL_PXN_DISABLE": "1", "NCCL_IB_TIMEOUT": "24", "NCCL_DEBUG": "INFO",
    "NCCL_SOCKET_IFNAME": "eth0", "GLOO_SOCKET_IFNAME": "eth0",
}  # fmt: skip
MAX_MODEL = 100
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def rdma_model(instances: Sequence[Instance], nodes: Sequence[Node]) -> str | None:
    """The card model whose profile applies: two or more whole machines with RDMA; else None."""
    by_id = {node.id: node for node in nodes}
    places = [(i, by_id.get(i.node_id)) for i in instances]
    if len(instances) < 2 or not all(
        node is not None
        and node.gpus
        and node.info.get("rdma")
        and len(i.gpu_indexes) == len(node.gpus)
        for i, node in places
    ):
        return None
    models = {node.gpus[0].model for _, node in places if node is not None}
    return models.pop() if len(models) == 1 else None


async def variables_for(session: AsyncSession, instances: Sequence[Instance]) -> dict[str, str]:
    """What the platform adds for these instances; empty where RDMA is not theirs."""
    if len(instances) < 2 or not all(i.gpu_indexes for i in instances):
        return {}
    rows = await nodes_by_id(session, {i.node_id for i in instances})
    model = rdma_model(instances, [queries.frozen_node(row) for row in rows.values()])
    row = await queries.find_network_profile(session, model) if model else None
    return dict(row.variables) if row else {}


async def count_uses(session: AsyncSession) -> dict[str, int]:
    """Card model -> how many workloads run with its profile now."""
    nodes = await queries.list_nodes(session)
    with_cards = [node.id for node in nodes if node.gpus and node.info.get("rdma")]
    by_workload: dict[str, list[Instance]] = {}
    for row in await node_queries.live_on(session, with_cards):
        by_workload.setdefault(row.workload_id, []).append(queries.frozen_instance(row))
    models = (rdma_model(instances, nodes) for instances in by_workload.values())
    return Counter(model for model in models if model is not None)


def why_not_delete(uses: int) -> str | None:
    """A task that restarts on its seats would get other variables than it began with."""
    if not uses:
        return None
    return f"Running tasks use this profile ({uses}). Wait until they have ended, or stop them."


async def put_profile(
    session: AsyncSession,
    gpu_model: str,
    variables: Mapping[str, str],
    *,
    actor_id: str,
    now: datetime,
) -> NetworkProfileRow:
    if not gpu_model.strip() or len(gpu_model) > MAX_MODEL:
        raise Invalid(
            f"Name the card model as the nodes have it, in at most {MAX_MODEL} characters.",
            field="gpu_model",
        )
    for name in variables:
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not a name for an environment variable.", field="variables")
    row = await queries.find_network_profile(session, gpu_model)
    if row is None:
        row = NetworkProfileRow(gpu_model=gpu_model)
        session.add(row)
    row.variables, row.updated_by, row.updated_at = dict(variables), actor_id, now
    await session.flush()
    await _tell(session, gpu_model, "networkProfileChanged", actor_id, now)
    return row


async def delete_profile(
    session: AsyncSession, gpu_model: str, *, actor_id: str, now: datetime
) -> None:
    row = await queries.find_network_profile(session, gpu_model)
    if row is None:
        raise NotFound(f"There is no network profile for {gpu_model!r}.")
    if reason := why_not_delete((await count_uses(session)).get(gpu_model, 0)):
        raise Conflict(reason, code="in_use")
    await session.delete(row)
    await _tell(session, gpu_model, "networkProfileDeleted", actor_id, now)


async def _tell(
    session: AsyncSession, gpu_model: str, what: str, actor_id: str, now: datetime
) -> None:
    await record(
        session, f"compute:{what}", subject=("network_profile", gpu_model), project_id=None,
        actor_id=actor_id, now=now, gpuModel=gpu_model,
    )  # fmt: skip
