"""Starting and cancelling a rollout, and carrying out what was decided about one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.iam.types import Actor
from slipway.serving import blocked, queries, statistics
from slipway.serving.canary.decide import Candidate, next_rollout
from slipway.serving.canary.types import (
    Rollout,
    RolloutChecks,
    RolloutState,
    RolloutStep,
    shared,
)
from slipway.serving.events import Level, tell_of_service
from slipway.serving.tables import ServiceRow, ServiceVersionRow
from slipway.serving.types import Service, ServiceState

MAX_STEPS = 20


async def start_rollout(
    db: Database,
    actor: Actor,
    service_id: str,
    version_id: str,
    steps: tuple[RolloutStep, ...],
    checks: RolloutChecks,
    *,
    now: datetime,
) -> Service:
    _check(steps, checks)
    async with db.begin() as session:
        versions = await queries.list_versions(session, [service_id], lock=True)
        row = await queries.get_service(session, actor.project_id, service_id, lock=True)
        _check_start(row, versions, version_id)
        before = {v.id: v.weight for v in versions}
        rollout = Rollout(version_id, steps, checks, before, 0, now, now, actor.user_name)
        await _hold(session, row, versions, rollout)
        told = f"{version_id} gets {rollout.weight} % of the traffic."
        await tell_of_service(
            session, row, "rolloutStarted", actor_id=actor.user_id, now=now, description=told
        )
        return queries.frozen_service(row)


async def cancel_rollout(db: Database, actor: Actor, service_id: str, *, now: datetime) -> Service:
    """Traffic goes back to where it was."""
    async with db.begin() as session:
        versions = await queries.list_versions(session, [service_id], lock=True)
        row = await queries.get_service(session, actor.project_id, service_id, lock=True)
        rollout = running(row)
        if rollout is None:
            raise Conflict("No rollout of this service is running.", code="wrong_state")
        ended = rollout.ended(RolloutState.CANCELLED, f"Cancelled by {actor.user_name}.", now)
        await _hold(session, row, versions, ended)
        await tell_of_service(
            session, row, "rolloutCancelled", actor_id=actor.user_id, now=now,
            description="Traffic goes back to where it was.",
        )  # fmt: skip
        return queries.frozen_service(row)


def running(row: ServiceRow) -> Rollout | None:
    if not row.rolling_out or row.rollout is None:
        return None
    return Rollout.of(row.rollout)


async def running_rollouts(session: AsyncSession) -> list[str]:
    query = select(ServiceRow.id).where(ServiceRow.rolling_out.is_(True))
    return list(await session.scalars(query.order_by(ServiceRow.id)))


async def advance_rollout(session: AsyncSession, service_id: str, now: datetime) -> None:
    """One look, decided from the rows as they are now; doing it twice changes nothing more."""
    versions = await queries.list_versions(session, [service_id], lock=True)
    row = await queries.find_service(session, service_id)
    rollout = running(row) if row is not None else None
    if row is None or rollout is None:
        return
    candidate = await _candidate(session, rollout, versions, now)
    then = next_rollout(rollout, candidate, now)
    if then == rollout:
        return
    await _hold(session, row, versions, then)
    event, level = _event(rollout, then)
    if event is not None:
        told = then.reason or f"{then.version_id} gets {then.weight} % of the traffic."
        await tell_of_service(session, row, event, now=now, description=told, level=level)


async def _candidate(
    session: AsyncSession,
    rollout: Rollout,
    versions: list[ServiceVersionRow],
    now: datetime,
) -> Candidate:
    own = next((v for v in versions if v.id == rollout.version_id), None)
    if own is None:
        return Candidate(False, "It was deleted.", statistics.figures(()))
    found = await statistics.read(
        session, own.service_id, rollout.step_since, now, step_s=60, version_id=own.id
    )
    return Candidate(own.state == ServiceState.NORMAL, own.reason, found.total)


async def _hold(
    session: AsyncSession, row: ServiceRow, versions: list[ServiceVersionRow], rollout: Rollout
) -> None:
    """Weights and record, in one transaction."""
    back = rollout.state in (RolloutState.ROLLED_BACK, RolloutState.CANCELLED)
    weights = rollout.before
    if not back:
        weights = shared(rollout.before, rollout.version_id, rollout.weight)
    for version in versions:
        version.weight = weights.get(version.id, 0)
    row.rollout = rollout.as_json()
    row.rolling_out = rollout.state == RolloutState.RUNNING
    await session.flush()


def _event(before: Rollout, after: Rollout) -> tuple[str | None, Level]:
    match after.state:
        case RolloutState.ROLLED_BACK:
            return "rolloutRolledBack", Level.WARNING
        case RolloutState.DONE:
            return "rolloutDone", Level.NORMAL
    return ("rolloutStep" if after.at != before.at else None), Level.NORMAL


def _check(steps: tuple[RolloutStep, ...], checks: RolloutChecks) -> None:
    weights = [step.weight for step in steps]
    rising = all(a < b for a, b in pairwise(weights))
    if not 1 <= len(steps) <= MAX_STEPS or not rising or weights[-1] != 100 or weights[0] < 1:
        raise Invalid(
            f"A rollout has 1 to {MAX_STEPS} steps with rising percentages; the last is 100.",
            field="steps",
        )
    if any(not 0 <= step.hold_s <= 7 * 86_400 for step in steps):
        raise Invalid("A step holds for 0 seconds to 7 days.", field="steps")
    if not 0 <= checks.min_calls <= 1_000_000:
        raise Invalid("The calls that are needed to judge: 0 to 1000000.", field="checks.min_calls")
    if checks.error_pct is not None and not 0 <= checks.error_pct <= 100:
        raise Invalid("The rate of errors is 0 to 100 %.", field="checks.error_pct")
    for name in ("p95_ms", "ttft_p95_ms"):
        value = getattr(checks, name)
        if value is not None and value <= 0:
            raise Invalid("A limit of time is more than 0 ms.", field=f"checks.{name}")


def _check_start(row: ServiceRow, versions: list[ServiceVersionRow], version_id: str) -> None:
    if running(row) is not None:
        raise Conflict("A rollout of this service is running. Cancel it first.", code="wrong_state")
    own = next((v for v in versions if v.id == version_id), None)
    if own is None:
        raise Invalid(f"The service has no version {version_id}.", field="version_id")
    if own.weight == 100:
        raise Conflict(f"{version_id} gets all of the traffic already.", code="wrong_state")
    if reason := blocked.weigh(queries.frozen_version(own)):
        raise Conflict(reason, code="wrong_state")
    if not any(v.weight for v in versions if v.id != version_id):
        raise Conflict("No other version gets traffic that could move.", code="wrong_state")
