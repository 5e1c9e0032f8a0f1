"""Tasks that start after others: what they wait for, when they start, and what ends them unstarted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.training import queries
from tests.running import World, open_world, until
from tests.training.test_tasks import SMALL, ended, events_of, submit

pytestmark = pytest.mark.covers("TRN-X7")


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


async def now_is(world: World, task: dict[str, Any]) -> tuple[str, str]:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}")
    return found["state"], found["reason"]


async def waits_left(world: World, task: dict[str, Any]) -> list[str]:
    async with world.db.read() as session:
        return [row.name for row in await queries.list_waited_for(session, task["id"])]


def until_there(gate: Path) -> str:
    return f"until [ -e {gate} ]; do sleep 0.05; done"


async def test_it_starts_when_all_have_completed(world: World, tmp_path: Path) -> None:
    first = await submit(world, "first", until_there(tmp_path / "first"))
    second = await submit(world, "second", "true")
    await ended(world, second)
    third = await submit(world, "third", until_there(tmp_path / "third"))
    last = await submit(
        world, "last", "true", after=[first["id"], second["id"], third["id"], first["id"]]
    )
    assert (last["state"], last["reason"]) == (
        "Queued", "Waiting for other tasks to complete: first, third.",
    )  # fmt: skip
    assert (await world.ann.ok("GET", "/queue"))["total"] == 0
    [attempt] = (await world.ann.ok("GET", f"/training/tasks/{last['id']}/attempts"))["items"]
    status, why = await world.ann.refused("GET", f"/queue/{attempt['workload_id']}/why")
    assert (status, why["code"]) == (409, "held")
    (tmp_path / "third").touch()
    await ended(world, third)
    await until(lambda: _reads(world, last, "Waiting for other tasks to complete: first."))
    (tmp_path / "first").touch()
    done = await ended(world, last)
    assert (done["state"], done["reason"]) == ("Completed", "")
    first = await ended(world, first)
    assert done["started_at"] >= first["ended_at"]
    assert done["queued_at"] >= first["ended_at"]  # what limits the queue time begins here
    assert await events_of(world, last) == [
        "taskScheduling", "taskWaits", "taskReleased", "taskStateChanged", "taskRunning", "taskCompleted",
    ]  # fmt: skip


async def _reads(world: World, task: dict[str, Any], reason: str) -> bool:
    return (await now_is(world, task))[1] == reason


async def test_what_waits_fails_with_the_one_it_waits_for_and_so_does_what_waits_for_it(
    world: World,
) -> None:
    first = await submit(world, "first", "sleep 60")
    second = await submit(world, "second", "true", after=[first["id"]])
    third = await submit(world, "third", "true", after=[second["id"]])
    await world.ann.ok("POST", f"/training/tasks/{first['id']}/stop")
    await ended(world, first)
    for task, reason in (
        (second, "It was to start after the task first, which ended as Stopped."),
        (third, "It was to start after the task second, which ended as Abnormal."),
    ):
        assert await now_is(world, task) == ("Abnormal", reason)
        assert (await events_of(world, task))[-1] == "taskExecuteFailed"
        attempts = await world.ann.ok("GET", f"/training/tasks/{task['id']}/attempts")
        assert [(a["ending"], a["instances"]) for a in attempts["items"]] == [("failed", [])]
    status, error = await world.ann.refused("POST", f"/training/tasks/{second['id']}/start")
    assert (status, error["code"]) == (409, "never_completes")
    await world.ann.ok("POST", f"/training/tasks/{first['id']}/start")
    again = await world.ann.ok("POST", f"/training/tasks/{second['id']}/start")
    assert again["reason"] == "Waiting for other tasks to complete: first."
    assert await waits_left(world, second) == ["first"]
    await world.ann.ok("POST", f"/training/tasks/{first['id']}/stop")


async def test_a_failure_of_its_own_kind_too(world: World) -> None:
    first = await submit(world, "first", "exit 3")
    second = await submit(world, "second", "true")
    bad = {"name": "x", "command": "true", **SMALL, "after": [second["id"], first["id"]]}
    await ended(world, first)
    status, error = await world.ann.refused("POST", "/training/tasks", json=bad)
    assert (status, error["code"], error["details"]["field"]) == (409, "never_completes", "after")
    plan = await world.ann.ok("POST", "/training/tasks/plan", json=bad)
    assert (plan["field"], "first is Abnormal" in plan["problem"]) == ("after", True)


async def test_what_waits_can_be_stopped_and_then_waits_for_nothing(
    world: World, tmp_path: Path
) -> None:
    first = await submit(world, "first", until_there(tmp_path / "first"))
    second = await submit(world, "second", "true", after=[first["id"]])
    await world.ann.ok("POST", f"/training/tasks/{second['id']}/stop")
    assert (await ended(world, second))["state"] == "Stopped"
    assert await waits_left(world, second) == []
    (tmp_path / "first").touch()
    assert (await ended(world, first))["state"] == "Completed"
    assert (await now_is(world, second))[0] == "Stopped"
    again = await world.ann.ok("POST", f"/training/tasks/{second['id']}/start")
    assert again["reason"] == "Waiting for its turn in the queue."
    assert (await ended(world, second))["state"] == "Completed"


@pytest.mark.parametrize("after", [["train-none"], ["of bob"], [f"t{n}" for n in range(101)]])
async def test_only_tasks_of_the_project_can_be_waited_for(world: World, after: list[str]) -> None:
    theirs = await world.bob.ok(
        "POST", "/training/tasks", json={"name": "theirs", "command": "true", **SMALL}
    )
    wanted = [theirs["id"] if name == "of bob" else name for name in after]
    body = {"name": "t", "command": "true", **SMALL, "after": wanted}
    status, error = await world.ann.refused("POST", "/training/tasks", json=body)
    assert (status, error["details"]["field"]) == (400, "after")
    assert (await world.ann.ok("GET", "/training/tasks"))["total"] == 0
    await ended_as_bob(world, theirs)


async def ended_as_bob(world: World, task: dict[str, Any]) -> None:
    await world.bob.ok("GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30})


async def test_several_that_end_at_once_let_it_in(world: World, tmp_path: Path) -> None:
    """Each transaction may see the others' waits: one of them must still let it in."""
    for turn in range(3):
        gate = tmp_path / str(turn)
        several = [await submit(world, f"one-{turn}-{n}", until_there(gate)) for n in range(4)]
        last = await submit(world, f"last-{turn}", "true", after=[one["id"] for one in several])
        assert last["reason"].startswith("Waiting for other tasks")
        gate.touch()
        assert (await ended(world, last))["state"] == "Completed"
