"""Restart, health check, time limits, hangs, safe stops and the timeline of attempts."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world, until
from tests.training.test_modes import ONE_DATABASE, lines_of, run


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


async def events_of(world: World, task: dict[str, Any]) -> list[str]:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}/events")
    return [event["type"].removeprefix("training:") for event in reversed(found["items"])]


async def attempts_of(world: World, task: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await world.ann.ok("GET", f"/training/tasks/{task['id']}/attempts")
    )["items"]
    return found


@ONE_DATABASE
@pytest.mark.covers("TRN-14", "TRN-16")
async def test_the_health_check_prints_its_table_before_the_command(world: World) -> None:
    task = await run(
        world, "checked", mode="ddp", instances=2, health_check_s=120, command="echo the command",
        environment="pytorch", cpu_cores=1, memory_bytes=512 << 20,
    )  # fmt: skip
    assert task["state"] == "Completed", task["all"]
    table = await lines_of(world, task["id"], category="health_check")
    assert "All-reduce of 2 ranks over gloo." in table
    rows = [line.split() for line in table if line.strip()[:1].isdigit()]
    assert [int(row[0]) for row in rows] == [8 << (3 * n) for n in range(8)]
    for row in rows:
        size_bytes, count, kind, operation, root, *figures = row
        assert (int(count) * 4, kind, operation, root) == (int(size_bytes), "float", "sum", "-1")
        time_us, algbw, busbw, wrong = map(float, figures[:4])
        assert time_us > 0
        assert busbw == algbw  # two ranks: the factor 2 (n - 1) / n is 1
        assert wrong == 0
    assert task["all"].index("the command") > task["all"].index(table[-1])


CHECKED: dict[str, Any] = {
    "mode": "ddp", "instances": 2, "command": "echo never", "environment": "pytorch", "cpu_cores": 1,
    "memory_bytes": 512 << 20,
}  # fmt: skip


@pytest.fixture
def broken_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine whose network interface is gone."""
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "no-such-if")


