"""The SQL of what is sent: deliveries, the position in the events table, inboxes, the mail server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts.tables import (
    DeliveryRow,
    InboxRow,
    MailServerRow,
    PositionRow,
    RuleRow,
    TargetRow,
)
from slipway.alerts.types import (
    OPEN_STATES,
    Delivery,
    DeliveryState,
    InboxMessage,
    Message,
    TargetKind,
)
from slipway.base.errors import NotFound
from slipway.base.events import EventRow
from slipway.base.paging import Page, PageQuery, fetch_page
from slipway.iam.types import Actor

_POSITION = "events"
_MAIL = "main"


def frozen_delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        row.id, row.project_id, row.event_seq, row.event_id, row.event_type, row.subject_id, row.subject_name,
        row.rule_id, row.rule_name, row.target_id, row.target_name, TargetKind(row.target_kind), row.test,
        DeliveryState(row.state), row.attempts, row.next_at, row.event, Message.of(row.message),
        tuple(row.tries), row.last_error, row.created_at, row.delivered_at,
    )  # fmt: skip


def frozen_message(row: InboxRow) -> InboxMessage:
    return InboxMessage(
        row.delivery_id, row.project_id, row.title, tuple((a, b) for a, b in row.lines), row.link,
        row.event_type, row.created_at, row.read_at,
    )  # fmt: skip


async def add_once(session: AsyncSession, table: type[Any], values: dict[str, Any]) -> bool:
    """Insert unless its key is there; False then."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    done = await session.execute(insert(table).values(**values).on_conflict_do_nothing())
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


async def position(session: AsyncSession, *, lock: bool = False) -> int | None:
    query = select(PositionRow.seq).where(PositionRow.id == _POSITION)
    return await session.scalar(query.with_for_update() if lock else query)


async def start_position(session: AsyncSession) -> int:
    """Where following begins: at the oldest rule's save, or after what is there.

    One statement, so that both are of the same moment.
    """
    oldest_rule = select(func.min(RuleRow.since_seq)).scalar_subquery()
    newest = select(func.max(EventRow.seq)).scalar_subquery()
    begin = await session.scalar(select(func.coalesce(oldest_rule, newest, 0)))
    await add_once(session, PositionRow, {"id": _POSITION, "seq": begin})
    return await position(session) or 0


async def set_position(session: AsyncSession, seq: int) -> None:
    await session.execute(update(PositionRow).where(PositionRow.id == _POSITION).values(seq=seq))


async def get_delivery(session: AsyncSession, actor: Actor, delivery_id: str) -> DeliveryRow:
    row: DeliveryRow | None = await session.scalar(
        _visible(actor).where(DeliveryRow.id == delivery_id)
    )
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id} in this project.")
    return row


async def find_delivery(session: AsyncSession, delivery_id: str) -> DeliveryRow | None:
    return await session.get(DeliveryRow, delivery_id)


async def page_deliveries(
    session: AsyncSession, actor: Actor, page: PageQuery, *, rule: str | None, target: str | None
) -> Page[DeliveryRow]:
    query = _visible(actor)
    if rule is not None:
        query = query.where(DeliveryRow.rule_id == rule)
    if target is not None:
        query = query.where(DeliveryRow.target_id == target)
    return await fetch_page(
        session, query, page, id_column=DeliveryRow.id, orders={"created_at": DeliveryRow.created_at},
        search_in=(
            DeliveryRow.rule_name, DeliveryRow.target_name, DeliveryRow.event_type, DeliveryRow.subject_name,
            DeliveryRow.subject_id, DeliveryRow.id,
        ),
        state_column=DeliveryRow.state,
    )  # fmt: skip


async def due_targets(session: AsyncSession, now: datetime) -> list[str]:
    """Targets that have something to send now and do not rest."""
    return list(await session.scalars(_open(now).where(DeliveryRow.next_at <= now).distinct()))


