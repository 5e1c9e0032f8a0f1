"""Several people label the same records: blind, consolidated, judged; control questions."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from slipway.iam.roles import Role
from tests.assets.house import House
from tests.data.conftest import write_lines
from tests.labelling.conftest import add_member, make_dataset, make_task, save

SCHEMA = """\
desc: Check
record_fields:
- {name: Q, key: q, type: TextViewer, value: "{{ .Values.q }}"}
- {name: Verdict, key: verdict, type: StringSelector, choices: [keep, drop]}
"""


async def next_of(client: httpx.AsyncClient, task: str) -> dict[str, object] | None:
    answer = await client.post(f"/labelling/tasks/{task}/next", json={})
    assert answer.status_code == 200, answer.text
    record: dict[str, object] | None = answer.json()["record"]
    return record


async def say(client: httpx.AsyncClient, task: str, verdict: str) -> int:
    """Label the next one; its number."""
    record = await next_of(client, task)
    assert record is not None
    assert record["value"] == {"answers": {}} and record["state"] == "unlabelled"
    saved = await save(client, task, record, {"answers": {"verdict": verdict}}, release=True)
    assert saved.status_code == 200, saved.text
    assert saved.json()["value"] == {"answers": {"verdict": verdict}}
    return int(str(record["index"]))


@pytest.mark.covers("LAB-X2")
async def test_overlap_agreement_adjudication_and_gold(
    house: House, bucket: Path, loops: None
) -> None:
    write_lines(bucket / "t" / "a.jsonl", *({"q": f"q{n}"} for n in range(6)))
    dataset = await make_dataset(house, "t", kind="llm")
    people = [await add_member(house, name) for name in ("una", "vic", "wes")]
    names = ["una", "vic", "wes", "ann"]
    refused = await house.a.post(
        "/labelling/tasks",
        json={"name": "x", "dataset_id": dataset["id"], "schema_text": SCHEMA, "overlap": 10},
    )
    assert refused.json()["error"]["details"]["field"] == "overlap"
    task = await make_task(
        house, dataset, schema_text=SCHEMA, overlap=3, labellers=names, needs_review=True
    )
    base = f"/labelling/tasks/{task['id']}"
    said = [("keep", "keep", "drop"), ("drop", "drop", "drop"), ("keep", "keep", "keep")]
    for number, words in enumerate(said):
        for client, word in zip(people, words, strict=True):
            assert await say(client, task["id"], word) == number
    counts = (await house.a.get(base)).json()["counts"]
    assert (counts["labelled"], counts["unlabelled"]) == (3, 3)
    first = (await house.a.get(f"{base}/records/0")).json()
    assert first["value"] == {"answers": {"verdict": "keep"}} and first["agreement"] == 0.3333
    answers = (await house.a.get(f"{base}/records/0/answers")).json()
    assert [one["value"]["answers"]["verdict"] for one in answers["items"]] == list(said[0])
    assert (await people[0].get(f"{base}/records/0/answers")).status_code == 403
    history = (await people[2].get(f"{base}/records/0/history")).json()["items"]
    assert {entry["user_name"] for entry in history} == {"wes"}
    quality = (await house.a.get(f"{base}/quality")).json()
    assert quality["records"] == 3 and quality["agreement"] == pytest.approx(7 / 9, abs=1e-4)
    field = quality["fields"][0]
    assert (field["key"], field["exact"]) == ("verdict", pytest.approx(2 / 3))
    assert field["fleiss_kappa"] == pytest.approx(0.55) and field["krippendorff_alpha"] == (
        pytest.approx(0.6)
    )
    assert [one["index"] for one in quality["disputed"]] == [0]
    # The reviewer decides otherwise, and then knows the answer for sure.
    opened = (await house.a.post(f"{base}/records/0/open")).json()
    fixed = await save(house.a, task["id"], opened, {"answers": {"verdict": "drop"}})
    assert fixed.json()["value"] == {"answers": {"verdict": "drop"}}
    approved = {"approve": True, "revision": fixed.json()["revision"]}
    assert (await house.a.post(f"{base}/records/0/review", json=approved)).status_code == 200
    # Control questions: the newcomer is asked them first, without seeing what they are.
    for number in (0, 1, 2):
        gold = await house.a.post(f"{base}/records/{number}/gold", json={})
        assert gold.status_code == 204, gold.text
    eve = await add_member(house, "eve")
    await house.a.patch(base, json={"labellers": [*names, "eve"], "gold_least_percent": 60})
    listed = (await eve.get(f"{base}/records")).json()["items"]
    assert {one["state"] for one in listed} == {"unlabelled"}
    assert await say(eve, task["id"], "keep") == 0  # wrong
    await house.a.patch(base, json={"gold_least_percent": 0})
    for number in (1, 2):
        record = (await eve.post(f"{base}/records/{number}/open")).json()
        assert record["value"] == {"answers": {}}
        assert (await save(eve, task["id"], record, {"answers": {"verdict": "keep"}})).is_success
    await house.a.patch(base, json={"gold_least_percent": 60})
    paused = await eve.post(f"{base}/next", json={})
    assert paused.status_code == 403 and paused.json()["error"]["code"] == "paused"
    person = next(
        one
        for one in (await house.a.get(f"{base}/quality")).json()["people"]
        if one["user_name"] == "eve"
    )
    assert (person["gold_count"], person["gold_score"], person["paused"]) == (3, 0.3333, True)
    again = await house.a.post(f"{base}/people/{person['user_id']}/readmit")
    assert again.status_code == 204
    assert (await next_of(eve, task["id"])) is not None
    stranger = await add_member(house, "zoe", Role.ANNOTATOR)
    assert (await stranger.get("/labelling/tasks")).json()["items"] == []
    assert (await stranger.get(base)).status_code == 404
    assert len((await eve.get("/labelling/tasks")).json()["items"]) == 1
    assert (await house.b.get(f"{base}/quality")).status_code == 404
    for client in (*people, eve, stranger):
        await client.aclose()
