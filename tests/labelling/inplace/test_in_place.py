"""Records labelled in place: from the schema of the dataset to the user's own file, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from slipway.base.events import bus
from slipway.iam.roles import Role
from slipway.labelling.inplace.bell import bell
from tests.assets.house import House
from tests.labelling.conftest import add_member, make_dataset, save

SCHEMA = """\
desc: Check
record_fields:
- name: Question
  key: q
  type: TextInput
  value: "{{ .Values.q }}"
- name: Turns
  key: turns
  type: List
  value:
    {{- range .Values.turns }}
    -
      - {name: Said, key: said, type: TextInput, value: "{{ .said }}"}
    {{- end }}
- name: Verdict
  key: verdict
  type: StringSelector
  choices: [keep, drop]
"""
LINES = [
    b'{"id": 1.50, "q":"a", "turns": [{"said": "x", "by": 7}, {"said": "y"}]}\r\n',
    b'\n',
    b'{"q": "b", "turns": [], "deep": {"n": 12345678901234567890}}\n',
    b'{"q": "c", "turns": [], "verdict": "drop"}',
]  # fmt: skip


@pytest.fixture
async def dataset(house: House, bucket: Path, loops: None) -> dict[str, Any]:
    (bucket / "talk").mkdir(parents=True)
    (bucket / "talk" / "a.jsonl").write_bytes(b"".join(LINES))
    (bucket / "talk" / "b.jsonl").write_bytes(b'{"q": "other file"}\n')
    return await make_dataset(house, "talk", kind="llm")


async def start(house: House, dataset: dict[str, Any], **form: Any) -> dict[str, Any]:
    url = f"/labelling/schemas/{dataset['id']}"
    put = await house.a.put(url, json={"text": SCHEMA})
    assert put.status_code == 200, put.text
    made = await house.a.post("/labelling/start", json={"dataset_id": dataset["id"]} | form)
    assert made.status_code == 201, made.text
    return await files_once(house, made.json()["id"], "written")


async def files_once(house: House, task_id: str, state: str | None) -> dict[str, Any]:
    def is_so(task: dict[str, Any]) -> bool:
        assert task["state"] != "failed", task["reason"]
        return (task["files"] or {"state": None})["state"] == state and task["state"] == "created"

    return await once_settled(house, task_id, is_so)


async def once_settled(
    house: House, task_id: str, wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(60), bus.subscribe() as events:
        while True:
            async with bell.waiting(task_id) as written:
                view: dict[str, Any] = (await house.a.get(f"/labelling/tasks/{task_id}")).json()
                if wanted(view):
                    return view
                heard = [asyncio.ensure_future(events.get()), asyncio.ensure_future(written.wait())]
                await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
                for waiting in heard:
                    waiting.cancel()


async def put(house: House, task: str, index: int, value: Any, **form: Any) -> None:
    record = (await house.a.post(f"/labelling/tasks/{task}/records/{index}/open")).json()
    answer = await save(house.a, task, record, value, **form)
    assert answer.status_code == 200, answer.text
    await files_once(house, task, "written")


@pytest.mark.covers("LAB-02", "LAB-03", "LAB-04", "LAB-13", "DAT-X2")
async def test_results_go_into_the_file_and_come_out_again(
    house: House, bucket: Path, dataset: dict[str, Any]
) -> None:
    task = (await start(house, dataset))["id"]
    file = bucket / "talk" / "a.jsonl"
    answers = {"q": "a", "turns": [{"": 1, "said": "y"}, {"": 0, "said": "z"}], "verdict": "keep"}
    await put(house, task, 0, {"answers": answers})
    changed = (
        b'{"id": 1.50, "q":"a", "turns": [{"said":"y"},{"said":"z","by":7}], "verdict":"keep"}\r\n'
    )
    first = file.read_bytes()
    assert first.startswith(b'{"id": 1.50, "q":"a", "turns": [{') and first.endswith(
        b"".join(LINES[1:])
    )
    assert orjson.loads(first.splitlines()[0]) == orjson.loads(changed)
    assert list(orjson.loads(first.splitlines()[0])) == ["id", "q", "turns", "verdict"]
    await put(house, task, 1, {"answers": {"q": "better"}})
    assert (
        b'\n{"q": "better", "turns": [], "deep": {"n": 12345678901234567890}}\n'
        in file.read_bytes()
    )
    opened = (await house.a.get(f"/labelling/tasks/{task}/records/1")).json()
    shown = {c["key"]: c["value"] for c in opened["document"]["components"]}
    assert (shown["q"], shown["verdict"]) == ("better", "")
    kept = (await house.a.get(f"/labelling/tasks/{task}/records/2")).json()
    assert {c["key"]: c["value"] for c in kept["document"]["components"]}["verdict"] == "drop"
    await put(house, task, 2, None, state="deleted")
    assert file.read_bytes().endswith(b"12345678901234567890}}\n")
    await put(house, task, 2, None, state="unlabelled")
    assert file.read_bytes().endswith(b"\n" + LINES[3])
    assert (bucket / "talk" / "b.jsonl").read_bytes() == b'{"q": "other file"}\n'
    restored = await house.a.post(f"/labelling/tasks/{task}/files/restore")
    assert restored.status_code == 200, restored.text
    view = await files_once(house, task, None)
    assert view["mode"] == "safe" and view["counts"]["done"] == 2
    assert file.read_bytes() == b"".join(LINES)
    await house.a.post(f"/labelling/tasks/{task}/files/write", json={})
    await files_once(house, task, "written")
    assert b'"better"' in file.read_bytes()
    (house.storage.bucket_root(house.project) / "talk" / "a.jsonl").write_bytes(b'{"q": "mine"}\n')
    record = (await house.a.post(f"/labelling/tasks/{task}/records/3/open")).json()
    await save(house.a, task, record, {"answers": {"q": "new"}})
    assert (await files_once(house, task, "written"))["files"]["reason"] is None
    record = (await house.a.post(f"/labelling/tasks/{task}/records/0/open")).json()
    await save(house.a, task, record, {"answers": {"q": "late"}})
    stopped = await files_once(house, task, "stopped")
    assert stopped["files"]["reason"].startswith("The file a.jsonl was changed by somebody else")
    assert file.read_bytes() == b'{"q": "mine"}\n'
    await house.a.post(f"/labelling/tasks/{task}/files/write", json={"over": True})
    await files_once(house, task, "written")
    assert b'"q":"late"' in file.read_bytes() and b"better" in file.read_bytes()


@pytest.mark.covers("DAT-22", "DAT-29", "DAT-32", "LAB-01")
async def test_a_schema_first_and_then_one_task(
    house: House, bucket: Path, dataset: dict[str, Any]
) -> None:
    body = {"dataset_id": dataset["id"]}
    without = await house.a.post("/labelling/start", json=body)
    assert without.status_code == 400 and without.json()["error"]["code"] == "schema_missing"
    url = f"/labelling/schemas/{dataset['id']}"
    assert (await house.a.get(url)).json()["error"]["code"] == "schema_missing"
    wrong = await house.a.put(url, json={"text": SCHEMA.replace("choices", "choice")})
    details = wrong.json()["error"]["details"]
    assert wrong.status_code == 400 and (details["line"], details["column"]) == (18, 3)
    strict = SCHEMA.replace("[keep, drop]", '["{{ .Values.q }}", b]')
    async with asyncio.timeout(60), bus.subscribe() as events:
        assert (await house.a.put(url, json={"text": strict})).json()["state"] == "parsing"
        while (view := (await house.a.get(url)).json())["state"] == "parsing":
            await events.get()
    assert (view["record_count"], view["problem_count"], view["percent"]) == (3, 1, 100)
    assert (view["problems"][0]["file"], view["problems"][0]["line"]) == ("a.jsonl", 3)
    assert (await house.a.get("/labelling/schemas")).json()["items"][0]["dataset_id"] == body[
        "dataset_id"
    ]
    task = await start(house, dataset)
    assert (task["name"], task["mode"]) == ("talk", "in_place")
    again = await house.a.post("/labelling/start", json=body)
    assert again.status_code == 409 and again.json()["error"]["details"]["task_id"] == task["id"]
    assert (await house.b.get(url)).status_code == 404
    assert (await house.b.post("/labelling/start", json=body)).status_code == 404
    helper = await add_member(house, "hal", Role.ANNOTATOR)
    assert (await helper.post("/labelling/start", json=body)).status_code == 403
    assert (await helper.post(f"/labelling/tasks/{task['id']}/files/restore")).status_code == 403
    await helper.aclose()
    assert (await house.a.delete(f"/labelling/tasks/{task['id']}")).status_code == 204
    (bucket / "talk" / "a.jsonl").write_bytes(b'{"q": "new"}\n')
    made = await house.a.post("/labelling/start", json=body)
    assert "changed" in (await files_once(house, made.json()["id"], "stopped"))["files"]["reason"]
