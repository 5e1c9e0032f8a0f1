"""What a service was doing, when it stops by itself, and where it lives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.serving.monitor import points
from slipway.serving.tables import VersionMinuteRow
from tests.models.house import House
from tests.serving.conftest import Platform, form, until


def minute(version: str, at: Any, **values: float | None) -> VersionMinuteRow:
    base = dict.fromkeys(
        ("cpu_pct", "mem_pct", "gpu_pct", "gpu_mem_pct", "in_flight", "llm_running", "llm_waiting",
         "kv_cache_pct")
    )  # fmt: skip
    return VersionMinuteRow(
        version_id=version, minute=at, **(base | {"expected": 2, "running": 1} | values)
    )


def test_minutes_become_steps_with_counts_added_up_and_shares_as_means() -> None:
    at = utc_now().replace(minute=10, second=0, microsecond=0)
    later = at + timedelta(minutes=1)
    rows = [
        minute("a", at, cpu_pct=20, in_flight=1), minute("b", at, cpu_pct=40, in_flight=3),
        minute("a", later, cpu_pct=60), minute("b", later, expected=4),
    ]  # fmt: skip
    (one,) = points(rows, 300)
    assert (one.expected, one.running) == (5, 2)
    assert one.cpu_pct == pytest.approx(40)
    assert (one.in_flight, one.gpu_pct) == (2, None)
    assert [p.expected for p in points(rows, 60)] == [4, 6]


async def test_a_running_service_is_measured_by_the_minute(platform: Platform) -> None:
    made = await platform.create(replicas=2)
    await platform.reach(made["id"], "Normal")
    path = f"/services/{made['id']}/monitor"
    for _ in range(3):  # minutes pass for the loop
        await until(lambda: _measured(platform), bool)
        platform.ahead += timedelta(minutes=1)
    end = (utc_now() + platform.ahead + timedelta(minutes=2)).isoformat()

    async def seen() -> list[dict[str, Any]]:
        answer = await platform.house.a.get(path, params={"end": end})
        return [p for p in answer.json()["items"] if p["running"] == 2]

    found = await until(seen, lambda items: len(items) >= 1)
    assert found[-1]["expected"] == 2
    assert found[-1]["cpu_pct"] is not None
    assert found[-1]["mem_pct"] > 0
    other = await platform.house.a.get(path, params={"version": "ms-other-1"})
    assert other.json()["items"] == []
    assert (await platform.house.b.get(path)).status_code == 404


async def _measured(platform: Platform) -> bool:
    """Every instance has told a sample, and the loop has looked since."""
    made = (await platform.house.a.get("/services")).json()["items"][0]
    found = await platform.instances(f"{made['id']}-1")
    files = platform.house.app.state.files
    return all(files.samples(i["instance_id"]).exists() for i in found)


@pytest.mark.covers("SRV-26")
async def test_a_scheduled_stop_stops_once_and_a_time_of_the_past_is_refused(
    platform: Platform,
) -> None:
    for wrong in ("2020-01-26T19:46:22+08:00", "2099-01-26T19:46:22"):
        refused = await platform.house.a.post("/services", json=form(stop_at=wrong))
        assert refused.status_code == 400
        assert refused.json()["error"]["details"]["field"] == "stop_at"
    made = await platform.create(stop_at="2030-01-26T19:46:22+08:00")
    assert made["stop_at"] == "2030-01-26T11:46:22Z"
    path = f"/services/{made['id']}"
    await platform.reach(made["id"], "Normal")
    assert (await platform.house.a.patch(path, json={"stop_at": None})).json()["stop_at"] is None
    kept = await platform.house.a.patch(path, json={"description": "x"})
    assert kept.json()["stop_at"] is None
    soon = (utc_now() + timedelta(minutes=5)).isoformat()
    await platform.house.a.patch(path, json={"stop_at": soon})
    await platform.crash()
    platform.ahead = timedelta(minutes=6)  # it was due while nobody was there
    platform.start()
    await platform.reach(made["id"], "Stopped")
    assert (await platform.see(made["id"]))["stop_at"] is None
    assert platform.engine.list_alive() == []
    await platform.act(f"{made['id']}/start")
    await platform.reach(made["id"], "Normal")
    events = (await platform.house.a.get(f"{path}/events")).json()["items"]
    assert [e["count"] for e in events if e["type"] == "service:scheduledStop"] == [1]


@pytest.mark.covers("SRV-03")
async def test_a_service_keeps_the_site_it_was_made_at(house: House) -> None:
    await house.a.post("/services", json=form("first"))
    house.app.state.settings = house.settings.model_copy(update={"site": "north"})
    made = (await house.a.post("/services", json=form("second"))).json()
    assert made["site"] == "north"

    async def names(**params: Any) -> set[str]:
        found = await house.a.get("/services", params=params)
        return {s["name"] for s in found.json()["items"]}

    assert await names(site="north") == {"second"}
    assert await names(site="local") == {"first"}
    assert await names() == {"first", "second"}
    refused = await house.a.patch(f"/services/{made['id']}", json={"site": "local"})
    assert refused.status_code == 422
