"""Text records labelled by a schema, from the draft to the next version."""

from __future__ import annotations

from pathlib import Path

from tests.assets.house import House
from tests.data.conftest import settled, write_lines
from tests.labelling.conftest import make_dataset, make_task, save, task_once


async def test_records_are_answered_deleted_and_published(
    house: House, bucket: Path, loops: None
) -> None:
    lines = [{"q": f"question {n}", "n": n, "deep": {"a": [n]}} for n in range(4)]
    path = write_lines(bucket / "talk" / "a.jsonl", *lines)
    dataset = await make_dataset(house, "talk", kind="llm")
    before = path.read_bytes()
    draft = await house.a.get(f"/labelling/schema/draft?dataset_id={dataset['id']}")
    schema = draft.json()["text"]
    tried = await house.a.post(
        "/labelling/schema/check", json={"text": schema, "dataset_id": dataset["id"], "index": 2}
    )
    document = tried.json()["document"]
    assert [c["key"] for c in document["components"]] == ["q", "n", "deep", "verdict"]
    assert document["components"][0]["value"] == "question 2" and document["fields"] == lines[2]
    wrong = await house.a.post(
        "/labelling/schema/check",
        json={"text": schema.replace("TextInput", "Text"), "dataset_id": dataset["id"]},
    )
    assert (wrong.json()["line"], wrong.json()["column"]) == (6, 9)
    without = await house.a.post(
        "/labelling/tasks", json={"name": "x", "dataset_id": dataset["id"]}
    )
    assert without.status_code == 400 and without.json()["error"]["code"] == "schema_missing"
    task = await make_task(house, dataset, schema_text=schema)
    base = f"/labelling/tasks/{task['id']}"
    record = (await house.a.post(f"{base}/next", json={})).json()["record"]
    bad = await save(house.a, task["id"], record, {"answers": {"verdict": "perhaps"}})
    assert bad.status_code == 400 and bad.json()["error"]["details"]["field"] == "verdict"
    answers = {"q": "better", "verdict": "keep"}
    saved = await save(house.a, task["id"], record, {"answers": answers}, release=True)
    assert saved.status_code == 200, saved.text
    shown = {c["key"]: c["value"] for c in saved.json()["document"]["components"]}
    assert (shown["q"], shown["verdict"], shown["n"]) == ("better", "keep", "0")
    third = (await house.a.post(f"{base}/records/2/open")).json()
    gone = await save(house.a, task["id"], third, None, state="deleted", release=True)
    assert gone.status_code == 200
    counts = (await house.a.get(base)).json()["counts"]
    assert (counts["records"], counts["deleted"], counts["done"]) == (3, 1, 1)
    await house.a.post(f"{base}/publish", json={})
    await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    view = await settled(house, dataset["id"])
    assert view["newest"]["state"] == "available", view["newest"]["reason"]
    page = (await house.a.get(f"/datasets/{dataset['id']}/versions/2/samples")).json()
    assert [item["fields"] for item in page["items"]] == [
        {"q": "better", "n": 0, "deep": {"a": [0]}, "verdict": "keep"}, lines[1], lines[3],
    ]  # fmt: skip
    assert path.read_bytes() == before
