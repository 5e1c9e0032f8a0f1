"""The ready-made rule "tell me when this ends": one tick on an object's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.catalogue import EventService, name_of
from slipway.alerts.context import AlertContext
from slipway.alerts.form import RuleForm
from slipway.alerts.rules import RuleWish, add_rule
from slipway.alerts.tables import RuleRow
from slipway.alerts.targets import TargetWish, add_target
from slipway.alerts.types import Language, Recipients, Target, TargetKind
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import list_events
from slipway.iam.types import Actor

MAX_NOTICES = 200
_ENDINGS = ("taskCompleted", "taskExecuteFailed", "taskStopped")


@dataclass(frozen=True, slots=True)
class Notice:
    """`email` is empty for in-app only."""

    on: bool
    email: str
    since: datetime | None


async def find_notice(ctx: AlertContext, actor: Actor, service_key: str, subject_id: str) -> Notice:
    service = _service(ctx, service_key)
    async with ctx.db.read() as session:
        name = await _name(session, actor, service, subject_id)
        row = await queries.find_rule(session, actor.project_id, actor.user_id, name)
        if row is None:
            return Notice(False, "", None)
        targets = await _targets(session, row)
    mails = [address for target in targets for address in target.addresses]
    return Notice(row.enabled, mails[0] if mails else "", row.updated_at)


async def set_notice(
    ctx: AlertContext, actor: Actor, service_key: str, subject_id: str, *, email: str, language: Language,
    now: datetime,
) -> Notice:  # fmt: skip
    """Set anew each time: the old one's targets may have been for another address."""
    if email:
        actor.require("alert:target:create")
    service = _service(ctx, service_key)
    try:
        async with ctx.db.begin() as session:
            name = await _name(session, actor, service, subject_id)
            await _remove(session, actor, name)
            if await queries.count_rules(session, actor.project_id, actor.user_id) >= MAX_NOTICES:
                raise Conflict(
                    f"You have {MAX_NOTICES} notices in this project, the most possible. Delete one under Alerts.",
                    code="too_many_rules",
                )
            await _add(session, ctx, actor, service, subject_id, name, email, language, now)
    except IntegrityError as error:
        raise Conflict("This notice is being changed elsewhere. Try again.", code="busy") from error
    return Notice(True, email, now)


async def remove_notice(ctx: AlertContext, actor: Actor, service_key: str, subject_id: str) -> None:
    service = _service(ctx, service_key)
    async with ctx.db.begin() as session:
        await _remove(session, actor, await _name(session, actor, service, subject_id))


async def _add(
    session: AsyncSession, ctx: AlertContext, actor: Actor, service: EventService, subject_id: str, name: str,
    email: str, language: Language, now: datetime,
) -> None:  # fmt: skip
    wishes = [
        TargetWish(
            f"{name} · {actor.user_name}"[:120], TargetKind.INBOX, language,
            recipients=Recipients(users=(actor.user_id,)),
        )
    ]  # fmt: skip
    if email:
        wishes.append(
            TargetWish(f"{name} · {email}"[:120], TargetKind.EMAIL, language, addresses=(email,))
        )
    targets = [
        (await add_target(session, ctx, actor, wish, now, owner_id=actor.user_id)).target.id
        for wish in wishes
    ]
    types = tuple(kind.name for kind in service.events if kind.name in _ENDINGS)
    form = RuleForm(service.key, types, (subject_id,))
    await add_rule(
        session, ctx, actor, RuleWish(name, "", True, tuple(targets), form=form), now, owner_id=actor.user_id
    )  # fmt: skip


async def _remove(session: AsyncSession, actor: Actor, name: str) -> None:
    row = await queries.find_rule(session, actor.project_id, actor.user_id, name)
    if row is None:
        return
    targets = await queries.targets_of(session, [row.id])
    await queries.set_targets(session, row.id, ())
    await session.delete(row)
    for target_id in targets.get(row.id, []):
        await deliveries.drop_deliveries(session, target_id)
        await session.delete(await queries.get_target(session, actor, target_id))
    await session.flush()


async def _targets(session: AsyncSession, row: RuleRow) -> list[Target]:
    ids = (await queries.targets_of(session, [row.id])).get(row.id, [])
    found = await queries.list_targets(session, ids)
    return [found[target_id] for target_id in ids]


async def _name(session: AsyncSession, actor: Actor, service: EventService, subject_id: str) -> str:
    """The notice's name; also the proof that the object is one of this project."""
    found = await list_events(session, project_id=actor.project_id, subject_id=subject_id, limit=1)
    if not found or found[0].subject_kind != service.subject_kind:
        raise NotFound(f"There is no {service.en.lower()} {subject_id} in this project.")
    return f"{name_of(found[0])[:60]} · {subject_id}"


def _service(ctx: AlertContext, key: str) -> EventService:
    service = ctx.catalogue.by_key(key)
    if service is None or not any(kind.name in _ENDINGS for kind in service.events):
        raise Invalid(f"Notices are not possible for {key!r}.", field="service")
    return service
