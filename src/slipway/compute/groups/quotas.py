"""Cards that projects are sure of, and may have at most, in a shared group (RES-X1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import Invalid, NotFound
from slipway.base.events import record
from slipway.compute import queries
from slipway.compute.groups.groups import SUBJECT
from slipway.compute.queue import queries as queue_queries
from slipway.compute.queue.roster import frozen_quota, list_roster, rules_by_group
from slipway.compute.scheduling.amounts import CARD, card_units, cards_of
from slipway.compute.scheduling.group import Group
from slipway.compute.scheduling.model import Quota
from slipway.compute.tables import QuotaRow
from slipway.compute.wake import wake
from slipway.iam.queries import find_project
from slipway.iam.types import Actor


@dataclass(frozen=True, slots=True)
class QuotaUse:
    quota: Quota
    used: int  # hundredths of a card


async def list_quotas(session: AsyncSession, group_id: str) -> list[QuotaUse]:
    await _require_group(session, group_id)
    rules = (await rules_by_group(session, None))[group_id]
    nodes = await queries.list_nodes(session, group_id)
    group = Group(rules, nodes)
    _, running, _ = await list_roster(session, {group_id: rules}, group_id=group_id, waiting=False)
    for one in running:
        group.put_running(one)
    return [
        QuotaUse(quota, group.accounts.used(quota.project_id, quota.card_model))
        for quota in rules.quotas
    ]


async def set_quota(
    db: Database,
    actor: Actor,
    group_id: str,
    project_id: str,
    card_model: str,
    *,
    guaranteed: float,
    maximum: float | None,
    now: datetime,
) -> None:
    """From the next pass on; what runs beyond a lower maximum goes on, but nothing more starts."""
    sure = card_units(guaranteed, field="guaranteed")
    most = None if maximum is None else card_units(maximum, field="maximum")
    if most is not None and most < sure:
        raise Invalid("The maximum must not be below the guarantee.", field="maximum")
    async with db.begin() as session:
        await _require_group(session, group_id)
        if await find_project(session, project_id) is None:
            raise NotFound(f"There is no project {project_id}.", field="project_id")
        await _refuse_more_than_there_is(session, group_id, project_id, card_model, sure)
        row = await queue_queries.find_quota(session, group_id, project_id, card_model)
        if row is None:
            row = QuotaRow(group_id=group_id, project_id=project_id, card_model=card_model)
            session.add(row)
        row.guaranteed, row.maximum, row.updated_at = sure, most, now
        await session.flush()
        await _tell(session, actor, "quotaSet", frozen_quota(row), group_id, now)


async def delete_quota(
    db: Database, actor: Actor, group_id: str, project_id: str, card_model: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        row = await queue_queries.find_quota(session, group_id, project_id, card_model)
        if row is None:
            raise NotFound("There is no such quota.")
        await _tell(session, actor, "quotaDeleted", frozen_quota(row), group_id, now)
        await session.delete(row)


async def _refuse_more_than_there_is(
    session: AsyncSession, group_id: str, project_id: str, card_model: str, sure: int
) -> None:
    """Guarantees that add up to more than the group has would guarantee nothing."""
    cards = [
        card
        for node in await queries.list_nodes(session, group_id)
        if node.state.is_in_use
        for card in node.gpus
    ]
    if card_model not in {card.model for card in cards}:
        types = ", ".join(sorted({card.model for card in cards})) or "no cards"
        raise Invalid(f"This group has {types}, not {card_model}.", field="card_model")
    there = sum(card.model == card_model for card in cards) * CARD
    others = sum(
        q.guaranteed
        for q in await queue_queries.list_quotas(session, group_id)
        if q.card_model == card_model and q.project_id != project_id
    )
    if sure + others > there:
        raise Invalid(
            f"Guarantees add up to {cards_of(sure + others):g}, but the group has {cards_of(there):g} {card_model}. "
            f"At most {cards_of(max(0, there - others)):g} can be guaranteed to this project.",
            field="guaranteed", code="over_guaranteed",
        )  # fmt: skip


async def _require_group(session: AsyncSession, group_id: str) -> None:
    if await queries.find_group(session, group_id) is None:
        raise NotFound(f"There is no resource group {group_id}.")


async def _tell(
    session: AsyncSession, actor: Actor, event: str, quota: Quota, group_id: str, now: datetime
) -> None:
    await record(
        session, event, subject=(SUBJECT, group_id), project_id=None, actor_id=actor.user_id,
        now=now, project=quota.project_id, card_model=quota.card_model,
        guaranteed=cards_of(quota.guaranteed),
        maximum=None if quota.maximum is None else cards_of(quota.maximum),
    )  # fmt: skip
    after_commit(session, wake.schedule)