async def next_of(session: AsyncSession, target_id: str, now: datetime) -> str | None:
    """The oldest delivery that is due for a target."""
    return await session.scalar(
        select(DeliveryRow.id)
        .where(
            DeliveryRow.target_id == target_id,
            DeliveryRow.state.in_(OPEN_STATES),
            DeliveryRow.next_at <= now,
            or_(DeliveryRow.claim_token.is_(None), DeliveryRow.claim_expires_at < now),
        )
        .order_by(DeliveryRow.event_seq, DeliveryRow.id)
        .limit(1)
    )


async def next_due(session: AsyncSession, now: datetime) -> datetime | None:
    """When the next delivery of a target that does not rest is to be sent."""
    return await session.scalar(
        select(func.min(DeliveryRow.next_at))
        .join(TargetRow, TargetRow.id == DeliveryRow.target_id)
        .where(DeliveryRow.state.in_(OPEN_STATES), DeliveryRow.next_at > now)
    )


async def drop_deliveries(session: AsyncSession, target_id: str) -> None:
    """What was still to be sent to a target that is no more."""
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.target_id == target_id, DeliveryRow.state.in_(OPEN_STATES))
        .values(state=DeliveryState.FAILED, next_at=None, last_error="The target was deleted.")
    )


async def forget_before(session: AsyncSession, moment: datetime) -> None:
    final = (DeliveryState.DELIVERED, DeliveryState.FAILED)
    await session.execute(
        delete(DeliveryRow).where(DeliveryRow.created_at < moment, DeliveryRow.state.in_(final))
    )
    await session.execute(delete(InboxRow).where(InboxRow.created_at < moment))


async def page_inbox(session: AsyncSession, user_id: str, page: PageQuery) -> Page[InboxRow]:
    query = select(InboxRow).where(InboxRow.user_id == user_id)
    if page.states == ("unread",):
        query = query.where(InboxRow.read_at.is_(None))
    return await fetch_page(
        session, query, page, id_column=InboxRow.delivery_id,
        orders={"created_at": InboxRow.created_at}, search_in=(InboxRow.title,),
    )  # fmt: skip


async def count_unread(session: AsyncSession, user_id: str) -> int:
    query = (
        select(func.count())
        .select_from(InboxRow)
        .where(InboxRow.user_id == user_id, InboxRow.read_at.is_(None))
    )
    return await session.scalar(query) or 0


async def mark_read(
    session: AsyncSession, user_id: str, now: datetime | None, delivery_id: str | None
) -> int:
    """One message, or all that are unread; `now` None makes it unread again."""
    query = update(InboxRow).where(InboxRow.user_id == user_id)
    if delivery_id is not None:
        query = query.where(InboxRow.delivery_id == delivery_id)
    else:
        query = query.where(InboxRow.read_at.is_(None))
    done = await session.execute(query.values(read_at=now))
    return int(done.rowcount)  # type: ignore[attr-defined]


async def find_mail_server(session: AsyncSession) -> MailServerRow | None:
    return await session.get(MailServerRow, _MAIL)


async def put_mail_server(session: AsyncSession, values: dict[str, Any]) -> None:
    await session.merge(MailServerRow(id=_MAIL, **values))


async def delete_mail_server(session: AsyncSession) -> None:
    await session.execute(delete(MailServerRow).where(MailServerRow.id == _MAIL))


def _visible(actor: Actor) -> Any:
    return select(DeliveryRow).where(
        DeliveryRow.project_id == actor.project_id,
        DeliveryRow.owner_id.in_(("", actor.user_id)),
    )


def _open(now: datetime) -> Any:
    return (
        select(DeliveryRow.target_id)
        .join(TargetRow, TargetRow.id == DeliveryRow.target_id)
        .where(
            DeliveryRow.state.in_(OPEN_STATES),
            or_(TargetRow.open_until.is_(None), TargetRow.open_until <= now),
            or_(DeliveryRow.claim_token.is_(None), DeliveryRow.claim_expires_at < now),
        )
    )
