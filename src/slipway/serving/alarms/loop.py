"""The loop that judges alarms: once a minute, when the last minute's figures have arrived.

How an alarm stands is in its row, so a crash between two looks loses nothing; the event that tells
of it is written with it, and the alerts room delivers that exactly once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.events import record
from slipway.base.names import tag_text
from slipway.serving import queries
from slipway.serving.alarms.change import frozen
from slipway.serving.alarms.judge import Minute, Verdict, by_minute, judge, minute_of
from slipway.serving.alarms.types import Alarm, AlarmRule, Severity, shown
from slipway.serving.events import Level
from slipway.serving.scaling import store
from slipway.serving.tables import CallMinuteRow, ServiceRow
from slipway.serving.tables_monitor import ServiceAlarmRow
from slipway.serving.types import ServiceState

log = logging.getLogger(__name__)

# Gateways report each second, and the minutes of the load are written a few seconds after their end.
SETTLED = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)


class AlarmLoop:
    def __init__(self, db: Database, now: Clock) -> None:
        self._db = db
        self._now = now

    async def run(self) -> None:
        while True:
            await self.look()
            into_minute = (self._now() - SETTLED).timestamp() % 60
            await asyncio.sleep(60.1 - into_minute)

    async def look(self) -> None:
        """At every alarm that is on; one transaction for each service."""
        until = (self._now() - SETTLED).replace(second=0, microsecond=0)
        async with self._db.read() as session:
            query = select(ServiceAlarmRow.service_id).where(ServiceAlarmRow.enabled.is_(True))
            services = list(await session.scalars(query.distinct()))
        for service_id in services:
            try:
                async with self._db.begin() as session:
                    await look_at(session, service_id, until, self._now())
            except (StaleDataError, DBAPIError) as error:
                log.info("A look at alarms is repeated.", extra={"reason": str(error)})


async def look_at(session: AsyncSession, service_id: str, until: datetime, now: datetime) -> None:
    """Judges the alarms of a service by the minutes before `until`."""
    service = await queries.find_service(session, service_id)
    query = select(ServiceAlarmRow).where(
        ServiceAlarmRow.service_id == service_id, ServiceAlarmRow.enabled.is_(True)
    )
    rows = list(await session.scalars(query.order_by(ServiceAlarmRow.id)))
    if service is None or not rows:
        return
    minutes = await _minutes(session, service, until, max(row.minutes for row in rows))
    for row in rows:
        alarm = frozen(row)
        found = judge(alarm.rule, alarm.firing, minutes[-alarm.rule.minutes :])
        row.value = found.value
        if found.firing != alarm.firing:
            row.firing, row.since = found.firing, now
            await _tell(session, service, alarm, found, now)
    await session.flush()


async def _minutes(
    session: AsyncSession, service: ServiceRow, until: datetime, count: int
) -> Sequence[Minute]:
    """Of `count` minutes, oldest first."""
    since = until - count * _MINUTE
    query = select(CallMinuteRow).where(
        CallMinuteRow.service_id == service.id, CallMinuteRow.minute >= since,
        CallMinuteRow.minute < until,
    )  # fmt: skip
    calls = by_minute(list(await session.scalars(query)))
    versions = [v.id for v in await queries.list_versions(session, [service.id])]
    load = by_minute(await store.read_minutes(session, versions, since, until))
    up = service.state == ServiceState.NORMAL
    moments = [since + n * _MINUTE for n in range(count)]
    return [minute_of(calls.get(at, ()), load.get(at, ()), up=up) for at in moments]


async def _tell(
    session: AsyncSession, service: ServiceRow, alarm: Alarm, found: Verdict, now: datetime
) -> None:
    """The targets travel with the event: the alerts tell them, whatever other rules there are."""
    rule, value = alarm.rule, found.value
    assert value is not None  # what was not measured changes nothing
    grave = found.firing and rule.severity != Severity.INFO
    await record(
        session, f"service:alarm{'Firing' if found.firing else 'Resolved'}",
        subject=("service", service.id), project_id=service.project_id, now=now, name=service.name,
        creator=service.created_by, tags=tag_text(service.tags), state=service.state,
        level=Level.WARNING if grave else Level.NORMAL, resource_type="Alarm",
        resource_name=rule.name, description=_words(rule, value, firing=found.firing),
        severity=rule.severity,
        alarm={"id": alarm.id, "name": rule.name, "targets": list(rule.targets)},
    )  # fmt: skip


def _words(rule: AlarmRule, value: float, *, firing: bool) -> str:
    now, limit = shown(rule.metric, value), shown(rule.metric, rule.threshold)
    if firing:
        return (
            f"{rule.metric} is {now}, and was {rule.comparison} {limit} for {rule.minutes} minutes."
        )
    return f"{rule.metric} is {now} again, which is not {rule.comparison} {limit}."
