"""From rows to what the scheduler sees."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Invalid
from slipway.compute import queries
from slipway.compute.queue import queries as queue_queries
from slipway.compute.queue.asks import needs_of_roles
from slipway.compute.queue.queries import Entry, SeatEntry
from slipway.compute.scheduling.model import GroupRules, Item, Quota, Running, Seat
from slipway.compute.scheduling.policy import Policy, priority_of, stored_policy
from slipway.compute.tables import QuotaRow, ResourceGroupRow
from slipway.compute.types import Ending, Wanted, WorkloadState

log = logging.getLogger(__name__)


async def rules_by_group(
    session: AsyncSession, eviction_limit: int | None
) -> dict[str, GroupRules]:
    quotas: dict[str, list[Quota]] = {}
    for row in await queue_queries.list_quotas(session):
        quotas.setdefault(row.group_id, []).append(frozen_quota(row))
    return {
        group.id: GroupRules(policy_of(group), tuple(quotas.get(group.id, ())), eviction_limit)
        for group in await queries.list_groups(session)
    }


def policy_of(group: ResourceGroupRow) -> Policy:
    try:
        return stored_policy(group.policy)
    except Invalid as error:  # saved policies were checked; a group must not stop for a bad one
        log.error("A stored policy is not valid.", extra={"group_id": group.id, "why": str(error)})
        return Policy()


def frozen_quota(row: QuotaRow) -> Quota:
    return Quota(row.project_id, row.card_model, row.guaranteed, row.maximum)


async def list_roster(
    session: AsyncSession,
    rules: Mapping[str, GroupRules],
    *,
    ids: Collection[str] | None = None,
    group_id: str | None = None,
    waiting: bool = True,
) -> tuple[list[Item], list[Running], dict[str, int]]:
    """What waits, what holds seats, and priorities that are to be written since the policy gives others."""
    entries = await queue_queries.list_entries(session, ids=ids, group_id=group_id, waiting=waiting)
    holds = any(entry.state != WorkloadState.QUEUED for entry in entries)
    seats = await queue_queries.list_seats(session, ids=ids, group_id=group_id) if holds else {}
    queued, running, changed = [], [], {}
    for entry in entries:
        item = _item(entry, rules[entry.group_id].policy)
        if item.priority != entry.queue_priority:
            changed[entry.id] = item.priority
        if entry.state == WorkloadState.QUEUED:
            queued.append(item)
        elif entry.id in seats:
            running.append(_running(entry, item, seats[entry.id]))
    return queued, running, changed


def _item(entry: Entry, policy: Policy) -> Item:
    return Item(
        entry.id, entry.group_id, entry.project_id, entry.kind,
        priority_of(policy, entry.kind, entry.tags.items(), entry.priority),
        entry.created_at, needs_of_roles(entry.roles), entry.placement == "spread",
        entry.evictions, entry.displaced_for if entry.state == WorkloadState.QUEUED else None,
    )  # fmt: skip


def _running(entry: Entry, item: Item, seats: Sequence[SeatEntry]) -> Running:
    evicted = entry.state == WorkloadState.STOPPING and entry.ending == Ending.EVICTED
    return Running(
        item,
        tuple(Seat(seat.node_id, seat.gpu_indexes) for seat in seats),
        min(seat.placed_at for seat in seats),
        entry.displaced_for if evicted else None,
        ending=entry.state == WorkloadState.STOPPING or entry.wanted == Wanted.STOP,
    )
