"""What becomes of a service: real processes, real readiness, real ends."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from tests.serving.conftest import Platform, until


@pytest.mark.covers("SRV-01", "SRV-28", "SRV-30")
async def test_a_service_starts_answers_stops_and_starts_again(platform: Platform) -> None:
    made = await platform.create(name="echo", replicas=2)
    assert made["id"].startswith("ms-")
    assert len(made["id"]) == len("ms-") + 8
    assert [v["id"] for v in made["items"]] == [f"{made['id']}-1"]

    ready = await platform.reach(made["id"], "Normal")
    assert (ready["state"], ready["running"], ready["replicas"]) == ("Normal", 2, 2)
    version = ready["items"][0]
    assert version["reason"] == ""
    for instance in await platform.instances(version["id"]):
        assert instance["state"] == "Running"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://{instance['host']}:{instance['port']}/hello")
        assert answer.json()["instance"] == instance["instance_id"]

    await platform.act(f"versions/{version['id']}/stop")
    stopped = await platform.reach(made["id"], "Stopped")
    assert (stopped["state"], stopped["running"], stopped["replicas"]) == ("Stopped", 0, 0)
    assert await platform.instances(version["id"]) == []
    assert platform.engine.list_alive() == []

    await platform.act(f"versions/{version['id']}/start")
    again = await platform.reach(made["id"], "Normal")
    assert (again["running"], again["replicas"]) == (2, 2)


@pytest.mark.covers("SRV-28")
async def test_a_killed_replica_is_replaced(platform: Platform) -> None:
    made = await platform.create()
    ready = await platform.reach(made["id"], "Normal")
    version_id = ready["items"][0]["id"]
    (first,) = await platform.instances(version_id)
    async with httpx.AsyncClient(trust_env=False) as client:
        pid = (await client.get(f"http://{first['host']}:{first['port']}/")).json()["pid"]
    os.kill(pid, signal.SIGKILL)

    async def others() -> list[dict]:
        found = await platform.instances(version_id)
        return [i for i in found if i["id"] != first["id"] and i["state"] == "Running"]

    (second,) = await until(others, lambda found: len(found) == 1)
    await platform.reach(made["id"], "Normal")
    gone = next(
        i for i in await platform.instances(version_id, ended=True) if i["id"] == first["id"]
    )
    assert gone["state"] == "Failed"
    assert "SIGKILL" in gone["reason"]
    events = (await platform.house.a.get(f"/services/versions/{version_id}/events")).json()
    failed = [e for e in events["items"] if e["type"] == "service:instanceFailed"]
    assert [(e["level"], e["resource_name"]) for e in failed] == [("Warning", first["id"])]
    assert second["revision"] == first["revision"] == 1
