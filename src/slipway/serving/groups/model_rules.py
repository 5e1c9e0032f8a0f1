"""What holds for a service as a model whoever calls it: other names, limits, and, by the platform's
staff, prices and whether it is a preset that every project may call, with a free trial."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.iam.types import Actor
from slipway.serving import queries as services
from slipway.serving.events import tell_of_service
from slipway.serving.groups import queries
from slipway.serving.groups.events import touch_group
from slipway.serving.groups.tables import ModelRulesRow
from slipway.serving.key_rules import MILLIONTHS, MOST, in_millionths

STAFF = "gateway:model:update"
MAX_ALIASES = 20
FREE_TOKENS = 10_000  # of a preset, where nobody says otherwise (GWY-99)
_ALIAS = re.compile(r"[A-Za-z0-9\u3400-\u9fff][\w.:/@+-]{0,119}")
_PRICES = ("prompt", "completion", "image")


@dataclass(frozen=True, slots=True)
class ModelRules:
    """Prices are for a million tokens, and for one image. `free_tokens` None: no free trial, and
    no bound by one."""

    aliases: tuple[str, ...] = ()
    rpm: int | None = None
    tpm: int | None = None
    ipm: int | None = None
    preset: bool = False
    free_tokens: int | None = None
    prices: dict[str, Decimal] = field(default_factory=dict)

    @property
    def of_staff(self) -> tuple[object, ...]:
        return self.preset, self.free_tokens, self.prices


def frozen(row: ModelRulesRow | None) -> ModelRules:
    if row is None:
        return ModelRules()
    return ModelRules(
        aliases=tuple(row.aliases), rpm=row.limits.get("rpm"), tpm=row.limits.get("tpm"),
        ipm=row.limits.get("ipm"), preset=row.preset, free_tokens=row.free_tokens,
        prices={name: Decimal(price) / MILLIONTHS for name, price in row.prices.items()},
    )  # fmt: skip


def for_gateway(row: ModelRulesRow) -> dict[str, Any]:
    """`rules` of the service's object in the feed."""
    return {
        "aliases": list(row.aliases), "limits": dict(row.limits), "free_tokens": row.free_tokens,
        "prices": dict(row.prices),
    }  # fmt: skip


async def get_rules(db: Database, actor: Actor, service_id: str) -> ModelRules:
    async with db.read() as session:
        await services.get_service(session, actor.project_id, service_id)
        return frozen((await queries.rules_of(session, [service_id])).get(service_id))


async def set_rules(
    db: Database, actor: Actor, service_id: str, rules: ModelRules, *, now: datetime
) -> ModelRules:
    """Replaces them all; they hold for the next call."""
    _check(rules)
    async with db.begin() as session:
        service = await services.get_service(session, actor.project_id, service_id, lock=True)
        row = (await queries.rules_of(session, [service_id])).get(service_id)
        if frozen(row).of_staff != rules.of_staff:
            actor.require(STAFF)
        if row is None:
            row = ModelRulesRow(service_id=service_id)
            session.add(row)
        _write(row, rules, now)
        if not rules.preset:
            await queries.drop_foreign_keys(session, service_id)
        await session.flush()
        await tell_of_service(session, service, "rulesChanged", actor_id=actor.user_id, now=now)
        await touch_groups_of(session, service_id)
        return rules


def new_rules(service_id: str, rules: ModelRules, now: datetime) -> ModelRulesRow:
    """Of a service that is made just now; to be added to the session."""
    row = ModelRulesRow(service_id=service_id)
    _write(row, rules, now)
    return row


def _write(row: ModelRulesRow, rules: ModelRules, now: datetime) -> None:
    row.aliases = list(rules.aliases)
    row.limits = {n: v for n in ("rpm", "tpm", "ipm") if (v := getattr(rules, n)) is not None}
    row.preset, row.free_tokens = rules.preset, rules.free_tokens
    row.prices = {name: in_millionths(price) for name, price in rules.prices.items()}
    row.updated_at = now


async def touch_groups_of(session: AsyncSession, service_id: str) -> None:
    """Groups that may or may not call it any more."""
    for group_id in await queries.groups_linked_to(session, service_id):
        touch_group(session, group_id)


def require_alias(alias: str, field_name: str) -> None:
    """Raises Invalid unless a model may be called so."""
    if not _ALIAS.fullmatch(alias):
        raise Invalid(
            f"{alias!r} is no name for a model: letters, digits and . _ - : / @ +, at most 120.",
            field=field_name,
        )


def _check(rules: ModelRules) -> None:
    if len(rules.aliases) > MAX_ALIASES or len(set(rules.aliases)) < len(rules.aliases):
        raise Invalid(f"A model has at most {MAX_ALIASES} aliases, each once.", field="aliases")
    for alias in rules.aliases:
        require_alias(alias, "aliases")
    for name in ("rpm", "tpm", "ipm"):
        value = getattr(rules, name)
        if value is not None and not 1 <= value <= MOST:
            raise Invalid(
                f"The limit {name} is a whole number from 1; leave it empty for no limit.",
                field=name,
            )
    if rules.free_tokens is not None and not 0 <= rules.free_tokens <= MOST:
        raise Invalid("A free trial is 0 or more tokens.", field="free_tokens")
    if any(not 0 <= price <= 10**6 for price in rules.prices.values()):
        raise Invalid("A price is from 0 to 1,000,000.", field="prices")
