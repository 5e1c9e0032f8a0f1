"""Searches over real tasks: planned by the loop, judged by what they report, ended by the budget."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.api.platform import loops
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.training.types import TaskSpec
from slipway.tuning.loop import TuningContext, TuningLoop
from slipway.tuning.suggest import suggest
from slipway.tuning.types import (
    Method,
    Parameter,
    ParameterKind,
    SearchSpec,
    SearchTrial,
    TrialState,
)
from tests.running import World, open_world, until

pytestmark = pytest.mark.covers("TRN-X1")

PROGRAM = """
import json, os, time
given = json.load(open(os.environ["ML_HYPERPARAMETERS"]))
x = given["x"]
assert str(x) == os.environ["HP_x"]
with open(os.environ["SLIPWAY_METRICS_FILE"], "a") as file:
    for step in range(given.get("steps", 1)):
        value = {"t": time.time(), "step": step, "metrics": {"loss": (x - 3) ** 2}}
        print(json.dumps(value), file=file, flush=True)
with open(os.environ["ML_MODEL_DIR"] + "/weights", "w") as file:
    file.write(str(x))
if x in given.get("slow", []):
    time.sleep(60)
"""
TASK: dict[str, Any] = {
    "name": "base", "environment": "python", "cpu_cores": 0.2, "memory_bytes": 64 << 20,
    "command": f"exec {sys.executable} -c {shlex.quote(PROGRAM)}", "grace_s": 1,
}  # fmt: skip
X = {"name": "x", "kind": "float", "low": -10, "high": 10}


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


def form_of(**more: Any) -> dict[str, Any]:
    return {"name": "find-x", "task": TASK, "space": [X], "metric": "loss", **more}


async def ended(world: World, search_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def is_over() -> bool:
        found.update(await world.ann.ok("GET", f"/training/searches/{search_id}"))
        return found["state"] in ("Completed", "Stopped", "Abnormal")

    await until(is_over, 60)
    return found


async def test_a_search_finds_the_best_and_its_model_is_published(world: World) -> None:
    grid = {"name": "x", "kind": "integer", "low": 1, "high": 4}
    made = await world.ann.ok(
        "POST", "/training/searches", json=form_of(method="grid", space=[grid], tags={"team": "a"})
    )
    search = await ended(world, made["id"])
    assert (search["state"], search["best_number"], search["best_value"]) == ("Completed", 3, 0)
    assert search["trials"] == {"Completed": 4}
    assert [(t["parameters"], t["value"]) for t in search["trial_list"]] == [
        ({"x": 1}, 4), ({"x": 2}, 1), ({"x": 3}, 0), ({"x": 4}, 1),
    ]  # fmt: skip
    tasks = await world.ann.ok("GET", "/training/tasks", params={"tag": f"search:{made['id']}"})
    assert sorted(t["name"] for t in tasks["items"]) == [f"find-x-{n}" for n in range(1, 5)]
    best = search["trial_list"][2]
    version = await world.ann.ok(
        "POST", f"/training/tasks/{best['task_id']}/publish", json={"name": "found"}
    )
    assert version["metrics"] == {"loss": 0}
    found = await world.ann.ok("GET", "/training/searches", params={"search": "find", "mine": True})
    assert [one["id"] for one in found["items"]] == [made["id"]]
    assert (await world.bob.refused("GET", f"/training/searches/{made['id']}"))[0] == 404

    await world.ann.ok("DELETE", f"/training/searches/{made['id']}", params={"with_tasks": True})
    assert (await world.ann.ok("GET", "/training/tasks"))["total"] == 0


async def test_results_steer_a_bayesian_search_with_several_trials_at_once(world: World) -> None:
    made = await world.ann.ok(
        "POST", "/training/searches",
        json=form_of(method="bayesian", max_trials=16, parallel=4, direction="minimize"),
    )  # fmt: skip
    search = await ended(world, made["id"])
    assert search["trials"] == {"Completed": 16}
    values = [t["value"] for t in search["trial_list"]]
    assert search["best_value"] == min(values)
    assert search["best_number"] == values.index(min(values)) + 1


async def test_what_falls_behind_is_stopped_early(world: World) -> None:
    """One at a time, so that each is compared with all before it: the worse half ends early."""
    space = (Parameter("x", ParameterKind.FLOAT, (), -10, 10),)
    known = SearchSpec("s", TaskSpec("t", "", ""), space, "loss", method=Method.HALVING)
    points = [suggest(known, n, []) for n in range(1, 6)]
    xs = [float(point["x"]) for point in points if point]
    slow = [
        x for n, x in enumerate(xs, 1) if n > 1 and sum((y - 3) ** 2 < (x - 3) ** 2 for y in xs[:n]) >= n // 2
    ]  # fmt: skip
    assert slow, "the seed gives trials that fall behind"
    task = TASK | {"hyperparameters": {"steps": 2, "slow": slow}}
    made = await world.ann.ok(
        "POST", "/training/searches",
        json=form_of(
            method="halving", task=task, max_trials=5, parallel=1,
            early_stopping={"min_reports": 2, "factor": 2},
        ),
    )  # fmt: skip
    search = await ended(world, made["id"])
    pruned = [t for t in search["trial_list"] if t["state"] == "Pruned"]
    assert [t["parameters"]["x"] for t in pruned] == slow
    assert search["trials"] == {"Completed": 5 - len(slow), "Pruned": len(slow)}
    assert all(t["task_state"] == "Stopped" for t in pruned)
    assert pruned[0]["reason"].startswith("After 2 reports of loss it was number ")
    assert set(pruned[0]["rungs"]) == {"2"}


async def test_a_stop_ends_all_trials_and_failures_in_a_row_end_the_search(world: World) -> None:
    slow = TASK | {"command": "sleep 60"}
    made = await world.ann.ok("POST", "/training/searches", json=form_of(task=slow, parallel=2))
    path = f"/training/searches/{made['id']}"

    async def both_run() -> bool:
        found = await world.ann.ok("GET", path)
        return [t["task_state"] for t in found["trial_list"]] == ["Running", "Running"]

    await until(both_run, 60)
    assert (await world.ann.refused("DELETE", path))[1]["code"] == "wrong_state"
    assert (await world.ann.ok("POST", f"{path}/stop"))["state"] == "Stopping"
    search = await ended(world, made["id"])
    assert (search["state"], search["trials"]) == ("Stopped", {"Stopped": 2})

    for name, command, words in (
        ("fails", "exit 3", "exited with code 3"),
        ("silent", "true", "completed without a report of the metric loss"),
    ):
        form = form_of(name=name, task=TASK | {"command": command}, max_failures=2, parallel=1)
        made = await world.ann.ok("POST", "/training/searches", json=form)
        search = await ended(world, made["id"])
        assert (search["state"], search["trials"]) == ("Abnormal", {"Failed": 2})
        assert search["reason"] == "2 trials in a row failed, the last of them number 2."
        assert words in search["trial_list"][1]["reason"]


class Dying(TuningLoop):
    """As if killed between the creation of a task and the note of it."""

    async def _set(self, trial: SearchTrial, state: TrialState, reason: str) -> None:
        raise RuntimeError("killed")


async def test_a_kill_between_plan_and_note_makes_no_trial_twice(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        made = await world.ann.ok("POST", "/training/searches", json=form_of(parallel=2))
        context: TuningContext = loops(world.app)["tuning"].__self__._ctx  # type: ignore[attr-defined]
        for _ in range(2):
            await Dying(context).look()
        await TuningLoop(context).look()
        await TuningLoop(context).look()
        search = await world.ann.ok("GET", f"/training/searches/{made['id']}")
        assert search["trials"] == {"Running": 2}
        tasks = await world.ann.ok("GET", "/training/tasks")
        assert {t["id"] for t in tasks["items"]} == {t["task_id"] for t in search["trial_list"]}
        await world.ann.ok("POST", f"/training/searches/{made['id']}/stop")
        await TuningLoop(context).look()
        states = {t["state"] for t in (await world.ann.ok("GET", "/training/tasks"))["items"]}
        assert states == {"Stopping"}


async def test_what_makes_no_sense_is_refused_at_once(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        for change, field in (
            ({"space": []}, "space"),
            ({"metric": " "}, "metric"),
            ({"max_trials": 0}, "max_trials"),
            ({"parallel": 101}, "parallel"),
            ({"name": "x" * 56}, "name"),
            ({"method": "grid"}, "space"),
            ({"method": "grid", "space": [X | {"points": 21}]}, "max_trials"),
            ({"early_stopping": {"min_reports": 0}}, "early_stopping"),
            ({"early_stopping": {"factor": 1}}, "early_stopping"),
            ({"task": TASK | {"command": ""}}, "command"),
            ({"task": TASK | {"mode": "nosuch"}}, "mode"),
        ):
            status, error = await world.ann.refused(
                "POST", "/training/searches", json=form_of(**change)
            )
            assert (status, error["details"]["field"]) == (400, field), change
        await world.ann.ok("POST", "/training/searches", json=form_of())
        status, error = await world.ann.refused("POST", "/training/searches", json=form_of())
        assert (status, error["code"]) == (409, "name_taken")
