"""Evaluations as real workloads, from the form to the figures."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from slipway.base.events import list_events
from tests.evaluation.forms import adds_up, created, ended, form_of, sums, third_party
from tests.models.house import House, until
from tests.models.test_import import finished as imported
from tests.runtime_evaluate.conftest import ChatService, completion


@pytest.mark.covers(
    "EVA-05", "EVA-16", "EVA-21", "EVA-22", "EVA-23", "EVA-24", "EVA-25", "EVA-26", "EVA-37",
    "FIN-32", "FIN-33", "FIN-39",
)  # fmt: skip
async def test_a_third_party_model_is_asked_and_scored(
    platform: House, service: ChatService
) -> None:
    house = platform
    service.reply = adds_up
    model = third_party(service, api_key="sk-secret", params={"temperature": 0}, concurrency=2)
    made = await created(house, form_of(house, [model], seed=7))
    assert made["state"] == "Queued" and made["id"].startswith("eval-")
    assert made["models"] == ["served"] and made["sets"] == ["sums"]
    seen = await ended(house, made["id"])

    assert seen["state"] == "Completed" and seen["reason"] == ""
    assert seen["percent"] == 100 and seen["progress"]["done"] == seen["progress"]["total"] == 8
    [step] = seen["progress"]["steps"]
    assert (step["kind"], step["set"], step["state"]) == ("evaluation", "sums", "completed")
    assert step["started_at"] and step["ended_at"]
    results = (await house.a.get(f"/evaluations/{made['id']}/results")).json()
    [model_result] = results["models"]
    assert model_result["state"] == "completed"
    [result] = model_result["results"]
    assert result["metrics"]["accuracy"] == 0.75 and result["samples"] == 8
    assert set(result["metrics"]) == {"accuracy", "rouge1", "rouge2", "rougeL", "bleu4"}
    assert model_result["settings"]["seed"] == 7
    assert service.keys[-1] == "Bearer sk-secret"
    assert service.asked[-1]["temperature"] == 0

    log = (await house.a.get(f"/evaluations/{made['id']}/logs", params={"limit": 100})).json()
    calls = [line["text"] for line in log["items"] if " served sums #" in line["text"]]
    assert len(calls) == 8
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project)
    types = [e.type for e in events if e.subject_id == made["id"]]
    assert types[0] == "evaluation:evaluationQueued"
    assert types[-1] == "evaluation:evaluationCompleted"


async def test_a_key_is_nowhere_but_with_the_call(platform: House, service: ChatService) -> None:
    house = platform
    service.reply = adds_up
    made = await created(house, form_of(house, [third_party(service, api_key="sk-hidden")]))
    await ended(house, made["id"])
    assert "sk-hidden" not in (await house.a.get(f"/evaluations/{made['id']}")).text
    written = [p for p in house.settings.root.rglob("*") if p.is_file()]
    assert not [p for p in written if b"sk-hidden" in p.read_bytes()]
    if house.db.is_sqlite:
        database = Path(str(house.db.engine.url.database))
        for file in (database, database.with_name(f"{database.name}-wal")):
            assert b"sk-hidden" not in file.read_bytes()


@pytest.mark.covers("FIN-39", "EVA-42")
async def test_answers_are_listed_filtered_and_downloaded(
    platform: House, service: ChatService
) -> None:
    house = platform
    service.reply = adds_up
    made = await created(house, form_of(house, [third_party(service)]))
    await ended(house, made["id"])
    url = f"/evaluations/{made['id']}/samples"

    async def samples(**query: Any) -> Any:
        return (await house.a.get(url, params=query)).json()

    first = await samples(limit=5)
    assert first["total"] == 8 and [s["index"] for s in first["items"]] == [0, 1, 2, 3, 4]
    rest = await samples(limit=5, cursor=first["next_cursor"])
    assert [s["index"] for s in rest["items"]] == [5, 6, 7] and rest["next_cursor"] is None
    assert first["items"][0]["reference"] == "2" and first["items"][0]["output"] == "2"
    assert first["items"][0]["scores"]["accuracy"] == 1 and not first["items"][0]["wrong"]
    assert [s["index"] for s in (await samples(wrong=True))["items"]] == [6, 7]
    assert [s["index"] for s in (await samples(search="3 WHAT"))["items"]] == [2]
    assert [s["index"] for s in (await samples(index=4))["items"]] == [4]
    assert (await samples(model="other"))["total"] == 0
    assert (await samples(set="sums", model="served"))["total"] == 8
    assert (await house.a.get(url, params={"cursor": "x"})).status_code == 400

    download = f"/evaluations/{made['id']}/download"
    table = await house.a.get(download)
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["metric"]: float(row["value"]) for row in rows}["accuracy"] == 0.75
    results = (await house.a.get(download, params={"format": "json"})).json()
    exact = results["models"][0]["results"][0]["metrics"]
    assert {row["metric"]: float(row["value"]) for row in rows} == exact
    wrong = await house.a.get(download, params={"what": "samples", "wrong": True})
    answers = list(csv.DictReader(io.StringIO(wrong.text)))
    assert [row["output"] for row in answers] == ["too much for me"] * 2
    lines = await house.a.get(download, params={"what": "samples", "format": "json"})
    assert [json.loads(line)["index"] for line in lines.text.splitlines()] == list(range(8))


@pytest.mark.covers("EVA-19", "EVA-37")
async def test_one_failing_model_is_named_and_the_others_keep_their_figures(
    platform: House, service: ChatService
) -> None:
    house = platform

    def reply(body: dict[str, Any]) -> Any:
        if body["model"] == "broken" and body.get("max_tokens") != 1:
            return 400, {"error": {"message": "out of order"}}
        return adds_up(body)

    service.reply = reply
    models = [third_party(service, model="broken"), third_party(service, model="fine")]
    made = await created(house, form_of(house, models))
    seen = await ended(house, made["id"])
    assert seen["state"] == "Failed"
    assert "broken: Not one question was answered: status 400" in seen["reason"]
    results = (await house.a.get(f"/evaluations/{made['id']}/results")).json()
    assert [(m["name"], m["state"]) for m in results["models"]] == [
        ("broken", "failed"), ("fine", "completed"),
    ]  # fmt: skip
    assert results["models"][1]["results"][0]["metrics"]["accuracy"] == 0.75

    service.reply = adds_up
    before = len(service.asked)
    again = await house.a.post(f"/evaluations/{made['id']}/restart")
    assert again.json()["state"] == "Queued"
    seen = await ended(house, made["id"])
    assert seen["state"] == "Completed" and seen["percent"] == 100
    assert len(service.asked) - before == 8  # answers that were there are not asked for again


@pytest.mark.covers("EVA-20")
async def test_a_running_evaluation_can_be_stopped_and_goes_on_later(
    platform: House, service: ChatService
) -> None:
    house = platform
    service.reply, service.delay_s = adds_up, 0.7
    made = await created(house, form_of(house, [third_party(service, concurrency=1)]))
    url = f"/evaluations/{made['id']}"

    async def look() -> Any:
        return (await house.a.get(url)).json()

    running = await until(look, lambda seen: seen["progress"]["done"] >= 1, 60)
    assert running["state"] == "Inferring" and 0 < running["percent"] < 100
    assert running["blocked"]["delete"] and running["blocked"]["restart"]
    assert (await house.a.delete(url)).status_code == 409
    stopped = await house.a.post(f"{url}/stop")
    assert stopped.json()["state"] == "Stopping"
    seen = await ended(house, made["id"])
    assert seen["state"] == "Stopped"
    assert (await house.a.post(f"{url}/stop")).status_code == 409
    kept = len((await house.a.get(f"{url}/samples")).json()["items"])
    assert kept >= 1

    service.delay_s, before = 0.0, len(service.asked)
    await house.a.post(f"{url}/restart")
    assert (await ended(house, made["id"]))["state"] == "Completed"
    assert len(service.asked) - before == 8 - kept
    output = house.path(seen["output"])
    assert output.is_dir()
    assert (await house.a.delete(url)).status_code == 204
    assert not output.exists() and (await house.a.get(url)).status_code == 404


@pytest.mark.slow
@pytest.mark.covers("EVA-15", "EVA-18", "EVA-22", "EVA-25", "FIN-30")
async def test_models_given_by_their_files_are_served_for_their_time(
    sqlite_only: None, platform: House, tmp_path: Path
) -> None:
    """A version of the repository and a checkpoint, one after the other, on our own engine."""
    from slipway.base.clock import utc_now
    from slipway.models.loop import ModelContext, ModelLoop
    from tests.runtime_serve.tiny_model import write_model

    house = platform
    files = {p.name: p.read_bytes() for p in write_model(tmp_path / "model").iterdir()}
    checkpoint = house.folder("training/train-1/output/checkpoint-10", files)
    form = {"name": "tiny", "source": checkpoint, "format": "Hugging Face LLM"}
    version = (await house.a.post("/models", json=form)).json()
    await ModelLoop(ModelContext(house.db, house.storage, utc_now)).import_one(version["id"])
    assert (await imported(house, version["id"]))["state"] == "Succeeded"

    common = {"max_model_len": 256, "params": {"max_tokens": 8}, "concurrency": 4}
    models = [
        {"kind": "model_version", "ref": version["id"], **common},
        {"kind": "storage", "ref": checkpoint, "task_name": "run", **common},
    ]
    question_set = sums(house) | {"limit": 4}
    form = form_of(house, models, sets=[question_set], memory_bytes=2 << 30, cpu_cores=2)
    made = await created(house, form)
    assert made["models"] == ["tiny v1", "run checkpoint-10"]
    seen = await ended(house, made["id"], 180)
    assert (seen["state"], seen["reason"]) == ("Completed", "")
    kinds = [(s["kind"], s["model"], s["state"]) for s in seen["progress"]["steps"]]
    assert kinds == [
        ("deployment", "tiny v1", "completed"), ("evaluation", "tiny v1", "completed"),
        ("deployment", "run checkpoint-10", "completed"),
        ("evaluation", "run checkpoint-10", "completed"),
    ]  # fmt: skip
    results = (await house.a.get(f"/evaluations/{made['id']}/results")).json()["models"]
    assert results[0]["results"][0]["metrics"] == results[1]["results"][0]["metrics"]
    assert results[0]["results"][0]["failed"] == []
    log = f"/evaluations/{made['id']}/logs"
    inference = (await house.a.get(log, params={"log": "inference", "search": "engine"})).json()
    assert any("engine: slipway" in line["text"] for line in inference["items"])
    call = (await house.a.get(log, params={"log": "call", "search": "sums"})).json()
    assert any("tiny v1 sums #0" in line["text"] for line in call["items"])


async def test_a_folder_that_is_no_model_fails_with_the_servers_own_words(
    sqlite_only: None, platform: House
) -> None:
    house = platform
    empty = house.folder("not-a-model", {"readme.txt": b"nothing"})
    made = await created(house, form_of(house, [{"kind": "storage", "ref": empty}]))
    seen = await ended(house, made["id"])
    assert seen["state"] == "Failed"
    assert seen["reason"].startswith("not-a-model: The model could not be served:")
    assert "holds no language model" in seen["reason"]


async def test_a_set_that_does_not_fit_fails_with_its_place(
    platform: House, service: ChatService
) -> None:
    house = platform
    service.reply = lambda _body: completion("ok")
    address = house.folder("broken", {"q.jsonl": b'{"question": "a", "answer": "b"}\n{oops\n'})
    question_set = {"kind": "storage", "ref": address}
    made = await created(house, form_of(house, [third_party(service)], sets=[question_set]))
    seen = await ended(house, made["id"])
    assert seen["state"] == "Failed" and "q.jsonl" in seen["reason"] and "2" in seen["reason"]
