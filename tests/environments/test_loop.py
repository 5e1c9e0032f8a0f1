"""The loop after a crash, and what the sweeper leaves on disk."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.tables import NodeRow, WorkloadRow
from slipway.compute.types import WorkloadState
from slipway.environments.build import folder_of
from slipway.environments.loop import EnvironmentContext, EnvironmentLoop
from tests.running import World, open_world

RESULT = {"location": "/somewhere/venv", "python": "3.11.7", "packages": [], "size_bytes": 9}


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings) as world:
        yield world


async def make(world: World, name: str = "own", requirements: str = "numpy") -> dict[str, Any]:
    body = {"name": name, "requirements": requirements}
    made: dict[str, Any] = await world.ann.ok("POST", "/environments", json=body)
    return made


async def end(world: World, state: WorkloadState, reason: str = "") -> None:
    """As the compute loop leaves the building workloads."""
    async with world.db.begin() as session:
        await session.execute(update(WorkloadRow).values(state=state, reason=reason))


def leave(settings: Settings, made: dict[str, Any], name: str, value: dict[str, Any]) -> None:
    folder = folder_of(settings, made["build"]["id"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(value))


def loop_of(world: World, settings: Settings, later: timedelta = timedelta()) -> EnvironmentLoop:
    return EnvironmentLoop(EnvironmentContext(world.db, settings, lambda: utc_now() + later))


async def state_of(world: World, made: dict[str, Any]) -> tuple[str, str]:
    found = await world.ann.ok("GET", f"/environments/{made['id']}")
    return found["state"], found["reason"]


async def test_what_ended_while_nobody_looked_is_found_by_the_next_look(
    world: World, settings: Settings
) -> None:
    made = await make(world)
    twin = await make(world, "twin")
    assert twin["build"]["id"] == made["build"]["id"]  # one build for both
    leave(settings, made, "result", RESULT)
    await loop_of(world, settings).look()
    assert (await state_of(world, made))[0] == "building"  # the workload has not ended
    await end(world, WorkloadState.SUCCEEDED)
    for _ in range(2):  # the second look finds nothing to do
        await loop_of(world, settings).look()
        assert await state_of(world, made) == await state_of(world, twin) == ("ready", "")
    events = await world.ann.ok("GET", "/events", params={"limit": 50})
    assert [e["type"] for e in events["items"]].count("environment:built") == 2


@pytest.mark.parametrize(
    ("state", "left", "reason"),
    [
        (WorkloadState.SUCCEEDED, {}, "The build left nothing on disk. Build it again."),
        (WorkloadState.FAILED, {"failed": {"reason": "No room."}}, "No room."),
        (WorkloadState.FAILED, {}, "Instance builder-0 was lost."),
        (WorkloadState.FAILED, {"result": RESULT}, "Instance builder-0 was lost."),
        (WorkloadState.STOPPED, {"result": RESULT}, "The build was cancelled."),
    ],
)
async def test_a_build_that_did_not_end_well_is_never_used(
    world: World, settings: Settings, state: WorkloadState, left: dict[str, Any], reason: str
) -> None:
    made = await make(world)
    for name, value in left.items():
        leave(settings, made, name, value)
    await end(world, state, "Instance builder-0 was lost." if state == "failed" else "")
    await loop_of(world, settings).look()
    assert await state_of(world, made) == ("failed", reason)
    await loop_of(world, settings).sweep()
    assert not folder_of(settings, made["build"]["id"]).exists()


async def test_a_queued_build_says_why_it_waits(world: World, settings: Settings) -> None:
    made = await make(world)
    await end(world, WorkloadState.QUEUED, "Waiting for resources.")
    await loop_of(world, settings).look()
    assert await state_of(world, made) == ("building", "Waiting for resources.")


@pytest.mark.covers("RES-37")
async def test_builds_run_on_the_group_that_the_operator_names(
    db: Database, settings: Settings
) -> None:
    builders = settings.model_copy(update={"environment_group": "rsg-none"})
    async with open_world(db, builders) as world:
        body = {"name": "own", "requirements": "numpy"}
        status, error = await world.ann.refused("POST", "/environments", json=body)
        assert (status, error["message"]) == (404, "There is no resource group rsg-none.")
        group = await world.admin.ok(
            "POST", "/resource-groups", json={"name": "builders", "risk_accepted": True}
        )
        async with db.begin() as session:
            await session.execute(update(NodeRow).values(group_id=group["id"]))
        object.__setattr__(world.app.state.settings, "environment_group", group["id"])
        await make(world)
        async with db.read() as session:
            assert list(await session.scalars(select(WorkloadRow.group_id))) == [group["id"]]


async def test_the_sweeper_keeps_what_is_named_and_the_last_of_the_rest(
    world: World, settings: Settings
) -> None:
    settings = settings.model_copy(update={"environment_keep_unused": 1})
    made = [await make(world, f"e{n}", f"numpy=={n}") for n in range(3)]
    for one in made:
        leave(settings, one, "result", RESULT)
    await end(world, WorkloadState.SUCCEEDED)
    await loop_of(world, settings).look()
    stray = settings.root / "environments" / "bld-nobody"
    stray.mkdir()
    for hours, one in enumerate(made[:2]):
        await loop_of(world, settings, timedelta(hours=hours)).sweep()
        await world.ann.ok("DELETE", f"/environments/{one['id']}")
    await loop_of(world, settings, timedelta(hours=9)).sweep()
    there = {folder.name for folder in (settings.root / "environments").iterdir()}
    assert there == {made[1]["build"]["id"], made[2]["build"]["id"]}
    # What was removed is built anew when it is asked for again.
    assert (await make(world, "again", "numpy==0"))["state"] == "building"
    assert (await make(world, "kept", "numpy==1"))["state"] == "ready"
