"""Runs side by side: what differs, and the curves of all."""

from __future__ import annotations

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import open_world
from tests.tracking.test_push import SMALL, point


@pytest.mark.covers("TRN-X3")
async def test_parameters_that_differ_and_metrics_of_all(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        ids = []
        for name, rate in (("slow", 0.1), ("fast", 0.2)):
            form = {"name": name, **SMALL, "hyperparameters": {"lr": rate, "layers": [1, 2]}}
            task = (await world.ann.ok("POST", "/training/tasks", json=form))["id"]
            points = {"points": [point(n, loss=rate / (n + 1)) for n in range(3)]}
            await world.ann.ok("POST", f"/training/tasks/{task}/metrics", json=points)
            ids.append(task)
        api = "http://test/mlflow/api/2.0/mlflow/runs"
        run = (await world.ann.http.post(f"{api}/create", json={"run_name": "outside"})).json()["run"]["info"]["run_id"]  # fmt: skip
        await world.ann.http.post(f"{api}/log-parameter", json={"run_id": run, "key": "lr", "value": "0.3"})  # fmt: skip
        found = await world.ann.ok("GET", "/training/compare", params={"ids": [*ids, run]})
        assert [r["name"] for r in found["runs"]] == ["slow", "fast", "outside"]
        assert "lr" in found["differing"]
        assert [r["parameters"]["lr"] for r in found["runs"]] == ["0.1", "0.2", "0.3"]
        two = await world.ann.ok("GET", "/training/compare", params={"ids": ids})
        assert two["differing"] == ["lr"]
        assert two["runs"][0]["metrics"]["loss"] == {"value": pytest.approx(0.1 / 3), "step": 2}
        assert len(two["runs"][1]["series"][0]["value"]) == 3
        assert (await world.bob.refused("GET", "/training/compare", params={"ids": ids}))[0] == 404
        many = {"ids": [f"train-{n}" for n in range(13)]}
        assert (await world.ann.refused("GET", "/training/compare", params=many))[0] == 400
