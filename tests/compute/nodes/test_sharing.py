"""Parts of a card: where the driver can do it, where the type is switched on, and late (RES-32, RES-34)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.nodes.machine import OLD_DRIVER, this_machine
from slipway.compute.nodes.sharing import PENDING, SET_OFF, as_rows, shared_as
from slipway.compute.types import Card
from slipway.compute.wake import node_wake
from tests.compute.queue.queue_house import GROUP, add_node, reaches, submit
from tests.running import World, open_world, until

# Answers as the driver's tool does; what it says of the driver stands in a file beside it.
TOOL = """#!/bin/sh
facts="$(cat "$(dirname "$0")/facts")"
case "$*" in
  *compute_cap*) [ -n "$facts" ] || exit 6; echo "0, $facts"; echo "1, $facts" ;;
  *driver_version*) echo "470.1" ;;
  *memory.total*) echo "0, Test A10, 24564, GPU-a"; echo "1, Test A10, 24564, GPU-b" ;;
  *) exit 1 ;;
esac
"""


class Driver:
    def __init__(self, folder: Path) -> None:
        self._facts = folder / "facts"
        (folder / "nvidia-smi").write_text(TOOL)
        (folder / "nvidia-smi").chmod(0o755)
        self.says("550.54.15, 8.6, Disabled")

    def says(self, facts: str) -> None:
        self._facts.write_text(facts)
        node_wake.schedule()


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return Driver(folder)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ("550.54.15, 8.6, Disabled", ""),
        ("535.1, 7.0, [N/A]", ""),
        ("470.1, 8.6, Disabled", OLD_DRIVER),
        ("", OLD_DRIVER),  # does not know the question
        ("550.1, 6.1, [N/A]", "this old"),
        ("550.1, 8.0, Enabled", "MIG"),
    ],
)
def test_what_the_driver_says_decides(driver: Driver, facts: str, why: str) -> None:
    driver.says(facts)
    cards = this_machine().gpus
    assert [(card.index, card.model, card.shares) for card in cards] == [
        (0, "Test A10", not why),
        (1, "Test A10", not why),
    ]
    assert all(why in card.sharing_off for card in cards)


def test_a_machine_that_learned_it_late_begins_when_it_is_idle() -> None:
    new = [Card(0, "A10", 1)]
    old = as_rows([replace(new[0], shares=False, sharing_off=OLD_DRIVER)])
    (busy,) = shared_as(new, old, {}, busy=True)
    assert (busy.shares, busy.sharing_off) == (False, PENDING)
    assert shared_as(new, as_rows([busy]), {}, busy=True) == [busy]
    assert shared_as(new, as_rows([busy]), {}, busy=False) == new
    (off,) = shared_as(new, as_rows(new), {"A10": False}, busy=True)
    assert (off.shares, off.sharing_off) == (False, SET_OFF)
    assert shared_as(new, as_rows([off]), {"A10": True}, busy=True) == new


async def local(world: World) -> Any:
    return await world.ann.ok("GET", "/nodes/node-local")


@pytest.mark.covers("RES-34")
async def test_sharing_is_detected_anew_on_an_idle_node_in_its_group(
    db: Database, settings: Settings, driver: Driver
) -> None:
    driver.says("470.1, 8.6, Disabled")
    async with open_world(db, settings, loops=True) as world:

        async def notices(words: str) -> bool:
            node = await local(world)
            return len(node["cards"]) == 2 and words in node["sharing_notice"]

        await until(lambda: notices("older than 495"))
        (row,) = (await world.ann.ok("GET", "/nodes"))["items"]
        assert row["sharing_notice"] == OLD_DRIVER  # also in the list
        half = {"name": "half", "environment": "python", "command": "true", "gpus": 0.5,
                "cpu_cores": 0.1, "memory_bytes": 64 << 20}  # fmt: skip
        status, error = await world.ann.refused("POST", "/training/tasks", json=half)
        assert status == 400
        assert "hole cards only" in error["message"]

        running = await submit(world.ann, "runs")
        await reaches(world.ann, running, "Running")
        driver.says("550.54.15, 8.6, Disabled")
        await until(lambda: notices(PENDING))
        assert not any(card["shares"] for card in (await local(world))["cards"])
        await world.ann.ok("POST", f"/training/tasks/{running['id']}/stop")
        await reaches(world.ann, running, "Stopped")
        node_wake.schedule()

        async def shares() -> bool:
            return all(card["shares"] for card in (await local(world))["cards"])

        await until(shares)
        node = await local(world)
        assert (node["sharing_notice"], node["group_id"]) == ("", GROUP)
        task = await submit(world.ann, "half", gpus=0.5)
        await reaches(world.ann, task, "Running")
        await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
        await reaches(world.ann, task, "Stopped")


@pytest.mark.covers("RES-32")
async def test_sharing_is_a_setting_of_the_card_type_and_shown_in_node_details(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        await add_node(db, "a", "NVIDIA A10", 2)
        await add_node(db, "b", "T4", 1)
        types = (await world.ann.ok("GET", "/card-types"))["items"]
        assert [(t["model"], t["sharing"], t["shared"], t["nodes"]) for t in types] == [
            ("NVIDIA A10", True, 2, 1),
            ("T4", True, 1, 1),
        ]
        path = "/card-types/NVIDIA%20A10"
        assert (await world.ann.refused("PUT", path, json={"sharing": False}))[0] == 403
        off = await world.admin.ok("PUT", path, json={"sharing": False})
        assert (off["sharing"], off["shared"], off["notices"]) == (False, 0, [SET_OFF])
        node = await world.ann.ok("GET", "/nodes/node-a")
        assert [(c["shares"], c["sharing_off"]) for c in node["cards"]] == [(False, SET_OFF)] * 2
        assert node["sharing_notice"] == SET_OFF
        half = {"name": "h", "environment": "python", "command": "true", "gpus": 0.5}
        status, _ = await world.ann.refused(
            "POST", "/training/tasks", json=half | {"gpu_model": "NVIDIA A10"}
        )
        assert status == 400
        await world.ann.ok("POST", "/training/tasks", json=half | {"gpu_model": "T4"})
        free = await world.ann.ok("GET", f"/resource-groups/{GROUP}/free")
        assert {c["model"]: c["shares"] for c in free["cards"]} == {"NVIDIA A10": False, "T4": True}
        on = await world.admin.ok("PUT", path, json={"sharing": True})
        assert (on["shared"], on["notices"]) == (2, [])
        assert (await world.admin.refused("PUT", "/card-types/H9", json={"sharing": True}))[
            0
        ] == 404


@pytest.mark.covers("RES-X7")
async def test_where_a_node_stands_is_set_and_shown_and_keeps_a_run_together(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        for name in "abcd":
            await add_node(db, name, "A10", 1)
        for name, zone in (("a", "z1"), ("b", "z2"), ("c", "z1"), ("d", "z2")):
            body = {"zone": zone, "rack": f"r-{zone}"}
            placed = await world.admin.ok("PATCH", f"/nodes/node-{name}", json=body)
            assert (placed["zone"], placed["rack"]) == (zone, f"r-{zone}")
        free = await world.ann.ok("GET", f"/resource-groups/{GROUP}/free")
        assert {n["zone"] for n in free["nodes"] if n["id"] != "node-local"} == {"z1", "z2"}
        assert all(card["island"] is None for n in free["nodes"] for card in n["cards"])
        held = await submit(world.ann, "one", gpus=1)
        await reaches(world.ann, held, "Running")
        both = await submit(
            world.ann, "two", gpus=1, mode="ddp", environment="pytorch", instances=2
        )
        await reaches(world.ann, both, "Running")
        found = await world.ann.ok("GET", f"/training/tasks/{both['id']}/instances")
        assert {i["node"] for i in found["items"]} == {"node-b", "node-d"}
        for task in (held, both):
            await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
            await reaches(world.ann, task, "Stopped")
        status, error = await world.admin.refused("PATCH", "/nodes/node-a", json={"rack": "a/b"})
        assert (status, error["code"]) == (400, "bad_place")
