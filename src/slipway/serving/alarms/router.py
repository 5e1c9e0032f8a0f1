"""HTTP of a service's alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.serving.alarms import change
from slipway.serving.alarms.types import Alarm, AlarmComparison, AlarmMetric, AlarmRule, Severity

router = APIRouter(prefix="/services/{service_id}/alarms")

Reader = Annotated[Actor, allow("serve:service:get")]
Updater = Annotated[Actor, allow("serve:service:update")]


class ServiceAlarmForm(Form):
    name: str
    metric: AlarmMetric
    comparison: AlarmComparison = AlarmComparison.ABOVE
    threshold: float
    minutes: int = Field(3, description="So many minutes in a row it must be beyond the threshold.")
    severity: Severity = Severity.WARNING
    targets: list[str] = Field([], description="Ids of alert targets that are told.")
    enabled: bool = True

    def rule(self) -> AlarmRule:
        return AlarmRule(**(self.model_dump() | {"targets": tuple(self.targets)}))


class ServiceAlarmView(ServiceAlarmForm):
    id: str
    service_id: str
    firing: bool
    value: float | None = Field(description="Of the last minute that was looked at.")
    since: datetime | None = Field(description="When it began to fire, or was quiet again.")
    creator: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, a: Alarm) -> ServiceAlarmView:
        rule = a.rule
        return cls(
            name=rule.name, metric=rule.metric, comparison=rule.comparison,
            threshold=rule.threshold, minutes=rule.minutes, severity=rule.severity,
            targets=list(rule.targets), enabled=rule.enabled, id=a.id, service_id=a.service_id,
            firing=a.firing, value=a.value, since=a.since, creator=a.creator_name,
            created_at=a.created_at, updated_at=a.updated_at,
        )  # fmt: skip


class ServiceAlarmList(BaseModel):
    items: list[ServiceAlarmView]


@router.get("")
async def list_service_alarms(service_id: str, db: Db, actor: Reader) -> ServiceAlarmList:
    async with db.read() as session:
        found = await change.list_alarms(session, actor, service_id)
    return ServiceAlarmList(items=[ServiceAlarmView.of(alarm) for alarm in found])


@router.post("", status_code=201)
async def create_service_alarm(
    service_id: str, form: ServiceAlarmForm, db: Db, actor: Updater
) -> ServiceAlarmView:
    """Judged once a minute, by the minutes that are over."""
    made = await change.create_alarm(db, actor, service_id, form.rule(), now=utc_now())
    return ServiceAlarmView.of(made)


@router.put("/{alarm_id}")
async def change_service_alarm(
    service_id: str, alarm_id: str, form: ServiceAlarmForm, db: Db, actor: Updater
) -> ServiceAlarmView:
    """As a whole; it is judged anew."""
    found = await change.change_alarm(db, actor, service_id, alarm_id, form.rule(), now=utc_now())
    return ServiceAlarmView.of(found)


@router.delete("/{alarm_id}", status_code=204)
async def delete_service_alarm(service_id: str, alarm_id: str, db: Db, actor: Updater) -> None:
    await change.delete_alarm(db, actor, service_id, alarm_id, now=utc_now())
