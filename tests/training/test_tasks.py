"""Training tasks through the API, with the loops and real processes behind it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world, until

SMALL = {"environment": "python", "cpu_cores": 0.2, "memory_bytes": 64 << 20}


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


async def submit(
    world: World, name: str = "t", command: str = "true", **form: Any
) -> dict[str, Any]:
    task: dict[str, Any] = await world.ann.ok(
        "POST", "/training/tasks", json={"name": name, "command": command, **SMALL, **form}
    )
    return task


async def ended(world: World, task: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30}
    )
    return found


async def events_of(world: World, task: dict[str, Any]) -> list[str]:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}/events")
    return [event["type"].removeprefix("training:") for event in reversed(found["items"])]


@pytest.mark.covers("TRN-01", "TRN-35", "TRN-49", "TRN-63")
async def test_a_task_runs_to_completion_and_tells_its_story(world: World) -> None:
    task = await submit(world, command="echo out; echo err >&2", tags={"team": "vision"})
    assert task["state"] == "Queued"
    done = await ended(world, task)
    assert (done["state"], done["reason"], done["restarts"]) == ("Completed", "", 0)
    assert done["run_time_s"] >= 0
    assert await events_of(world, task) == [
        "taskScheduling", "taskStateChanged", "taskRunning", "taskCompleted",
    ]  # fmt: skip
    lines = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"category": "code"}
    )
    assert {line["text"] for line in lines["items"]} == {"out", "err"}


@pytest.mark.covers("TRN-35", "TRN-48", "TRN-51")
async def test_a_failing_command_is_abnormal_with_its_code_and_its_last_lines(world: World) -> None:
    task = await submit(world, command="echo about to fail; exit 3")
    done = await ended(world, task)
    assert (done["state"], done["reason"]) == ("Abnormal", "Instance master-0 exited with code 3.")
    lines = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"instance": f"{task['id']}-*"}
    )
    assert "about to fail" in [line["text"] for line in lines["items"]]
    assert (await events_of(world, task))[-1] == "taskExecuteFailed"


async def test_a_command_that_cannot_start_says_so(world: World) -> None:
    done = await ended(world, await submit(world, command="/no/such/program"))
    assert done["state"] == "Abnormal"
    assert "127" in done["reason"]


@pytest.mark.covers("TRN-38", "TRN-39")
async def test_stop_start_delete(world: World) -> None:
    task = await submit(world, command="sleep 300")
    path = f"/training/tasks/{task['id']}"
    await until(lambda: _in_state(world, task, "Running"))
    status, error = await world.ann.refused("DELETE", path)
    assert (status, error["message"]) == (409, "Stop the task first.")
    assert (await world.ann.ok("POST", f"{path}/stop"))["state"] == "Stopping"
    stopped = await ended(world, task)
    assert (stopped["state"], stopped["reason"]) == ("Stopped", "Stopped by request.")
    assert (await world.ann.ok("POST", f"{path}/start"))["state"] == "Queued"
    await until(lambda: _in_state(world, task, "Running"))
    await world.ann.ok("POST", f"{path}/stop")
    await ended(world, task)
    await world.ann.ok("DELETE", path)
    assert (await world.ann.refused("GET", path))[0] == 404


async def _in_state(world: World, task: dict[str, Any], state: str) -> bool:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}")
    return bool(found["state"] == state)


@pytest.mark.covers("TRN-13")
async def test_it_restarts_by_itself_as_often_as_allowed(world: World) -> None:
    command = 'echo run >> "$ML_OUTPUT_DIR/runs"; exit $(( $(wc -l < "$ML_OUTPUT_DIR/runs") < 3 ))'
    task = await submit(world, command=command, max_restarts=5)
    done = await ended(world, task)
    assert (done["state"], done["restarts"]) == ("Completed", 2)
    assert (await events_of(world, task)).count("taskRestarted") == 2
    failing = await ended(world, await submit(world, "f", "exit 9", max_restarts=1))
    assert (failing["state"], failing["restarts"]) == ("Abnormal", 1)


@pytest.mark.covers("TRN-52", "TRN-51", "TRN-09")
async def test_ddp_instances_know_each_other(world: World) -> None:
    command = 'echo "r=$RANK w=$WORLD_SIZE i=$INDEX a=$MASTER_ADDR p=$MASTER_PORT n=$NODE_LIST g=$GPU_NUM"'
    task = await submit(world, command=command, mode="ddp", instances=3)
    assert (await ended(world, task))["state"] == "Completed"
    lines = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"category": "code"}
    )
    said = sorted(line["text"] for line in lines["items"])
    assert [text.split(" p=")[0] for text in said] == [
        f"r={n} w=3 i={n} a=127.0.0.1" for n in range(3)
    ]
    assert len({text.split(" p=")[1] for text in said}) == 1
    assert said[0].endswith("n=127.0.0.1:0,127.0.0.1:0,127.0.0.1:0 g=0")
    instances = (await world.ann.ok("GET", f"/training/tasks/{task['id']}/instances"))["items"]
    assert [(i["role"], i["index"], i["rank"]) for i in instances] == [
        ("master", 0, 0),
        ("worker", 0, 1),
        ("worker", 1, 2),
    ]


@pytest.mark.covers("TRN-22", "TRN-23", "TRN-24", "TRN-17")
async def test_inputs_outputs_and_hyperparameters_are_where_they_belong(world: World) -> None:
    bucket = world.ann.actor.project_id
    await world.ann.ok(
        "PUT",
        f"/buckets/{bucket}/objects/code/main.sh",
        content=b'cat "$ML_DATA_DIR/x.txt"; cat "$ML_HYPERPARAMETERS"',
    )
    await world.ann.ok("PUT", f"/buckets/{bucket}/objects/data/x.txt", content=b"some data")
    task = await submit(
        world, command='bash main.sh > "$ML_OUTPUT_DIR/out.txt"; echo w > "$ML_MODEL_DIR/weights"; touch "$ML_DATA_DIR/no" || echo read-only',
        hyperparameters={"lr": 0.1, "名": "值"},
        mounts=[
            {"kind": "storage", "source": f"{bucket}/code", "purpose": "code"},
            {"kind": "storage", "source": f"{bucket}/data", "purpose": "training_data"},
        ],
    )  # fmt: skip
    assert (await ended(world, task))["state"] == "Completed"
    out = await world.ann.http.get(
        f"/buckets/{task['output']}".replace("/training", "/objects/training", 1) + "output/out.txt"
    )
    text = out.text
    assert text.startswith("some data")
    assert json.loads(text.removeprefix("some data")) == {"lr": 0.1, "名": "值"}
    lines = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"search": "read-only"}
    )
    assert lines["items"]


@pytest.mark.covers("TRN-46")
async def test_metrics_that_code_reports_become_curves(world: World) -> None:
    command = (
        'python -c "import time; from slipway.runtime.metrics import push_training_metrics as p\n'
        "for s in range(5): p(int(time.time()), {'loss': 1 / (s + 1)}, step=s, total_steps=5)\""
    )
    task = await submit(world, command=command)
    assert (await ended(world, task))["state"] == "Completed"
    (curve,) = (await world.ann.ok("GET", f"/training/tasks/{task['id']}/metrics"))["items"]
    assert (curve["name"], curve["step"]) == ("loss", [0, 1, 2, 3, 4])
    assert curve["value"][-1] == 0.2
    detail = await world.ann.ok("GET", f"/training/tasks/{task['id']}")
    assert (detail["progress"]["step"], detail["progress"]["total_steps"]) == (4, 5)


@pytest.mark.covers("TRN-50")
async def test_checkpoints_are_found_with_their_figures(world: World) -> None:
    state = json.dumps(
        {
            "global_step": 430,
            "epoch": 0.5,
            "log_history": [{"loss": 2.0445, "learning_rate": 0.001}],
        }
    )
    folder = "$ML_OUTPUT_DIR/data/checkpoint-430"
    card = json.dumps({"conv_template_name": "chatml"})
    command = f"mkdir -p {folder}; echo '{state}' > {folder}/trainer_state.json; echo '{card}' > {folder}/slipway-checkpoint.json"
    task = await submit(world, command=command)
    assert (await ended(world, task))["state"] == "Completed"
    (found,) = (await world.ann.ok("GET", f"/training/tasks/{task['id']}/checkpoints"))["items"]
    assert (found["path"], found["step"], found["loss"], found["learning_rate"]) == (
        "data/checkpoint-430",
        430,
        2.0445,
        0.001,
    )
    assert found["conv_template_name"] == "chatml"


@pytest.mark.covers("TRN-33", "TRN-34", "TRN-10", "TRN-32")
async def test_the_list_searches_filters_sorts_and_pages(world: World) -> None:
    for name, tags in (
        ("alpha-1", {"team": "a"}),
        ("alpha-2", {"team": "b"}),
        ("beta-1", {"team": "a"}),
    ):
        await ended(world, await submit(world, name, tags=tags))
    failed = await ended(world, await submit(world, "gamma", "exit 1"))

    async def names(**query: Any) -> list[str]:
        found = await world.ann.ok("GET", "/training/tasks", params=query)
        return [item["name"] for item in found["items"]]

    assert await names(search="alpha|gamma", order="name") == ["alpha-1", "alpha-2", "gamma"]
    assert await names(tag="team:a", order="name") == ["alpha-1", "beta-1"]
    assert await names(state="Abnormal") == [failed["name"]]
    assert await names(mine=True, order="-name", limit=2) == ["gamma", "beta-1"]
    page = await world.ann.ok("GET", "/training/tasks", params={"limit": 3, "order": "name"})
    assert (len(page["items"]), page["total"]) == (3, 4)
    rest = await world.ann.ok(
        "GET",
        "/training/tasks",
        params={"limit": 3, "order": "name", "cursor": page["next_cursor"]},
    )
    assert ([item["name"] for item in rest["items"]], rest["next_cursor"]) == (["gamma"], None)
    assert (await world.ann.refused("GET", "/training/tasks", params={"cursor": "nonsense"}))[
        0
    ] == 400
    await world.ann.ok("PATCH", f"/training/tasks/{failed['id']}", json={"tags": {"team": "z"}})
    assert await names(tag="team:z") == ["gamma"]


@pytest.mark.covers("TRN-03")
async def test_a_task_belongs_to_the_site_it_was_submitted_at(world: World) -> None:
    here = await submit(world, "here")
    assert here["site"] == (await world.ann.ok("GET", "/system"))["site"] == "local"
    world.app.state.settings = world.settings.model_copy(update={"site": "east"})
    assert (await world.ann.ok("GET", "/system"))["site"] == "east"
    there = await submit(world, "there")

    async def names(*sites: str) -> list[str]:
        query = {"site": list(sites), "order": "name"}
        found = await world.ann.ok("GET", "/training/tasks", params=query)
        return [item["name"] for item in found["items"]]

    assert await names("local") == ["here"]
    assert await names("east") == ["there"]
    assert await names("east", "local") == ["here", "there"] == await names()
    assert await names("west") == []
    await ended(world, here)
    detail = await world.ann.ok("GET", f"/training/tasks/{here['id']}")
    assert detail["site"] == "local"
    assert (await ended(world, there))["site"] == "east"


@pytest.mark.covers("TRN-44")
async def test_of_a_task_that_exists_only_tags_and_description_change(world: World) -> None:
    asked = {
        "tags": {"team": "a"}, "env": {"A": "1"}, "hyperparameters": {"lr": 0.1}, "max_restarts": 2,
        "cpu_cores": 0.3, "memory_bytes": 128 << 20,
    }  # fmt: skip
    task = await ended(world, await submit(world, "basic", "exit 0", **asked))
    url = f"/training/tasks/{task['id']}"
    before = await world.ann.ok("GET", url)
    for name, value in {**asked, "command": "exit 0"}.items():
        assert (before if name == "tags" else before["spec"])[name] == value
    for change in ({"command": "exit 1"}, {"name": "other"}, {"cpu_cores": 4}, {"env": {}}):
        status, error = await world.ann.refused("PATCH", url, json=change)
        assert (status, next(iter(change)) in error["message"]) == (422, True), error
    await world.ann.ok("PATCH", url, json={"tags": {"team": "b", "use": "test"}})
    after = await world.ann.ok("GET", url)
    assert after["tags"] == {"team": "b", "use": "test"}
    changed = {"tags", "updated_at"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


@pytest.mark.covers("TRN-02", "TRN-04", "TRN-05", "TRN-09", "TRN-11", "TRN-17")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "-bad"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": ""}, "name"),
        ({"description": "d" * 501}, "description"),
        ({"environment": "cobol"}, "environment"),
        ({"mode": "horovod"}, "mode"),
        ({"instances": 2}, "instances"),
        ({"command": "  "}, "command"),
        ({"gpus": 1}, "resources"),
        ({"gpus": 1.5}, "gpus"),
        ({"gpus": 0.05}, "gpus"),
        ({"cpu_cores": 500}, "resources"),
        ({"cpu_cores": 0}, "cpu_cores"),
        ({"max_restarts": 11}, "max_restarts"),
        ({"env": {"9x": "v"}}, "env"),
        ({"tags": {"a:b": "v"}}, "tags"),
        ({"template": "none"}, "template"),
        ({"mounts": [{"kind": "storage", "source": "nobody/x", "target": "/a"}]}, None),
        ({"mounts": [{"kind": "dataset", "source": "ds-none"}]}, None),
        ({"mounts": [{"kind": "storage", "source": "b/x", "target": "/a/../b"}]}, "mounts"),
        ({"resource_group": "rsg-none"}, "resource_group"),
    ],
)
async def test_bad_requests_name_the_field_and_leave_nothing(
    db: Database, settings: Settings, change: dict[str, Any], field: str | None
) -> None:
    async with open_world(db, settings) as world:
        body = {"name": "t", "command": "true", **SMALL, **change}
        status, error = await world.ann.refused("POST", "/training/tasks", json=body)
        assert status in (400, 404), error
        if field:
            assert error["details"].get("field") == field, error
        assert (await world.ann.ok("GET", "/training/tasks"))["total"] == 0


CHANNEL = "NCCL INFO Channel 00/0 : 8[0] -> 0[0] [receive] via NET"


@pytest.mark.covers("TRN-62")
@pytest.mark.parametrize(
    ("lines", "network", "shown"),
    [
        (["started"], "unknown", ""),
        ([f"{CHANNEL}/Socket/0"], "socket", f"{CHANNEL}/Socket/0"),
        ([f"{CHANNEL}/IBext/0/GDRDMA"], "rdma", f"{CHANNEL}/IBext/0/GDRDMA"),
        ([f"{CHANNEL}/IB/0", f"{CHANNEL}/Socket/0"], "socket", f"{CHANNEL}/Socket/0"),
        (["NET/IB : No device found."], "unknown", ""),
    ],
)
async def test_the_log_tells_whether_rdma_is_in_use(
    world: World, lines: list[str], network: str, shown: str
) -> None:
    command = "; sleep 0.01; ".join(f"echo {shlex.quote(line)}" for line in lines)
    task = await ended(world, await submit(world, command=command))
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}/network")
    assert (found["network"], found["line"]) == (network, shown)


async def test_two_same_names_at_once_are_one_task(world: World) -> None:
    body = {"name": "same", "command": "true", **SMALL}
    answers = await asyncio.gather(
        *(world.ann.http.post("/training/tasks", json=body) for _ in range(5))
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409]
    assert (await world.ann.ok("GET", "/training/tasks"))["total"] == 1


async def test_another_project_sees_nothing_of_it(world: World) -> None:
    task = await submit(world)
    await ended(world, task)
    path = f"/training/tasks/{task['id']}"
    assert (await world.bob.ok("GET", "/training/tasks"))["total"] == 0
    for tail in (
        "",
        "/instances",
        "/logs",
        "/metrics",
        "/events",
        "/checkpoints",
        "/wait",
        "/logs/stream",
    ):
        assert (await world.bob.refused("GET", path + tail))[0] == 404
    for tail in ("/stop", "/start"):
        assert (await world.bob.refused("POST", path + tail))[0] == 404
    assert (await world.bob.refused("DELETE", path))[0] == 404


async def test_what_it_used_is_in_the_ledger_once(world: World) -> None:
    task = await submit(world, command="sleep 0.3")
    await ended(world, task)
    records = (await world.ann.ok("GET", "/usage"))["items"]
    (record,) = [r for r in records if r["subject_id"] == task["id"]]
    assert record["kind"] == "instance_seconds"
    assert 0.25 < record["quantity"] < 10
    assert record["details"]["cpu_cores"] == 0.2


async def test_what_does_not_fit_waits_with_a_reason_and_runs_later(world: World) -> None:
    everything = (os.cpu_count() or 1) * world.settings.cpu_overcommit
    first = await submit(world, "first", "sleep 1", cpu_cores=everything)
    second = await submit(world, "second", "true", cpu_cores=everything)
    await until(lambda: _waits_for_resources(world, second))
    assert (await ended(world, first))["state"] == "Completed"
    assert (await ended(world, second))["state"] == "Completed"


async def _waits_for_resources(world: World, task: dict[str, Any]) -> bool:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}")
    return found["state"] == "Queued" and found["reason"].startswith("Waiting for resources")


@pytest.mark.covers("DAT-43")
async def test_a_task_reads_a_dataset_version_and_keeps_it_from_being_deleted(world: World) -> None:
    bucket = world.ann.actor.project_id
    await world.ann.ok(
        "PUT", f"/buckets/{bucket}/objects/lines/a.jsonl", content=b'{"q": 1}\n{"q": 2}\n'
    )
    made = await world.ann.ok(
        "POST", "/datasets", json={"name": "lines", "kind": "llm", "address": f"{bucket}/lines"}
    )
    path = f"/datasets/{made['id']}"
    dataset = await until(lambda: _available(world, path))
    assert dataset["sample_count"] == 2
    command = 'wc -l < "$ML_DATA_DIR/a.jsonl"; touch "$ML_DATA_DIR/b" || echo read-only; sleep 30'
    mounts = [{"kind": "dataset", "source": made["id"], "purpose": "training_data"}]
    task = await submit(world, command=command, mounts=mounts)
    await until(lambda: _says(world, task, {"2", "read-only"}))
    status, _ = await world.ann.refused("DELETE", path)
    assert status == 409
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    await ended(world, task)
    await world.ann.ok("DELETE", path, params={"confirm": True})


async def _says(world: World, task: dict[str, Any], texts: set[str]) -> bool:
    lines = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"category": "code"}
    )
    return texts <= {line["text"] for line in lines["items"]}


async def _available(world: World, path: str) -> Any:
    found = await world.ann.ok("GET", path)
    assert found["state"].lower() != "failed", found["reason"]
    return found if found["state"].lower() == "available" else None
