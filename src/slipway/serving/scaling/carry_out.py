"""Writing down what scaling decided, from the rows as they are now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.serving import queries
from slipway.serving.events import tell_of_version
from slipway.serving.scaling import store
from slipway.serving.scaling.decide import ScalingStepKind, Step
from slipway.serving.tables import ServiceVersionRow
from slipway.serving.types import ServiceState, Wanted

_EVENTS = {ScalingStepKind.SLEEP: "fellAsleep", ScalingStepKind.WAKE: "waking"}


def is_busy(row: ServiceVersionRow) -> bool:
    """An update is replacing the replicas: a step waits until that is through (SRV-45)."""
    return row.updating and row.failures == 0


async def carry_out(
    session: AsyncSession, version_id: str, step: Step, decided_on: int, now: datetime
) -> bool:
    """False where the version has changed since: `decided_on` is the count it had then."""
    row = await queries.lock_version(session, version_id)
    if row is None or row.wanted != Wanted.RUN or row.state == ServiceState.STOPPING:
        return False
    if is_busy(row) or row.replicas != decided_on:
        return False
    if step.fired_at is not None:
        row.scaled_until = step.fired_at
        row.bound_low, row.bound_high = step.bounds or (None, None)
    if row.replicas == step.replicas:
        await session.flush()
        return True
    before, row.replicas, row.updated_at = row.replicas, step.replicas, now
    if step.kind == ScalingStepKind.WAKE:
        row.failures, row.retry_at = 0, None  # somebody waits: no pause of long ago holds it
    await session.flush()
    await store.add_step(
        session, row.id, kind=step.kind, before=before, after=step.replicas, reason=step.reason,
        now=now,
    )  # fmt: skip
    await tell_of_version(
        session, row, _EVENTS.get(step.kind, "autoscaled"), now=now,
        description=f"{before} → {step.replicas} replicas. {step.reason}",
    )  # fmt: skip
    return True
