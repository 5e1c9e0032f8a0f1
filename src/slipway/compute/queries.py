"""Every SQL statement of the compute floor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, delete, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute.tables import (
    AttemptRow,
    InstanceRow,
    NetworkProfileRow,
    NodeRow,
    PortRow,
    ResourceGroupRow,
    WorkloadRow,
)
from slipway.compute.types import (
    Card,
    Clearing,
    Ending,
    Held,
    Instance,
    InstanceState,
    Node,
    NodeState,
    Resources,
    Wanted,
    Workload,
    WorkloadSpec,
    WorkloadState,
)  # fmt: skip

_OPEN = tuple(state for state in WorkloadState if not state.is_final)
_PLACED = (WorkloadState.STARTING, WorkloadState.RUNNING, WorkloadState.STOPPING)

# Made once: to build a statement costs more than to run it.
_PRESENT_INSTANCES = (
    select(InstanceRow)
    .join(WorkloadRow, WorkloadRow.id == InstanceRow.workload_id)
    .where(
        InstanceRow.workload_id.in_(bindparam("ids", expanding=True)),
        InstanceRow.attempt == WorkloadRow.attempt,
    )
    .order_by(InstanceRow.rank)
)
_ENGINE_NODES = select(NodeRow.id, NodeRow.engine_node).where(
    NodeRow.id.in_(bindparam("ids", expanding=True))
)


class Live(NamedTuple):
    id: str
    workload_id: str
    engine: str


def frozen_workload(row: WorkloadRow) -> Workload:
    return Workload(
        id=row.id, project_id=row.project_id, kind=row.kind, owner_id=row.owner_id, name=row.name,
        spec=WorkloadSpec.of(row.spec), group_id=row.group_id, tags=row.tags, priority=row.priority,
        wanted=Wanted(row.wanted),
        state=WorkloadState(row.state), ending=Ending(row.ending) if row.ending else None, reason=row.reason,
        attempt=row.attempt, restarts=row.restarts, evictions=row.evictions, reschedules=row.reschedules, created_by=row.created_by, queue_priority=row.queue_priority,
        displaced_for=row.displaced_for, created_at=row.created_at, queued_at=row.queued_at, started_at=row.started_at, ended_at=row.ended_at,
    )  # fmt: skip


def frozen_instance(row: InstanceRow) -> Instance:
    return Instance(
        id=row.id, workload_id=row.workload_id, attempt=row.attempt, role=row.role, index=row.index, rank=row.rank,
        node_id=row.node_id, engine=row.engine, host=row.host, ports=dict(row.ports),
        resources=Resources(**row.resources), gpu_indexes=tuple(row.gpu_indexes), state=InstanceState(row.state), notes=tuple(row.notes), namespace=row.namespace, created_at=row.created_at,
        started_at=row.started_at, ended_at=row.ended_at, exit_code=row.exit_code, signal=row.signal,
        reason=row.reason, waited_s=row.waited_s,
    )  # fmt: skip


def zone_of(row: NodeRow) -> str:
    """An administrator's word first, then what the machine said when it joined."""
    return row.zone or str(row.info.get("zone") or "")


def rack_of(row: NodeRow) -> str:
    return row.rack or str(row.info.get("rack") or "")


def frozen_node(row: NodeRow) -> Node:
    return Node(
        id=row.id, group_id=row.group_id, name=row.name, engine=row.engine, host=row.host, cpu_cores=row.cpu_cores,
        memory_bytes=row.memory_bytes, gpus=tuple(Card(**card) for card in row.gpus), state=NodeState(row.state),
        cordoned=row.cordoned, info=row.info, clearing=Clearing(row.clearing), engine_node=row.engine_node,
        zone=zone_of(row), rack=rack_of(row),
    )  # fmt: skip


async def find_workload(
    session: AsyncSession, workload_id: str, *, lock: bool = False
) -> WorkloadRow | None:
    """`lock`: as it is now, and until the transaction ends."""
    return await session.get(
        WorkloadRow, workload_id, with_for_update=lock or None, populate_existing=lock
    )


async def list_workloads_of(session: AsyncSession, owner_id: str) -> list[WorkloadRow]:
    query = (
        select(WorkloadRow)
        .where(WorkloadRow.owner_id == owner_id)
        .order_by(WorkloadRow.created_at.desc())
    )
    return list(await session.scalars(query))


