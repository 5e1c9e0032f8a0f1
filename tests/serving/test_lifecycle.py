"""What becomes of a service: real processes, real readiness, real ends."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from tests.models.house import House
from tests.serving.conftest import Platform, form, running, until


@pytest.mark.covers("SRV-01", "SRV-28", "SRV-30", "GWY-21")
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


@pytest.mark.covers("SRV-09", "SRV-15", "SRV-54")
@pytest.mark.parametrize("isolate", ["auto", "off"])
async def test_the_model_is_mounted_read_only_and_the_log_is_read(
    house: House, isolate: str
) -> None:
    settings = house.settings.model_copy(update={"isolate": isolate})
    folder = house.folder("models/m", {"sub/weights.txt": b"0.25"})
    command = (
        'echo "weights: $(cat "$MODEL_DIR/sub/weights.txt") $GREETING"; '
        'test "$TI_MODEL_DIR" = "$MODEL_DIR" && echo same; '
        'echo "real: $(cat /data/model/sub/weights.txt 2>/dev/null)"; '
        'touch "$MODEL_DIR/x" 2>/dev/null && echo writable; '
    )
    async with running(house, settings) as platform:
        made = await platform.create(
            command=command + form()["command"], env={"GREETING": "hi there"},
            model={"kind": "storage", "ref": folder},
        )  # fmt: skip
        await platform.reach(made["id"], "Normal")
        version_id = made["items"][0]["id"]
        (instance,) = await platform.instances(version_id)
        path = f"/services/versions/{version_id}/logs"
        logs = (await house.a.get(path, params={"category": "code", "order": "ASC"})).json()
        said = [line["text"] for line in logs["items"]]
        namespace = isolate == "auto" and "real: 0.25" in said
        assert said[0] == "weights: 0.25 hi there"
        assert said[1] == "same"
        assert said[2] == ("real: 0.25" if namespace else "real: ")
        assert ("writable" in said) is not namespace
        found = (await house.a.get(path, params={"search": "WEIGHTS hi"})).json()["items"]
        assert [line["text"] for line in found] == ["weights: 0.25 hi there"]
        own = (await house.a.get(path, params={"instance": instance["id"]})).json()["items"]
        assert {line["instance_id"] for line in own} == {instance["instance_id"]}
        whole = (await house.a.get(f"/services/{made['id']}/logs")).json()["items"]
        assert len(whole) >= len(said)
        await platform.act(f"{made['id']}/stop")
        await platform.reach(made["id"], "Stopped")
        lines = []
        async with house.a.stream("GET", f"{path}/stream") as stream:
            async for line in stream.aiter_lines():
                lines.append(line)
        assert "event: end" in lines
        assert "weights: 0.25 hi there" in "".join(lines)
