"""Alarms on a service's figures: judged by the minute, told to their targets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from slipway.alerts.follow import Follower
from slipway.alerts.router import router as alerts_router
from slipway.alerts.router_inbox import inbox_router
from slipway.api.alert_services import alert_context
from slipway.base.clock import utc_now
from slipway.serving.alarms.judge import judge
from slipway.serving.alarms.loop import AlarmLoop
from slipway.serving.alarms.types import AlarmComparison, AlarmMetric, AlarmRule
from slipway.serving.booking import CallRecord, book
from tests.models.house import House
from tests.serving.conftest import form

RULE = AlarmRule("slow", AlarmMetric.MEAN_MS, AlarmComparison.ABOVE, 100, minutes=2)


@pytest.mark.parametrize(
    ("firing", "values", "then"),
    [
        (False, [200.0, 200.0], True),
        (False, [50.0, 200.0], False),  # not long enough
        (False, [200.0], False),
        (True, [200.0, 50.0], False),  # over
        (True, [50.0, 200.0], True),  # still
        (True, [200.0, None], True),  # nothing measured: nothing changes
        (False, [200.0, None], False),
    ],
)
def test_an_alarm_fires_after_its_minutes_and_ends_with_the_first_good_one(
    firing: bool, values: list[float | None], then: bool
) -> None:
    minutes = [{} if v is None else {AlarmMetric.MEAN_MS: v} for v in values]
    assert judge(RULE, firing, minutes).firing is then


@pytest.fixture
async def told(house: House) -> AsyncIterator[House]:
    house.app.include_router(alerts_router, prefix="/api/v1")
    house.app.include_router(inbox_router, prefix="/api/v1")
    house.app.state.alerts = alert_context(house.settings, house.db, house.app.state.sealer)
    yield house


def calls(service: str, at: datetime, status: int, count: int = 1) -> list[CallRecord]:
    return [
        CallRecord(
            id=f"{at}{status}{n}", time=at, service=service, version=f"{service}-1",
            replica=f"{service}-1-abc", key=None, group=None, model=None, status=status,
            error_code=None, prompt_tokens=0, completion_tokens=0, images=0, cost=0,
            estimated=False, request_bytes=10, response_bytes=20, ttft_ms=None, duration_ms=30,
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.covers("SRV-52")
async def test_an_alarm_tells_its_targets_once_when_it_fires_and_once_when_it_is_over(
    told: House,
) -> None:
    made = (await told.a.post("/services", json=form())).json()
    path = f"/services/{made['id']}/alarms"
    assert (await told.a.get(path)).json()["items"] == []
    target = await told.a.post(
        "/alerts/targets", json={"name": "me", "kind": "inbox", "members": True}
    )
    asked: dict[str, Any] = {
        "name": "errors", "metric": "error-pct", "threshold": 10, "minutes": 2,
        "severity": "critical", "targets": [target.json()["id"]],
    }  # fmt: skip
    for wrong in (
        {"name": " "}, {"minutes": 0}, {"threshold": -1}, {"metric": "ttft-p95"}, {"targets": ["x"]}
    ):  # fmt: skip
        refused = await told.a.post(path, json=asked | wrong)
        assert refused.status_code in (400, 404), refused.text
        assert refused.json()["error"]["details"]["field"] == next(iter(wrong))
    alarm = (await told.a.post(path, json=asked)).json()
    assert (await told.b.get(path)).status_code == 404
    assert (await told.b.delete(f"{path}/{alarm['id']}")).status_code == 404

    minute = utc_now().replace(second=0, microsecond=0) + timedelta(minutes=5)
    follower = Follower(told.app.state.alerts)
    await follower.catch_up()
    for n, bad in enumerate((5, 5, 5, 0, 0)):
        at = minute + timedelta(minutes=n)
        own = calls(made["id"], at, 200, 10) + calls(made["id"], at, 500, bad)
        await book(told.db, f"batch-{n}", own, now=at)
        await AlarmLoop(told.db, lambda at=at: at + timedelta(seconds=75)).look()
        await follower.catch_up()
        found = (await told.a.get(path)).json()["items"][0]
        assert found["firing"] is (n in (1, 2)), n
        assert found["value"] == pytest.approx(100 / 3 if bad else 0)
    messages = (await told.a.get("/inbox")).json()["items"]
    assert [m["event_type"] for m in messages] == ["service:alarmResolved", "service:alarmFiring"]
    assert "error-pct is 33.33 %" in str(messages[1]["lines"])
    assert "was > 10 % for 2 minutes" in str(messages[1]["lines"])

    changed = await told.a.put(f"{path}/{alarm['id']}", json=asked | {"enabled": False})
    assert changed.json()["value"] is None
    assert (await told.a.delete(f"{path}/{alarm['id']}")).status_code == 204
    assert (await told.a.get(path)).json()["items"] == []


async def test_every_series_is_there_for_prometheus_and_an_instance_has_its_own(
    told: House,
) -> None:
    made = (await told.a.post("/services", json=form("ser-ies"))).json()
    now = utc_now()
    await book(
        told.db, "one", calls(made["id"], now, 200, 6) + calls(made["id"], now, 429), now=now
    )
    text = (await told.a.get("/service-metrics")).text
    labels = f'service="{made["id"]}",name="ser-ies",version="{made["id"]}-1"'
    assert f'slipway_service_calls_total{{{labels},result="succeeded"}} 6\n' in text
    assert f'slipway_service_calls_total{{{labels},result="throttled"}} 1\n' in text
    assert f"slipway_service_duration_mean_ms{{{labels}}} 30\n" in text
    assert text.count("# TYPE slipway_service_calls_total counter\n") == 1
    assert made["id"] not in (await told.b.get("/service-metrics")).text
    version = f"{made['id']}-1"
    gone = await told.a.get(f"/services/versions/{version}/instances/{version}-abc/traffic")
    assert gone.status_code == 404
