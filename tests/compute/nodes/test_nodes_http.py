"""Nodes over HTTP with the loops running: moved, released, drained, repaired, joined."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world, until

NODE = "/nodes/node-local"
SLEEP = {
    "name": "t",
    "environment": "python",
    "command": "trap 'exit 0' TERM; sleep 300 & wait",
    "cpu_cores": 0.1,
    "memory_bytes": 64 << 20,
}
MACHINE: dict[str, Any] = {
    "name": "gpu-1",
    "host": "10.0.0.5",
    "cpu_cores": 16,
    "memory_bytes": 64 << 30,
    "gpus": [{"index": 0, "model": "T4", "memory_bytes": 16 << 30}],
    "engine_node": "raylet-1",
    "info": {
        "machine_id": "m-1",
        "cpu_vendor": "AMD",
        "disks": [{"mount": "/", "size_bytes": 200 * 10**9, "free_bytes": 1, "system": True}],
        "environment_free_bytes": 50 * 10**9,
    },
}


async def state(world: World, path: str = NODE) -> str:
    return str((await world.admin.ok("GET", path))["state"])


async def group(world: World, **form: Any) -> str:
    made = await world.admin.ok(
        "POST", "/resource-groups", json={"name": "lab", "risk_accepted": True} | form
    )
    return str(made["id"])


@contextlib.asynccontextmanager
async def with_task(db: Database, settings: Settings) -> AsyncIterator[tuple[World, str]]:
    """A task of ann runs on the local node."""
    async with open_world(db, settings, loops=True) as world:
        task = await world.ann.ok("POST", "/training/tasks", json=SLEEP)
        path = f"/training/tasks/{task['id']}"
        await until(lambda: has_state(world, path, "Running"))
        yield world, path
        await world.ann.ok("POST", f"{path}/stop")
        await world.ann.ok("GET", f"{path}/wait", params={"timeout_s": 20})


async def has_state(world: World, path: str, wanted: str) -> bool:
    return bool((await world.ann.ok("GET", path))["state"] == wanted)


@pytest.mark.covers("RES-11")
async def test_a_node_shows_what_it_has_what_is_held_and_what_can_be_done(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, _):
        (node,) = (await world.ann.ok("GET", "/nodes"))["items"]
        assert (node["id"], node["state"], node["group_name"]) == ("node-local", "running", "local")
        assert (node["instances"], node["cpu_cores_held"]) == (1, 0.1)
        assert node["blocked"]["move"] is None
        assert node["blocked"]["rejoin"] == "The node is joined already."
        assert (await world.ann.ok("GET", "/nodes", params={"search": "nothing"}))["total"] == 0
        detail = await world.ann.ok("GET", NODE)
        assert detail["info"]["kernel"]


@pytest.mark.covers("RES-06")
async def test_what_holds_resources_has_a_name_only_for_its_own_project(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, path):
        own = await world.ann.ok("GET", "/resource-groups/rsg-local/holding")
        (item,) = own["items"]
        assert (item["kind"], item["name"], item["words"]) == ("training", "t", "0.1C0.0625G *1")
        assert item["owner_id"] == path.rsplit("/", 1)[1]
        assert item["run_time_s"] >= 0
        (other,) = (await world.bob.ok("GET", "/resource-groups/rsg-local/holding"))["items"]
        assert (other["name"], other["owner_id"]) == ("", "")
        assert other["cpu_cores"] == 0.1
        # A search would tell by its count what the names are: it looks into the own project only.
        found = await world.bob.ok("GET", "/resource-groups/rsg-local/holding?search=t")
        assert found["total"] == 0
        assert (await world.ann.ok("GET", "/resource-groups/rsg-local/holding?node=node-local"))[
            "total"
        ] == 1


@pytest.mark.covers("RES-14")
async def test_a_busy_node_moves_after_a_confirmation_and_its_training_waits_again(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, path):
        lab = await group(world)
        status, error = await world.admin.refused("POST", f"{NODE}/move", json={"group": lab})
        assert (status, error["code"], error["details"]["work"]) == (
            409,
            "node_busy",
            {"training": 1},
        )
        moved = await world.admin.ok("POST", f"{NODE}/move", json={"group": lab, "confirm": True})
        assert moved["group_id"] == lab
        await until(lambda: has_state(world, path, "Queued"))
        assert (await world.ann.ok("GET", path))["reschedules"] == 1
        # Back again: the task finds its node and runs.
        await world.admin.ok("POST", f"{NODE}/move", json={"group": "rsg-local"})
        await until(lambda: has_state(world, path, "Running"))


@pytest.mark.covers("RES-15", "RES-19")
async def test_a_released_node_leaves_its_work_goes_back_and_it_can_join_again(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, path):
        answer = await world.admin.ok(
            "POST", "/nodes/release", json={"nodes": ["node-local", "node-x"], "confirm": True}
        )
        assert [item["done"] for item in answer["items"]] == [True, False]
        assert answer["items"][1]["problem"] == "There is no node node-x."
        await until(lambda: _is(world, "retired"))
        await until(lambda: has_state(world, path, "Queued"))
        assert (await world.ann.ok("GET", "/nodes"))["total"] == 0
        (gone,) = (await world.ann.ok("GET", "/nodes/history"))["items"]
        assert gone["ended_at"] and gone["blocked"]["rejoin"] is None
        assert (await world.ann.ok("GET", "/resource-groups/rsg-local"))["nodes"] == 0
        await world.admin.ok("POST", f"{NODE}/rejoin", json={"group": "rsg-local"})
        await until(lambda: _is(world, "running"))
        await until(lambda: has_state(world, path, "Running"))
        kinds = [e["type"] for e in (await world.ann.ok("GET", f"{NODE}/events"))["items"]]
        assert kinds == ["nodeStateChanged"] * 5


async def _is(world: World, wanted: str) -> bool:
    return await state(world) == wanted


@pytest.mark.covers("RES-X4")
async def test_a_drain_waits_for_its_limit_then_moves_the_work_away(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, path):
        await world.admin.ok(
            "POST", f"{NODE}/drain", json={"time_limit_s": 3600, "reason": "new disk"}
        )
        status, error = await world.admin.refused("POST", f"{NODE}/drain", json={})
        assert (status, error["message"]) == (409, "The node is being drained already.")
        assert await has_state(world, path, "Running")
        await world.admin.ok("POST", f"{NODE}/uncordon")
        await world.admin.ok(
            "POST", f"{NODE}/drain", json={"time_limit_s": 0, "reason": "new disk"}
        )
        await until(lambda: has_state(world, path, "Queued"))
        node = await until(lambda: _drained(world))
        assert node["cordoned"] and not node["takes_work"]
        await world.admin.ok("POST", f"{NODE}/uncordon")
        await until(lambda: has_state(world, path, "Running"))


async def _drained(world: World) -> Any:
    node = await world.admin.ok("GET", NODE)
    return node if node["drain_until"] is None else None


async def test_a_cordoned_node_keeps_its_work_and_takes_no_more(
    db: Database, settings: Settings
) -> None:
    async with with_task(db, settings) as (world, path):
        await world.admin.ok("POST", f"{NODE}/cordon", json={"reason": "fan"})
        other = await world.ann.ok("POST", "/training/tasks", json=SLEEP | {"name": "later"})
        later = f"/training/tasks/{other['id']}"
        assert await has_state(world, path, "Running")
        free = await world.ann.ok("GET", "/resource-groups/rsg-local")
        assert free["amounts"]["cpu_cores_free"] == 0
        await until(lambda: _reason(world, later))
        await world.admin.ok("POST", f"{NODE}/uncordon")
        await until(lambda: has_state(world, later, "Running"))
        await world.ann.ok("POST", f"{later}/stop")
        await world.ann.ok("GET", f"{later}/wait", params={"timeout_s": 20})


async def _reason(world: World, path: str) -> str:
    return str((await world.ann.ok("GET", path))["reason"])


async def test_a_repair_ends_in_running_once_the_engine_sees_the_node(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        repairing = await world.admin.ok("POST", f"{NODE}/repair", json={"reason": "card 3"})
        assert (repairing["state"], repairing["reason"]) == ("repairing", "card 3")
        assert "repaired" in repairing["blocked"]["move"]
        await world.admin.ok("POST", f"{NODE}/end-repair")
        await until(lambda: _is(world, "running"))


async def test_a_machine_joins_once_with_its_token_and_is_set_up(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        lab = await group(world, engine="ray")
        made = await world.admin.ok("POST", "/nodes/join-token", json={"group": lab})
        assert made["token"] in made["command"]
        small = MACHINE | {"token": made["token"], "info": {**MACHINE["info"], "disks": [{"mount": "/", "size_bytes": 10**9, "system": True}]}}  # fmt: skip
        status, error = await world.ann.refused("POST", "/nodes/join", json=small)
        assert (status, error["code"]) == (409, "join_blocked")
        assert "at least 100 GB" in error["message"]
        # The refusal left the token as it was.
        joined = await world.ann.ok("POST", "/nodes/join", json=MACHINE | {"token": made["token"]})
        assert (joined["group_id"], joined["engine"]) == (lab, "ray")
        node = await world.ann.ok("GET", f"/nodes/{joined['node_id']}")
        assert (node["state"], node["host"], node["created_by"]) == (
            "deploying",
            "10.0.0.5",
            "admin",
        )
        again = MACHINE | {"token": made["token"]}
        assert (await world.ann.refused("POST", "/nodes/join", json=again))[0] == 401
        status, error = await world.admin.refused(
            "POST", f"/nodes/{joined['node_id']}/move", json={"group": "rsg-local"}
        )
        assert error["message"] == "The node is being set up. Wait until it is running."


async def test_no_other_machine_joins_a_group_of_this_machine(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.admin.refused(
            "POST", "/nodes/join-token", json={"group": "rsg-local"}
        )
        assert (status, error["code"]) == (409, "local_engine")
        lab = await group(world, engine="ray")
        status, error = await world.admin.refused("POST", f"{NODE}/move", json={"group": lab})
        assert (status, error["code"]) == (409, "other_engine")
