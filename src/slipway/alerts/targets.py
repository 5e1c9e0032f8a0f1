"""Targets: where alerts go. A webhook's signing secret is shown once and kept sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.catalogue import sample_of
from slipway.alerts.context import AlertContext
from slipway.alerts.deliver import deliver_one
from slipway.alerts.mail import checked_address
from slipway.alerts.records import Occasion, write_delivery
from slipway.alerts.tables import TargetRow
from slipway.alerts.types import Delivery, Language, Recipients, Target, TargetKind
from slipway.alerts.webhook import checked_url, shown_url
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id, new_secret
from slipway.base.names import checked_name
from slipway.iam import queries as iam
from slipway.iam.types import Actor

MAX_TARGETS = 50
MAX_ADDRESSES = 20
MAX_USERS = 200


@dataclass(frozen=True, slots=True)
class TargetWish:
    """`url` None keeps the address that is stored."""

    name: str
    kind: TargetKind
    language: Language
    url: str | None = None
    addresses: tuple[str, ...] = ()
    recipients: Recipients = field(default_factory=Recipients)


@dataclass(frozen=True, slots=True)
class NewTarget:
    target: Target
    secret: str | None


async def create_target(
    ctx: AlertContext, actor: Actor, wish: TargetWish, now: datetime
) -> NewTarget:
    checked_name(wish.name)
    try:
        async with ctx.db.begin() as session:
            if await queries.count_targets(session, actor.project_id, "") >= MAX_TARGETS:
                raise Conflict(
                    f"This project has {MAX_TARGETS} alert targets, the most possible. Delete one first.",
                    code="too_many_targets",
                )
            return await add_target(session, ctx, actor, wish, now)
    except IntegrityError as error:
        raise _taken(wish.name) from error


async def add_target(
    session: AsyncSession,
    ctx: AlertContext,
    actor: Actor,
    wish: TargetWish,
    now: datetime,
    *,
    owner_id: str = "",
) -> NewTarget:
    secret = new_secret("whsec_") if wish.kind == TargetKind.WEBHOOK else None
    if secret and wish.url is None:
        raise Invalid("A webhook needs its address.", field="url")
    row = TargetRow(
        id=new_id("at"), project_id=actor.project_id, owner_id=owner_id, name=wish.name, kind=wish.kind,
        language=wish.language, shown="", config={}, url_sealed=None,
        secret_sealed=ctx.sealer.seal(secret) if secret else None, open_until=None,
        creator_name=actor.user_name, created_at=now, updated_at=now,
    )  # fmt: skip
    await _fill(session, ctx, actor, row, wish)
    session.add(row)
    await session.flush()
    await _tell(session, row, "targetCreated", actor, now)
    return NewTarget(queries.frozen_target(row), secret)


async def update_target(
    ctx: AlertContext, actor: Actor, target_id: str, wish: TargetWish, now: datetime
) -> Target:
    checked_name(wish.name)
    try:
        async with ctx.db.begin() as session:
            row = await queries.get_target(session, actor, target_id)
            if wish.kind != row.kind:
                raise Invalid("The kind of a target stays. Make another target.", field="kind")
            await _fill(session, ctx, actor, row, wish)
            row.name, row.language, row.updated_at = wish.name, wish.language, now
            row.failures, row.open_until, row.last_error = 0, None, ""
            await session.flush()
            await _tell(session, row, "targetUpdated", actor, now)
            return queries.frozen_target(row)
    except IntegrityError as error:
        raise _taken(wish.name) from error


async def new_signing_secret(
    ctx: AlertContext, actor: Actor, target_id: str, now: datetime
) -> NewTarget:
    secret = new_secret("whsec_")
    async with ctx.db.begin() as session:
        row = await queries.get_target(session, actor, target_id)
        if row.kind != TargetKind.WEBHOOK:
            raise Conflict("Only webhooks have a signing secret.", code="no_secret")
        row.secret_sealed, row.updated_at = ctx.sealer.seal(secret), now
        await _tell(session, row, "targetSecretReplaced", actor, now)
        return NewTarget(queries.frozen_target(row), secret)


async def delete_target(ctx: AlertContext, actor: Actor, target_id: str, now: datetime) -> None:
    async with ctx.db.begin() as session:
        row = await queries.get_target(session, actor, target_id)
        users = (await queries.rules_using(session, [target_id])).get(target_id)
        if users:
            raise Conflict(in_use(users), code="in_use")
        await deliveries.drop_deliveries(session, target_id)
        await _tell(session, row, "targetDeleted", actor, now)
        await session.delete(row)


def in_use(rule_names: list[str]) -> str:
    shown = ", ".join(rule_names[:3]) + (" and more" if len(rule_names) > 3 else "")
    return f"Rules send to this target: {shown}. Take it out of them first."


async def check_target(ctx: AlertContext, actor: Actor, target_id: str, now: datetime) -> Delivery:
    """Send a test message now and say how it went."""
    service = ctx.catalogue.services[0]
    shape = {**sample_of(service, ctx.site.region, now), "id": new_id("evt")}
    async with ctx.db.begin() as session:
        row = await queries.get_target(session, actor, target_id)
        target = queries.frozen_target(row)
        shape["data"] = {**shape["data"], service.fields.creator: actor.user_id}
        occasion = Occasion(
            actor.project_id, row.owner_id, "", target.name, 0, shape, service, test=True
        )
        delivery_id = await write_delivery(session, ctx, occasion, target, now)
    assert delivery_id is not None  # its event is new
    await deliver_one(ctx, delivery_id)
    async with ctx.db.read() as session:
        return deliveries.frozen_delivery(
            await deliveries.get_delivery(session, actor, delivery_id)
        )


async def _fill(
    session: AsyncSession, ctx: AlertContext, actor: Actor, row: TargetRow, wish: TargetWish
) -> None:
    match wish.kind:
        case TargetKind.WEBHOOK:
            if wish.url is not None:
                row.url_sealed = ctx.sealer.seal(checked_url(wish.url))
                row.shown = shown_url(wish.url)
        case TargetKind.EMAIL:
            row.config = {"addresses": _addresses(wish.addresses)}
            row.shown = ", ".join(row.config["addresses"])
        case TargetKind.INBOX:
            row.config, row.shown = await _recipients(session, actor, wish.recipients)


def _addresses(addresses: tuple[str, ...]) -> list[str]:
    found = list(dict.fromkeys(checked_address(a.strip(), field="addresses") for a in addresses))
    if not 1 <= len(found) <= MAX_ADDRESSES:
        raise Invalid(f"Give 1 to {MAX_ADDRESSES} e-mail addresses.", field="addresses")
    return found


async def _recipients(
    session: AsyncSession, actor: Actor, wish: Recipients
) -> tuple[dict[str, Any], str]:
    names = {u.id: u.name for u, _ in await iam.list_members(session, actor.project_id)}
    names.setdefault(actor.user_id, actor.user_name)
    unknown = [user for user in wish.users if user not in names]
    if unknown:
        raise Invalid(f"{unknown[0]} is not a member of this project.", field="users")
    if not (wish.users or wish.members or wish.creator) or len(wish.users) > MAX_USERS:
        raise Invalid("Choose who gets the message.", field="users")
    config: dict[str, Any] = {
        "users": list(wish.users), "members": wish.members, "creator": wish.creator
    }  # fmt: skip
    shown = [names[user] for user in wish.users]
    return config, ", ".join([*(["*"] if wish.members else []), *shown])


async def _tell(
    session: AsyncSession, row: TargetRow, event: str, actor: Actor, now: datetime
) -> None:
    await record(
        session, f"alert:{event}", subject=("alert_target", row.id), project_id=row.project_id,
        actor_id=actor.user_id, now=now, name=row.name, kind=row.kind,
    )  # fmt: skip


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is already an alert target named {name}.", code="name_taken", field="name"
    )
