"""Flavours: defined by administrators, asked for by name in the task form (TRN-06)."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.compute.queue.queue_house import GIB, GROUP, add_node, workload_of
from tests.running import open_world

PATH = f"/resource-groups/{GROUP}/flavours"
BIG: dict[str, Any] = {
    "name": "28 CPU / 116 GB / A10 x1",
    "cpu_cores": 7,
    "memory_bytes": 12 * GIB,
    "gpus": 1,
    "gpu_model": "A10",
}
TASK = {"environment": "python", "command": "true"}


@pytest.mark.covers("TRN-06")
async def test_a_task_asks_for_a_group_with_own_amounts_or_for_a_flavour_and_a_count(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "A10", 3)
        made = await world.admin.ok("POST", PATH, json=BIG)
        # Three cards, but cores for two and memory for two.
        assert made["free_instances"] == 2
        assert (await world.ann.ok("GET", PATH))["items"] == [made]

        asked = {**TASK, "name": "named", "mode": "ddp", "environment": "pytorch", "instances": 2}
        plan = await world.ann.ok(
            "POST", "/training/tasks/plan", json={**asked, "flavour": BIG["name"]}
        )
        (role_a, role_b) = plan["roles"]
        assert (role_a["cpu_cores"], role_b["gpus"]) == (7, 1)
        task = await world.ann.ok("POST", "/training/tasks", json={**asked, "flavour": BIG["name"]})
        assert (task["flavour"], task["cpu_cores"], task["memory_bytes"]) == (
            BIG["name"],
            7,
            12 * GIB,
        )
        assert (task["gpus"], task["instances"]) == (1, 2)
        workload = await workload_of(db, task)
        for role in workload.spec["roles"]:
            assert role["resources"] == {k: v for k, v in BIG.items() if k != "name"}

        own = {**TASK, "name": "own", "cpu_cores": 2, "memory_bytes": GIB, "resource_group": GROUP}
        typed = await world.ann.ok("POST", "/training/tasks", json=own)
        assert (typed["flavour"], typed["cpu_cores"]) == (None, 2)

        # What was submitted stays as it was, whatever becomes of the flavour.
        smaller = {**BIG, "cpu_cores": 3}
        await world.admin.ok("PUT", f"{PATH}/{made['id']}", json=smaller)
        assert (await world.ann.ok("GET", f"/training/tasks/{task['id']}"))["cpu_cores"] == 7
        await world.admin.ok("DELETE", f"{PATH}/{made['id']}")
        assert (await world.ann.ok("GET", PATH))["items"] == []
        status, error = await world.ann.refused(
            "POST", "/training/tasks", json={**TASK, "name": "late", "flavour": BIG["name"]}
        )
        assert (status, error["code"]) == (400, "no_such_flavour")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "bad_name", "name"),
        ({"name": "x" * 61}, "bad_name", "name"),
        ({"cpu_cores": 0}, "invalid", "cpu_cores"),
        ({"memory_bytes": 1}, "invalid", "memory_bytes"),
        ({"gpus": 1.5}, None, "gpus"),
    ],
)
async def test_a_bad_flavour_is_refused_at_its_field(
    db: Database, settings: Settings, changes: dict[str, Any], code: str | None, field: str
) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.admin.refused("POST", PATH, json=BIG | changes)
        assert (status, error["details"]["field"]) == (400, field)
        assert code in (None, error["code"])
        assert (await world.admin.ok("GET", PATH))["items"] == []


async def test_a_flavour_is_named_once_set_by_administrators_and_not_mixed_with_own_amounts(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await world.admin.ok("POST", PATH, json=BIG)
        assert (await world.admin.refused("POST", PATH, json=BIG))[1]["code"] == "name_taken"
        assert (await world.ann.refused("POST", PATH, json=BIG | {"name": "b"}))[0] == 403
        mixed = {**TASK, "name": "t", "flavour": BIG["name"], "gpus": 2}
        status, error = await world.ann.refused("POST", "/training/tasks", json=mixed)
        assert (status, error["code"], error["details"]["field"]) == (400, "set_by_flavour", "gpus")
        roles = [{"name": "head"}, {"name": "w"}]
        by_role = {**TASK, "name": "t", "mode": "ray", "flavour": BIG["name"], "roles": roles}
        status, error = await world.ann.refused("POST", "/training/tasks", json=by_role)
        assert status == 400


async def test_a_group_that_gives_by_cards_has_flavours_of_cards_alone(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "A10", 2)
        await world.admin.ok("PATCH", f"/resource-groups/{GROUP}", json={"preset_by_gpu": True})
        status, error = await world.admin.refused("POST", PATH, json=BIG)
        assert (status, error["code"]) == (400, "preset_by_gpu")
        cards = {"name": "one card", "gpus": 1, "gpu_model": "A10"}
        assert (await world.admin.ok("POST", PATH, json=cards))["free_instances"] == 2
        task = await world.ann.ok(
            "POST", "/training/tasks", json={**TASK, "name": "t", "flavour": "one card"}
        )
        (role,) = (await workload_of(db, task)).spec["roles"]
        assert (role["resources"]["cpu_cores"], role["resources"]["gpus"]) == (8, 1)
