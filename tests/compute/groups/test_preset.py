"""Groups that give CPU and memory by the cards (RES-36): in every room, from the form to the instance."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.tables import WorkloadRow
from tests.compute.queue.queue_house import GIB, GROUP, add_node, reaches
from tests.running import World, open_world, until

TASK = {"name": "t", "environment": "python", "command": "sleep 300"}
SERVICE = {"name": "s", "runtime": "custom", "command": "sleep 300"}
EVALUATION = {
    "name": "e",
    "models": [{"kind": "third_party", "base_url": "http://127.0.0.1:9", "model": "m"}],
    "sets": [{"kind": "storage", "ref": "b/x.jsonl"}],
}


async def by_cards(world: World, db: Database, on: bool = True) -> None:
    """The group's two nodes have 8 and 4 cards; the smaller gives more of itself for each."""
    await world.admin.ok("PATCH", f"/resource-groups/{GROUP}", json={"preset_by_gpu": on})


async def asked_of(db: Database, owner_prefix: str) -> list[dict[str, Any]]:
    async with db.read() as session:
        found = await session.scalars(
            select(WorkloadRow).where(WorkloadRow.owner_id.startswith(owner_prefix))
        )
        return [role["resources"] for row in found for role in row.spec["roles"]]


@pytest.mark.covers("RES-36")
@pytest.mark.parametrize("said", [{}, {"cpu_cores": 0, "memory_bytes": 0}])
async def test_a_task_gets_the_share_of_its_cards(
    db: Database, settings: Settings, said: dict[str, Any]
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 8)  # 16 cores and 32 GiB: 2 and 4 a card
        await by_cards(world, db)
        form = TASK | {"gpus": 2} | said
        planned = await world.ann.ok("POST", "/training/tasks/plan", json=form)
        assert planned["problem"] is None
        task = await world.ann.ok("POST", "/training/tasks", json=form)
        await reaches(world.ann, task, "Running")
        page = await world.ann.ok("GET", f"/training/tasks/{task['id']}/instances")
        (instance,) = page["items"]
        assert (instance["cpu_cores"], instance["memory_bytes"]) == (4.0, 8 * GIB)
        assert len(planned["roles"]) == 1
        # A second run has the same configuration, and gets its share anew.
        await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
        await reaches(world.ann, task, "Stopped")
        await world.ann.ok("POST", f"/training/tasks/{task['id']}/start")
        await reaches(world.ann, task, "Running")
        assert [a["cpu_cores"] for a in await asked_of(db, task["id"])] == [4.0, 4.0]


@pytest.mark.covers("RES-36")
async def test_a_service_gets_the_share_of_its_cards(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 8)
        await by_cards(world, db)
        made = await world.ann.ok("POST", "/services", json=SERVICE | {"gpus": 0.5})

        async def replica() -> list[dict[str, Any]]:
            return await asked_of(db, made["id"])

        (given,) = await until(replica)
        assert (given["cpu_cores"], given["memory_bytes"]) == (1.0, 2 * GIB)
        (version,) = (await world.ann.ok("GET", f"/services/{made['id']}/versions"))["items"]
        assert (version["config"]["cpu_cores"], version["config"]["memory_bytes"]) == (0, 0)


@pytest.mark.covers("RES-36")
@pytest.mark.parametrize(
    ("path", "form"), [("/training/tasks", TASK), ("/services", SERVICE)], ids=["task", "service"]
)
async def test_what_a_group_by_cards_refuses_and_what_another_refuses(
    db: Database, settings: Settings, path: str, form: dict[str, Any]
) -> None:
    none = {"cpu_cores": 0, "memory_bytes": 0}
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 8)
        await by_cards(world, db)
        for said, field in (
            ({"gpus": 1, "cpu_cores": 1, "memory_bytes": GIB}, "cpu_cores"),
            ({"gpus": 0}, "gpus"),
        ):
            status, error = await world.ann.refused("POST", path, json=form | said)
            assert (status, error["code"]) == (400, "preset_by_gpu")
            assert error["details"]["field"] == field
        await by_cards(world, db, on=False)
        status, error = await world.ann.refused("POST", path, json=form | none | {"gpus": 1})
        assert (status, error["code"]) == (400, "not_preset_by_gpu")
        status, error = await world.ann.refused("POST", path, json=form | {"cpu_cores": 0})
        assert (status, error["details"]["field"]) == (400, "cpu_cores")
        assert await asked_of(db, "") == []


@pytest.mark.covers("RES-36")
async def test_the_plan_of_a_task_names_what_the_group_refuses(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 8)
        await by_cards(world, db)
        for said, field in (
            ({"gpus": 1, "cpu_cores": 1, "memory_bytes": GIB}, "cpu_cores"),
            ({"gpus": 9}, "resources"),
        ):
            told = await world.ann.ok("POST", "/training/tasks/plan", json=TASK | said)
            assert told["field"] == field
            assert told["problem"]
