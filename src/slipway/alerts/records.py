"""Writing what is to be delivered: a record for each (event, rule, target), in-app messages at once.

All of it happens in the caller's transaction, so there is nothing between "matched" and "recorded"
where a crash could lose or double anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries_deliveries as queries
from slipway.alerts.catalogue import EventService
from slipway.alerts.context import AlertContext
from slipway.alerts.message import message_of
from slipway.alerts.tables import DeliveryRow, InboxRow
from slipway.alerts.types import DeliveryState, Message, Target, TargetKind
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.iam import queries as iam


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is to be told, by which rule. `project_id` is the rule's."""

    project_id: str
    owner_id: str
    rule_id: str
    rule_name: str
    event_seq: int
    shape: dict[str, Any]
    service: EventService
    test: bool = False

    @property
    def subject_id(self) -> str:
        return str(self.shape["data"][self.service.fields.id])

    @property
    def creator(self) -> str:
        return str(self.shape["data"][self.service.fields.creator])


async def write_delivery(
    session: AsyncSession, ctx: AlertContext, occasion: Occasion, target: Target, now: datetime
) -> str | None:
    """The new record's id, or None where there was one already."""
    message = await _message(session, ctx, occasion, target)
    in_app = target.kind == TargetKind.INBOX
    delivery_id = new_id("ad")
    new = await queries.add_once(
        session, DeliveryRow,
        {
            "id": delivery_id, "project_id": occasion.project_id, "owner_id": occasion.owner_id,
            "event_seq": occasion.event_seq, "event_id": occasion.shape["id"],
            "event_type": occasion.shape["type"], "subject_id": occasion.subject_id,
            "subject_name": str(occasion.shape["data"][occasion.service.fields.name]),
            "rule_id": occasion.rule_id, "rule_name": occasion.rule_name, "target_id": target.id,
            "target_name": target.name, "target_kind": target.kind, "test": occasion.test,
            "state": DeliveryState.DELIVERED if in_app else DeliveryState.PENDING,
            "attempts": 1 if in_app else 0, "next_at": None if in_app else now, "event": occasion.shape,
            "message": message.as_json(), "tries": [], "last_error": "", "created_at": now,
            "delivered_at": now if in_app else None,
        },
    )  # fmt: skip
    if not new:
        return None
    if in_app:
        await _into_inboxes(session, occasion, target, message, delivery_id, now)
    await record(
        session, "alert:delivered" if in_app else "alert:matched", subject=("alert_delivery", delivery_id),
        project_id=occasion.project_id, now=now, name=occasion.rule_name, target=target.name,
        cause=occasion.shape["type"],
    )  # fmt: skip
    return delivery_id


async def _message(
    session: AsyncSession, ctx: AlertContext, occasion: Occasion, target: Target
) -> Message:
    user = await iam.find_user(session, occasion.creator)
    link = ctx.site.link(
        None if occasion.service.platform else occasion.project_id,
        occasion.service,
        occasion.subject_id,
    )
    return message_of(
        occasion.shape, occasion.service, rule_name=occasion.rule_name,
        creator_name=user.display_name or user.name if user else "", link=link,
        language=target.language, test=occasion.test,
    )  # fmt: skip


async def _into_inboxes(
    session: AsyncSession, occasion: Occasion, target: Target, message: Message, delivery_id: str,
    now: datetime,
) -> None:  # fmt: skip
    for user_id in await _recipients(session, occasion, target):
        new = await queries.add_once(
            session, InboxRow,
            {
                "delivery_id": delivery_id, "user_id": user_id, "project_id": occasion.project_id,
                "title": message.title, "lines": [list(line) for line in message.lines],
                "link": message.link, "event_type": occasion.shape["type"], "created_at": now,
                "read_at": None,
            },
        )  # fmt: skip
        if new:
            await record(
                session, "inbox:messageArrived", subject=("inbox", user_id), project_id=None, now=now,
                delivery_id=delivery_id,
            )  # fmt: skip


async def _recipients(session: AsyncSession, occasion: Occasion, target: Target) -> list[str]:
    """Only people who belong to the project now: who has left it is told nothing more of it."""
    asked = target.recipients
    wanted = set(asked.users) | ({occasion.creator} if asked.creator else set())
    if asked.members:
        wanted |= {user.id for user, _ in await iam.list_members(session, occasion.project_id)}
    return [
        user_id
        for user_id in sorted(wanted)
        if await belongs(session, occasion.project_id, user_id)
    ]


async def belongs(session: AsyncSession, project_id: str, user_id: str) -> bool:
    user = await iam.find_user(session, user_id)
    if user is None or not user.enabled:
        return False
    return user.is_admin or await iam.find_member(session, project_id, user_id) is not None
