"""`push_training_metrics` over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.iam.roles import Role
from slipway.tracking.limits import CallLimit
from tests.running import Person, World, open_world

SMALL = {"environment": "python", "command": "true", "cpu_cores": 0.01, "memory_bytes": 16 << 20}


async def task_of(person: Person, name: str = "t") -> str:
    return str((await person.ok("POST", "/training/tasks", json={"name": name, **SMALL}))["id"])


def point(step: int, **metrics: float) -> dict[str, Any]:
    return {"timestamp": 1e9 + step, "step": step, "metrics": metrics}


@pytest.mark.covers("TRN-46")
async def test_pushed_metrics_are_curves_of_the_task(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await task_of(world.ann)
        path = f"/training/tasks/{task}/metrics"
        first = {**point(1, loss=0.5), "epoch": 0.5, "total_steps": 10, "batch": "a"}
        assert await world.ann.ok("POST", path, json=first) == {"points": 1, "duplicate": False}
        assert await world.ann.ok("POST", path, json=first) == {"points": 1, "duplicate": True}
        many = {"points": [point(2, loss=0.4, acc=0.7), point(3, loss=0.3)]}
        assert (await world.ann.ok("POST", path, json=many))["points"] == 2
        series = {s["name"]: s for s in (await world.ann.ok("GET", path))["items"]}
        assert series["loss"]["step"] == [1, 2, 3]
        assert series["loss"]["value"] == [0.5, 0.4, 0.3]
        assert series["acc"]["value"] == [0.7]
        detail = await world.ann.ok("GET", f"/training/tasks/{task}")
        assert detail["progress"]["total_steps"] == 10


async def test_bad_points_are_refused_with_a_sentence_and_none_is_taken(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        task = await task_of(world.ann)
        path = f"/training/tasks/{task}/metrics"
        await world.ann.ok("POST", path, json=point(1, loss=1))  # from now on the quick way is open
        bad: list[Any] = [
            {**point(1, loss=1), "timestamp": 1e12},
            {**point(1, loss=1), "step": -1},
            {"timestamp": 1, "metrics": {}},
            {"timestamp": 1, "metrics": {"": 1.0}},
            {"timestamp": 1, "metrics": {"x" * 300: 1.0}},
            {"points": [point(2, loss=2), {"timestamp": 1, "metrics": {}}]},
            {"points": [point(n, loss=2) for n in range(1001)]},
            {**point(1, loss=1), "batch": "x" * 101},
            {**point(1, loss=1), "points": [point(2, loss=2)]},
        ]
        for body in bad:
            assert (await world.ann.refused("POST", path, json=body))[0] == 400, body
        for raw in (b'{"timestamp": 1, "metrics": {"loss": NaN}}', b'{"timestamp": 1, "metrics": {"loss": 1e999}}'):  # fmt: skip
            status, error = await world.ann.refused(
                "POST", path, content=raw, headers={"content-type": "application/json"}
            )
            assert status in (400, 422)
            assert "loss" in error["message"] or "finite" in error["message"]
        assert (await world.ann.refused("POST", path, json={"metrics": {"a": 1}}))[0] == 400
        for malformed in ({"timestamp": "x", "metrics": {"a": 1}}, [], 3):
            assert (await world.ann.refused("POST", path, json=malformed))[0] == 422
        assert (await world.ann.refused("POST", path, content=b"{"))[0] == 422
        (series,) = (await world.ann.ok("GET", path))["items"]
        assert series["value"] == [1.0]


async def test_others_cannot_push_not_even_the_quick_way(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await task_of(world.ann)
        path = f"/training/tasks/{task}/metrics"
        await world.ann.ok("POST", path, json=point(1, loss=1))
        assert (await world.bob.refused("POST", path, json=point(2, loss=2)))[0] == 404
        viewer = await world.person("vera", Role.VIEWER, world.ann.actor.project_id)
        assert (await viewer.refused("POST", path, json=point(2, loss=2)))[0] == 403
        await _demote(world)
        assert (await world.ann.refused("POST", path, json=point(2, loss=2)))[0] in (401, 403)
        (series,) = (await world.admin.ok("GET", path, headers={"X-Slipway-Project": world.ann.actor.project_id}))["items"]  # fmt: skip
        assert series["value"] == [1.0]


async def _demote(world: World) -> None:
    """The administrator switches ann's account off: what is remembered of her is forgotten at once."""
    await world.admin.ok("PATCH", f"/users/{world.ann.actor.user_id}", json={"enabled": False})


async def test_the_limit_is_per_account_and_says_when_to_come_back(
    db: Database, settings: Settings
) -> None:
    few = settings.model_copy(update={"metrics_calls_per_s": 2})
    async with open_world(db, few) as world:
        path = f"/training/tasks/{await task_of(world.ann)}/metrics"
        answers = [await world.ann.http.post(path, json=point(n, a=1)) for n in range(12)]
        refused = [a for a in answers if a.status_code == 429]
        assert refused
        assert refused[0].headers["retry-after"] == "1"
        assert "More than 2 calls" in refused[0].json()["error"]["message"]
        taken = len(answers) - len(refused)
        assert len((await world.ann.ok("GET", path))["items"][0]["value"]) == taken


def test_calls_leave_the_window_after_a_second() -> None:
    now = [0.0]
    limit = CallLimit(2, lambda: now[0])
    limit.count("a")
    limit.count("a")
    limit.count("b")
    with pytest.raises(Exception, match="one second"):
        limit.count("a")
    now[0] = 1.0
    limit.count("a")


async def test_32_writers_on_one_task(db: Database, settings: Settings) -> None:
    free = settings.model_copy(update={"metrics_calls_per_s": 0})
    async with open_world(db, free) as world:
        path = f"/training/tasks/{await task_of(world.ann)}/metrics"

        async def write(writer: int) -> None:
            for n in range(20):
                await world.ann.ok("POST", path, json=point(n, **{f"w{writer}": n}))

        await asyncio.gather(*(write(writer) for writer in range(32)))
        series = (await world.ann.ok("GET", path))["items"]
        assert sorted(s["name"] for s in series) == sorted(f"w{n}" for n in range(32))
        assert all(s["value"] == list(range(20)) for s in series)
