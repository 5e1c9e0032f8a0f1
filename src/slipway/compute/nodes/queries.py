"""Every SQL statement about groups, nodes and what runs on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.compute.tables import (
    InstanceRow,
    JoinTokenRow,
    NodeRow,
    ResourceGroupRow,
    WorkloadRow,
)
from slipway.compute.types import Held, InstanceState, NodeState, Resources, WorkloadState

HISTORY = (NodeState.DEPLOY_FAILED, NodeState.RELEASED, NodeState.RETIRED)
_OPEN = tuple(state for state in WorkloadState if not state.is_final)
_PLACED = (WorkloadState.STARTING, WorkloadState.RUNNING, WorkloadState.STOPPING)


async def get_group(session: AsyncSession, group_id: str) -> ResourceGroupRow:
    row = await session.get(ResourceGroupRow, group_id)
    if row is None or row.deleted_at is not None:
        raise NotFound(f"There is no resource group {group_id}.", field="group")
    return row


async def find_group_by_name(session: AsyncSession, site: str, name: str) -> str | None:
    """The id of the group that has the name."""
    query = select(ResourceGroupRow.id).where(
        ResourceGroupRow.site == site,
        ResourceGroupRow.name == name,
        ResourceGroupRow.deleted_at.is_(None),
    )
    found: str | None = await session.scalar(query)
    return found


async def page_groups(session: AsyncSession, page: PageQuery) -> Page[ResourceGroupRow]:
    return await fetch_page(
        session, select(ResourceGroupRow).where(ResourceGroupRow.deleted_at.is_(None)), page,
        id_column=ResourceGroupRow.id, tags_column=ResourceGroupRow.tags,
        orders={"created_at": ResourceGroupRow.created_at, "name": ResourceGroupRow.name},
        search_in=(ResourceGroupRow.id, ResourceGroupRow.name),
    )  # fmt: skip


async def count_open_in_group(session: AsyncSession, group_id: str) -> int:
    query = select(func.count()).where(
        WorkloadRow.group_id == group_id, WorkloadRow.state.in_(_OPEN)
    )
    return await session.scalar(query) or 0


async def get_node(session: AsyncSession, node_id: str) -> NodeRow:
    row = await session.get(NodeRow, node_id)
    if row is None:
        raise NotFound(f"There is no node {node_id}.")
    return row


async def list_node_rows(
    session: AsyncSession,
    *,
    groups: Collection[str] | None = None,
    states: Collection[str] | None = None,
) -> list[NodeRow]:
    query = select(NodeRow)
    if groups is not None:
        query = query.where(NodeRow.group_id.in_(groups))
    if states is not None:
        query = query.where(NodeRow.state.in_(states))
    return list(await session.scalars(query.order_by(NodeRow.name, NodeRow.id)))


async def page_nodes(
    session: AsyncSession, page: PageQuery, *, group_id: str | None, history: bool
) -> Page[NodeRow]:
    query = select(NodeRow)
    query = query.where(NodeRow.state.in_(HISTORY) if history else NodeRow.state.not_in(HISTORY))
    if group_id is not None:
        query = query.where(NodeRow.group_id == group_id)
    return await fetch_page(
        session, query, page, id_column=NodeRow.id, state_column=NodeRow.state,
        orders={"created_at": NodeRow.created_at, "name": NodeRow.name},
        search_in=(NodeRow.id, NodeRow.name, NodeRow.host),
    )  # fmt: skip


async def find_same_machine(
    session: AsyncSession, machine_id: str, host: str, engine: str
) -> NodeRow | None:
    """The node that this machine was or is: by its own id and address."""
    query = select(NodeRow).where(NodeRow.host == host, NodeRow.engine == engine)
    rows = list(await session.scalars(query.order_by(NodeRow.created_at.desc())))
    return next((r for r in rows if machine_id and r.info.get("machine_id") == machine_id), None)


async def held_on(session: AsyncSession, node_ids: Collection[str]) -> list[Held]:
    """As `queries.list_held`, of these nodes."""
    query = (
        select(InstanceRow)
        .join(WorkloadRow, WorkloadRow.id == InstanceRow.workload_id)
        .where(
            InstanceRow.node_id.in_(node_ids),
            WorkloadRow.state.in_(_PLACED),
            InstanceRow.attempt == WorkloadRow.attempt,
        )
    )
    rows = await session.scalars(query)
    return [Held(r.node_id, Resources(**r.resources), tuple(r.gpu_indexes)) for r in rows]


async def live_on(session: AsyncSession, node_ids: Collection[str]) -> list[InstanceRow]:
    query = _live().where(InstanceRow.node_id.in_(node_ids))
    return list(await session.scalars(query.order_by(InstanceRow.id)))


async def count_live(session: AsyncSession, node_ids: Collection[str]) -> dict[str, int]:
    """Live instances by node; nodes without any are left out."""
    query = (
        select(InstanceRow.node_id, func.count())
        .where(InstanceRow.state != InstanceState.EXITED, InstanceRow.node_id.in_(node_ids))
        .group_by(InstanceRow.node_id)
    )
    return {str(node_id): int(count) for node_id, count in await session.execute(query)}


async def count_work(session: AsyncSession, node_ids: Collection[str]) -> dict[str, int]:
    """Workloads with live instances on these nodes, by kind."""
    query = (
        select(WorkloadRow.kind, func.count(WorkloadRow.id.distinct()))
        .join(InstanceRow, InstanceRow.workload_id == WorkloadRow.id)
        .where(InstanceRow.node_id.in_(node_ids), InstanceRow.state != InstanceState.EXITED)
        .group_by(WorkloadRow.kind)
    )
    return {str(kind): int(count) for kind, count in await session.execute(query)}


async def page_holding(
    session: AsyncSession,
    page: PageQuery,
    *,
    group_id: str | None,
    node_id: str | None,
    own_project: str | None,
) -> Page[WorkloadRow]:
    """Workloads with live instances. A search looks only into `own_project`, if one is given."""
    live = exists().where(
        InstanceRow.workload_id == WorkloadRow.id, InstanceRow.state != InstanceState.EXITED
    )
    if node_id is not None:
        live = live.where(InstanceRow.node_id == node_id)
    query = select(WorkloadRow).where(live)
    if group_id is not None:
        query = query.where(WorkloadRow.group_id == group_id)
    if own_project is not None and (page.search or page.tags):
        query = query.where(WorkloadRow.project_id == own_project)
    return await fetch_page(
        session, query, page, id_column=WorkloadRow.id, tags_column=WorkloadRow.tags,
        orders={"created_at": WorkloadRow.created_at},
        search_in=(WorkloadRow.name, WorkloadRow.owner_id),
    )  # fmt: skip


async def live_of(session: AsyncSession, workload_ids: Sequence[str]) -> list[InstanceRow]:
    query = _live().where(InstanceRow.workload_id.in_(workload_ids))
    return list(await session.scalars(query.order_by(InstanceRow.rank)))


async def workloads_by_id(
    session: AsyncSession, workload_ids: Collection[str]
) -> dict[str, WorkloadRow]:
    query = select(WorkloadRow).where(WorkloadRow.id.in_(workload_ids))
    return {row.id: row for row in await session.scalars(query.order_by(WorkloadRow.id))}


async def find_join_token(session: AsyncSession, token_hash: str) -> JoinTokenRow | None:
    return await session.get(JoinTokenRow, token_hash)


async def use_join_token(session: AsyncSession, token_hash: str, now: datetime) -> bool:
    """False where somebody else was quicker: a token is used once."""
    done = await session.execute(
        update(JoinTokenRow)
        .where(
            JoinTokenRow.hash == token_hash,
            JoinTokenRow.used_at.is_(None),
            JoinTokenRow.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _live() -> Select[InstanceRow]:
    return select(InstanceRow).where(InstanceRow.state != InstanceState.EXITED)


async def machines_of_attempt(
    session: AsyncSession, workload_id: str, attempt: int
) -> list[dict[str, Any]]:
    """Where its instances are, as those machines are now: name, system, CPU, driver and card models."""
    query = (
        select(NodeRow)
        .where(
            NodeRow.id.in_(
                select(InstanceRow.node_id).where(
                    InstanceRow.workload_id == workload_id, InstanceRow.attempt == attempt
                )
            )
        )
        .order_by(NodeRow.name)
    )
    return [_machine(row) for row in await session.scalars(query)]


def _machine(row: NodeRow) -> dict[str, Any]:
    facts = {key: row.info.get(key, "") for key in ("os", "kernel", "cpu_model", "driver")}
    return {"name": row.name, **facts, "cards": sorted({card["model"] for card in row.gpus})}
