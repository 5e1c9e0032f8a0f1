"""SQL of the queue: what waits, what holds seats, quotas. Columns only, for there may be very many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from slipway.compute.tables import InstanceRow, NodeRow, QuotaRow, WorkloadRow
from slipway.compute.types import Wanted, WorkloadState

_CHUNK = 500  # ids in one statement
_HOLDS = (WorkloadState.STARTING, WorkloadState.RUNNING, WorkloadState.STOPPING)
_WAITS = and_(WorkloadRow.state == WorkloadState.QUEUED, WorkloadRow.wanted == Wanted.RUN)

# Made once: to build a statement costs more than to run it, and these run with every change.
_ENTRIES = select(
    WorkloadRow.id, WorkloadRow.group_id, WorkloadRow.project_id, WorkloadRow.kind, WorkloadRow.tags,
    WorkloadRow.priority, WorkloadRow.queue_priority, WorkloadRow.spec["roles"], WorkloadRow.spec["placement"],
    WorkloadRow.state, WorkloadRow.wanted, WorkloadRow.ending, WorkloadRow.evictions, WorkloadRow.displaced_for,
    WorkloadRow.created_at,
)  # fmt: skip
_HOLDING = _ENTRIES.where(WorkloadRow.state.in_(_HOLDS))
_WAITING_OR_HOLDING = _ENTRIES.where(or_(_WAITS, WorkloadRow.state.in_(_HOLDS)))
_WORKLOADS = select(WorkloadRow).where(WorkloadRow.id.in_(bindparam("ids", expanding=True)))
_NODES = select(NodeRow).where(NodeRow.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Entry:
    """What the scheduler has to know of a workload that waits or holds seats."""

    id: str
    group_id: str
    project_id: str
    kind: str
    tags: dict[str, str]
    priority: int | None
    queue_priority: int
    roles: list[dict[str, Any]]
    placement: str
    state: WorkloadState
    wanted: Wanted
    ending: str | None
    evictions: int
    displaced_for: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SeatEntry:
    workload_id: str
    node_id: str
    gpu_indexes: tuple[int, ...]
    placed_at: datetime


Place = tuple[str, int, datetime, str]
_PLACE = (WorkloadRow.group_id, WorkloadRow.queue_priority, WorkloadRow.created_at, WorkloadRow.id)


async def page_of_queue(
    session: AsyncSession,
    *,
    group_id: str | None,
    words: Sequence[str],
    tags: Sequence[tuple[str, str]],
    project_id: str | None,
    after: Place | None,
    limit: int,
) -> list[WorkloadRow]:
    query = _searched(select(WorkloadRow), group_id, words, tags, project_id)
    if after is not None:
        query = query.where(_behind(after))
    return list(await session.scalars(query.order_by(*_PLACE).limit(limit)))


async def count_queue(
    session: AsyncSession,
    *,
    group_id: str | None,
    words: Sequence[str],
    tags: Sequence[tuple[str, str]],
    project_id: str | None,
) -> int:
    query = select(func.count()).select_from(WorkloadRow)
    return await session.scalar(_searched(query, group_id, words, tags, project_id)) or 0


async def count_ahead(session: AsyncSession, row: WorkloadRow) -> int:
    """How many of its group stand before it."""
    query = select(func.count()).select_from(WorkloadRow).where(_WAITS, _ahead(row))
    return await session.scalar(query) or 0


async def ahead_of(session: AsyncSession, row: WorkloadRow, limit: int) -> list[WorkloadRow]:
    query = select(WorkloadRow).where(_WAITS, _ahead(row)).order_by(*_PLACE).limit(limit)
    return list(await session.scalars(query))


def place_of(row: WorkloadRow) -> Place:
    return row.group_id, row.queue_priority, row.created_at, row.id


async def list_entries(
    session: AsyncSession,
    *,
    ids: Collection[str] | None = None,
    group_id: str | None = None,
    waiting: bool = True,
) -> list[Entry]:
    """All that wait or hold seats; of these ids, of one group, or without those that wait."""
    query = _WAITING_OR_HOLDING if waiting else _HOLDING
    if group_id is not None:
        query = query.where(WorkloadRow.group_id == group_id)
    found: list[Entry] = []
    for part in _by_ids(query, WorkloadRow.id, ids):
        for row in await session.execute(part):
            (
                id_,
                group,
                project,
                kind,
                tags,
                own,
                priority,
                roles,
                placement,
                state,
                wanted,
                *rest,
            ) = row
            entry = Entry(
                id_, group, project, kind, tags, own, priority, roles, placement or "binpack",
                WorkloadState(state), Wanted(wanted), *rest,
            )  # fmt: skip
            found.append(entry)
    return found


async def list_seats(
    session: AsyncSession, *, ids: Collection[str] | None = None, group_id: str | None = None
) -> Mapping[str, list[SeatEntry]]:
    """Seats of what holds any, by workload, in rank order."""
    query = (
        select(
            InstanceRow.workload_id,
            InstanceRow.node_id,
            InstanceRow.gpu_indexes,
            InstanceRow.created_at,
        )
        .join(WorkloadRow, WorkloadRow.id == InstanceRow.workload_id)
        .where(WorkloadRow.state.in_(_HOLDS), InstanceRow.attempt == WorkloadRow.attempt)
        .order_by(InstanceRow.rank)
    )
    if group_id is not None:
        query = query.where(WorkloadRow.group_id == group_id)
    found: dict[str, list[SeatEntry]] = {}
    for part in _by_ids(query, InstanceRow.workload_id, ids):
        for workload_id, node_id, cards, placed_at in await session.execute(part):
            seat = SeatEntry(workload_id, node_id, tuple(cards), placed_at)
            found.setdefault(workload_id, []).append(seat)
    return found


async def priorities_of(session: AsyncSession, ids: Collection[str]) -> Mapping[str, int]:
    """Computed priorities of workloads that have not ended."""
    columns: tuple[InstrumentedAttribute[Any], ...] = (WorkloadRow.id, WorkloadRow.queue_priority)
    query = select(*columns).where(
        or_(WorkloadRow.state == WorkloadState.QUEUED, WorkloadRow.state.in_(_HOLDS))
    )
    found: dict[str, int] = {}
    for part in _by_ids(query, WorkloadRow.id, ids):
        found |= {row.id: row.queue_priority for row in await session.execute(part)}
    return found


async def count_entries(session: AsyncSession) -> tuple[int, int]:
    """How many wait, and how many hold seats."""
    waiting = select(func.count()).select_from(WorkloadRow).where(_WAITS)
    holding = select(func.count()).select_from(WorkloadRow).where(WorkloadRow.state.in_(_HOLDS))
    return await session.scalar(waiting) or 0, await session.scalar(holding) or 0


async def workloads_by_id(session: AsyncSession, ids: Collection[str]) -> Mapping[str, WorkloadRow]:
    found: dict[str, WorkloadRow] = {}
    for part in _chunks(list(ids)):
        found |= {row.id: row for row in await session.scalars(_WORKLOADS, {"ids": part})}
    return found


async def nodes_by_id(session: AsyncSession, ids: Collection[str]) -> Mapping[str, NodeRow]:
    found: dict[str, NodeRow] = {}
    for part in _chunks(list(ids)):
        found |= {row.id: row for row in await session.scalars(_NODES, {"ids": part})}
    return found


async def forget_displacement(session: AsyncSession, winner_ids: Sequence[str]) -> None:
    """The winners have started: nobody keeps room for them any more."""
    for ids in _chunks(winner_ids):
        await session.execute(
            update(WorkloadRow)
            .where(WorkloadRow.displaced_for.in_(ids))
            .values(displaced_for=None)
            .execution_options(synchronize_session=False)
        )


async def write_priorities(session: AsyncSession, priorities: Mapping[str, int]) -> None:
    """Computed ones. The revision stays: nobody's decision about a workload rests on it."""
    by_priority: dict[int, list[str]] = {}
    for workload_id, priority in priorities.items():
        by_priority.setdefault(priority, []).append(workload_id)
    for priority, ids in by_priority.items():
        for part in _chunks(ids):
            await session.execute(
                update(WorkloadRow)
                .where(WorkloadRow.id.in_(part))
                .values(queue_priority=priority)
                .execution_options(synchronize_session=False)
            )


