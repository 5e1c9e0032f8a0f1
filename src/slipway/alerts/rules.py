"""Rules: make, change, switch on and off, delete.

A rule's `since_seq` is the number of the event that its save wrote. Events are numbered in the
order of their commits, so a rule sees exactly what became true after it was saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries
from slipway.alerts.catalogue import Catalogue
from slipway.alerts.context import AlertContext
from slipway.alerts.form import RuleForm, pattern_text
from slipway.alerts.pattern import parse_pattern
from slipway.alerts.tables import RuleRow
from slipway.alerts.types import Rule, RuleMode
from slipway.base.errors import Conflict, Forbidden, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name
from slipway.iam.types import Actor

MAX_RULES = 100
MAX_TARGETS_PER_RULE = 10


@dataclass(frozen=True, slots=True)
class RuleWish:
    """The condition is `form` or `pattern`, exactly one of them."""

    name: str
    description: str
    enabled: bool
    target_ids: tuple[str, ...]
    form: RuleForm | None = None
    pattern: str | None = None


async def create_rule(ctx: AlertContext, actor: Actor, wish: RuleWish, now: datetime) -> Rule:
    checked_name(wish.name)
    try:
        async with ctx.db.begin() as session:
            if await queries.count_rules(session, actor.project_id, "") >= MAX_RULES:
                raise Conflict(
                    f"This project has {MAX_RULES} alert rules, the most possible. Delete one first.",
                    code="too_many_rules",
                )
            return await add_rule(session, ctx, actor, wish, now)
    except IntegrityError as error:
        raise _taken(wish.name) from error


async def add_rule(
    session: AsyncSession,
    ctx: AlertContext,
    actor: Actor,
    wish: RuleWish,
    now: datetime,
    *,
    owner_id: str = "",
) -> Rule:
    pattern, platform = checked_condition(ctx.catalogue, actor, wish)
    row = RuleRow(
        id=new_id("ar"), project_id=actor.project_id, owner_id=owner_id, name=wish.name,
        description=checked_description(wish.description), enabled=wish.enabled, mode=_mode(wish), pattern=pattern,
        platform=platform, since_seq=0, created_by=actor.user_id, creator_name=actor.user_name, created_at=now,
        updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    targets = await _set_targets(session, actor, row.id, wish.target_ids)
    await _tell(session, row, "ruleCreated", actor, now)
    return queries.frozen_rule(row, targets)


async def update_rule(
    ctx: AlertContext, actor: Actor, rule_id: str, wish: RuleWish, now: datetime
) -> Rule:
    try:
        async with ctx.db.begin() as session:
            row = await queries.get_rule(session, actor, rule_id)
            if row.owner_id:
                raise Conflict(
                    "This notice belongs to one object; switch it on that object's page.",
                    code="own_notice",
                )
            row.name, row.description = (
                checked_name(wish.name),
                checked_description(wish.description),
            )
            row.pattern, row.platform = checked_condition(ctx.catalogue, actor, wish)
            row.enabled, row.mode, row.updated_at = wish.enabled, _mode(wish), now
            await session.flush()
            targets = await _set_targets(session, actor, row.id, wish.target_ids)
            await _tell(session, row, "ruleUpdated", actor, now)
            return queries.frozen_rule(row, targets)
    except IntegrityError as error:
        raise _taken(wish.name) from error


async def set_enabled(
    ctx: AlertContext, actor: Actor, rule_id: str, enabled: bool, now: datetime
) -> Rule:
    async with ctx.db.begin() as session:
        row = await queries.get_rule(session, actor, rule_id)
        _may_platform(actor, row.platform)
        if row.enabled != enabled:
            row.enabled, row.updated_at = enabled, now
            await _tell(session, row, "ruleEnabled" if enabled else "ruleDisabled", actor, now)
        targets = await queries.targets_of(session, [rule_id])
        return queries.frozen_rule(row, targets.get(rule_id, []))


async def delete_rule(ctx: AlertContext, actor: Actor, rule_id: str, now: datetime) -> None:
    """What it has recorded already is still sent."""
    async with ctx.db.begin() as session:
        row = await queries.get_rule(session, actor, rule_id)
        _may_platform(actor, row.platform)
        await _tell(session, row, "ruleDeleted", actor, now)
        await queries.set_targets(session, rule_id, ())
        await session.delete(row)


def checked_condition(catalogue: Catalogue, actor: Actor, wish: RuleWish) -> tuple[str, bool]:
    """The pattern's text, and whether it is about events of the platform."""
    if (wish.form is None) == (wish.pattern is None):
        raise Invalid("Give the condition either as a form or as a pattern.", field="pattern")
    text = wish.pattern if wish.form is None else pattern_text(wish.form, catalogue)
    pattern = parse_pattern(text or "", catalogue)
    services = [catalogue.by_key(key) for key in pattern.services]
    platform = any(service is not None and service.platform for service in services)
    _may_platform(actor, platform)
    return text or "", platform


def _may_platform(actor: Actor, platform: bool) -> None:
    if platform and not actor.is_admin:
        raise Forbidden(
            "Events of the platform itself are for its administrators.",
            action="platform:events:alert",
        )


async def _set_targets(
    session: AsyncSession, actor: Actor, rule_id: str, target_ids: tuple[str, ...]
) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(target_ids))
    if not 1 <= len(wanted) <= MAX_TARGETS_PER_RULE:
        raise Invalid(
            f"A rule has 1 to {MAX_TARGETS_PER_RULE} targets; choose where to send.",
            field="targets",
        )
    for target_id in wanted:
        await queries.get_target(session, actor, target_id)
    await queries.set_targets(session, rule_id, wanted)
    return wanted


async def _tell(
    session: AsyncSession, row: RuleRow, event: str, actor: Actor, now: datetime
) -> None:
    told = await record(
        session, f"alert:{event}", subject=("alert_rule", row.id), project_id=row.project_id,
        actor_id=actor.user_id, now=now, name=row.name,
    )  # fmt: skip
    row.since_seq = told.seq
    await session.flush()


def _mode(wish: RuleWish) -> RuleMode:
    return RuleMode.PATTERN if wish.form is None else RuleMode.FORM


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is already an alert rule named {name}.", code="name_taken", field="name"
    )
