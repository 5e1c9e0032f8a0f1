"""Making, changing and deleting the alarms of a service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.alerts import queries as alerts
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.ids import new_id
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.alarms.types import (
    OF_LLMS,
    Alarm,
    AlarmComparison,
    AlarmMetric,
    AlarmRule,
    Severity,
)
from slipway.serving.events import tell_of_service
from slipway.serving.tables import ServiceRow
from slipway.serving.tables_monitor import ServiceAlarmRow

MAX_ALARMS = 50
MAX_MINUTES = 60
MAX_TARGETS = 20


def frozen(row: ServiceAlarmRow) -> Alarm:
    rule = AlarmRule(
        row.name, AlarmMetric(row.metric), AlarmComparison(row.comparison), row.threshold, row.minutes,
        Severity(row.severity), tuple(row.targets), row.enabled,
    )  # fmt: skip
    return Alarm(
        row.id, row.service_id, rule, row.firing, row.value, row.since, row.creator_name,
        row.created_at, row.updated_at,
    )  # fmt: skip


async def list_alarms(session: AsyncSession, actor: Actor, service_id: str) -> list[Alarm]:
    await queries.get_service(session, actor.project_id, service_id)
    rows = await session.scalars(
        select(ServiceAlarmRow)
        .where(ServiceAlarmRow.service_id == service_id)
        .order_by(ServiceAlarmRow.created_at, ServiceAlarmRow.id)
    )
    return [frozen(row) for row in rows]


async def create_alarm(
    db: Database, actor: Actor, service_id: str, rule: AlarmRule, *, now: datetime
) -> Alarm:
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id, lock=True)
        await _check(session, actor, service, rule)
        count = select(func.count()).where(ServiceAlarmRow.service_id == service_id)
        if (await session.scalar(count) or 0) >= MAX_ALARMS:
            raise Conflict(
                f"A service has at most {MAX_ALARMS} alarms. Delete one first.", code="too_many"
            )
        row = ServiceAlarmRow(
            id=new_id("alarm"), service_id=service_id, firing=False, created_by=actor.user_id,
            creator_name=actor.user_name, created_at=now, **_values(rule, now),
        )  # fmt: skip
        session.add(row)
        await session.flush()
        await _tell(session, service, "alarmCreated", rule.name, actor, now)
        return frozen(row)


async def change_alarm(
    db: Database, actor: Actor, service_id: str, alarm_id: str, rule: AlarmRule, *, now: datetime
) -> Alarm:
    """As a whole. It is judged anew: what it found before was for another rule."""
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id, lock=True)
        row = await _get(session, service_id, alarm_id)
        await _check(session, actor, service, rule)
        for name, value in _values(rule, now).items():
            setattr(row, name, value)
        row.firing, row.value, row.since = False, None, None
        await session.flush()
        await _tell(session, service, "alarmChanged", rule.name, actor, now)
        return frozen(row)


async def delete_alarm(
    db: Database, actor: Actor, service_id: str, alarm_id: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id)
        row = await _get(session, service_id, alarm_id)
        await session.execute(delete(ServiceAlarmRow).where(ServiceAlarmRow.id == row.id))
        await _tell(session, service, "alarmDeleted", row.name, actor, now)


async def _get(session: AsyncSession, service_id: str, alarm_id: str) -> ServiceAlarmRow:
    row = await session.get(ServiceAlarmRow, alarm_id)
    if row is None or row.service_id != service_id:
        raise NotFound(f"There is no alarm {alarm_id} of this service.")
    return row


def _values(rule: AlarmRule, now: datetime) -> dict[str, object]:
    return {
        "name": rule.name, "metric": rule.metric, "comparison": rule.comparison,
        "threshold": rule.threshold, "minutes": rule.minutes, "severity": rule.severity,
        "targets": list(rule.targets), "enabled": rule.enabled, "updated_at": now,
    }  # fmt: skip


async def _tell(
    session: AsyncSession, service: ServiceRow, event: str, name: str, actor: Actor, now: datetime
) -> None:
    await tell_of_service(
        session, service, event, actor_id=actor.user_id, now=now, description=name
    )


async def _check(session: AsyncSession, actor: Actor, service: ServiceRow, rule: AlarmRule) -> None:
    if not 1 <= len(rule.name.strip()) <= 60:
        raise Invalid("An alarm has a name of 1 to 60 characters.", field="name")
    if not 1 <= rule.minutes <= MAX_MINUTES:
        raise Invalid(f"An alarm looks at 1 to {MAX_MINUTES} minutes.", field="minutes")
    if not 0 <= rule.threshold <= 1e12:
        raise Invalid("A threshold is 0 or more.", field="threshold")
    if rule.metric in OF_LLMS and not service.llm:
        raise Invalid(
            f"Only an LLM service tells {rule.metric}. Choose another metric.", field="metric"
        )
    await _check_targets(session, actor, rule.targets)


async def _check_targets(session: AsyncSession, actor: Actor, targets: Sequence[str]) -> None:
    if len(targets) > MAX_TARGETS or len(set(targets)) < len(targets):
        raise Invalid(f"An alarm tells at most {MAX_TARGETS} targets, each once.", field="targets")
    for target_id in targets:
        await alerts.get_target(session, actor, target_id)