async def list_quotas(session: AsyncSession, group_id: str | None = None) -> list[QuotaRow]:
    query = select(QuotaRow).order_by(QuotaRow.group_id, QuotaRow.project_id, QuotaRow.card_model)
    if group_id is not None:
        query = query.where(QuotaRow.group_id == group_id)
    return list(await session.scalars(query))


async def find_quota(
    session: AsyncSession, group_id: str, project_id: str, card_model: str
) -> QuotaRow | None:
    return await session.get(QuotaRow, (group_id, project_id, card_model))


def _searched(
    query: Select[Any],
    group_id: str | None,
    words: Sequence[str],
    tags: Sequence[tuple[str, str]],
    project_id: str | None,
) -> Select[Any]:
    """A search looks at what belongs to the project (at all, without one): it must not tell of others."""
    query = query.where(_WAITS)
    if group_id is not None:
        query = query.where(WorkloadRow.group_id == group_id)
    if (words or tags) and project_id is not None:
        query = query.where(WorkloadRow.project_id == project_id)
    if words:
        columns = (WorkloadRow.name, WorkloadRow.owner_id, WorkloadRow.id)
        query = query.where(
            or_(*(column.icontains(word, autoescape=True) for word in words for column in columns))
        )
    for key, value in tags:
        query = query.where(WorkloadRow.tags[key].as_string() == value)
    return query


def _behind(place: Place) -> ColumnElement[bool]:
    group_id, priority, created_at, workload_id = place
    same = WorkloadRow.created_at == created_at
    in_group = or_(
        WorkloadRow.queue_priority > priority,
        and_(
            WorkloadRow.queue_priority == priority,
            or_(WorkloadRow.created_at > created_at, and_(same, WorkloadRow.id > workload_id)),
        ),
    )
    return or_(WorkloadRow.group_id > group_id, and_(WorkloadRow.group_id == group_id, in_group))


def _ahead(row: WorkloadRow) -> ColumnElement[bool]:
    same = WorkloadRow.created_at == row.created_at
    return and_(
        WorkloadRow.group_id == row.group_id,
        or_(
            WorkloadRow.queue_priority < row.queue_priority,
            and_(
                WorkloadRow.queue_priority == row.queue_priority,
                or_(WorkloadRow.created_at < row.created_at, and_(same, WorkloadRow.id < row.id)),
            ),
        ),
    )


def _by_ids(
    query: Select[Any], column: ColumnElement[str] | Any, ids: Collection[str] | None
) -> Iterable[Select[Any]]:
    if ids is None:
        return (query,)
    return (query.where(column.in_(part)) for part in _chunks(list(ids)))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK))
