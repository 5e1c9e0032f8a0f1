"""Importing models from storage, and what becomes of them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import zipfile
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.base.errors import Conflict, NotFound
from slipway.models.import_version import import_version
from slipway.models.loop import ModelLoop
from slipway.models.mounting import mount_source
from slipway.models.types import TaskSource
from tests.models.house import House, until

PACKAGE = {"model/model.pth": b"\0weights" * 1000, "model_service.py": b"class Predictor: ...\n"}


async def start_import(house: House, **form: Any) -> Any:
    form = {"source": house.folder("out/run", PACKAGE), "format": "PyTorch"} | form
    return await house.a.post("/models", json=form)


async def imported(house: House, **form: Any) -> Any:
    answer = await start_import(house, **form)
    assert answer.status_code == 201, answer.text
    return await finished(house, answer.json()["id"])


async def finished(house: House, version_id: str) -> Any:
    async def look() -> Any:
        return (await house.a.get(f"/models/versions/{version_id}")).json()

    return await until(look, lambda version: version["state"] != "Importing")


@pytest.mark.covers("MOD-01", "MOD-04", "MOD-05", "MOD-16", "MOD-20", "MOD-21", "MOD-25")
async def test_a_folder_in_storage_becomes_version_one_of_a_new_model(
    house: House, loop: ModelLoop
) -> None:
    answer = await start_import(
        house, name="digits", framework="pytorch", environment="pytorch", description="Small.",
        metrics={"accuracy": 0.98}, tags={"team": "vision"},
    )  # fmt: skip
    assert answer.status_code == 201
    assert answer.json()["state"] == "Importing"
    version = await finished(house, answer.json()["id"])

    assert version["state"] == "Succeeded" and version["reason"] == ""
    assert version["version"] == "v1" and version["model_name"] == "digits"
    assert version["id"].startswith("mv-") and version["model_id"].startswith("m-")
    assert version["source"]["kind"] == "storage"
    assert version["source"]["address"] == f"{house.project}/out/run/"
    assert version["metrics"] == {"accuracy": 0.98}
    assert version["framework"] == "pytorch" and version["environment_built_in"] is True
    assert version["size_bytes"] == sum(map(len, PACKAGE.values())) and version["file_count"] == 2
    assert version["warnings"] == []
    place = f"{house.project}/models/{version['model_id']}/{version['id']}/"
    assert version["save_path"] == place
    found = {
        path.relative_to(house.path(place)).as_posix(): path.read_bytes()
        for path in house.path(place).rglob("*")
        if path.is_file()
    }
    assert found == PACKAGE
    model = (await house.a.get(f"/models/{version['model_id']}")).json()
    assert model["tags"] == {"team": "vision"} and model["description"] == "Small."
    assert model["version_count"] == 1 and model["newest"]["id"] == version["id"]
    source = house.path(f"{house.project}/out/run/")
    assert (source / "model_service.py").exists()  # copied, not moved


@pytest.mark.covers("MOD-X4")
async def test_a_versions_files_have_digests_and_cannot_be_changed(
    house: House, loop: ModelLoop
) -> None:
    version = await imported(house, name="digits")
    listing = (await house.a.get(f"/models/versions/{version['id']}/files")).json()
    assert listing["total"] == 2 and listing["next_cursor"] is None
    assert {f["path"]: (f["size_bytes"], f["sha256"]) for f in listing["items"]} == {
        path: (len(data), hashlib.sha256(data).hexdigest()) for path, data in PACKAGE.items()
    }
    folder = house.path(version["save_path"])
    modes = {os.stat(p).st_mode & 0o222 for p in [folder, *folder.rglob("*")]}
    assert modes == {0}
    (house.path(f"{house.project}/out/run") / "model_service.py").write_text("changed")
    assert (folder / "model_service.py").read_bytes() == PACKAGE["model_service.py"]


async def test_files_are_listed_page_by_page(house: House, loop: ModelLoop) -> None:
    source = house.folder("many", {f"part-{n}.pth": b"x" for n in range(5)})
    version = await imported(house, name="many", source=source)
    url = f"/models/versions/{version['id']}/files"
    first = (await house.a.get(url, params={"limit": 3})).json()
    rest = (await house.a.get(url, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    names = [f["path"] for f in first["items"] + rest["items"]]
    assert names == [f"part-{n}.pth" for n in range(5)] and rest["next_cursor"] is None


@pytest.mark.covers("MOD-12")
async def test_single_files_and_the_whole_version_can_be_downloaded(
    house: House, loop: ModelLoop
) -> None:
    version = await imported(house, name="数字")
    url = f"/models/versions/{version['id']}"
    one = await house.a.get(f"{url}/files/model/model.pth")
    assert one.content == PACKAGE["model/model.pth"]
    part = await house.a.get(f"{url}/files/model/model.pth", headers={"Range": "bytes=0-4"})
    assert part.status_code == 206 and part.content == PACKAGE["model/model.pth"][:5]
    whole = await house.a.get(f"{url}/download")
    assert whole.headers["content-type"] == "application/zip"
    assert "%E6%95%B0" in whole.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == PACKAGE
    missing = await house.a.get(f"{url}/files/..%2F..%2Fsecret")
    assert missing.status_code == 404


@pytest.mark.covers("MOD-19")
async def test_cut_removes_what_was_copied_and_nothing_else(house: House, loop: ModelLoop) -> None:
    source = house.folder("cut/me", PACKAGE)
    version = await imported(house, name="cut", source=source, move=True)
    assert version["state"] == "Succeeded"
    assert not house.path(source).exists()
    assert house.path(source).parent.exists()
    assert (house.path(version["save_path"]) / "model/model.pth").exists()


@pytest.mark.covers("MOD-19")
async def test_a_version_cannot_be_cut_out_of_the_repository(house: House, loop: ModelLoop) -> None:
    version = await imported(house, name="kept")
    for source in (version["save_path"], version["save_path"] + "model/"):
        refused = await start_import(house, name="thief", source=source, move=True)
        assert refused.status_code == 400 and "never changes" in refused.text
    copied = await imported(house, name="copy", source=version["save_path"])
    assert copied["state"] == "Succeeded"


@pytest.mark.covers("MOD-17")
async def test_an_unusual_package_is_a_warning_and_an_unknown_format_a_refusal(
    house: House, loop: ModelLoop
) -> None:
    version = await imported(house, name="odd", format="onnx")
    assert version["state"] == "Succeeded" and version["format"] == "ONNX"
    assert version["warnings"] == ["A ONNX package usually holds an .onnx file; this one does not."]
    refused = await start_import(house, name="x", format="Caffe")
    assert refused.status_code == 400
    assert "Possible: SavedModel" in refused.json()["error"]["message"]
    formats = (await house.a.get("/models/formats")).json()["items"]
    assert {"SavedModel", "PMML", "Hugging Face LLM", "safetensors"} <= {f["name"] for f in formats}


async def test_a_bad_import_is_refused_with_its_reason(house: House) -> None:
    for form, code in [
        ({"name": "a b"}, 400),
        ({"name": "x" * 61}, 400),
        ({"name": None}, 400),
        ({"name": "both", "model_id": "m-1"}, 400),
        ({"model_id": "m-1"}, 404),
        ({"name": "n", "source": f"{house.project}/nowhere/"}, 404),
        ({"name": "n", "source": "other-bucket/x/"}, 404),
        ({"name": "n", "source": f"{house.project}/"}, 400),
        ({"name": "n", "tags": {"a:b": "c"}}, 400),
        ({"name": "n", "save_root": "other-bucket/x"}, 404),
    ]:
        answer = await start_import(house, **form)
        assert answer.status_code == code, (form, answer.text)
    assert (await house.a.get("/models")).json()["total"] == 0


@pytest.mark.covers("MOD-05")
async def test_an_empty_source_fails_with_a_reason_and_can_be_tried_again(
    house: House, loop: ModelLoop
) -> None:
    source = house.folder("later", {})
    house.path(source).mkdir(parents=True)
    version = await imported(house, name="later", source=source)
    assert version["state"] == "Failed" and version["reason"] == "The source folder holds no files."
    assert version["blocked"]["retry"] is None and version["blocked"]["deploy"]
    async with house.db.read() as session:
        with pytest.raises(Conflict, match="cannot be used"):
            await mount_source(session, house.storage, house.project, version["id"])
    house.folder("later", PACKAGE)
    again = await house.a.post(f"/models/versions/{version['id']}/retry")
    assert again.json()["state"] == "Importing"
    assert (await finished(house, version["id"]))["state"] == "Succeeded"
    assert (await house.a.post(f"/models/versions/{version['id']}/retry")).status_code == 409
    async with house.db.read() as session:
        place = await mount_source(session, house.storage, house.project, version["id"])
    assert (place / "model_service.py").exists()


@pytest.mark.covers("MOD-14")
async def test_two_new_models_of_one_name_at_once_make_one(house: House) -> None:
    answers = await asyncio.gather(*(start_import(house, name="twin") for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    refused = next(a for a in answers if a.status_code == 409).json()["error"]
    assert refused["code"] == "name_taken" and "twin" in refused["message"]
    assert (await house.a.get("/models")).json()["total"] == 1


@pytest.mark.covers("MOD-23")
async def test_versions_count_on_and_no_number_is_used_twice(house: House, loop: ModelLoop) -> None:
    first = await imported(house, name="counted")
    model_id = first["model_id"]
    second = await imported(house, model_id=model_id, metrics="looks good", tags={"more": "1"})
    assert second["version"] == "v2" and second["metrics_text"] == "looks good"
    assert (await house.a.delete(f"/models/versions/{second['id']}")).status_code == 204
    third = await imported(house, model_id=model_id)
    assert third["version"] == "v3"
    both = await asyncio.gather(*(start_import(house, model_id=model_id) for _ in range(2)))
    assert {a.json()["version"] for a in both} == {"v4", "v5"}
    listed = (await house.a.get(f"/models/{model_id}/versions", params={"order": "number"})).json()
    assert [v["version"] for v in listed["items"]] == ["v1", "v3", "v4", "v5"]
    assert (await house.a.get(f"/models/{model_id}")).json()["tags"] == {"more": "1"}
    for answer in both:
        await finished(house, answer.json()["id"])


@pytest.mark.covers("MOD-15", "MOD-32")
async def test_a_version_from_a_task_says_so(house: House, loop: ModelLoop) -> None:
    version = await import_version(
        house.db, house.storage, house.actor, model_id=None, name="trained",
        source=house.folder("training/train-1/model", PACKAGE), fmt="PyTorch", framework="pytorch",
        environment="pytorch", metrics={"loss": 0.5}, tags={}, move=False,
        task=TaskSource("train-1", "first run"), now=utc_now(),
    )  # fmt: skip
    seen = await finished(house, version.id)
    assert seen["source"] == {
        "kind": "task", "address": f"{house.project}/training/train-1/model/",
        "task_id": "train-1", "task_name": "first run",
    }  # fmt: skip
    assert seen["metrics"] == {"loss": 0.5}


async def test_another_project_sees_nothing(house: House, loop: ModelLoop) -> None:
    version = await imported(house, name="private")
    url = f"/models/versions/{version['id']}"
    assert (await house.b.get("/models")).json()["items"] == []
    for path in (
        f"/models/{version['model_id']}", f"/models/{version['model_id']}/versions", url,
        f"{url}/files", f"{url}/download", f"{url}/files/model_service.py", f"{url}/uses",
    ):  # fmt: skip
        assert (await house.b.get(path)).status_code == 404, path
    for path in (f"/models/{version['model_id']}", url):
        assert (await house.b.delete(path)).status_code == 404
    other = (await house.b.get("/me")).json()["projects"][0]["id"]
    async with house.db.read() as session:
        with pytest.raises(NotFound):
            await mount_source(session, house.storage, other, version["id"])
    assert (await house.a.get(url)).status_code == 200
