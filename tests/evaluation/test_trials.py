"""Light trials: from a checkpoint card to a chat, and how they end."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slipway import Client
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.events import list_events
from slipway.base.settings import Settings
from slipway.evaluation.trials.loop import TrialLoop
from slipway.sdk.errors import SlipwayError
from slipway.sdk.local import LocalPlatform
from slipway.serving.queries import list_versions, replicas_of
from slipway.serving.tables import ReplicaRow, ServiceRow
from slipway.serving.types import ReplicaState, ServiceState, Wanted
from slipway.training.tables import TaskRow
from tests.evaluation.conftest import QUESTIONS, jsonl
from tests.running import Person, World, open_world
from tests.runtime_serve.tiny_model import write_model


async def test_a_trial_is_a_service_that_no_list_shows(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await _task(world, "checkpoint-2", "checkpoint-4")
        made = await _start(world, task, "checkpoint-4", memory_bytes=1 << 30, idle_s=600)
        assert made["state"] == "Creating" and made["model"] == "checkpoint-4"
        assert made["blocked"]["chat"] and made["blocked"]["delete"]
        assert (made["memory_bytes"], made["idle_s"], made["idle_stop_at"]) == (1 << 30, 600, None)
        await _start(world, task, "checkpoint-2")  # side by side
        listed = await world.ann.ok("GET", "/trials", params={"task_id": task})
        assert [t["checkpoint"] for t in listed["items"]] == ["checkpoint-2", "checkpoint-4"]
        assert (await world.ann.ok("GET", "/services"))["items"] == []
        service = await world.ann.ok("GET", f"/services/{made['service_id']}")
        assert service["items"][0]["config"]["model"]["kind"] == "storage"
        assert (await world.ann.ok("GET", "/models"))["items"] == []  # nothing was published
        status, error = await world.ann.refused(
            "POST", "/trials", json={"task_id": task, "checkpoint": "checkpoint-4"}
        )
        assert (status, error["code"]) == (409, "trial_exists")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"checkpoint": "checkpoint-9"}, 404, "no_checkpoint"),
        ({"checkpoint": "../../other"}, 404, "no_checkpoint"),
        ({"task_id": "train-none"}, 404, "not_found"),
        ({"idle_s": 1}, 400, "invalid"),
        ({"cpu_cores": 900}, 400, "never_fits"),
        ({"gpus": 1}, 400, "never_fits"),
        ({"resource_group": "rsg-none"}, 404, "not_found"),
        ({"checkpoint": "empty/checkpoint-1"}, 400, "not_a_checkpoint"),
    ],
)
async def test_bad_input_is_refused_with_a_sentence(
    db: Database, settings: Settings, change: dict[str, Any], status: int, code: str
) -> None:
    async with open_world(db, settings) as world:
        task = await _task(world, "checkpoint-2")
        (_output(world, task) / "empty" / "checkpoint-1").mkdir(parents=True)
        form = {"task_id": task, "checkpoint": "checkpoint-2"} | change
        told, error = await world.ann.refused("POST", "/trials", json=form)
        assert (told, error["code"]) == (status, code), error
        assert (await world.ann.ok("GET", "/trials"))["items"] == []


async def test_another_project_sees_nothing_of_it(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await _task(world, "checkpoint-2")
        made = await _start(world, task, "checkpoint-2")
        assert (await world.bob.ok("GET", "/trials"))["items"] == []
        for method, path in (("GET", ""), ("POST", "/stop"), ("DELETE", "")):
            status, _ = await world.bob.refused(method, f"/trials/{made['id']}{path}")
            assert status == 404
        status, _ = await world.bob.refused(
            "POST", "/trials", json={"task_id": task, "checkpoint": "checkpoint-2"}
        )
        assert status == 404


@pytest.mark.covers("EVA-03")
async def test_it_stops_itself_when_nobody_uses_it_and_starts_again(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        task = await _task(world, "checkpoint-2")
        made = await _start(world, task, "checkpoint-2", idle_s=120)
        await _pretend(world, made["service_id"], ServiceState.NORMAL)
        seen = await world.ann.ok("GET", f"/trials/{made['id']}")
        assert seen["state"] == "Ready" and seen["idle_stop_at"] and seen["blocked"]["chat"] is None

        await TrialLoop(db, lambda: utc_now() + timedelta(seconds=90)).look()
        assert (await world.ann.ok("GET", f"/trials/{made['id']}"))["state"] == "Ready"
        await TrialLoop(db, lambda: utc_now() + timedelta(seconds=130)).look()
        assert (await world.ann.ok("GET", f"/trials/{made['id']}"))["state"] == "Stopping"
        await _pretend(world, made["service_id"], ServiceState.STOPPED)
        seen = await world.ann.ok("GET", f"/trials/{made['id']}")
        assert (seen["state"], seen["reason"]) == ("Stopped", "It was not used for 2 min.")

        again = await _start(world, task, "checkpoint-2", memory_bytes=1 << 30)
        assert again["id"] != made["id"] and again["memory_bytes"] == 1 << 30
        assert len((await world.ann.ok("GET", "/trials"))["items"]) == 1
        assert (await world.ann.refused("GET", f"/services/{made['service_id']}"))[0] == 404
        async with db.read() as session:
            events = await list_events(session, project_id=world.ann.actor.project_id)
        assert [e.type for e in events if e.subject_kind == "trial"] == [
            "trial:started", "trial:stopped", "trial:started",
        ]  # fmt: skip


async def test_it_goes_with_its_task(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        task = await _task(world, "checkpoint-2")
        made = await _start(world, task, "checkpoint-2")
        await world.ann.ok("POST", f"/training/tasks/{task}/stop")
        await _end_task(world, task)
        await world.ann.ok("DELETE", f"/training/tasks/{task}")
        loop = TrialLoop(db, utc_now)
        await loop.look()
        seen = await world.ann.ok("GET", f"/trials/{made['id']}")
        assert seen["state"] == "Stopping"
        await _pretend(world, made["service_id"], ServiceState.STOPPED)
        await loop.look()
        assert (await world.ann.ok("GET", "/trials"))["items"] == []


@pytest.mark.slow
@pytest.mark.covers("TRN-50", "EVA-02", "EVA-03", "EVA-04", "EVA-11", "EVA-12")
def test_checkpoints_of_a_real_task_are_tried_and_evaluated(tmp_path: Path) -> None:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.start()
    try:
        _try_and_evaluate(platform.client(), tmp_path)
    finally:
        platform.down()
    assert platform.left_behind() == []


def _try_and_evaluate(client: Client, tmp_path: Path) -> None:
    bucket = client.storage.default_bucket()
    sums = [{"instruction": q["question"], "output": q["answer"]} for q in QUESTIONS]
    for name, text in (
        ("train/sums.json", json.dumps(sums).encode()),
        ("ask/q.jsonl", jsonl(QUESTIONS)),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text)
        client.storage.upload(tmp_path / name, f"{bucket}/{name}")
    parameters = {
        "Stage": "sft", "FromScratch": {"Size": "nano"}, "FinetuningType": "Full", "BatchSize": 4,
        "MaxSequenceLength": 64, "LearningRate": 3e-3, "Epoch": 2, "Step": 2, "max_steps": 4,
    }  # fmt: skip
    task = client.tasks.create(
        "sums", template="llm-full", hyperparameters=parameters, cpu_cores=2, memory_bytes=3 << 30,
        mounts=[{"kind": "storage", "source": f"{bucket}/train", "purpose": "training_data"}],
    )  # fmt: skip
    client.tasks.wait(task.id, timeout_s=300, check=True)
    found = client.tasks.checkpoints(task.id)
    assert [c.step for c in found] == [4, 2]

    trials = [client.trials.start(task.id, c.path, memory_bytes=2 << 30) for c in found]
    for trial in trials:
        ready = client.trials.wait(trial.id, timeout_s=180)
        assert ready.idle_stop_at is not None
        answer = client.trials.chat(
            trial.id, [{"role": "user", "content": "What is 1 + 1?"}], max_tokens=4
        )
        assert isinstance(answer, str)
    for trial in trials:
        client.trials.stop(trial.id)
    with pytest.raises(SlipwayError, match="Stopped"):
        client.trials.wait(trials[0].id, timeout_s=60)

    newest = found[0]
    made = client.evaluations.create(
        "sums", [{
            "kind": "storage", "ref": newest.address, "task_id": task.id, "task_name": task.name,
            "params": {"max_tokens": 4},
        }],
        [{"kind": "storage", "ref": f"{bucket}/ask", "limit": 2}], memory_bytes=2 << 30,
    )  # fmt: skip
    listed = list(client.evaluations.list(task_id=task.id))
    assert [(e.id, e.checkpoints) for e in listed] == [(made.id, [newest.address])]
    assert client.evaluations.wait(made.id, timeout_s=180).state == "Completed"
    assert list(client.evaluations.list(task_id="train-other")) == []


async def _task(world: World, *checkpoints: str) -> str:
    made = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": "tuned", "environment": "python", "command": "true"},
    )  # fmt: skip
    task: str = made["id"]
    assert made["output"].rstrip("/").endswith(f"training/{task}"), made["output"]
    for name in checkpoints:
        await asyncio.to_thread(write_model, _output(world, task) / name)
    return task


def _output(world: World, task: str) -> Path:
    project = world.ann.actor.project_id
    folder: Path = world.app.state.storage.path_of(project, f"training/{task}/output")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _start(world: World, task: str, checkpoint: str, **form: Any) -> Any:
    person: Person = world.ann
    return await person.ok(
        "POST", "/trials", json={"task_id": task, "checkpoint": checkpoint, **form}
    )


async def _pretend(world: World, service_id: str, state: ServiceState) -> None:
    """What the loops of the serving room would write down."""
    now = utc_now()
    async with world.db.begin() as session:
        service = await session.get(ServiceRow, service_id)
        [version] = await list_versions(session, [service_id])
        assert service is not None
        service.state = version.state = state
        if state == ServiceState.NORMAL:
            session.add(
                ReplicaRow(
                    id=f"{version.id}-r1", service_id=service_id, version_id=version.id, revision=1,
                    state=ReplicaState.RUNNING, wanted=Wanted.RUN, workload_id="wl-1",
                    created_at=now, queued_at=now, ready_at=now,
                )
            )  # fmt: skip
        else:
            for replica in await replicas_of(session, version.id):
                replica.state = ReplicaState.TERMINATED


async def _end_task(world: World, task_id: str) -> None:
    async with world.db.begin() as session:
        row = await session.get(TaskRow, task_id)
        assert row is not None
        row.state = "Stopped"
