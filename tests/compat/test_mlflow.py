"""The unmodified MLflow client, pointed at the platform."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, listening, open_world, until
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
        await _shown_in_the_console(world, run)


async def _shown_in_the_console(world: World, run: dict[str, Any]) -> None:
    url = f"/tracking/runs/{run['id']}"
    shown = await world.ann.ok("GET", url)
    assert (shown["experiment"], run["experiment"]) == ("digits", "digits")
    assert shown["parameters"] == {"lr": "0.1", "optimizer": "adam"}
    assert shown["tags"]["team"] == "vision"
    assert shown["run_time_s"] >= 0
    curves = {one["name"]: one for one in (await world.ann.ok("GET", f"{url}/metrics"))["items"]}
    assert (curves["loss"]["step"], curves["loss"]["value"]) == ([1, 2], [0.5, 0.25])
    experiments = (await world.ann.ok("GET", "/tracking/experiments"))["items"]
    assert [one["name"] for one in experiments] == ["alpha", "digits"]
    for one, count in zip(experiments, (0, 1), strict=True):
        found = await world.ann.ok("GET", "/tracking/runs", params={"experiment": one["id"]})
        assert found["total"] == count
    for hidden in (url, f"{url}/metrics"):
        assert (await world.bob.refused("GET", hidden))[0] == 404
    await world.ann.ok("DELETE", url)
    assert (await world.ann.refused("GET", url))[0] == 404


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


_TRAINER = """
import torch
from transformers import Trainer, TrainingArguments
class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
    def forward(self, x, labels):
        return {"loss": torch.nn.functional.mse_loss(self.layer(x), labels)}
data = [{"x": torch.tensor([float(n)]), "labels": torch.tensor([2.0 * n])} for n in range(8)]
arguments = TrainingArguments("out", report_to="mlflow", logging_steps=1, max_steps=4, use_cpu=True, save_strategy="no")
Trainer(Model(), arguments, train_dataset=data).train()
"""


async def test_hugging_faces_trainer_reports_into_its_task(
    db: Database, settings: Settings
) -> None:
    """Inside a task nothing has to be set up: address, token and run are there."""
    pytest.importorskip("transformers")
    pytest.importorskip("mlflow")
    if not db.is_sqlite:
        pytest.skip("a real training run; once is enough")
    async with open_world(db, settings, loops=True) as world, listening(world.app) as url:
        assert world.app.state.local_url == url
        form = {
            "name": "hf", "environment": "pytorch", "command": f"python - <<'END'{_TRAINER}END", "cpu_cores": 2,
            "memory_bytes": 4 << 30, "env": {"OMP_NUM_THREADS": "1"},
        }  # fmt: skip
        task = (await world.ann.ok("POST", "/training/tasks", json=form))["id"]

        async def ended() -> Any:
            found = await world.ann.ok("GET", f"/training/tasks/{task}")
            return found if found["state"] in ("Completed", "Abnormal") else None

        found = await until(ended, 240)
        log = (await world.ann.ok("GET", f"/training/tasks/{task}/logs"))["items"]
        assert found["state"] == "Completed", log
        series = {s["name"]: s for s in (await world.ann.ok("GET", f"/training/tasks/{task}/metrics"))["items"]}  # fmt: skip
        assert series["loss"]["step"] == [1, 2, 3, 4]
        (run,) = (await world.ann.ok("GET", "/training/compare", params={"ids": [task]}))["runs"]
        assert run["parameters"]["max_steps"] == "4"
        spec = (settings.root / "instances").glob("*/spec.json")
        token = next(spec).read_text().split('"MLFLOW_TRACKING_TOKEN": "')[1].split('"')[0]
        headers = {"Authorization": f"Bearer {token}"}
        late = await world.ann.http.get(f"{url}/mlflow/api/2.0/mlflow/runs/get?run_id={task}", headers=headers)  # fmt: skip
        assert late.status_code == 401  # the run's token ends with the run
        assert token not in str(await world.ann.ok("GET", f"/training/tasks/{task}"))
