"""The unmodified MLflow client, pointed at the platform."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, listening, open_world
from tests.tracking.test_push import task_of

pytestmark = pytest.mark.filterwarnings("ignore")


def client_of(url: str, world: World) -> Any:
    mlflow = pytest.importorskip("mlflow")
    os.environ["MLFLOW_TRACKING_TOKEN"] = world.ann.http.headers["authorization"].split()[1]
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    mlflow.set_tracking_uri(f"{url}/mlflow")
    return mlflow.MlflowClient(f"{url}/mlflow")


@pytest.mark.covers("TRN-X3")
async def test_a_run_from_outside(db: Database, settings: Settings, tmp_path: Path) -> None:
    async with open_world(db, settings) as world, listening(world.app) as url:
        client = client_of(url, world)
        await asyncio.to_thread(_log_a_run, client, tmp_path)
        (run,) = (await world.ann.ok("GET", "/tracking/runs"))["items"]
        assert run["name"] == "first try"
        assert run["state"] == "Completed"
        found = await world.ann.ok("GET", f"/buckets/{run['artifacts'].split('/')[0]}/objects", params={"prefix": f"runs/{run['id']}/"})  # fmt: skip
        assert "notes" in str(found)


def _log_a_run(client: Any, tmp_path: Path) -> None:
    import mlflow

    mlflow.set_experiment("digits")
    with mlflow.start_run(run_name="first try", tags={"team": "vision"}) as run:
        mlflow.log_params({"lr": 0.1, "optimizer": "adam"})
        mlflow.log_metric("loss", 0.5, step=1)
        mlflow.log_metrics({"loss": 0.25, "acc": 0.9}, step=2)
        mlflow.log_metric("broken", float("nan"), step=1)
        (tmp_path / "notes.txt").write_text("hello")
        mlflow.log_artifact(str(tmp_path / "notes.txt"), "notes")
        mlflow.log_dict({"a": 1}, "config.json")
    found = client.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.metrics == {"loss": 0.25, "acc": 0.9}
    assert found.data.params == {"lr": "0.1", "optimizer": "adam"}
    assert found.data.tags["team"] == "vision"
    assert [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss")] == [
        (1, 0.5),
        (2, 0.25),
    ]
    assert [f.path for f in client.list_artifacts(run.info.run_id)] == ["config.json", "notes"]
    assert [f.path for f in client.list_artifacts(run.info.run_id, "notes")] == ["notes/notes.txt"]
    local = client.download_artifacts(run.info.run_id, "notes/notes.txt", str(tmp_path))
    assert Path(local).read_text() == "hello"
    ids = [run.info.experiment_id]
    for text, count in (
        ("metrics.loss < 0.3 and params.optimizer = 'adam'", 1),
        ("metrics.loss > 0.3", 0),
        ("tags.team LIKE 'vis%' AND status = 'FINISHED'", 1),
        ("run_name ILIKE 'FIRST%'", 1),
        ("params.lr IN ('0.1', '0.2')", 1),
        ("", 1),
    ):
        assert len(client.search_runs(ids, text, order_by=["metrics.loss DESC"])) == count, text
    for refused in ("metrics.loss < 'x'", "params.a = 1 OR params.b = 2", "nonsense ~ 3"):
        with pytest.raises(mlflow.exceptions.MlflowException, match="cannot be used"):
            client.search_runs(ids, refused)
    with pytest.raises(mlflow.exceptions.MlflowException, match="already"):
        client.log_param(run.info.run_id, "lr", 0.2)
    client.delete_run(run.info.run_id)
    assert client.search_runs(ids) == []
    client.restore_run(run.info.run_id)
    assert {e.name for e in client.search_experiments()} == {"alpha", "digits"}


async def test_metrics_logged_for_a_task_are_its_curves_and_parameters(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world, listening(world.app) as url:
        client = client_of(url, world)
        task = await task_of(world.ann, "digits")

        def log() -> None:
            for step in range(5):
                client.log_metric(task, "loss", 1.0 / (step + 1), step=step)
            client.log_batch(task, metrics=[], params=[], tags=[])
            client.log_param(task, "lr", "0.1")
            client.set_tag(task, "stage", "draft")
            client.set_tag(task, "gone", "soon")
            client.delete_tag(task, "gone")
            run = client.get_run(task)
            assert run.info.status == "SCHEDULED"
            assert run.data.params == {"lr": "0.1"}
            assert run.data.tags["stage"] == "draft"
            assert "gone" not in run.data.tags
            assert [r.info.run_id for r in client.search_runs([run.info.experiment_id])] == [task]

        await asyncio.to_thread(log)
        (series,) = (await world.ann.ok("GET", f"/training/tasks/{task}/metrics"))["items"]
        assert series["name"] == "loss"
        assert series["step"] == [0, 1, 2, 3, 4]


async def test_strangers_and_nonsense_get_mlflows_errors(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await task_of(world.ann)
        api = "http://test/mlflow/api/2.0/mlflow"
        for person, body, status, code in (
            (world.bob, {"run_id": task, "key": "a", "value": 1, "timestamp": 1}, 404, "RESOURCE_DOES_NOT_EXIST"),
            (world.ann, {"run_id": task, "key": "a", "value": "x", "timestamp": 1}, 400, "INVALID_PARAMETER_VALUE"),
            (world.ann, {"run_id": "../x", "key": "a", "value": 1, "timestamp": 1}, 404, "RESOURCE_DOES_NOT_EXIST"),
            (world.ann, {"key": "a"}, 400, "INVALID_PARAMETER_VALUE"),
        ):  # fmt: skip
            answer = await person.http.post(f"{api}/runs/log-metric", json=body)
            assert (answer.status_code, answer.json()["error_code"]) == (status, code), answer.text
        outside = await world.bob.http.get(f"http://test/mlflow/api/2.0/mlflow-artifacts/artifacts/{task}/../../x")  # fmt: skip
        assert outside.status_code == 404
        unknown = await world.ann.http.post(f"{api}/traces/search", json={})
        assert unknown.status_code == 404
        assert "not one of the MLflow calls" in unknown.json()["message"]
        nobody = await world.ann.http.get(f"{api}/runs/get?run_id={task}", headers={"Authorization": ""})  # fmt: skip
        assert (nobody.status_code, nobody.json()["error_code"]) == (401, "UNAUTHENTICATED")
