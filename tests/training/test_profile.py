"""A profile of a running instance, on demand and without a restart."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.runtime import profile
from tests.running import World, open_world, until
from tests.training.test_modes import ONE_DATABASE, SMALL

BUSY = """
import time
def grind(until):
    while time.monotonic() < until:
        sum(range(1000))
print("begun", flush=True)
grind(time.monotonic() + 60)
"""


@ONE_DATABASE
async def test_where_a_running_task_spends_its_time(db: Database, settings: Settings) -> None:
    async with open_world(db, settings, loops=True) as world:
        command = f"sleep 60 & {sys.executable} -c {shlex.quote(BUSY)}"
        task = await running(world, "busy", command)
        found = await world.ann.ok("POST", f"{task}/profile", json={"seconds": 1}, timeout=60)
        (process,) = found["processes"]
        assert "grind" in process["command"]
        names = {frame["name"] for frame in process["speedscope"]["shared"]["frames"]}
        assert "grind" in names
        (samples,) = [len(p["samples"]) for p in process["speedscope"]["profiles"] if p["samples"]]
        assert 20 < samples <= 130
        events = await world.ann.ok("GET", task.partition("/instances")[0] + "/events")
        assert "task:shellClosed" in {event["type"] for event in events["items"]}

        status, error = await world.ann.refused("POST", f"{task}/profile", json={"seconds": 61})
        assert (status, error["details"]["field"]) == (400, "seconds")
        assert (await world.bob.refused("POST", f"{task}/profile", json={}))[0] == 404

        plain = await running(world, "plain", "echo begun; sleep 60")
        status, error = await world.ann.refused("POST", f"{plain}/profile", json={"seconds": 1})
        assert (status, error["message"]) == (409, "No Python program runs in the instance now.")


async def running(world: World, name: str, command: str) -> str:
    """The address of the instance, once its program has begun."""
    made = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": name, "environment": "python", "command": command, **SMALL},
    )  # fmt: skip
    path = f"/training/tasks/{made['id']}"

    async def begun() -> Any:
        found = await world.ann.ok("GET", f"{path}/logs", params={"search": "begun"})
        return found["items"]

    await until(begun)
    instance = (await world.ann.ok("GET", f"{path}/instances"))["items"][0]["id"]
    return f"{path}/instances/{instance}"


def test_a_machine_that_forbids_looking_says_how_to_allow_it() -> None:
    said = "Error: Permission Denied: Try running again with elevated permissions by going 'sudo'"
    assert "kernel.yama.ptrace_scope=0" in profile._why(said)
