"""A load test of a real service: the generator is a real workload that calls the real gateway."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from slipway.loadtests.deletion import service_deleted
from slipway.serving.deletion import add_deletion_listener
from tests.serving.conftest import Entrance, Platform, until

ASKED = {"path": "/predict", "body": '{"a": 1}', "steps": [1, 4], "seconds": 1.5, "cpu_cores": 0.5}


async def service(platform: Platform, name: str = "echo", **other: Any) -> str:
    made = await platform.create(name=name, **other)
    await platform.reach(made["id"], "Normal")
    return str(made["id"])


async def start(platform: Platform, service_id: str, **other: Any) -> dict[str, Any]:
    made = await platform.house.a.post(f"/services/{service_id}/load-tests", json=ASKED | other)
    assert made.status_code == 201, made.text
    return made.json()


async def reach(platform: Platform, test: dict[str, Any], *states: str) -> dict[str, Any]:
    path = f"/services/{test['service_id']}/load-tests/{test['id']}"

    async def look() -> dict[str, Any]:
        return (await platform.house.a.get(path)).json()

    return await until(look, lambda seen: seen["state"] in states, 60)


@pytest.mark.slow
async def test_each_step_is_measured_and_the_results_are_kept(
    platform: Platform, entrance: Entrance
) -> None:
    house = platform.house
    service_id = await service(platform, auth=True)
    test = await start(platform, service_id)
    assert (test["state"], test["planned"], test["steps"]) == ("Queued", [1, 4], [])
    again = await house.a.post(f"/services/{service_id}/load-tests", json=ASKED)
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "load_test_running"
    done = await reach(platform, test, "Completed", "Failed")
    assert (done["state"], done["reason"]) == ("Completed", "")
    assert [step["concurrency"] for step in done["steps"]] == [1, 4]
    for step in done["steps"]:
        assert step["requests"] > 0 and step["failed"] == 0 and step["failures"] == {}
        assert step["rps"] == pytest.approx(step["requests"] / step["seconds"])
        assert 0 < step["p50_ms"] <= step["p90_ms"] <= step["p99_ms"] <= step["max_ms"]
        assert 0 < step["first_p50_ms"] <= step["p50_ms"]
        assert step["bytes_per_s"] > 0
    assert done["live"] is None
    assert done["blocked"]["stop"] == "The load test has ended."

    # Its calls were counted like everybody's, with the key it was lent and has given back.
    calls = int(sum(step["requests"] for step in done["steps"]))

    async def counted() -> int:
        seen = (await house.a.get(f"/services/{service_id}/statistics")).json()
        return int(seen["total"]["received"])

    assert await until(counted, lambda count: count >= calls, 20) >= calls
    keys = (await house.a.get(f"/services/{service_id}/keys")).json()["items"]
    assert [key["name"] for key in keys] == ["default"]
    assert not (house.settings.root / "run" / "loadtests" / test["id"]).exists()

    listed = (await house.a.get(f"/services/{service_id}/load-tests")).json()
    assert (listed["total"], listed["items"][0]["steps"]) == (1, done["steps"])
    path = f"/services/{service_id}/load-tests/{test['id']}"
    assert (await house.a.delete(path)).status_code == 204
    assert (await house.a.get(path)).status_code == 404


@pytest.mark.slow
async def test_a_stopped_one_keeps_what_it_has_measured(
    platform: Platform, entrance: Entrance
) -> None:
    service_id = await service(platform)
    test = await start(platform, service_id, steps=[1, 2], seconds=300)
    path = f"/services/{service_id}/load-tests/{test['id']}"

    async def look() -> dict[str, Any]:
        return (await platform.house.a.get(path)).json()

    seen = await until(look, lambda seen: seen["live"] and seen["live"]["live_rps"] > 0, 60)
    assert (seen["state"], seen["live"]["concurrency"]) == ("Running", 1)
    assert (await platform.house.a.delete(path)).status_code == 409
    stopped = await platform.house.a.post(f"{path}/stop")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "Stopping")
    done = await reach(platform, test, "Stopped", "Failed", "Completed")
    assert done["state"] == "Stopped"
    assert [step["concurrency"] for step in done["steps"]] == [1]
    assert 0 < done["steps"][0]["seconds"] < 300


@pytest.mark.slow
async def test_a_killed_platform_finds_the_test_again(
    platform: Platform, entrance: Entrance
) -> None:
    service_id = await service(platform)
    test = await start(platform, service_id, steps=[2], seconds=3)
    await reach(platform, test, "Running")
    await platform.crash()
    platform.start()
    done = await reach(platform, test, "Completed", "Failed")
    assert (done["state"], len(done["steps"])) == ("Completed", 1)


@pytest.mark.slow
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_a_service_that_refuses_every_call_fails_the_test_with_the_reason(
    platform: Platform, entrance: Entrance
) -> None:
    service_id = await service(platform)
    await platform.act(f"{service_id}/stop")
    await platform.reach(service_id, "Stopped")
    test = await start(platform, service_id, steps=[1], seconds=1)
    done = await reach(platform, test, "Failed", "Completed")
    assert done["state"] == "Failed"
    (step,) = done["steps"]
    assert step["failed"] == step["requests"] > 0
    assert set(step["failures"]) <= {"404", "503", "429"} and step["failures"]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_what_cannot_be_run_is_refused_with_the_field(platform: Platform) -> None:
    house = platform.house
    made = await platform.create()
    path = f"/services/{made['id']}/load-tests"
    for change, field in (
        ({"steps": [0]}, "steps"), ({"steps": [513]}, "steps"), ({"seconds": 0}, "seconds"),
        ({"steps": [1] * 12, "seconds": 500}, "seconds"), ({"timeout_s": 0}, "timeout_s"),
        ({"path": "no slash"}, "path"), ({"method": "FETCH"}, "method"),
        ({"body": "{not json"}, "body"), ({"cpu_cores": 0}, "cpu_cores"),
    ):  # fmt: skip
        refused = await house.a.post(path, json=ASKED | change)
        assert refused.status_code == 400, refused.text
        assert refused.json()["error"]["details"]["field"] == field
    assert (await house.a.post(path, json=ASKED | {"version_id": "ms-x-1"})).status_code == 404
    assert (await house.b.post(path, json=ASKED)).status_code == 404
    assert (await house.b.get(path)).status_code == 404
    assert (await house.a.get(f"{path}/load-none")).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_a_load_test_ends_with_its_service(platform: Platform, entrance: Entrance) -> None:
    add_deletion_listener(service_deleted)
    service_id = await service(platform)
    await start(platform, service_id, steps=[1], seconds=300)
    await until(lambda: _alive(platform), lambda alive: len(alive) == 2)
    group = await platform.house.a.post(
        "/service-groups", json={"name": "g", "services": [service_id]}
    )
    await platform.act(f"{service_id}/stop")
    await platform.reach(service_id, "Stopped")
    deleted = await platform.house.a.delete(f"/services/{service_id}")
    assert deleted.status_code == 204, deleted.text
    await until(lambda: _alive(platform), lambda alive: not alive)
    own = (await platform.house.a.get(f"/service-groups/{group.json()['id']}")).json()
    assert own["services"] == []


async def _alive(platform: Platform) -> list[str]:
    return await asyncio.to_thread(platform.engine.list_alive)
