"""Sending one delivery: claim, act outside any transaction, settle while the claim holds.

A crash between act and settle sends once more, with the same delivery id: receivers can tell.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries, webhook
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.backoff import next_try, rest_until
from slipway.alerts.context import AlertContext
from slipway.alerts.mail import mail_of, send_mail
from slipway.alerts.mail_server import opened
from slipway.alerts.tables import DeliveryRow, TargetRow
from slipway.alerts.types import Delivery, DeliveryState, MailServer, Sent, Target, TargetKind
from slipway.base.claims import claim, still_holds
from slipway.base.clock import rfc3339
from slipway.base.events import record

_KEPT_TRIES = 10
NO_MAIL_SERVER = "No mail server is set up. An administrator sets it under Settings, Mail server."


async def deliver_one(ctx: AlertContext, delivery_id: str) -> bool:
    """One attempt; False where another holds the delivery."""
    async with ctx.db.begin() as session:
        token = await claim(session, DeliveryRow, delivery_id, now=ctx.now())
    if token is None:
        return False
    async with ctx.db.read() as session:
        row = await deliveries.find_delivery(session, delivery_id)
        delivery = deliveries.frozen_delivery(row) if row is not None else None
        targets = await queries.list_targets(session, [delivery.target_id] if delivery else [])
        stored = await deliveries.find_mail_server(session)
    if delivery is None:
        return False
    if delivery.state.is_final or delivery.target_id not in targets:
        await _settle(
            ctx, delivery, token, Sent(False, error="The target was deleted.", hopeless=True), 0
        )
        return True
    started = time.monotonic()
    server = opened(stored, ctx.sealer) if stored is not None else None
    sent = await _send(ctx, delivery, targets[delivery.target_id], server)
    await _settle(ctx, delivery, token, sent, round((time.monotonic() - started) * 1000))
    return True


async def _send(
    ctx: AlertContext, delivery: Delivery, target: Target, server: MailServer | None
) -> Sent:
    if target.kind == TargetKind.WEBHOOK:
        url = ctx.sealer.unseal(target.url_sealed or "")
        secret = ctx.sealer.unseal(target.secret_sealed or "")
        return await webhook.post(
            url, secret, delivery, target.language, reach=ctx.reach, at=int(ctx.now().timestamp())
        )
    if server is None:
        return Sent(False, error=NO_MAIL_SERVER)
    mail = mail_of(
        delivery.message, target.language, sender=server.sender, to=target.addresses, delivery_id=delivery.id
    )  # fmt: skip
    return await send_mail(server, mail)


async def _settle(
    ctx: AlertContext, delivery: Delivery, token: str, sent: Sent, duration_ms: int
) -> None:
    now = ctx.now()
    async with ctx.db.begin() as session:
        if not await still_holds(session, DeliveryRow, delivery.id, token):
            return  # another has it now
        row = await deliveries.find_delivery(session, delivery.id)
        assert row is not None
        row.claim_token = row.claim_expires_at = None
        if DeliveryState(row.state).is_final:
            return
        row.attempts += 1
        row.tries = [*row.tries, _try(row.attempts, sent, duration_ms, now)][-_KEPT_TRIES:]
        row.last_error = sent.error
        row.state, row.next_at = _outcome(row, sent, now)
        row.delivered_at = now if sent.ok else None
        await _judge_target(session, row.target_id, sent, now)
        await session.flush()
        await record(
            session, f"alert:{_EVENTS[DeliveryState(row.state)]}", subject=("alert_delivery", row.id),
            project_id=row.project_id, now=now, name=row.rule_name, target=row.target_name,
            cause=row.event_type, reason=row.last_error,
        )  # fmt: skip


_EVENTS = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.FAILED: "deliveryFailed",
    DeliveryState.RETRYING: "deliveryDelayed",
}


def _outcome(row: DeliveryRow, sent: Sent, now: datetime) -> tuple[DeliveryState, datetime | None]:
    if sent.ok:
        return DeliveryState.DELIVERED, None
    # A test tells at once how it went; nobody waits for its fifth try.
    again = (
        None
        if sent.hopeless or row.test
        else next_try(row.attempts, created_at=row.created_at, now=now)
    )
    return (DeliveryState.RETRYING, again) if again else (DeliveryState.FAILED, None)


async def _judge_target(session: AsyncSession, target_id: str, sent: Sent, now: datetime) -> None:
    row = await session.get(TargetRow, target_id)
    if row is None:
        return
    row.failures = 0 if sent.ok else row.failures + 1
    row.open_until = None if sent.ok else rest_until(row.failures, now)
    row.last_error = sent.error


def _try(number: int, sent: Sent, duration_ms: int, now: datetime) -> dict[str, Any]:
    return {
        "number": number, "time": rfc3339(now), "ok": sent.ok, "error": sent.error, "request": sent.request,
        "response": sent.response, "duration_ms": duration_ms,
    }  # fmt: skip
