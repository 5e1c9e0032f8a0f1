"""Tasks of the image scenarios: the form's rules, label values, masks, and the way through each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.data.formats.masks import mask_box
from slipway.data.formats.raster import fill
from tests.assets.house import House
from tests.data.conftest import settled, write_picture
from tests.labelling.conftest import (
    SIZE,
    add_member,
    box,
    cells,
    make_dataset,
    make_task,
    save,
    task_once,
)


@pytest.mark.covers("LAB-20")
async def test_a_scenario_needs_a_dataset_and_a_format_of_its_kind(
    house: House, bucket: Path, loops: None
) -> None:
    dataset = await cells(house, bucket)
    eve = await add_member(house, "eve")
    body = {"name": "boxes", "dataset_id": dataset["id"]}
    for wrong, field in (
        ({"kind": "segmentation"}, "kind"), ({"label_format": "folder"}, "label_format"),
        ({"name": "_x"}, "name"), ({"name": "x" * 61}, "name"), ({"description": "x" * 501}, "description"),
        ({"labels": [{"name": "x" * 65}]}, "labels"), ({"labels": [{"name": "a"}, {"name": "a "}]}, "labels"),
        ({"labels": [{"name": "a", "colour": "red"}]}, "labels"), ({"kind": "tracking", "label_format": "voc"}, "label_format"),
    ):  # fmt: skip
        answer = await house.a.post("/labelling/tasks", json=body | wrong)
        assert answer.status_code == 400, (wrong, answer.text)
        assert answer.json()["error"]["details"]["field"] == field
    assert (await eve.post("/labelling/tasks", json=body)).status_code == 403
    tracking = await make_task(house, dataset, kind="tracking", name="街道-1", tags={"team": "cv"})
    assert (tracking["kind"], tracking["label_format"], tracking["tags"]) == (
        "tracking",
        "ti",
        {"team": "cv"},
    )
    await make_task(house, dataset, label_format="coco")
    for query, wanted in (
        ("kind=tracking", 1),
        ("kind=tracking&kind=detection", 2),
        ("state=failed", 0),
    ):
        assert (await house.a.get(f"/labelling/tasks?{query}")).json()["total"] == wanted
    await eve.aclose()


@pytest.mark.covers("LAB-21")
async def test_labels_in_use_are_renamed_or_merged(house: House, bucket: Path, loops: None) -> None:
    dataset = await cells(house, bucket)
    task = await make_task(house, dataset, labels=[{"name": "Platelets"}, {"name": "spare"}])
    path = f"/labelling/tasks/{task['id']}"
    record = (await house.a.post(f"{path}/records/2/open")).json()
    drawn = {"boxes": [box("Platelets", 5, 6, 7, 8)]}
    assert (await save(house.a, task["id"], record, drawn)).status_code == 200

    async def change(*names: str, **renames: str) -> Any:
        labels = [{"name": name} for name in names]
        return await house.a.patch(path, json={"labels": labels, "renames": renames})

    for gone in ("Platelets", "RBC"):  # drawn here, or came with the data
        kept = [name for name in ("Platelets", "RBC", "WBC") if name != gone]
        refused = await change(*kept)
        assert refused.status_code == 409 and gone in refused.json()["error"]["message"]
    # What nobody uses may go; a rename and a merge reach labels of both origins.
    done = await change("thrombocyte", "blood", Platelets="thrombocyte", RBC="blood", WBC="blood")
    assert done.status_code == 200, done.text
    assert [label["name"] for label in done.json()["labels"]] == ["thrombocyte", "blood"]
    names = [
        item["labels"] for item in (await house.a.get(f"{path}/records?limit=3")).json()["items"]
    ]
    assert names == [["blood"], ["blood"], ["thrombocyte"]]
    assert (await change("thrombocyte", "blood", "RBC")).status_code == 409
    assert (await change("thrombocyte", thrombocyte="nowhere")).status_code == 400
    # A browser that still knows the old name loses nothing.
    late = (await house.a.get(f"{path}/records/3")).json()
    saved = await save(house.a, task["id"], late, {"boxes": [box("WBC", 1, 1, 5, 5)]})
    assert saved.status_code == 200 and saved.json()["value"]["boxes"][0]["label"] == "blood"
    await house.a.post(f"{path}/publish", json={"label_format": "voc"})
    await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    await settled(house, dataset["id"])
    page = (await house.a.get(f"/datasets/{dataset['id']}/versions/2/samples")).json()
    labels = [[one["label"] for one in item["boxes"]] for item in page["items"]]
    assert labels == [["blood"], ["blood"], ["thrombocyte"], ["blood"], [], []]


@pytest.mark.covers("LAB-58")
@pytest.mark.parametrize("label_format", ["ti", "voc", "coco"])
async def test_masks_and_polygons_become_a_version(
    house: House, bucket: Path, loops: None, label_format: str
) -> None:
    for number in range(2):
        write_picture(bucket / "organs" / f"{number}.png", *SIZE)
    dataset = await make_dataset(house, "organs", kind="image_segmentation")
    task = await make_task(house, dataset, labels=[{"name": "liver"}, {"name": "lung"}])
    path = f"/labelling/tasks/{task['id']}"
    record = (await house.a.post(f"{path}/records/0/open")).json()
    mask = mask_box("liver", fill([[10, 10, 40, 10, 40, 30, 10, 30]], *SIZE), *SIZE).to_json()
    outline = {"label": "lung", "x": 0, "y": 0, "width": 1, "height": 1,
               "polygons": [[50, 50, 70, 50, 60, 70]]}  # fmt: skip
    for wrong in (
        {**mask, "mask": "nonsense"}, {**mask, "mask": mask["mask"][:-1]}, {**mask, "mask": 7},
        {**outline, "polygons": [[50, 50, 70, 50]]},
    ):  # fmt: skip
        assert (await save(house.a, task["id"], record, {"boxes": [wrong]})).status_code == 400
    saved = await save(house.a, task["id"], record, {"boxes": [mask, outline]})
    assert saved.status_code == 200, saved.text
    found = saved.json()["value"]["boxes"]
    assert found[0]["mask"] == mask["mask"] and (found[1]["x"], found[1]["width"]) == (50, 20)
    await house.a.post(f"{path}/publish", json={"label_format": label_format})
    done = await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    assert done["publication"]["version"] == 2, done
    view = await settled(house, dataset["id"])
    assert view["newest"]["state"] == "available", view
    page = (await house.a.get(f"/datasets/{dataset['id']}/versions/2/samples")).json()
    assert page["total"] == 2  # a mask is no sample
    again = page["items"][0]["boxes"]
    assert [one["label"] for one in again] == ["liver", "lung"] and page["items"][1]["boxes"] == []
    assert again[0]["mask"] == mask["mask"]


@pytest.mark.covers("LAB-22")
async def test_a_task_that_failed_says_why_and_is_tried_again(
    house: House, bucket: Path, loops: None
) -> None:
    dataset = await cells(house, bucket)
    shelf = house.settings.root / "datasets" / dataset["id"]
    shelf.rename(shelf.with_name("away"))
    task = await make_task(house, dataset)
    assert task["state"] == "failed" and "gone" in task["reason"]
    assert "failed" in task["blocked"]["label"]
    path = f"/labelling/tasks/{task['id']}"
    assert (await house.a.post(f"{path}/next", json={})).status_code == 409
    shelf.with_name("away").rename(shelf)
    assert (await house.a.post(f"{path}/retry")).json()["state"] == "creating"
    done = await task_once(house, task["id"], lambda t: t["state"] != "creating")
    assert done["state"] == "created" and done["reason"] is None
    assert done["blocked"]["label"] is None