@ONE_DATABASE
@pytest.mark.usefixtures("broken_network")
@pytest.mark.covers("TRN-14", "TRN-13")
async def test_a_health_check_that_fails_ends_the_task_without_a_restart(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        task = await run(world, "sick", health_check_s=120, max_restarts=3, **CHECKED)
        assert (task["state"], task["restarts"]) == ("Abnormal", 0)
        assert "health check failed: the network did not answer" in task["reason"]
        assert "never" not in task["lines"]
        assert "taskRunning" not in await events_of(world, task)


@pytest.mark.usefixtures("broken_network")
@pytest.mark.covers("FIN-21")
async def test_a_fault_of_the_node_cordons_it_and_the_task_waits_for_another(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        form = {"name": "moves", "health_check_s": 120, "max_reschedules": 2, **CHECKED}
        made = await world.ann.ok("POST", "/training/tasks", json=form)
        path = f"/training/tasks/{made['id']}"

        async def moved() -> bool:
            return bool((await world.ann.ok("GET", path))["reschedules"] == 1)

        await until(moved, 110)
        (node,) = (await world.admin.ok("GET", "/nodes"))["items"]
        assert node["cordoned"]
        (waits, first) = await attempts_of(world, made)
        assert (first["ending"], waits["ending"], waits["instances"]) == ("rescheduled", "", [])
        assert "network time-out in the health check" in first["reason"]
        await world.ann.ok("POST", f"{path}/stop")
        assert (await world.ann.ok("GET", f"{path}/wait"))["state"] == "Stopped"


@ONE_DATABASE
@pytest.mark.covers("FIN-21", "TRN-14")
async def test_what_a_user_sets_or_mounts_has_no_part_in_the_health_check(world: World) -> None:
    bucket = world.ann.actor.project_id
    broken = b"raise SystemExit('code of the user')"
    await world.ann.ok("PUT", f"/buckets/{bucket}/objects/code/torch.py", content=broken)
    task = await run(
        world, "own", health_check_s=120, max_reschedules=1,
        **(CHECKED | {"command": "echo done", "env": {"GLOO_SOCKET_IFNAME": "no-such-if", "PYTHONPATH": "/opt/ml/code"}}),
        mounts=[{"kind": "storage", "source": f"{bucket}/code", "purpose": "code"}],
    )  # fmt: skip
    assert task["state"] == "Completed", task["all"]


@pytest.mark.covers("TRN-15")
async def test_a_health_check_is_refused_where_there_is_nothing_to_check(world: World) -> None:
    form = {"name": "one", "environment": "python", "command": "true", "health_check_s": 60}
    status, error = await world.ann.refused("POST", "/training/tasks", json=form)
    assert (status, error["code"]) == (400, "no_health_check")
    plan = await world.ann.ok("POST", "/training/tasks/plan", json=form)
    assert plan["blocked"]["health_check"] == error["message"]


@pytest.mark.covers("TRN-13")
async def test_only_what_ran_is_restarted_and_each_attempt_is_kept(world: World) -> None:
    command = 'echo run >> "$ML_OUTPUT_DIR/runs"; exit $(( $(wc -l < "$ML_OUTPUT_DIR/runs") < 3 ))'
    task = await run(world, "again", command=command, max_restarts=5)
    assert (task["state"], task["restarts"]) == ("Completed", 2)
    attempts = await attempts_of(world, task)
    assert [(a["number"], a["ending"]) for a in attempts] == [
        (3, "succeeded"), (2, "restart"), (1, "restart"),
    ]  # fmt: skip
    assert attempts[-1]["reason"] == "Instance master-0 exited with code 1. Now restart 1 of 5."
    for attempt in attempts:
        (instance,) = attempt["instances"]
        assert instance["attempt"] == attempt["number"]
        assert attempt["queued_at"] <= attempt["placed_at"] <= attempt["ended_at"]


@pytest.mark.covers("TRN-X4")
async def test_a_restart_is_offered_the_newest_complete_checkpoint_only(world: World) -> None:
    command = (
        'echo "resume from ${SLIPWAY_RESUME_CHECKPOINT:-nothing}"\n'
        '[ -n "$SLIPWAY_RESUME_CHECKPOINT" ] && exit 0\n'
        'for n in 10 20 30; do mkdir -p "$ML_OUTPUT_DIR/a/checkpoint-$n"; done\n'
        'touch "$ML_OUTPUT_DIR/a/checkpoint-10/.complete" "$ML_OUTPUT_DIR/a/checkpoint-20/.complete"\n'
        "exit 1"
    )
    task = await run(world, "resume", command=command, max_restarts=1)
    assert task["state"] == "Completed", task["all"]
    assert task["lines"][-1] == "resume from nothing"
    assert task["lines"][0].endswith("/a/checkpoint-20")


@pytest.mark.covers("TRN-X4")
async def test_a_stop_says_until_when_and_gives_the_grace_asked_for(world: World) -> None:
    command = (
        "trap 'cat \"$SLIPWAY_STOP_FILE\"; echo; echo grace $SLIPWAY_GRACE_S; exit 0' TERM\n"
        "echo ready; while true; do sleep 0.1; done"
    )
    made = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": "stop", "environment": "python", "command": command, "grace_s": 7},
    )  # fmt: skip
    path = f"/training/tasks/{made['id']}"

    async def ready() -> bool:
        return "ready" in await lines_of(world, made["id"])

    await until(ready, 60)
    await world.ann.ok("POST", f"{path}/stop")
    ended = await world.ann.ok("GET", f"{path}/wait", params={"timeout_s": 60})
    assert ended["state"] == "Stopped"
    said = await lines_of(world, made["id"], category="code")
    assert any(line.startswith('{"deadline": "20') for line in said)
    assert "grace 7" in said


@pytest.mark.covers("TRN-X7")
async def test_a_task_ends_at_its_longest_run_time(world: World) -> None:
    task = await run(world, "long", command="sleep 60", max_run_s=1, max_restarts=3)
    assert (task["state"], task["restarts"]) == ("Abnormal", 0)
    assert task["reason"] == "It ran longer than the 1 s allowed."


@pytest.mark.covers("TRN-X7")
async def test_a_task_ends_at_its_longest_queue_time(world: World) -> None:
    whole: dict[str, Any] = {"environment": "python", "memory_bytes": 64 << 20}
    (node,) = (await world.admin.ok("GET", "/nodes"))["items"]
    all_cores = node["cpu_cores"]
    first = await world.ann.ok(
        "POST", "/training/tasks", json={"name": "holds", "command": "sleep 60", "cpu_cores": all_cores, **whole},
    )  # fmt: skip
    waits = await run(world, "waits", command="true", max_queue_s=1, cpu_cores=1)
    assert (waits["state"], waits["reason"]) == (
        "Abnormal", "It waited longer than the 1 s allowed.",
    )  # fmt: skip
    assert [(a["ending"], a["instances"]) for a in await attempts_of(world, waits)] == [
        ("failed", [])
    ]
    await world.ann.ok("POST", f"/training/tasks/{first['id']}/stop")


@ONE_DATABASE
@pytest.mark.slow
@pytest.mark.covers("TRN-X5")
async def test_a_task_that_shows_no_sign_of_life_leaves_its_stacks_and_is_restarted(
    world: World,
) -> None:
    program = (
        "import os, time\n"
        "def stuck_here():\n    time.sleep(100)\n"
        "if os.environ['SLIPWAY_ATTEMPT'] == '1': stuck_here()"
    )
    command = f"{sys.executable} -c {shlex.quote(program)}"
    task = await run(world, "hang", command=command, hang_s=10, max_restarts=1, grace_s=5)
    assert (task["state"], task["restarts"]) == ("Completed", 1), task["all"]
    assert "stuck_here" in "\n".join(task["all"])
    first = (await attempts_of(world, task))[-1]
    assert first["reason"].startswith("No log, metric or GPU activity of any instance for 10 s.")
