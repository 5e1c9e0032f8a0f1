"""Looking at the queue of resource groups: pages of it, and why one item waits (RES-06, RES-X3)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.paging import MAX_LIMIT, Page, PageQuery
from slipway.compute import queries
from slipway.compute.queue import queries as queue_queries
from slipway.compute.queue.asks import needs_of_roles
from slipway.compute.queue.queries import Place
from slipway.compute.queue.roster import list_roster, rules_by_group
from slipway.compute.scheduling.explain import Explanation, explain
from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import GroupRules, Item
from slipway.compute.scheduling.policy import QueueStrategy
from slipway.compute.tables import WorkloadRow
from slipway.compute.types import Wanted, Workload, WorkloadState
from slipway.iam.types import Actor

_AHEAD_LIMIT = 1000  # of those ahead are looked at one by one


@dataclass(frozen=True, slots=True)
class Waiting:
    """`number` is its place in the order of its group, from 1."""

    number: int
    workload: Workload


@dataclass(frozen=True, slots=True)
class Why:
    waiting: Waiting
    explanation: Explanation
    ahead: int  # in its lane
    ahead_first: Sequence[Workload]
    victims: Sequence[Workload]
    strategy: QueueStrategy


async def list_waiting(
    session: AsyncSession, actor: Actor, page: PageQuery, group_id: str | None
) -> Page[Waiting]:
    """In the order of the queue, group by group. Words and tags look at what the actor may see."""
    limit = max(1, min(page.limit, MAX_LIMIT))
    project_id = None if actor.is_admin else actor.project_id
    after = _decode(page.cursor) if page.cursor else None
    rows = await queue_queries.page_of_queue(
        session, group_id=group_id, words=page.words(), tags=page.tags, project_id=project_id,
        after=after, limit=limit + 1,
    )  # fmt: skip
    total = await queue_queries.count_queue(
        session, group_id=group_id, words=page.words(), tags=page.tags, project_id=project_id
    )
    items = await _numbered(session, rows[:limit], filtered=bool(page.words() or page.tags))
    cursor = _encode(queue_queries.place_of(rows[limit - 1])) if len(rows) > limit else None
    return Page(items, cursor, total)


async def is_start_order(session: AsyncSession, group_id: str) -> bool:
    """Whether the numbers are the order of starting: only where the queue is strict."""
    rules = await rules_by_group(session, None)
    return group_id in rules and rules[group_id].policy.strategy == QueueStrategy.STRICT


async def why_waiting(
    session: AsyncSession, actor: Actor, workload_id: str, *, eviction_limit: int | None
) -> Why:
    row = await queries.find_workload(session, workload_id)
    if row is None or not (actor.is_admin or row.project_id == actor.project_id):
        raise NotFound(f"There is no workload {workload_id} in this project.")
    if row.state == WorkloadState.QUEUED and row.wanted == Wanted.HOLD:
        raise Conflict(
            f"{row.name} is not in the queue yet. Its own page says what it waits for.", code="held"
        )
    if row.state != WorkloadState.QUEUED or row.wanted != Wanted.RUN:
        raise Conflict(f"{row.name} does not wait: it is {row.state}.", code="not_queued")
    rules = (await rules_by_group(session, eviction_limit))[row.group_id]
    group, item = await _group_around(session, row, rules)
    lane = group.books.lane_of(item)
    before = await queue_queries.ahead_of(session, row, _AHEAD_LIMIT)
    ahead = [w for w in before if _lane_of(group, w) == lane]
    explanation = explain(group, item, ahead=len(ahead))
    victims = await queue_queries.workloads_by_id(session, explanation.victims)
    (waiting,) = await _numbered(session, [row], filtered=True)
    return Why(
        waiting,
        explanation,
        len(ahead),
        [queries.frozen_workload(w) for w in ahead[:10]],
        [queries.frozen_workload(victims[i]) for i in explanation.victims if i in victims],
        rules.policy.strategy,
    )


async def _group_around(
    session: AsyncSession, row: WorkloadRow, rules: GroupRules
) -> tuple[Group, Item]:
    by_group = {row.group_id: rules}
    group = Group(rules, await queries.list_nodes(session, row.group_id))
    _, running, _ = await list_roster(session, by_group, group_id=row.group_id, waiting=False)
    for one in running:
        group.put_running(one)
    (item,), _, _ = await list_roster(session, by_group, ids=[row.id])
    return group, item


def _lane_of(group: Group, row: WorkloadRow) -> str:
    needs = needs_of_roles(row.spec["roles"])
    return group.books.lane_of(
        Item(row.id, row.group_id, row.project_id, row.kind, 0, row.created_at, needs)
    )


async def _numbered(
    session: AsyncSession, rows: Sequence[WorkloadRow], *, filtered: bool
) -> list[Waiting]:
    """Without a filter the numbers of a group follow each other: one count is enough."""
    found: list[Waiting] = []
    last: tuple[str, int] | None = None
    for row in rows:
        if last is not None and not filtered and last[0] == row.group_id:
            number = last[1] + 1
        else:
            number = await queue_queries.count_ahead(session, row) + 1
        last = (row.group_id, number)
        found.append(Waiting(number, queries.frozen_workload(row)))
    return found


def _encode(place: Place) -> str:
    group_id, priority, created_at, workload_id = place
    text = json.dumps([group_id, priority, created_at.isoformat(), workload_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> Place:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        group_id, priority, created_at, workload_id = json.loads(base64.urlsafe_b64decode(padded))
        return str(group_id), int(priority), datetime.fromisoformat(created_at), str(workload_id)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid("The cursor is not one this list gave out.", field="cursor") from error