_NO_LIMIT = and_(
    WorkloadRow.spec["max_run_s"].as_float().is_(None),
    WorkloadRow.spec["hang_s"].as_float().is_(None),
)
# Nothing can become of these but by a change of their rows or by the end of an instance.
_QUIET = and_(
    WorkloadRow.state == WorkloadState.RUNNING, WorkloadRow.wanted == Wanted.RUN, _NO_LIMIT
)
# These are the scheduler's, or held back until somebody lets them go.
_WAITS = and_(
    WorkloadRow.state == WorkloadState.QUEUED,
    or_(
        WorkloadRow.wanted == Wanted.HOLD,
        and_(
            WorkloadRow.wanted == Wanted.RUN,
            WorkloadRow.spec["max_queue_s"].as_float().is_(None),
        ),
    ),
)


async def list_to_look_at(session: AsyncSession) -> list[str]:
    """Open workloads, but for the quiet ones and those that only wait for a place, without a limit."""
    query = select(WorkloadRow.id).where(
        WorkloadRow.state.in_((*_PLACED, WorkloadState.QUEUED)), not_(_WAITS), not_(_QUIET)
    )
    return list(await session.scalars(query))


async def list_quiet(session: AsyncSession) -> set[str]:
    """Workloads that run and shall, without a limit of time."""
    return set(await session.scalars(select(WorkloadRow.id).where(_QUIET)))


async def list_present_instances(
    session: AsyncSession, workload_ids: Collection[str]
) -> dict[str, list[InstanceRow]]:
    """By workload, of its present attempt, in rank order."""
    found: dict[str, list[InstanceRow]] = {}
    for row in await session.scalars(_PRESENT_INSTANCES, {"ids": workload_ids}):
        found.setdefault(row.workload_id, []).append(row)
    return found


async def list_instances(
    session: AsyncSession, workload_id: str, attempt: int | None = None
) -> list[InstanceRow]:
    query = select(InstanceRow).where(InstanceRow.workload_id == workload_id)
    if attempt is not None:
        query = query.where(InstanceRow.attempt == attempt)
    return list(await session.scalars(query.order_by(InstanceRow.attempt, InstanceRow.rank)))


async def list_instances_of(
    session: AsyncSession, owner_ids: Collection[str]
) -> list[tuple[str, InstanceRow]]:
    """Every instance of every run of the owners, with its owner's id, oldest first."""
    query = (
        select(WorkloadRow.owner_id, InstanceRow)
        .join(InstanceRow, InstanceRow.workload_id == WorkloadRow.id)
        .where(WorkloadRow.owner_id.in_(owner_ids))
        .order_by(WorkloadRow.created_at, InstanceRow.attempt, InstanceRow.rank)
    )
    return [(owner_id, row) for owner_id, row in await session.execute(query)]


async def find_instance(session: AsyncSession, instance_id: str) -> InstanceRow | None:
    return await session.get(InstanceRow, instance_id)


async def list_live(session: AsyncSession) -> list[Live]:
    """Instances that have not ended: columns only, for there may be thousands."""
    query = select(InstanceRow.id, InstanceRow.workload_id, InstanceRow.engine).where(
        InstanceRow.state != InstanceState.EXITED
    )
    return [Live(*row) for row in await session.execute(query)]


async def list_unmetered_since(session: AsyncSession, moment: datetime) -> list[str]:
    """Live instances of which nothing after that moment has been metered."""
    until = func.coalesce(InstanceRow.metered_until, InstanceRow.started_at)
    query = select(InstanceRow.id).where(InstanceRow.state != InstanceState.EXITED, until <= moment)
    return list(await session.scalars(query.order_by(InstanceRow.id)))


async def list_holding_cards(
    session: AsyncSession,
) -> list[tuple[Workload, Instance, datetime]]:
    """Running instances with cards, and since when that is not in the usage ledger yet."""
    query = (
        select(WorkloadRow, InstanceRow)
        .join(InstanceRow, InstanceRow.workload_id == WorkloadRow.id)
        .where(InstanceRow.state == InstanceState.RUNNING, InstanceRow.started_at.is_not(None))
        .where(InstanceRow.resources["gpus"].as_float() > 0)
        .order_by(InstanceRow.id)
    )
    return [
        (frozen_workload(workload), frozen_instance(row), since)
        for workload, row in await session.execute(query)
        if (since := row.metered_until or row.started_at) is not None
    ]


async def card_model_of(session: AsyncSession, instance: Instance) -> str:
    """The type of the cards it holds; where its node has lost them, the type it asked for."""
    node = await session.get(NodeRow, instance.node_id)
    models = {card["index"]: str(card["model"]) for card in node.gpus} if node else {}
    own = [models[index] for index in instance.gpu_indexes if index in models]
    return own[0] if own else instance.resources.gpu_model or ""


