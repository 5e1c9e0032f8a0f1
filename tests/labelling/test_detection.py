"""A detection task from the pictures to the next version, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.iam.roles import Role
from tests.assets.house import House
from tests.data.conftest import settled
from tests.labelling.conftest import add_member, box, cells, make_task, save, task_once


async def next_of(client: Any, task_id: str, **form: Any) -> dict[str, Any] | None:
    answer = await client.post(f"/labelling/tasks/{task_id}/next", json=form)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json()["record"]
    return found


@pytest.mark.covers("LAB-23", "LAB-54")
async def test_labels_are_drawn_and_become_a_version(
    house: House, bucket: Path, loops: None
) -> None:
    dataset = await cells(house, bucket)
    task = await make_task(house, dataset, labels=[{"name": "Platelets", "colour": "#112233"}])
    assert task["state"] == "created" and task["label_format"] == "voc"
    assert [label["name"] for label in task["labels"]] == ["Platelets", "RBC", "WBC"]
    assert (task["counts"]["records"], task["counts"]["done"]) == (6, 2)
    one = await next_of(house.a, task["id"])
    assert one is not None and one["index"] == 2 and one["value"] == {"boxes": []}
    drawn = [box("Platelets", 5, 6.5, 7, 8)]
    answer = await save(house.a, task["id"], one, {"boxes": drawn}, time_s=4, release=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "labelled" and answer.json()["revision"] == 1
    assert (await next_of(house.a, task["id"], after=2) or {})["index"] == 3
    # What came with the data opens as labels, and is corrected.
    came = (await house.a.post(f"/labelling/tasks/{task['id']}/records/0/open")).json()
    assert came["value"]["boxes"] == [box("RBC", 10, 20, 20, 30)]
    await save(house.a, task["id"], came, {"boxes": [box("WBC", 11, 21, 20, 30), *drawn]})
    before = sorted(path.name for path in (bucket / "cells").iterdir())
    asked = await house.a.post(f"/labelling/tasks/{task['id']}/publish", json={})
    assert asked.status_code == 202, asked.text
    done = await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    assert done["publication"]["version"] == 2, done
    view = await settled(house, dataset["id"])
    assert view["latest_version"] == 2 and view["newest"]["state"] == "available", view
    page = (await house.a.get(f"/datasets/{dataset['id']}/versions/2/samples")).json()
    assert [[b["label"] for b in item["boxes"]] for item in page["items"]] == [
        ["WBC", "Platelets"], ["WBC"], ["Platelets"], [], [], [],
    ]  # fmt: skip
    assert page["items"][1]["boxes"][0]["height"] == 58.25  # untouched: as it came
    old = (await house.a.get(f"/datasets/{dataset['id']}/versions/1/samples")).json()
    assert [b["label"] for b in old["items"][0]["boxes"]] == ["RBC"]
    # The user's own folder is as it was.
    assert sorted(path.name for path in (bucket / "cells").iterdir()) == before


async def test_records_are_split_reviewed_and_sent_back(
    house: House, bucket: Path, loops: None
) -> None:
    dataset = await cells(house, bucket)
    eve, zoe = await add_member(house, "eve"), await add_member(house, "zoe")
    mia = await add_member(house, "mia")
    task = await make_task(
        house, dataset, sharing="split", labellers=["eve", "zoe"], needs_review=True
    )
    path = f"/labelling/tasks/{task['id']}"
    hers, theirs = await next_of(eve, task["id"]), await next_of(zoe, task["id"])
    assert hers is not None and theirs is not None
    assert (hers["index"], theirs["index"]) == (2, 4)
    assert (await mia.post(f"{path}/next", json={})).status_code == 403
    answer = await save(
        eve, task["id"], hers, {"boxes": [box("RBC", 1, 1, 9, 9)]}, time_s=30, release=True
    )
    assert answer.status_code == 200, answer.text
    # An annotator does not review, and nothing unapproved is published.
    form = {"approve": True, "revision": 1}
    assert (await eve.post(f"{path}/records/2/review", json=form)).status_code == 403
    refused = await house.a.post(f"{path}/publish", json={})
    assert refused.status_code == 409 and "approved" in refused.json()["error"]["message"]
    to_review = await next_of(house.a, task["id"], review=True, after=1)
    assert to_review is not None and to_review["index"] == 2
    silent = {"approve": False, "revision": 1}
    assert (await house.a.post(f"{path}/records/2/review", json=silent)).status_code == 400
    back = await house.a.post(
        f"{path}/records/2/review", json=silent | {"comment": "One cell is missing."}
    )
    assert back.status_code == 200 and back.json()["state"] == "sent_back", back.text
    assert (await next_of(zoe, task["id"], after=1) or {})["index"] == 4  # not hers
    again = await next_of(eve, task["id"], after=1)
    assert again is not None and again["index"] == 2
    assert again["comment"] == "One cell is missing."
    both = {"boxes": [box("RBC", 1, 1, 9, 9), box("RBC", 20, 20, 9, 9)]}
    assert (await save(eve, task["id"], again, both, time_s=10, release=True)).status_code == 200
    good = await house.a.post(f"{path}/records/2/review", json={"approve": True, "revision": 3})
    assert good.status_code == 200, good.text
    assert good.json()["state"] == "approved"
    late = await house.a.post(f"{path}/records/3/review", json={"approve": True, "revision": 0})
    assert late.status_code == 409
    history = (await house.a.get(f"{path}/records/2/history")).json()["items"]
    assert [(e["action"], e["user_name"]) for e in history] == [
        ("approve", "ann"), ("save", "eve"), ("send_back", "ann"), ("save", "eve"),
    ]  # fmt: skip
    assert len(history[1]["value"]["boxes"]) == 2 and len(history[3]["value"]["boxes"]) == 1
    shares = {s["user_name"]: s for s in (await house.a.get(f"{path}/shares")).json()["items"]}
    assert (shares["eve"]["records"], shares["eve"]["time_s"]) == (1, 40)
    assert shares["ann"]["reviewed"] == 1
    counts = (await house.a.get(path)).json()["counts"]
    assert (counts["approved"], counts["labelled"], counts["sent_back"]) == (1, 2, 0)
    for client in (eve, zoe, mia):
        await client.aclose()


async def test_two_people_on_one_record(house: House, bucket: Path, loops: None) -> None:
    dataset = await cells(house, bucket)
    task = await make_task(house, dataset)
    eve = await add_member(house, "eve", Role.DEVELOPER)
    path = f"/labelling/tasks/{task['id']}/records/3"
    mine = (await house.a.post(f"{path}/open")).json()
    hers = (await eve.post(f"{path}/open")).json()
    assert hers["lock"]["user_name"] == "ann"  # to read only
    assert (await next_of(eve, task["id"], after=2) or {})["index"] == 4
    locked = await save(eve, task["id"], hers, {"boxes": []})
    assert locked.status_code == 409 and locked.json()["error"]["code"] == "record_locked"
    saved = await save(house.a, task["id"], mine, {"boxes": [box("RBC", 1, 1, 5, 5)]}, release=True)
    assert saved.status_code == 200
    stale = await save(eve, task["id"], hers, {"boxes": [box("WBC", 1, 1, 5, 5)]})
    error = stale.json()["error"]
    assert (stale.status_code, error["code"]) == (409, "record_changed")
    assert error["details"]["value"] == {"boxes": [box("RBC", 1, 1, 5, 5)]}
    over = await save(eve, task["id"], {**hers, "revision": 1}, {"boxes": [box("WBC", 1, 1, 5, 5)]})
    assert over.status_code == 200
    history = (await eve.get(f"{path}/history")).json()["items"]
    assert [(e["user_name"], e["value"]["boxes"][0]["label"]) for e in history] == [
        ("eve", "WBC"), ("ann", "RBC"),
    ]  # fmt: skip
    await eve.aclose()


async def test_bad_labels_are_refused(house: House, bucket: Path, loops: None) -> None:
    dataset = await cells(house, bucket)
    task = await make_task(house, dataset)
    record = await next_of(house.a, task["id"])
    for wrong in (
        {"boxes": [box("Cat", 1, 1, 5, 5)]}, {"boxes": [box("RBC", 1, 1, 0, 5)]},
        {"boxes": [box("RBC", 90, 1, 30, 5)]}, {"boxes": [box("RBC", float(-9), 1, 30, 5)]},
        {"boxes": "x"}, {"boxes": [1]}, {"boxes": [{**box("RBC", 1, 1, 5, 5), "polygons": [[1, 2]]}]},
        {"boxes": [{**box("RBC", 1, 1, 5, 5), "x": "1"}]},
    ):  # fmt: skip
        answer = await save(house.a, task["id"], record or {}, wrong)
        assert answer.status_code == 400, wrong
    counts = (await house.a.get(f"/labelling/tasks/{task['id']}")).json()["counts"]
    assert counts["done"] == 2


async def test_another_project_sees_nothing(house: House, bucket: Path, loops: None) -> None:
    task = await make_task(house, await cells(house, bucket))
    path = f"/labelling/tasks/{task['id']}"
    assert (await house.b.get("/labelling/tasks")).json()["total"] == 0
    for method, place in (
        ("GET", path), ("DELETE", path), ("GET", f"{path}/records"), ("GET", f"{path}/records/0"),
        ("POST", f"{path}/records/0/open"), ("GET", f"{path}/records/0/history"), ("GET", f"{path}/shares"),
    ):  # fmt: skip
        assert (await house.b.request(method, place)).status_code == 404, place
    put = await house.b.put(f"{path}/records/0", json={"revision": 0, "value": {"boxes": []}})
    assert put.status_code == 404


@pytest.mark.covers("LAB-17")
async def test_lists_filters_quota_and_deletion(house: House, bucket: Path, loops: None) -> None:
    house.app.state.settings = house.settings.model_copy(update={"max_label_tasks": 2})
    dataset = await cells(house, bucket)
    task = await make_task(house, dataset)
    path = f"/labelling/tasks/{task['id']}"
    await make_task(house, dataset, name="second")
    third = await house.a.post(
        "/labelling/tasks", json={"name": "third", "dataset_id": dataset["id"]}
    )
    assert third.status_code == 409 and third.json()["error"]["details"]["quota"] == 2
    for shown, wanted in (
        ("all", [0, 1, 2, 3, 4, 5]),
        ("labelled", [0, 1]),
        ("unlabelled", [2, 3, 4, 5]),
    ):
        page = (await house.a.get(f"{path}/records?shown={shown}")).json()
        assert [item["index"] for item in page["items"]] == wanted
    some = (await house.a.get(f"{path}/records?limit=2&after=2")).json()
    assert [item["index"] for item in some["items"]] == [3, 4] and some["next_after"] == 4
    blocked = await house.a.delete(f"/datasets/{dataset['id']}")
    assert blocked.status_code == 409
    assert (await house.a.delete(path)).status_code == 204
    assert (await house.a.get(path)).status_code == 404
