"""What can be asked for, what is refused, and who sees what. No workload runs here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from slipway.compute import queries as compute
from slipway.data.create import create_dataset
from slipway.evaluation import types
from slipway.runtime.evaluate import config as runtime
from tests.evaluation.conftest import QUESTIONS, jsonl
from tests.evaluation.forms import adds_up, created, form_of, sums, third_party
from tests.models.house import House
from tests.runtime_evaluate.conftest import ChatService

assert create_dataset  # the datasets' tables belong to the schema


@pytest.fixture
def model(service: ChatService) -> dict[str, Any]:
    service.reply = adds_up
    return third_party(service)


@pytest.mark.covers("EVA-14", "EVA-17", "EVA-19")
async def test_an_evaluation_keeps_its_whole_configuration(
    house: House, model: dict[str, Any]
) -> None:
    form = form_of(
        house, [model | {"params": {"top_p": 0.5}}], description="Note.", tags={"team": "a"},
        metrics=["rouge1", "accuracy"], tokenizer="jieba",
    )  # fmt: skip
    made = await created(house, form)
    seen = (await house.a.get(f"/evaluations/{made['id']}")).json()
    assert seen["spec"]["models"][0]["params"] == {"top_p": 0.5}
    assert seen["spec"]["models"][0]["concurrency"] == 24
    assert seen["spec"]["models"][0]["retries"] == 0
    assert seen["spec"]["models"][0]["max_model_len"] == 8192
    assert seen["spec"]["metrics"] == ["rouge1", "accuracy"]
    assert seen["spec"]["tokenizer"] == "jieba" and seen["description"] == "Note."
    assert seen["percent"] == 0 and seen["progress"]["steps"] == []
    async with house.db.read() as session:
        [workload] = await compute.list_workloads_of(session, made["id"])
    assert workload.kind == "evaluation"


@pytest.mark.covers("EVA-13")
async def test_a_name_may_be_long_but_not_longer(house: House, model: dict[str, Any]) -> None:
    await created(house, form_of(house, [model], name="评" * 256))
    for name in ("评" * 257, "a b", "-x", ""):
        answer = await house.a.post("/evaluations", json=form_of(house, [model], name=name))
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad_name"


async def test_two_of_one_name_at_once_make_one(house: House, model: dict[str, Any]) -> None:
    form = form_of(house, [model], name="twin")
    answers = await asyncio.gather(*(house.a.post("/evaluations", json=form) for _ in range(3)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409]
    taken = next(a for a in answers if a.status_code == 409).json()["error"]
    assert taken["code"] == "name_taken"
    folders = list((house.settings.root / "run" / "evaluations").iterdir())
    assert len(folders) == 1  # the refused ones left no keys behind


@pytest.mark.covers("EVA-09")
async def test_the_same_set_twice_is_refused(house: House, model: dict[str, Any]) -> None:
    one = sums(house)
    for other in (one, one | {"ref": one["ref"].rstrip("/"), "name": "again"}):
        answer = await house.a.post("/evaluations", json=form_of(house, [model], sets=[one, other]))
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["code"] == "same_set"


async def test_names_of_models_and_sets_are_told_apart(house: House, model: dict[str, Any]) -> None:
    sets = [sums(house, "a/sums"), sums(house, "b/sums")]
    made = await created(house, form_of(house, [model, model], sets=sets))
    assert made["models"] == ["served", "served (2)"] and made["sets"] == ["sums", "sums (2)"]
    named = [model | {"name": "x"}, model | {"name": "x"}]
    answer = await house.a.post("/evaluations", json=form_of(house, named, name="second"))
    assert answer.status_code == 400 and "used twice" in answer.text


@pytest.mark.covers("EVA-16")
async def test_a_third_party_must_pass_a_test_call(house: House, service: ChatService) -> None:
    service.reply = lambda _body: (401, {"error": "who are you?"})
    answer = await house.a.post("/evaluations", json=form_of(house, [third_party(service)]))
    assert answer.status_code == 400 and "401" in answer.text
    assert answer.json()["error"]["code"] == "third_party_failed"
    service.reply = lambda _body: (200, {"hello": "world"})
    answer = await house.a.post("/evaluations", json=form_of(house, [third_party(service)]))
    assert answer.status_code == 400 and "not a chat completion" in answer.text
    away = third_party(service, base_url="http://127.0.0.1:9")
    answer = await house.a.post("/evaluations", json=form_of(house, [away]))
    assert answer.status_code == 400 and "cannot be reached" in answer.text
    assert (await house.a.get("/evaluations")).json()["total"] == 0


async def test_bad_input_is_refused_with_its_reason(house: House, model: dict[str, Any]) -> None:
    other = (await house.b.get("/me")).json()["projects"][0]["id"]
    house.folder("pictures", {"a.png": b"x"})
    pictures = {"kind": "storage", "ref": f"{house.project}/pictures/"}
    for changes, status, words in [
        ({"models": []}, 400, "1 to 20 models"),
        ({"sets": []}, 400, "1 to 50 question sets"),
        ({"metrics": []}, 400, "at least one metric"),
        ({"metrics": ["fame"]}, 422, "metrics"),
        ({"seed": -1}, 400, "seed"),
        ({"gpus": 99}, 400, "GPU"),
        ({"memory_bytes": 1}, 400, "memory"),
        ({"resource_group": "rsg-none"}, 404, "rsg-none"),
        ({"sets": [pictures]}, 400, "no question file"),
        ({"sets": [{"kind": "storage", "ref": f"{other}/x"}]}, 404, "no bucket"),
        ({"sets": [{"kind": "storage", "ref": "../etc/passwd"}]}, 400, "address"),
        ({"sets": [{"kind": "dataset", "ref": "ds-none"}]}, 404, "ds-none"),
        ({"sets": [sums(house) | {"template": "no place"}]}, 400, "{prompt}"),
        ({"sets": [sums(house) | {"limit": 0}]}, 400, "1 or more"),
        ({"models": [{"kind": "model_version", "ref": "mv-none"}]}, 404, "mv-none"),
        ({"models": [{"kind": "service", "ref": "ms-none"}]}, 404, "ms-none"),
        ({"models": [{"kind": "storage", "ref": f"{house.project}/none/"}]}, 404, "none"),
        ({"models": [{"kind": "storage"}]}, 400, "Choose the model"),
        ({"models": [model | {"base_url": "ftp://x"}]}, 400, "http"),
        ({"models": [model | {"model": ""}]}, 400, "Name the model"),
        ({"models": [model | {"params": {"model": "x"}}]}, 400, "set by the evaluation"),
        ({"models": [model | {"concurrency": 0}]}, 400, "concurrency"),
    ]:
        answer = await house.a.post("/evaluations", json=form_of(house, [model]) | changes)
        assert answer.status_code == status, (changes, answer.text)
        assert words in answer.text, (changes, answer.text)
    assert (await house.a.get("/evaluations")).json()["total"] == 0


@pytest.mark.covers("EVA-20")
async def test_the_list_is_searched_filtered_and_paged(house: House, model: dict[str, Any]) -> None:
    for name, tag in (("alpha", "1"), ("beta", "2"), ("gamma", "1")):
        await created(house, form_of(house, [model], name=name, tags={"t": tag}))

    async def names(**query: Any) -> list[str]:
        answer = (await house.a.get("/evaluations", params=query)).json()
        return [item["name"] for item in answer["items"]]

    assert await names(order="name") == ["alpha", "beta", "gamma"]
    assert await names(search="alp|gam", order="name") == ["alpha", "gamma"]
    assert await names(tag="t:1") == ["gamma", "alpha"]
    assert await names(state="Completed") == []
    page = (await house.a.get("/evaluations", params={"limit": 2})).json()
    assert page["total"] == 3 and len(page["items"]) == 2
    assert await names(cursor=page["next_cursor"]) == ["alpha"]
    first = page["items"][0]["id"]
    edited = await house.a.patch(f"/evaluations/{first}", json={"tags": {"t": "9"}})
    assert edited.json()["tags"] == {"t": "9"}


async def test_another_project_sees_and_changes_nothing(
    house: House, model: dict[str, Any]
) -> None:
    made = await created(house, form_of(house, [model]))
    url = f"/evaluations/{made['id']}"
    assert (await house.b.get("/evaluations")).json()["items"] == []
    for path in ("", "/results", "/samples", "/download", "/logs", "/logs/stream", "/instances",
                 "/wait"):  # fmt: skip
        assert (await house.b.get(url + path)).status_code == 404, path
    for path in ("/stop", "/restart"):
        assert (await house.b.post(url + path)).status_code == 404
    assert (await house.b.delete(url)).status_code == 404
    assert (await house.b.patch(url, json={"tags": {}})).status_code == 404
    compared = await house.b.post("/evaluations/compare", json={"ids": [made["id"]]})
    assert compared.status_code == 404
    assert (await house.a.get(url)).json()["state"] == "Queued"


async def test_only_completed_ones_can_be_compared(house: House, model: dict[str, Any]) -> None:
    made = await created(house, form_of(house, [model]))
    answer = await house.a.post("/evaluations/compare", json={"ids": [made["id"]]})
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "not_completed"


async def test_a_single_file_is_a_set_too(house: House, model: dict[str, Any]) -> None:
    house.folder("one", {"a.jsonl": jsonl(QUESTIONS), "b.csv": b"prompt,response\nhi,ho\n"})
    files = {"kind": "storage", "ref": f"{house.project}/one/b.csv"}
    whole = {"kind": "storage", "ref": f"{house.project}/one/"}
    made = await created(house, form_of(house, [model], sets=[files, whole]))
    spec = (await house.a.get(f"/evaluations/{made['id']}")).json()["spec"]
    assert [s["files"] for s in spec["sets"]] == [["b.csv"], ["a.jsonl", "b.csv"]]
    assert made["sets"] == ["b.csv", "one"]


def test_the_words_of_the_room_are_the_runtimes() -> None:
    assert set(types.Metric) == set(runtime.MetricName)
    assert set(types.TokenizerName) == set(runtime.TokenizerName)
    assert set(types.SetFormat) == set(runtime.Format)
