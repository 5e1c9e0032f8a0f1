"""The real loop with real processes: lanes, eviction and requeue, crashes between its lines."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from slipway.api.platform import run_platform
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.queue import placing
from slipway.compute.types import Ending, WorkloadState
from slipway.compute.wake import wake
from tests.compute.queue.queue_house import (
    add_node,
    events_of,
    reaches,
    set_policy,
    state_of,
    submit,
    workload_of,
)
from tests.running import open_world, until


@pytest.mark.covers("RES-30")
async def test_card_types_wait_for_themselves_only(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "T4", 2)
        await add_node(db, "b", "A100", 8)
        r0 = await submit(world.ann, "r0", gpus=2, gpu_model="T4")
        await reaches(world.ann, r0, "Running")
        j1 = await submit(world.ann, "j1", gpus=1, gpu_model="T4")
        j2 = await submit(world.ann, "j2", gpus=8, gpu_model="A100")
        j3 = await submit(world.ann, "j3", gpus=1, gpu_model="T4")
        await reaches(world.ann, j2, "Running")
        assert [await state_of(world.ann, j) for j in (j1, j3)] == ["Queued", "Queued"]
        (instance,) = (await world.ann.ok("GET", f"/training/tasks/{j2['id']}/instances"))["items"]
        assert instance["node"] == "node-b"
        await world.ann.ok("POST", f"/training/tasks/{r0['id']}/stop")
        for task in (j1, j3):
            await reaches(world.ann, task, "Running")


@pytest.mark.covers("RES-28", "RES-26", "RES-X6")
async def test_a_victim_makes_room_waits_again_and_comes_back(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A100", 4)
        await set_policy(db)
        low = await submit(
            world.ann,
            "low",
            "trap 'touch saved; exit 0' TERM; sleep 300 & wait",
            gpus=4,
            p=5,
        )
        await reaches(world.ann, low, "Running")
        submitted = (await workload_of(db, low)).created_at
        high = await submit(world.ann, "high", gpus=4, p=1)
        await reaches(world.ann, high, "Running")
        waiting = await reaches(world.ann, low, "Queued")
        assert waiting["reason"] in (
            placing.EVICTED,
            "Waiting for resources: 1 x (0.1 cores, 0.1 GiB memory, 4 GPU).",
        )
        row = await workload_of(db, low)
        assert (row.evictions, row.restarts, row.created_at) == (1, 0, submitted)
        assert row.queued_at > submitted
        assert row.displaced_for is None
        assert "training:taskPreempted" in await events_of(world, low)
        await world.ann.ok("POST", f"/training/tasks/{high['id']}/stop")
        again = await reaches(world.ann, low, "Running")
        assert again["restarts"] == 0


@pytest.mark.covers("RES-23")
async def test_strict_order_does_not_overtake_until_the_policy_says_so(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A100", 4)
        running = await submit(world.ann, "r", gpus=3)
        await reaches(world.ann, running, "Running")
        large = await submit(world.ann, "large", gpus=4)
        small = await submit(world.ann, "small", gpus=1)
        last = await submit(world.ann, "other", "true", gpus=0)
        await reaches(world.ann, last, "Completed")  # the lane without cards goes on
        assert await state_of(world.ann, small) == "Queued"
        await set_policy(db, queue=2)
        await reaches(world.ann, small, "Running")
        assert await state_of(world.ann, large) == "Queued"


@pytest.mark.covers("RES-25", "RES-04")
async def test_tags_and_policies_change_the_place_of_what_waits(
    db: Database, settings: Settings
) -> None:
    rule = {
        "AttrRules": [{"ValueType": "Tag", "Key": "team", "Value": "lab"}],
        "ScheduleRule": {"Priority": 7},
    }
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A100", 1)
        await set_policy(db, rules=[rule])
        lab = await submit(world.ann, "lab", gpus=1, tags={"team": "lab"})
        await reaches(world.ann, lab, "Running")
        other = await submit(world.ann, "other", gpus=1, tags={"team": "lab"})
        assert (await workload_of(db, other)).queue_priority == 7
        assert await state_of(world.ann, other) == "Queued"
        await world.ann.ok("PATCH", f"/training/tasks/{other['id']}", json={"tags": {}})
        await reaches(world.ann, other, "Running")  # P0 now: it displaces the other
        await reaches(world.ann, lab, "Queued")
        await set_policy(db)

        async def equal() -> bool:
            return (await workload_of(db, lab)).queue_priority == 0

        await until(equal)


@pytest.mark.parametrize("line", ["before", "after"])
async def test_a_crash_around_an_eviction_loses_nothing(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """The loop ends before or after the eviction is written; the next one goes on from the rows."""
    async with open_world(db, settings) as world:
        await add_node(db, "a", "A100", 1)
        await set_policy(db)
        async with run_platform(world.app, gateway=None):
            low = await submit(world.ann, "low", gpus=1, p=5)
            await reaches(world.ann, low, "Running")
        # The loop is away: the task runs on.
        high = await submit(world.ann, "high", gpus=1, p=1)
        carried = asyncio.Event()
        original = placing.Placer._carry_out

        async def crashing(self: placing.Placer, decisions: list[object]) -> None:
            if line == "after":
                await original(self, decisions)  # type: ignore[arg-type]
            carried.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(placing.Placer, "_carry_out", crashing)
        async with run_platform(world.app, gateway=None):
            await carried.wait()
        row = await workload_of(db, low)
        evicted = (row.state, row.ending) == (WorkloadState.STOPPING, Ending.EVICTED)
        assert evicted == (line == "after")
        monkeypatch.undo()
        wake.reset()
        async with run_platform(world.app, gateway=None):
            await reaches(world.ann, high, "Running")
            await reaches(world.ann, low, "Queued")
            assert (await workload_of(db, low)).evictions == 1
            for task in (high, low):
                with contextlib.suppress(AssertionError):
                    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")


async def test_a_stop_while_being_evicted_is_a_stop(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A100", 1)
        await set_policy(db)
        low = await submit(
            world.ann, "low", "trap 'sleep 1; exit 0' TERM; sleep 300 & wait", gpus=1, p=5
        )
        await reaches(world.ann, low, "Running")
        high = await submit(world.ann, "high", gpus=1, p=1)

        async def leaving() -> bool:
            return (await workload_of(db, low)).state == WorkloadState.STOPPING

        await until(leaving)
        await world.ann.ok("POST", f"/training/tasks/{low['id']}/stop")
        await reaches(world.ann, low, "Stopped")
        await reaches(world.ann, high, "Running")
