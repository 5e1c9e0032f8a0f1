"""Every SQL statement of rules and targets; `queries_deliveries` has those of what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts.tables import RuleRow, RuleTargetRow, TargetRow
from slipway.alerts.types import Language, Recipients, Rule, RuleMode, Target, TargetKind
from slipway.base.errors import NotFound
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.iam.types import Actor


def frozen_rule(row: RuleRow, target_ids: Sequence[str]) -> Rule:
    return Rule(
        row.id, row.project_id, row.owner_id, row.name, row.description, row.enabled, RuleMode(row.mode),
        row.pattern, row.platform, row.since_seq, tuple(target_ids), row.created_by, row.creator_name,
        row.created_at, row.updated_at,
    )  # fmt: skip


def frozen_target(row: TargetRow) -> Target:
    config = row.config
    return Target(
        row.id, row.project_id, row.owner_id, row.name, TargetKind(row.kind), Language(row.language), row.shown,
        Recipients(
            tuple(config.get("users", ())),
            bool(config.get("members")),
            bool(config.get("creator")),
        ),
        tuple(config.get("addresses", ())), row.url_sealed, row.secret_sealed, row.failures, row.open_until,
        row.last_error, row.creator_name, row.created_at, row.updated_at,
    )  # fmt: skip


async def get_rule(session: AsyncSession, actor: Actor, rule_id: str) -> RuleRow:
    row = await session.scalar(
        select(RuleRow).where(
            RuleRow.id == rule_id,
            RuleRow.project_id == actor.project_id,
            RuleRow.owner_id.in_(("", actor.user_id)),
        )
    )
    if row is None:
        raise NotFound(f"There is no alert rule {rule_id} in this project.")
    return row


async def get_target(session: AsyncSession, actor: Actor, target_id: str) -> TargetRow:
    row = await session.scalar(
        select(TargetRow).where(
            TargetRow.id == target_id,
            TargetRow.project_id == actor.project_id,
            TargetRow.owner_id.in_(("", actor.user_id)),
        )
    )
    if row is None:
        raise NotFound(f"There is no alert target {target_id} in this project.", field="targets")
    return row


async def find_rule(
    session: AsyncSession, project_id: str, owner_id: str, name: str
) -> RuleRow | None:
    return await session.scalar(
        select(RuleRow).where(
            RuleRow.project_id == project_id, RuleRow.owner_id == owner_id, RuleRow.name == name
        )
    )


async def page_rules(session: AsyncSession, actor: Actor, page: PageQuery) -> Page[RuleRow]:
    query = select(RuleRow).where(
        RuleRow.project_id == actor.project_id, RuleRow.owner_id.in_(("", actor.user_id))
    )
    if page.mine:
        query = query.where(RuleRow.created_by == actor.user_id)
    return await fetch_page(
        session, query, page, id_column=RuleRow.id,
        orders={"created_at": RuleRow.created_at, "updated_at": RuleRow.updated_at, "name": RuleRow.name},
        search_in=(RuleRow.name, RuleRow.id, RuleRow.pattern),
    )  # fmt: skip


async def page_targets(session: AsyncSession, actor: Actor, page: PageQuery) -> Page[TargetRow]:
    query = select(TargetRow).where(
        TargetRow.project_id == actor.project_id, TargetRow.owner_id.in_(("", actor.user_id))
    )
    return await fetch_page(
        session, query, page, id_column=TargetRow.id,
        orders={"created_at": TargetRow.created_at, "name": TargetRow.name},
        search_in=(TargetRow.name, TargetRow.id, TargetRow.shown), state_column=TargetRow.kind,
    )  # fmt: skip


async def count_rules(session: AsyncSession, project_id: str, owner_id: str) -> int:
    return await _count(session, RuleRow, project_id, owner_id)


async def count_targets(session: AsyncSession, project_id: str, owner_id: str) -> int:
    return await _count(session, TargetRow, project_id, owner_id)


async def list_enabled_rules(session: AsyncSession) -> list[Rule]:
    """Of every project, each with its targets in their order."""
    rows = list(await session.scalars(select(RuleRow).where(RuleRow.enabled).order_by(RuleRow.id)))
    if not rows:
        return []
    targets = await targets_of(session, [row.id for row in rows])
    return [frozen_rule(row, targets.get(row.id, [])) for row in rows]


async def targets_of(session: AsyncSession, rule_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = await session.execute(
        select(RuleTargetRow.rule_id, RuleTargetRow.target_id)
        .where(RuleTargetRow.rule_id.in_(rule_ids))
        .order_by(RuleTargetRow.rule_id, RuleTargetRow.place)
    )
    for rule_id, target_id in rows:
        found.setdefault(rule_id, []).append(target_id)
    return found


async def rules_using(session: AsyncSession, target_ids: Sequence[str]) -> dict[str, list[str]]:
    """Names of the rules that send to each target."""
    found: dict[str, list[str]] = {}
    rows = await session.execute(
        select(RuleTargetRow.target_id, RuleRow.name)
        .join(RuleRow, RuleRow.id == RuleTargetRow.rule_id)
        .where(RuleTargetRow.target_id.in_(target_ids))
        .order_by(RuleRow.name)
    )
    for target_id, name in rows:
        found.setdefault(target_id, []).append(name)
    return found


async def list_targets(session: AsyncSession, target_ids: Sequence[str]) -> dict[str, Target]:
    rows = await session.scalars(select(TargetRow).where(TargetRow.id.in_(target_ids)))
    return {row.id: frozen_target(row) for row in rows}


async def set_targets(session: AsyncSession, rule_id: str, target_ids: Sequence[str]) -> None:
    await session.execute(delete(RuleTargetRow).where(RuleTargetRow.rule_id == rule_id))
    session.add_all(
        RuleTargetRow(rule_id=rule_id, target_id=target_id, place=place)
        for place, target_id in enumerate(target_ids)
    )
    await session.flush()


async def _count(session: AsyncSession, table: type[Any], project_id: str, owner_id: str) -> int:
    query = (
        select(func.count())
        .select_from(table)
        .where(table.project_id == project_id, table.owner_id == owner_id)
    )
    return await session.scalar(query) or 0