async def ended_before(
    session: AsyncSession, ids: Collection[str], moment: datetime, services: datetime
) -> list[str]:
    """Those of the instances that ended before a moment; `services` is that for instances of online
    services, whose logs are kept apart."""
    is_service = WorkloadRow.kind == "service"
    query = (
        select(InstanceRow.id)
        .join(WorkloadRow, WorkloadRow.id == InstanceRow.workload_id)
        .where(
            InstanceRow.id.in_(ids),
            or_(
                and_(is_service, InstanceRow.ended_at < services),
                and_(not_(is_service), InstanceRow.ended_at < moment),
            ),
        )
    )
    return list(await session.scalars(query))


async def list_held(session: AsyncSession) -> list[Held]:
    """A workload holds all its seats until it has ended as a whole or is back in the queue."""
    query = (
        select(InstanceRow)
        .join(WorkloadRow, WorkloadRow.id == InstanceRow.workload_id)
        .where(WorkloadRow.state.in_(_PLACED), InstanceRow.attempt == WorkloadRow.attempt)
        .order_by(InstanceRow.id)
    )
    return [
        Held(row.node_id, Resources(**row.resources), tuple(row.gpu_indexes))
        for row in await session.scalars(query)
    ]


async def list_attempts(session: AsyncSession, workload_id: str) -> list[AttemptRow]:
    """Those that have ended, oldest first."""
    query = (
        select(AttemptRow).where(AttemptRow.workload_id == workload_id).order_by(AttemptRow.number)
    )
    return list(await session.scalars(query))


async def find_network_profile(session: AsyncSession, gpu_model: str) -> NetworkProfileRow | None:
    return await session.get(NetworkProfileRow, gpu_model)


async def list_network_profiles(session: AsyncSession) -> list[NetworkProfileRow]:
    query = select(NetworkProfileRow).order_by(NetworkProfileRow.gpu_model)
    return list(await session.scalars(query))


async def find_node(session: AsyncSession, node_id: str) -> NodeRow | None:
    return await session.get(NodeRow, node_id)


async def list_nodes(
    session: AsyncSession, group_id: str | None = None, *, limit: int | None = None
) -> list[Node]:
    """Of one group, or all there are."""
    query = select(NodeRow).order_by(NodeRow.id).limit(limit)
    if group_id is not None:
        query = query.where(NodeRow.group_id == group_id)
    return [frozen_node(row) for row in await session.scalars(query)]


async def engine_nodes(session: AsyncSession, node_ids: Collection[str]) -> dict[str, str]:
    """What the engine calls each of these nodes."""
    rows = await session.execute(_ENGINE_NODES, {"ids": node_ids})
    return {str(node_id): str(name) for node_id, name in rows}


async def list_groups(session: AsyncSession) -> list[ResourceGroupRow]:
    query = select(ResourceGroupRow).where(ResourceGroupRow.deleted_at.is_(None))
    return list(await session.scalars(query.order_by(ResourceGroupRow.created_at)))


async def find_group(session: AsyncSession, group_id: str) -> ResourceGroupRow | None:
    row = await session.get(ResourceGroupRow, group_id)
    return row if row is not None and row.deleted_at is None else None


async def used_ports(session: AsyncSession, node_id: str) -> set[int]:
    return set(await session.scalars(select(PortRow.port).where(PortRow.node_id == node_id)))


async def free_ports(session: AsyncSession, instances: Sequence[InstanceRow]) -> None:
    ids = [row.id for row in instances if row.ports]
    if ids:
        await session.execute(delete(PortRow).where(PortRow.instance_id.in_(ids)))


async def count_by_state(session: AsyncSession, project_id: str | None) -> dict[str, int]:
    query = select(WorkloadRow.state, func.count()).group_by(WorkloadRow.state)
    if project_id is not None:
        query = query.where(WorkloadRow.project_id == project_id)
    return {str(state): int(count) for state, count in await session.execute(query)}


async def list_in_environment(
    session: AsyncSession, environment_id: str, past: int
) -> list[WorkloadRow]:
    inside = select(WorkloadRow).where(
        WorkloadRow.spec["environment"].as_string() == environment_id
    )
    newest = WorkloadRow.created_at.desc()
    running = await session.scalars(inside.where(WorkloadRow.state.in_(_OPEN)).order_by(newest))
    ended = await session.scalars(
        inside.where(WorkloadRow.state.not_in(_OPEN)).order_by(newest).limit(past)
    )
    return [*running, *ended]


async def list_builds_of_open(session: AsyncSession) -> set[str]:
    build = WorkloadRow.spec["installed"]["build_id"].as_string()
    query = select(build).where(WorkloadRow.state.in_(_OPEN), build.is_not(None))
    return set(await session.scalars(query))
