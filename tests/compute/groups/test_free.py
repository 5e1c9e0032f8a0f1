"""What is free by card type and by node, with the work on each node (TRN-07, TRN-08).

What the console makes of it: `ResourcePanel.test.tsx`.
"""

from __future__ import annotations

from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.compute.queue.queue_house import GROUP, add_node, reaches, submit
from tests.running import open_world, until

SERVICE: dict[str, Any] = {
    "name": "s", "runtime": "custom", "command": "sleep 300", "cpu_cores": 0.1,
    "memory_bytes": 64 << 20, "gpus": 1,
}  # fmt: skip


@pytest.mark.covers("TRN-07", "TRN-08")
async def test_free_cards_on_whole_machines_and_fragments_and_who_holds_the_others(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A100", 8)
        await add_node(db, "t", "T4", 1)

        async def cards() -> dict[str, tuple[float, float, float]]:
            free = await world.ann.ok("GET", f"/resource-groups/{GROUP}/free")
            return {c["model"]: (c["free"], c["whole"], c["fragments"]) for c in free["cards"]}

        assert await cards() == {"A100": (8, 8, 0), "T4": (1, 1, 0)}
        task = await submit(world.ann, "task", gpus=2, gpu_model="A100")
        await reaches(world.ann, task, "Running")
        await world.ann.ok("POST", "/services", json=SERVICE | {"gpu_model": "A100"})

        async def held() -> Any:
            path = f"/resource-groups/{GROUP}/holding"
            items = (await world.ann.ok("GET", path, params={"node": "node-a"}))["items"]
            return items if len(items) == 2 else None

        found = await until(held)
        assert {(item["kind"], item["gpus"]) for item in found} == {("training", 2), ("service", 1)}
        assert await cards() == {"A100": (5, 0, 5), "T4": (1, 1, 0)}
        free = await world.ann.ok("GET", f"/resource-groups/{GROUP}/free")
        (node,) = (n for n in free["nodes"] if n["id"] == "node-a")
        assert (node["cpu_cores"], node["cpu_cores_held"]) == (16, 0.2)
        assert sum(card["free"] for card in node["cards"]) == 5
        await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
        await reaches(world.ann, task, "Stopped")
