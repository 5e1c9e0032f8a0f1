"""Send a delivery once more, under its old id."""

from __future__ import annotations

from datetime import datetime

from slipway.alerts import queries
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.context import AlertContext
from slipway.alerts.types import Delivery, DeliveryState, TargetKind
from slipway.base.errors import Conflict
from slipway.base.events import record
from slipway.iam.types import Actor


async def resend(ctx: AlertContext, actor: Actor, delivery_id: str, now: datetime) -> Delivery:
    async with ctx.db.begin() as session:
        row = await deliveries.get_delivery(session, actor, delivery_id)
        if refused := why_not_again(deliveries.frozen_delivery(row)):
            raise Conflict(refused, code="not_now")
        target = await queries.get_target(session, actor, row.target_id)
        target.open_until = None
        row.state, row.next_at, row.attempts = DeliveryState.PENDING, now, 0
        row.claim_token = row.claim_expires_at = None
        await record(
            session, "alert:resent", subject=("alert_delivery", row.id), project_id=row.project_id,
            actor_id=actor.user_id, now=now, name=row.rule_name, target=row.target_name,
        )  # fmt: skip
        return deliveries.frozen_delivery(row)


def why_not_again(delivery: Delivery) -> str | None:
    if delivery.target_kind == TargetKind.INBOX:
        return "It is in the inbox already."
    if not delivery.state.is_final:
        return "It is still being sent."
    return None
