"""Datasets over HTTP with the loop running, on both databases."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from slipway.base.clock import utc_now
from slipway.base.errors import Conflict, NotFound
from slipway.base.events import list_events
from slipway.data import uses
from slipway.data.mount import mount_source
from slipway.data.reconcile import DataLoop
from slipway.data.shelf import Shelf
from slipway.data.uses import Use
from slipway.iam import users
from slipway.iam.roles import Role
from tests.assets.house import House
from tests.data.conftest import gone, picture, settled, voc, write_lines, write_picture


async def make(house: House, address: str, **form: Any) -> dict[str, Any]:
    body = {"name": "talk", "kind": "llm", "address": f"{house.project}/{address}"} | form
    answer = await house.a.post("/datasets", json=body)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def refused(house: House, path: str, **form: Any) -> tuple[int, dict[str, Any]]:
    body = {"name": "talk", "kind": "llm", "address": f"{house.project}/{path}"} | form
    answer = await house.a.post("/datasets", json=body)
    return answer.status_code, answer.json()["error"]


@pytest.fixture
def talk(bucket: Path) -> Path:
    return write_lines(bucket / "talk" / "a.jsonl", *({"q": f"question {i}"} for i in range(25)))


@pytest.mark.covers("DAT-01", "DAT-07", "DAT-23", "DAT-33", "DAT-35")
async def test_a_dataset_is_there_at_once_and_imported_then(
    house: House, talk: Path, loop: DataLoop
) -> None:
    made = await make(house, "talk/", description="d", labels=["qa"], tags={"team": "nlp"})
    assert (made["state"], made["latest_version"], made["unit"]) == ("importing", None, "records")
    assert made["id"].startswith("ds-") and made["progress_percent"] == 0
    assert made["blocked"]["preview"] and made["blocked"]["delete"] is None
    done = await settled(house, made["id"])
    assert (done["state"], done["latest_version"], done["sample_count"]) == ("available", 1, 25)
    assert done["size_bytes"] == talk.stat().st_size and done["progress_percent"] is None
    assert done["blocked"]["preview"] is None and done["blocked"]["retry"]
    base = f"/datasets/{made['id']}/versions/1"
    page = (await house.a.get(f"{base}/samples?offset=20&limit=10")).json()
    assert page["total"] == 25
    assert [item["index"] for item in page["items"]] == [20, 21, 22, 23, 24]
    assert page["items"][0]["kind"] == "record"
    assert page["items"][0]["fields"] == {"q": "question 20"}
    one = (await house.a.get(f"{base}/samples/3")).json()
    assert one["fields"] == {"q": "question 3"}
    assert (await house.a.get(f"{base}/samples/25")).status_code == 404
    detail = (await house.a.get(base)).json()
    assert detail["statistics"]["fields"][0]["name"] == "q"
    assert detail["content_hash"] and detail["published_at"].endswith("Z")
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project, subject_id=made["id"])
    assert [event.type for event in events] == ["data:datasetCreated", "data:versionPublished"]


@pytest.mark.covers("DAT-05", "DAT-09", "DAT-14")
async def test_a_form_that_breaks_a_rule_is_refused(house: House, talk: Path) -> None:
    for form, field in (
        ({"name": "-x"}, "name"), ({"name": ""}, "name"), ({"name": "x" * 61}, "name"),
        ({"name": "a b"}, "name"), ({"labels": ["x" * 31]}, "labels"),
        ({"labels": [" "]}, "labels"),
        ({"labels": [str(i) for i in range(21)]}, "labels"), ({"tags": {"": "x"}}, "tags"),
        ({"label_format": "voc"}, "label_format"), ({"description": "x" * 501}, "description"),
        ({"address": "nowhere"}, None), ({"address": "../x"}, "address"),
        ({"kind": "table", "table": {"has_header": False}}, "table"),
    ):  # fmt: skip
        status, error = await refused(house, "talk", **form)
        assert status in (400, 404), form
        assert error["details"].get("field") == field, form
    status, error = await refused(house, "nothing/here")
    assert status == 404 and "nothing" in error["message"]
    (talk.parent.parent / "empty").mkdir()
    status, error = await refused(house, "empty")
    assert (status, error["code"]) == (400, "nothing_to_import")
    assert (await house.a.get("/datasets")).json()["items"] == []


@pytest.mark.covers("DAT-05")
async def test_two_same_names_at_once_make_one(house: House, talk: Path) -> None:
    body = {"name": "talk", "kind": "llm", "address": f"{house.project}/talk"}
    answers = await asyncio.gather(*(house.a.post("/datasets", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    clash = next(answer for answer in answers if answer.status_code == 409)
    assert clash.json()["error"]["code"] == "name_taken"
    assert (await house.a.get("/datasets")).json()["total"] == 1


@pytest.mark.covers("DAT-04")
async def test_the_quota_is_kept_and_named(house: House, talk: Path) -> None:
    for number in range(house.settings.max_datasets):
        await make(house, "talk", name=f"d{number}")
    status, error = await refused(house, "talk")
    assert (status, error["code"]) == (409, "quota_exceeded")
    assert error["details"] == {"quota": 8, "used": 8} and "8 datasets" in error["message"]


@pytest.mark.covers("DAT-09", "DAT-19")
async def test_the_list_is_searched_filtered_and_paged(house: House, talk: Path) -> None:
    await make(house, "talk", name="alpha", labels=["reading"], tags={"team": "nlp"})
    await make(house, "talk", name="beta", tags={"team": "cv"})
    await make(house, "talk", name="gamma", kind="other")

    async def names(query: str) -> list[str]:
        answer = await house.a.get(f"/datasets?order=name&{query}")
        return [item["name"] for item in answer.json()["items"]]

    assert await names("") == ["alpha", "beta", "gamma"]
    assert await names("search=eading") == ["alpha"]
    assert await names("search=alp|gam") == ["alpha", "gamma"]
    assert await names("tag=team:cv") == ["beta"]
    assert await names("kind=other") == ["gamma"]
    assert await names("state=failed") == []
    assert await names("mine=true") == ["alpha", "beta", "gamma"]
    first = (await house.a.get("/datasets?order=-name&limit=2")).json()
    assert [item["name"] for item in first["items"]] == ["gamma", "beta"] and first["total"] == 3
    rest = await house.a.get(f"/datasets?order=-name&limit=2&cursor={first['next_cursor']}")
    assert [item["name"] for item in rest.json()["items"]] == ["alpha"]


async def test_what_is_said_of_a_dataset_can_be_changed(house: House, talk: Path) -> None:
    made = await make(house, "talk")
    await make(house, "talk", name="other")
    url = f"/datasets/{made['id']}"
    patch = {"name": "中文_1", "labels": ["x", "y"], "tags": {"a": "b"}, "description": "new"}
    changed = (await house.a.patch(url, json=patch)).json()
    assert {key: changed[key] for key in patch} == patch
    clash = await house.a.patch(url, json={"name": "other"})
    assert clash.status_code == 409 and clash.json()["error"]["code"] == "name_taken"
    assert (await house.a.get(url)).json()["name"] == "中文_1"


@pytest.mark.covers("DAT-27")
async def test_a_failed_import_says_where_and_can_be_tried_again(
    house: House, talk: Path, loop: DataLoop
) -> None:
    good = talk.read_text()
    talk.write_text(good + "{broken\n")
    made = await make(house, "talk")
    failed = await settled(house, made["id"])
    assert (failed["state"], failed["latest_version"]) == ("failed", None)
    assert failed["reason"].startswith("a.jsonl, line 26: not valid JSON")
    problem = failed["newest"]["problems"][0]
    assert (problem["file"], problem["line"]) == ("a.jsonl", 26)
    assert failed["blocked"]["publish"] and failed["blocked"]["retry"] is None
    shown = await house.a.get(f"/datasets/{made['id']}/versions/1/samples")
    assert shown.status_code == 409
    talk.write_text(good)
    again = await house.a.post(f"/datasets/{made['id']}/retry")
    assert again.json()["state"] == "importing"
    done = await settled(house, made["id"])
    assert (done["state"], done["reason"], done["sample_count"]) == ("available", None, 25)
    assert done["newest"]["problems"] == []
    twice = await house.a.post(f"/datasets/{made['id']}/retry")
    assert twice.status_code == 409 and twice.json()["error"]["code"] == "retry_blocked"


@pytest.mark.covers("DAT-25", "DAT-26")
async def test_a_published_version_never_changes(house: House, talk: Path, loop: DataLoop) -> None:
    made = await make(house, "talk")
    first = await settled(house, made["id"])
    url = f"/datasets/{made['id']}/versions"
    with talk.open("a") as file:  # written into in place, as a task with the bucket mounted does
        file.write('{"q": "new"}\n')
    write_lines(talk.parent / "b.jsonl", {"q": "more"})
    published = await house.a.post(url, json={"description": "more"})
    assert published.status_code == 201
    assert (published.json()["number"], published.json()["state"]) == (2, "importing")
    assert (await house.a.get(f"/datasets/{made['id']}")).json()["state"] == "available"
    busy = await house.a.post(url, json={})
    if busy.status_code == 201:  # the import was quicker than this request
        await settled(house, made["id"])
    done = await settled(house, made["id"])
    assert done["sample_count"] == 27
    old = (await house.a.get(f"{url}/1/samples?limit=200")).json()
    assert old["total"] == 25
    assert (await house.a.get(f"{url}/1")).json()["content_hash"] == first["newest"]["content_hash"]
    changes = (await house.a.get(f"{url}/2/changes")).json()
    assert changes["since"] == 1
    assert changes["added"] == {"count": 1, "paths": ["b.jsonl"]}
    assert changes["changed"] == {"count": 1, "paths": ["a.jsonl"]}
    assert changes["removed"]["count"] == 0
    assert (await house.a.get(f"{url}/1/changes")).status_code == 400


@pytest.mark.covers("DAT-24")
async def test_a_failed_version_leaves_the_dataset_available(
    house: House, talk: Path, loop: DataLoop
) -> None:
    made = await make(house, "talk")
    await settled(house, made["id"])
    talk.write_text("broken\n")
    await house.a.post(f"/datasets/{made['id']}/versions", json={})
    view = await settled(house, made["id"])
    assert (view["state"], view["latest_version"]) == ("available", 1)
    assert view["newest"]["state"] == "failed" and view["newest"]["number"] == 2
    assert view["reason"].startswith("a.jsonl, line 1")
    assert (await house.a.get(f"/datasets/{made['id']}/versions/1/samples")).json()["total"] == 25
    versions = (await house.a.get(f"/datasets/{made['id']}/versions")).json()["items"]
    assert [(item["name"], item["state"]) for item in versions] == [
        ("v2", "failed"), ("v1", "available"),
    ]  # fmt: skip


@pytest.mark.covers("DAT-41", "DAT-42")
async def test_deleting_removes_the_record_and_leaves_the_source(
    house: House, talk: Path, loop: DataLoop
) -> None:
    made = await make(house, "talk")
    await settled(house, made["id"])
    folder = Shelf(house.settings.root).dataset(made["id"])
    assert folder.exists()
    answer = await house.a.delete(f"/datasets/{made['id']}")
    assert (answer.status_code, answer.json()["state"]) == (202, "unavailable")
    assert answer.json()["blocked"]["delete"]
    await gone(house, made["id"])
    assert not folder.exists() and talk.exists()
    assert (await house.a.get("/datasets")).json()["total"] == 0
    await make(house, "talk")  # the name is free again
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project, subject_id=made["id"])
    assert [event.type for event in events][-2:] == ["data:datasetDeleting", "data:datasetDeleted"]


async def test_a_dataset_can_be_deleted_while_it_is_imported(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    row = '{"q": "' + "text " * 50 + '"}\n'
    (bucket / "big").mkdir()
    (bucket / "big" / "a.jsonl").write_text(row * 60_000)
    made = await make(house, "big")
    assert (await house.a.delete(f"/datasets/{made['id']}")).status_code == 202
    await gone(house, made["id"])
    assert not Shelf(house.settings.root).dataset(made["id"]).exists()


async def test_what_is_in_use_is_not_deleted(
    house: House, talk: Path, loop: DataLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Use("train", "train-1", "night run", 1, active=True)]

    async def finder(session: object, dataset_id: str) -> list[Use]:
        return found

    monkeypatch.setattr(uses, "_finders", [])
    uses.add_use_finder(finder)
    made = await make(house, "talk")
    assert made["used_by"][0]["subject_id"] == "train-1"
    running = await house.a.delete(f"/datasets/{made['id']}?confirm=true")
    assert running.status_code == 409 and "night run" in running.json()["error"]["message"]
    found[:] = [Use("train", "train-1", "night run", 1, active=False)]
    asked = await house.a.delete(f"/datasets/{made['id']}")
    assert asked.status_code == 409 and asked.json()["error"]["code"] == "confirm_needed"
    assert (await house.a.delete(f"/datasets/{made['id']}?confirm=true")).status_code == 202
    await gone(house, made["id"])


@pytest.mark.covers("DAT-10", "DAT-13", "DAT-36", "DAT-37")
async def test_images_are_shown_with_their_boxes(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    for number in range(3):
        write_picture(bucket / f"cells/DataFile/{number}.jpg", 400, 300)
    (bucket / "cells/Annotations").mkdir()
    (bucket / "cells/Annotations/1.xml").write_text(
        voc(("RBC", 10, 20, 50, 60), ("RBC", 1, 1, 9, 9), ("WBC", 0, 0, 5, 5), size=(400, 300))
    )
    made = await make(house, "cells", kind="object_detection", label_format="voc")
    done = await settled(house, made["id"])
    assert (done["state"], done["sample_count"], done["labelled_count"]) == ("available", 3, 1)
    base = f"/datasets/{made['id']}/versions/1"
    detail = (await house.a.get(base)).json()
    assert detail["label_distribution"] == [
        {"name": "RBC", "count": 2, "share_percent": 66.67},
        {"name": "WBC", "count": 1, "share_percent": 33.33},
    ]
    labelled = (await house.a.get(f"{base}/samples?status=labelled")).json()
    assert labelled["total"] == 1
    image = labelled["items"][0]
    assert (image["kind"], image["width"], image["height"]) == ("image", 400, 300)
    assert image["boxes"][0] | {"polygons": []} == {
        "label": "RBC", "x": 10, "y": 20, "width": 40, "height": 40, "polygons": [],
        "mask": None, "attributes": {},
    }  # fmt: skip
    by_label = (await house.a.get(f"{base}/samples?label=WBC")).json()
    assert [item["index"] for item in by_label["items"]] == [1]
    assert (await house.a.get(f"{base}/samples?status=unlabelled")).json()["total"] == 2
    original = await house.a.get(image["image_url"].removeprefix("/api/v1"))
    assert original.content == (bucket / "cells/DataFile/1.jpg").read_bytes()
    assert "immutable" in original.headers["cache-control"]
    for _ in range(2):  # made, then kept
        small = await house.a.get(image["thumbnail_url"].removeprefix("/api/v1"))
        assert small.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(small.content)).size == (256, 192)
    odd = await house.a.get(f"{base}/samples/1/thumbnail?size=1000000")
    assert odd.status_code == 400


async def test_an_image_whose_content_is_damaged_is_said(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    data = picture(300, 300)
    (bucket / "pics").mkdir()
    (bucket / "pics/1.png").write_bytes(data[: len(data) // 2])
    made = await make(house, "pics", kind="image_classification")
    await settled(house, made["id"])
    answer = await house.a.get(f"/datasets/{made['id']}/versions/1/samples/0/thumbnail")
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "damaged_image"


@pytest.mark.covers("DAT-33")
async def test_records_show_the_images_they_name(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    write_picture(bucket / "mm/images/a.png")
    write_lines(
        bucket / "mm/x.jsonl",
        {"img": ["images/a.png", "images/lost.png"], "web": "https://example.org/b.jpg", "q": "?"},
        {"img": "../../../secret.png"},
    )
    made = await make(house, "mm", kind="mllm")
    assert (await settled(house, made["id"]))["newest"]["ignored_count"] == 0
    base = f"/datasets/{made['id']}/versions/1"
    items = (await house.a.get(f"{base}/samples")).json()["items"]
    inside, lost, web = items[0]["images"]
    assert (lost["url"], web["url"]) == (None, "https://example.org/b.jpg")
    got = await house.a.get(inside["url"].removeprefix("/api/v1"))
    assert got.content == (bucket / "mm/images/a.png").read_bytes()
    assert items[1]["images"][0]["url"] is None
    for path in ("..%2Fversion.json", "images/../../version.json", "%2Fetc%2Fpasswd", "x%00"):
        assert (await house.a.get(f"{base}/files/{path}")).status_code == 404


@pytest.mark.covers("DAT-16", "DAT-38")
async def test_a_table_is_shown_by_rows_and_columns(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    (bucket / "t.csv").write_text("id,ok\n" + "".join(f"{i},{i % 2 == 0}\n" for i in range(30)))
    made = await make(house, "t.csv", kind="table")
    await settled(house, made["id"])
    base = f"/datasets/{made['id']}/versions/1"
    rows = (await house.a.get(f"{base}/samples?offset=28")).json()
    assert [row["fields"] for row in rows["items"]] == [
        {"id": "28", "ok": "True"}, {"id": "29", "ok": "False"},
    ]  # fmt: skip
    columns = (await house.a.get(base)).json()["statistics"]["columns"]
    assert [(column["name"], column["type"]) for column in columns] == [
        ("id", "int"),
        ("ok", "bool"),
    ]
    assert sorted(columns[1]["values"]) == [["False", 15], ["True", 15]]


@pytest.mark.covers("DAT-18", "DAT-40")
async def test_other_files_are_counted_only(house: House, bucket: Path, loop: DataLoop) -> None:
    write_lines(bucket / "any" / "x.bin", 1)
    made = await make(house, "any", kind="other")
    done = await settled(house, made["id"])
    assert (done["sample_count"], done["unit"]) == (1, "files")


@pytest.mark.covers("DAT-11")
async def test_an_uploaded_archive_becomes_a_dataset(house: House, loop: DataLoop) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("digits/0/a.png", "digits/1/b.png", "digits/1/c.png"):
            archive.writestr(name, picture())
    url = f"/buckets/{house.project}/objects/up/digits.zip"
    assert (await house.a.put(url, content=out.getvalue())).status_code == 201
    made = await make(house, "up/digits.zip", kind="image_classification", label_format="folder")
    done = await settled(house, made["id"])
    assert (done["state"], done["sample_count"], done["labelled_count"]) == ("available", 3, 3)
    detail = (await house.a.get(f"/datasets/{made['id']}/versions/1")).json()
    assert [label["name"] for label in detail["label_distribution"]] == ["1", "0"]


async def test_an_archive_that_climbs_out_fails_and_writes_nothing(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    with zipfile.ZipFile(bucket / "evil.zip", "w") as archive:
        archive.writestr("good.jsonl", "{}")
        archive.writestr("../../evil.jsonl", "{}")
    made = await make(house, "evil.zip")
    failed = await settled(house, made["id"])
    assert failed["state"] == "failed"
    assert failed["reason"].startswith("../../evil.jsonl: ") and "outside" in failed["reason"]
    assert list(house.settings.root.rglob("*.jsonl")) == []


@pytest.mark.covers("DAT-26")
@pytest.mark.parametrize("wanted", ["original", "voc", "coco"])
async def test_an_export_can_be_imported_again(
    house: House, bucket: Path, loop: DataLoop, wanted: str
) -> None:
    for number in range(2):
        write_picture(bucket / f"cells/DataFile/{number}.jpg", 100, 80)
    (bucket / "cells/Annotations").mkdir()
    (bucket / "cells/Annotations/1.xml").write_text(
        voc(("R<B>C", 10.5, 20, 50, 60), ("WBC", 0, 0, 5, 5)).replace("R<B>C", "R&lt;B&gt;C")
    )
    made = await make(house, "cells", kind="object_detection", label_format="voc")
    await settled(house, made["id"])
    url = f"/datasets/{made['id']}/versions/1"
    got = await house.a.get(f"{url}/export?format={wanted}")
    assert got.status_code == 200 and got.headers["content-type"] == "application/zip"
    (bucket / "again.zip").write_bytes(got.content)
    label_format = "coco" if wanted == "coco" else "voc"
    copy = await make(
        house, "again.zip", name="again", kind="object_detection", label_format=label_format
    )
    done = await settled(house, copy["id"])
    assert done["state"] == "available", done["reason"]

    async def boxes(dataset_id: str) -> list[list[tuple[Any, ...]]]:
        page = (await house.a.get(f"/datasets/{dataset_id}/versions/1/samples")).json()
        return [
            [(b["label"], b["x"], b["y"], b["width"], b["height"]) for b in item["boxes"]]
            for item in page["items"]
        ]

    assert await boxes(copy["id"]) == await boxes(made["id"])
    wrong = await house.a.get(f"{url}/export?format=folder")
    assert wrong.status_code == 400


async def test_another_project_sees_nothing_of_a_dataset(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    write_picture(bucket / "pics/cat/1.png")
    made = await make(house, "pics", kind="image_classification", label_format="folder")
    await settled(house, made["id"])
    url = f"/datasets/{made['id']}"
    assert (await house.b.get("/datasets")).json()["items"] == []
    for path in (
        "", "/versions", "/versions/1", "/versions/1/samples", "/versions/1/samples/0",
        "/versions/1/samples/0/image", "/versions/1/samples/0/thumbnail",
        "/versions/1/files/cat/1.png", "/versions/1/export", "/versions/1/changes",
    ):  # fmt: skip
        assert (await house.b.get(url + path)).status_code == 404, path
        asked = await house.b.get(f"{url}{path}?project={house.project}")
        assert asked.status_code == 404, path
    assert (await house.b.patch(url, json={"name": "mine"})).status_code == 404
    assert (await house.b.delete(url)).status_code == 404
    assert (await house.b.post(f"{url}/versions", json={})).status_code == 404
    assert (await house.b.post(f"{url}/retry")).status_code == 404
    body = {"name": "theft", "kind": "other", "address": f"{house.project}/pics"}
    assert (await house.b.post("/datasets", json=body)).status_code == 404


async def test_a_viewer_may_look_but_not_change(house: House, talk: Path, loop: DataLoop) -> None:
    made = await make(house, "talk")
    await settled(house, made["id"])
    await users.set_member(
        house.db, house.actor, house.project, user_name="bob", role=Role.VIEWER, now=utc_now()
    )
    house.b.headers["X-Slipway-Project"] = house.project
    url = f"/datasets/{made['id']}"
    assert (await house.b.get(f"{url}/versions/1/samples")).status_code == 200
    body = {"name": "x", "kind": "llm", "address": f"{house.project}/talk"}
    for answer in (
        await house.b.post("/datasets", json=body), await house.b.delete(url),
        await house.b.patch(url, json={}), await house.b.post(f"{url}/versions", json={}),
    ):  # fmt: skip
        assert answer.status_code == 403


@pytest.mark.covers("DAT-43")
async def test_training_gets_the_directory_of_a_version(
    house: House, talk: Path, loop: DataLoop
) -> None:
    made = await make(house, "talk")
    home = house.settings.root
    await settled(house, made["id"])
    async with house.db.read() as session:
        path, info = await mount_source(session, home, house.project, made["id"])
        assert (path / "a.jsonl").read_bytes() == talk.read_bytes()
        assert (info.title, info.version, info.sample_count) == ("talk (v1)", 1, 25)
        with pytest.raises(NotFound):
            await mount_source(session, home, house.other_project, made["id"])
        with pytest.raises(NotFound, match="no published version v7"):
            await mount_source(session, home, house.project, made["id"], 7)
    failed = write_lines(talk.parent.parent / "bad" / "a.jsonl", 1)
    assert failed.exists()
    bad = await make(house, "bad", name="bad")
    await settled(house, bad["id"])
    async with house.db.read() as session:
        with pytest.raises(Conflict, match="failed"):
            await mount_source(session, home, house.project, bad["id"])


async def test_a_restart_takes_up_what_was_wanted(house: House, talk: Path) -> None:
    """The process died with a claim on the row and a half-built folder on the disk."""
    made = await make(house, "talk")
    shelf = Shelf(house.settings.root)
    first = DataLoop(house.db, house.storage, house.settings.root)
    task = asyncio.create_task(first.run())
    async with asyncio.timeout(10):
        while not shelf.dataset(made["id"]).exists():
            await asyncio.sleep(0.002)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    half = shelf.new_work(made["id"])
    (half / "files").mkdir()
    again = DataLoop(house.db, house.storage, house.settings.root)
    task = asyncio.create_task(again.run())
    done = await settled(house, made["id"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (done["state"], done["sample_count"]) == ("available", 25)
    assert [path.name for path in shelf.dataset(made["id"]).iterdir()] == ["v1"]


def import_processes() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "slipway.data.worker" in child.cmdline()]


async def test_an_import_process_that_dies_is_said_and_can_be_tried_again(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    (bucket / "big").mkdir()
    (bucket / "big" / "a.jsonl").write_text('{"q": "text"}\n' * 300_000)
    made = await make(house, "big")
    async with asyncio.timeout(10):
        while not (workers := import_processes()):
            await asyncio.sleep(0.005)
    workers[0].kill()
    failed = await settled(house, made["id"])
    assert failed["state"] == "failed" and "signal 9" in failed["reason"]
    await house.a.post(f"/datasets/{made['id']}/retry")
    assert (await settled(house, made["id"]))["sample_count"] == 300_000


async def test_a_source_that_vanished_fails_the_import(
    house: House, talk: Path, bucket: Path
) -> None:
    made = await make(house, "talk")
    talk.unlink()
    talk.parent.rmdir()
    task = asyncio.create_task(DataLoop(house.db, house.storage, house.settings.root).run())
    failed = await settled(house, made["id"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert failed["state"] == "failed" and "nothing at" in failed["reason"]


@pytest.fixture
def tiny_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose datasets lie on a disk of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "home" / "datasets"
    disk.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not allow mounting")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_a_full_disk_fails_the_import_and_leaves_nothing(
    tiny_home: Path, house: House, bucket: Path, loop: DataLoop
) -> None:
    row = '{"q": "' + "x" * 100 + '"}\n'
    (bucket / "big").mkdir()
    (bucket / "big" / "a.jsonl").write_text(row * 30_000)
    (bucket / "tight").mkdir()
    (bucket / "tight" / "a.jsonl").write_text(row * 18_500)  # fits, but not with its index
    for name in ("big", "tight"):
        made = await make(house, name, name=name)
        failed = await settled(house, made["id"])
        assert failed["state"] == "failed"
        assert "disk is full" in failed["reason"]
        assert list((tiny_home / made["id"]).iterdir()) == []
