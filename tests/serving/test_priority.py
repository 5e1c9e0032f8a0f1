"""A service's own priority and placement: what the scheduler is told of its replicas."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.tables import WorkloadRow
from slipway.compute.types import WorkloadState
from tests.compute.queue.queue_house import add_node, reaches, set_policy, state_of, submit
from tests.running import Person, open_world, until

ASKED: dict[str, Any] = {
    "name": "s", "runtime": "custom", "command": "sleep 300", "cpu_cores": 0.1,
    "memory_bytes": 64 << 20, "gpus": 1, "tags": {"p": "5"},
}  # fmt: skip


async def replicas(db: Database, service_id: str) -> list[WorkloadRow]:
    from sqlalchemy import select

    async with db.read() as session:
        found = select(WorkloadRow).where(WorkloadRow.owner_id.startswith(service_id))
        return list(await session.scalars(found.order_by(WorkloadRow.created_at)))


async def with_replicas(person: Person, db: Database, **changes: Any) -> Any:
    made = await person.ok("POST", "/services", json=ASKED | changes)
    await until(lambda: replicas(db, made["id"]))
    return made


@pytest.mark.covers("RES-24", "RES-27")
async def test_its_own_priority_beats_the_rules_and_can_be_changed_while_it_waits(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 1)
        await set_policy(db)  # the tag p=5 would give 5
        task = await submit(world.ann, "t", gpus=1, p=3)
        await reaches(world.ann, task, "Running")
        made = await with_replicas(world.ann, db, priority=4)
        (row,) = await replicas(db, made["id"])
        assert (row.priority, row.queue_priority) == (4, 4)
        assert await state_of(world.ann, task) == "Running"  # 3 goes before 4
        (version,) = (await world.ann.ok("GET", f"/services/{made['id']}/versions"))["items"]
        path = f"/services/versions/{version['id']}/update"
        await world.ann.ok("POST", path, json={"priority": 1})
        await reaches(world.ann, task, "Queued")  # evicted by a service of higher priority
        (row,) = await until(lambda: _placed(db, made["id"]))
        assert row.queue_priority == 1
        assert row.id == (await replicas(db, made["id"]))[0].id  # the same replica, not a new one
        await world.ann.ok("POST", path, json={"priority": None})
        (row,) = await replicas(db, made["id"])
        assert (row.priority, row.queue_priority) == (None, 5)


async def _placed(db: Database, service_id: str) -> list[WorkloadRow]:
    return [r for r in await replicas(db, service_id) if r.state != WorkloadState.QUEUED]


@pytest.mark.covers("RES-29")
@pytest.mark.parametrize(("placement", "nodes"), [("binpack", 1), ("spread", 2)])
async def test_replicas_fill_one_machine_or_spread_over_many(
    db: Database, settings: Settings, placement: str, nodes: int
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 2)
        await add_node(db, "b", "T4", 2)
        made = await with_replicas(world.ann, db, placement=placement, replicas=2)

        async def both() -> list[Any]:
            page = await world.ann.ok("GET", f"/services/versions/{made['id']}-1/instances")
            found = [i for i in page["items"] if i["node"]]
            return found if len(found) == 2 else []

        assert len({i["node"] for i in await until(both)}) == nodes


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [({"priority": 10}, 400, "priority"), ({"priority": -1}, 400, "priority")],
)
async def test_a_priority_out_of_range_is_refused(
    db: Database, settings: Settings, changes: dict[str, Any], status: int, field: str
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "T4", 2)
        told, error = await world.ann.refused("POST", "/services", json=ASKED | changes)
        assert (told, error["details"]["field"]) == (status, field)
