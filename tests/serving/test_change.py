"""Scaling, updating, splitting traffic, isolating, and a control plane that dies meanwhile."""

from __future__ import annotations

import os

import pytest

from tests.serving.conftest import Platform, until


@pytest.mark.covers("SRV-20", "SRV-57")
async def test_scaling_leaves_running_instances_alone(platform: Platform) -> None:
    made = await platform.create()
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    (first,) = await platform.instances(version_id)

    await platform.act(f"versions/{version_id}/scale", replicas=3)
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 3)
    grown = await platform.instances(version_id)
    assert first["instance_id"] in {i["instance_id"] for i in grown}

    await platform.act(f"versions/{version_id}/scale", replicas=1)
    await until(lambda: platform.instances(version_id), lambda found: len(found) == 1)
    (left,) = await platform.instances(version_id)
    assert left["instance_id"] == first["instance_id"]
    updates = (await platform.house.a.get(f"/services/versions/{version_id}/updates")).json()
    assert [u["changes"] for u in updates["items"]][:2] == [
        {"replicas": [3, 1]}, {"replicas": [1, 3]},
    ]  # fmt: skip


@pytest.mark.covers("SRV-56", "SRV-58", "SRV-15", "GWY-20")
async def test_an_update_replaces_the_replicas_in_batches(platform: Platform) -> None:
    made = await platform.create(replicas=3, env={"COLOUR": "blue"}, grace_s=1)
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    old = {i["id"] for i in await platform.instances(version_id)}
    asked = await platform.act(f"versions/{version_id}/update", env={"COLOUR": "green"})
    assert asked.json()["updating"]
    busy = await platform.act(f"versions/{version_id}/scale", replicas=5)
    assert busy.status_code == 409
    assert "update" in busy.json()["error"]["message"]

    fewest, most = 3, 0
    while True:
        seen, found = await platform.see(made["id"]), await platform.instances(version_id)
        fewest, most = min(fewest, seen["running"]), max(most, len(found))
        if not seen["items"][0]["updating"]:
            break
    assert fewest >= 2
    assert most <= 3
    assert not old & {i["id"] for i in await platform.instances(version_id)}
    (update, _) = (await platform.house.a.get(f"/services/versions/{version_id}/updates")).json()[
        "items"
    ]
    assert (update["kind"], update["result"], update["actor"]) == ("update", "done", "ann")
    assert update["changes"] == {"env": [{"COLOUR": "blue"}, {"COLOUR": "green"}]}


@pytest.mark.covers("SRV-48", "SRV-01", "SRV-31")
async def test_versions_share_the_traffic_by_weight(platform: Platform) -> None:
    made = await platform.create()
    await platform.reach(made["id"], "Normal")
    one, two = f"{made['id']}-1", f"{made['id']}-2"
    form = {k: made["items"][0]["config"][k] for k in ("runtime", "command", "cpu_cores")}
    added = await platform.act(f"{made['id']}/versions", memory_bytes=64 << 20, **form)
    assert (added.status_code, added.json()["id"]) == (201, two)
    early = await platform.house.a.put(
        f"/services/{made['id']}/weights", json={"weights": {one: 50, two: 50}}
    )
    assert early.status_code == 409
    await platform.reach(made["id"], "Normal")

    for weights in ({one: 60, two: 60}, {one: -1, two: 101}, {"ms-no-1": 100}):
        wrong = await platform.house.a.put(
            f"/services/{made['id']}/weights", json={"weights": weights}
        )
        assert wrong.status_code == 400, weights
    split = await platform.house.a.put(
        f"/services/{made['id']}/weights", json={"weights": {one: 90, two: 10}}
    )
    assert {v["id"]: v["weight"] for v in split.json()["items"]} == {one: 90, two: 10}

    assert (await platform.house.a.delete(f"/services/versions/{one}")).status_code == 409
    await platform.act(f"versions/{one}/stop")
    await until(lambda: platform.see(made["id"]), lambda s: s["items"][0]["state"] == "Stopped")
    assert (await platform.house.a.delete(f"/services/versions/{one}")).status_code == 204
    left = await platform.see(made["id"])
    assert [(v["id"], v["weight"]) for v in left["items"]] == [(two, 100)]
    third = await platform.act(f"{made['id']}/versions", memory_bytes=64 << 20, **form)
    assert third.json()["id"] == f"{made['id']}-3"


@pytest.mark.covers("SRV-60", "SRV-55", "SRV-59")
async def test_an_isolated_instance_runs_on_and_a_rebuilt_one_is_replaced(
    platform: Platform,
) -> None:
    made = await platform.create(replicas=2)
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    first, second = await platform.instances(version_id)
    path = f"versions/{version_id}/instances"
    isolated = await platform.act(f"{path}/{first['id']}/isolate")
    states = {i["id"]: i["state"] for i in isolated.json()["items"]}
    assert states == {first["id"]: "ContainerReadyIsolated", second["id"]: "Running"}
    again = await platform.act(f"{path}/{first['id']}/isolate")
    assert again.status_code == 409
    released = await platform.act(f"{path}/{first['instance_id']}/release")
    assert {i["state"] for i in released.json()["items"]} == {"Running"}

    await platform.act(f"{path}/{first['id']}/rebuild")
    now = await until(
        lambda: platform.instances(version_id),
        lambda f: (
            first["id"] not in {i["id"] for i in f} and [i["state"] for i in f] == ["Running"] * 2
        ),
    )
    assert second["id"] in {i["id"] for i in now}


async def test_a_restarted_control_plane_adopts_what_runs(platform: Platform) -> None:
    made = await platform.create(replicas=2)
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    before = {i["instance_id"]: i["port"] for i in await platform.instances(version_id)}
    alive = set(platform.engine.list_alive())

    await platform.crash()
    await platform.act(f"versions/{version_id}/scale", replicas=3)  # asked for while it was away
    platform.start()
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 3)
    after = {i["instance_id"]: i["port"] for i in await platform.instances(version_id)}
    assert before.items() <= after.items()
    assert alive <= set(platform.engine.list_alive())


async def test_what_died_while_the_control_plane_was_away_is_replaced(platform: Platform) -> None:
    made = await platform.create()
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    (first,) = await platform.instances(version_id)
    await platform.crash()
    platform.engine.stop(first["instance_id"], at_once=True)

    async def alive() -> list[str]:
        return platform.engine.list_alive()

    await until(alive, lambda found: not found)
    platform.start()
    (second,) = await until(
        lambda: platform.instances(version_id),
        lambda f: [i["state"] for i in f] == ["Running"] and f[0]["id"] != first["id"],
    )
    assert second["ready_at"] > first["ready_at"]


@pytest.mark.covers("SRV-16", "SRV-17")
async def test_an_instance_leaves_the_routes_and_stops_within_its_grace(
    platform: Platform, tmp_path: object
) -> None:
    mark = f"{tmp_path}/pre-stop"
    made = await platform.create(pre_stop=["touch", mark], grace_s=2)
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    stopped = await platform.act(f"{made['id']}/stop")
    assert stopped.json()["state"] == "Stopping"
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 0)
    assert not os.path.exists(mark)  # out of the routes before the command starts
    await platform.reach(made["id"], "Stopped")
    assert os.path.exists(mark)
    (gone,) = await platform.instances(version_id, ended=True)
    assert gone["state"] == "Terminated"
