"""What a policy would change, before it is saved (RES-X5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.compute import queries
from slipway.compute.queue import queries as queue_queries
from slipway.compute.queue.roster import list_roster, rules_by_group
from slipway.compute.scheduling.model import Decision, Evict, GroupRules, Item, Running, Start
from slipway.compute.scheduling.policy import Policy
from slipway.compute.scheduling.schedule import schedule
from slipway.compute.types import Node, Workload


@dataclass(frozen=True, slots=True)
class PriorityChange:
    workload: Workload
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """Figures count all; the lists hold the first `limit` of each."""

    priorities_changed: int
    would_start: int
    would_be_evicted: int
    priorities: Sequence[PriorityChange]
    starts: Sequence[Workload]
    evictions: Sequence[tuple[Workload, str]]  # who, and the id of the one it is for


async def try_policy(
    session: AsyncSession,
    group_id: str,
    policy: Policy,
    *,
    eviction_limit: int | None,
    now: datetime,
    limit: int = 100,
) -> DryRun:
    """One pass with the policy as it is, one with the new one; what the second does beyond the first."""
    rules = (await rules_by_group(session, eviction_limit)).get(group_id)
    if rules is None:
        raise NotFound(f"There is no resource group {group_id}.")
    nodes = await queries.list_nodes(session, group_id)
    old = await list_roster(session, {group_id: rules}, group_id=group_id)
    new = await list_roster(session, {group_id: replace(rules, policy=policy)}, group_id=group_id)
    before = _priorities(old[0], old[1])
    after = _priorities(new[0], new[1])
    changed = [i for i, priority in after.items() if before[i] != priority]
    decided_before = await _decide(nodes, old[1], old[0], {group_id: rules}, now)
    decided = await _decide(nodes, new[1], new[0], {group_id: replace(rules, policy=policy)}, now)
    starts = [d.item_id for d in decided - decided_before if isinstance(d, Start)]
    evictions = [(d.item_id, d.winner_id) for d in decided - decided_before if isinstance(d, Evict)]
    starts.sort()
    evictions.sort()
    shown = {*changed[:limit], *starts[:limit], *(e for e, _ in evictions[:limit])}
    rows = await queue_queries.workloads_by_id(session, sorted(shown))
    workloads = {row_id: queries.frozen_workload(row) for row_id, row in rows.items()}
    return DryRun(
        len(changed),
        len(starts),
        len(evictions),
        [PriorityChange(workloads[i], before[i], after[i]) for i in changed[:limit]],
        [workloads[i] for i in starts[:limit]],
        [(workloads[i], winner) for i, winner in evictions[:limit]],
    )


def _priorities(waiting: Sequence[Item], running: Sequence[Running]) -> dict[str, int]:
    return {i.id: i.priority for i in (*waiting, *(one.item for one in running))}


async def _decide(
    nodes: Sequence[Node],
    running: Sequence[Running],
    waiting: Sequence[Item],
    rules: Mapping[str, GroupRules],
    now: datetime,
) -> set[Decision]:
    """Starts without their seats, so that the same start elsewhere is no difference."""
    decided = await asyncio.to_thread(schedule, nodes, running, waiting, rules, now=now)
    return {
        replace(one, seats=()) if isinstance(one, Start) else one
        for one in decided
        if isinstance(one, Start | Evict)
    }
