"""Datasets that change hands: share tokens, the access log, and records in other formats."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import datasets as hugging_face
import orjson
import pyarrow.parquet as pq
import pytest

from slipway.base.errors import Invalid
from slipway.data.export import ExportFormat, export_zip
from slipway.data.manifest import Manifest
from slipway.data.reconcile import DataLoop
from tests.assets.house import House
from tests.data.conftest import Importer, settled, write_lines, write_picture
from tests.data.test_datasets_http import make


async def settled_at_b(house: House, dataset_id: str) -> dict[str, Any]:
    turned = House(**{**house.__dict__, "a": house.b})
    return await settled(turned, dataset_id)


@pytest.mark.covers("AST-32")
async def test_a_token_makes_an_independent_copy(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    write_lines(bucket / "talk" / "a.jsonl", {"q": "one"}, {"q": "two"})
    made = await make(house, "talk")
    first = await settled(house, made["id"])
    url = f"/datasets/{made['id']}"
    shared = await house.a.post(f"{url}/shares", json={"version": 1, "max_uses": 1})
    assert shared.status_code == 201, shared.text
    token = shared.json()["token"]
    assert token.startswith("sds-") and len(token) >= 20
    assert token not in (await house.a.get(f"{url}/shares")).text
    wrong = await house.b.post("/datasets/shared", json={"token": "sds-nothing"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "bad_token")
    taken = await house.b.post("/datasets/shared", json={"token": token, "name": "theirs"})
    assert taken.status_code == 201, taken.text
    again = await house.b.post("/datasets/shared", json={"token": token, "name": "more"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "token_used")
    copy = await settled_at_b(house, taken.json()["id"])
    assert (copy["state"], copy["sample_count"]) == ("available", 2)
    assert copy["newest"]["content_hash"] == first["newest"]["content_hash"]
    assert (await house.b.post(f"/datasets/{copy['id']}/versions", json={})).status_code == 409
    other = (await house.a.post(f"{url}/shares", json={"version": 1})).json()
    assert (await house.a.delete(f"{url}/shares/{other['id']}")).status_code == 204
    ended = await house.b.post("/datasets/shared", json={"token": other["token"], "name": "x"})
    assert ended.status_code == 404
    await house.a.get(f"{url}/versions/1/samples")
    await house.a.get(f"{url}/versions/1/export")
    log = (await house.a.get(f"{url}/accesses")).json()["items"]
    assert [one["action"] for one in log] == ["export", "preview", "share", "copy", "share"]
    assert log[3]["user_name"] == "bob"
    await house.a.delete(f"{url}?confirm=true")
    page = (await house.b.get(f"/datasets/{copy['id']}/versions/1/samples")).json()
    assert [item["fields"]["q"] for item in page["items"]] == ["one", "two"]


@pytest.fixture
def talks(run_import: Importer, tmp_path: Path) -> Manifest:
    write_picture(tmp_path / "in" / "images" / "a.png")
    write_lines(
        tmp_path / "in" / "a.jsonl",
        {"instruction": "Greet.", "input": "Ann", "output": "Hi Ann.", "image": "images/a.png"},
        {"system": "Be brief.", "conversations": [
            {"from": "human", "value": "1+1?"}, {"from": "gpt", "value": "2"},
            {"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "4"}]},
        {"conversation": [{"prompt": "开门时间？", "response": "九点。"}], "score": 0.5},
        {"text": "nobody speaks"},
    )  # fmt: skip
    return run_import(tmp_path / "in", "mllm")


def unpacked(manifest: Manifest, wanted: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(export_zip(manifest, ExportFormat(wanted)))))


def test_conversations_go_out_in_each_form(talks: Manifest) -> None:
    def lines(form: str) -> list[dict[str, Any]]:
        return [
            orjson.loads(one) for one in unpacked(talks, form).read(f"{form}.jsonl").splitlines()
        ]

    messages = lines("messages")
    assert messages[0]["messages"] == [
        {"role": "user", "content": "Greet.\n\nAnn"}, {"role": "assistant", "content": "Hi Ann."},
    ]  # fmt: skip
    assert messages[0]["image"] == "images/a.png" and len(messages) == 3
    assert "images/a.png" in unpacked(talks, "messages").namelist()
    shared = lines("sharegpt")
    assert shared[1]["system"] == "Be brief." and shared[1]["conversations"][3]["value"] == "4"
    assert shared[2]["conversations"][0] == {"from": "human", "value": "开门时间？"}
    alpaca = lines("alpaca")[1]
    assert (alpaca["instruction"], alpaca["output"]) == ("2+2?", "4")
    assert alpaca["history"] == [["1+1?", "2"]]


def test_records_go_out_as_tables_and_shards(
    talks: Manifest, run_import: Importer, tmp_path: Path
) -> None:
    table = pq.read_table(io.BytesIO(unpacked(talks, "parquet").read("data.parquet")))
    assert table.num_rows == 4 and table.column("score").to_pylist() == [None, None, 0.5, None]
    unpacked(talks, "hugging_face").extractall(tmp_path / "disk")
    loaded = hugging_face.load_from_disk(str(tmp_path / "disk"))
    assert loaded[3]["text"] == "nobody speaks"
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "a.tar").write_bytes(
        unpacked(talks, "webdataset").read("data-000000.tar")
    )
    with tarfile.open(tmp_path / "shards" / "a.tar") as tar:
        assert tar.getnames()[:2] == ["00000000.json", "00000000.image.png"]
    again = run_import(tmp_path / "shards", "mllm", name="again")
    assert again.summary.sample_count == 4
    other = run_import(write_lines(tmp_path / "p" / "a.jsonl", {"text": "x"}), "llm", name="plain")
    with pytest.raises(Invalid):
        unpacked(other, "alpaca")
