"""An OCR task: texts, pairs, what is refused, the next version, and what reads texts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from slipway.base.database import Database
from slipway.base.errors import Unavailable
from slipway.iam.types import Actor
from slipway.labelling.ocr.engine import Engine
from slipway.labelling.ocr.recognition import OcrService
from slipway.labelling.ocr.router import router as ocr_router
from tests.assets.house import House
from tests.data.conftest import settled
from tests.labelling.conftest import make_dataset, make_task, save, task_once

SIZE = (360, 120)


class Readers:
    """Online services as the serving room offers them; one of them answers nonsense."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def list_services(self, actor: Actor) -> list[OcrService]:
        return [OcrService("ms-1", "reader")]

    async def read(self, actor: Actor, service_id: str, body: Mapping[str, Any]) -> bytes:
        self.asked.append((service_id, body))
        if service_id == "ms-2":
            return b'{"result": {}}'
        if service_id != "ms-1":
            raise Unavailable("The OCR service is away.")
        pruned = {"rec_polys": [[[1, 2], [30, 2], [30, 9], [1, 9]]], "rec_texts": ["Hello"],
                  "rec_scores": [0.5]}  # fmt: skip
        return json.dumps({"result": {"ocrResults": [{"prunedResult": pruned}]}}).encode()


@pytest.fixture
async def house(db: Database, house: House) -> AsyncIterator[House]:
    house.app.include_router(ocr_router, prefix="/api/v1")
    house.app.state.ocr_engine, house.app.state.ocr_services = Engine(), Readers()
    yield house
    await house.app.state.ocr_engine.close()


def draw(path: Path) -> None:
    font = ImageFont.load_default(28)
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    pen.text((12, 8), "Invoice no.", fill="black", font=font)
    pen.text((12, 70), "30148556", fill="black", font=font)
    picture.save(path)


async def receipts(house: House, bucket: Path) -> dict[str, Any]:
    folder = bucket / "receipts"
    folder.mkdir()
    for number in range(2):
        draw(folder / f"{number}.png")
    return await make_dataset(house, "receipts", kind="ocr")


def box(fid: int, text: str, descriptor: str = "", top: float = 5) -> dict[str, Any]:
    points = [10, top, 180, top, 180, top + 40, 10, top + 40]
    told = {"id": fid, "text": text, "direction": "horizontal", "descriptor": descriptor}
    return {
        "label": "text", "x": 10, "y": top, "width": 170, "height": 40, "polygons": [points],
        "attributes": told,
    }  # fmt: skip


@pytest.mark.covers("LAB-45", "LAB-60")
async def test_an_image_is_structured_and_published(
    house: House, bucket: Path, loops: None
) -> None:
    dataset = await receipts(house, bucket)
    task = await make_task(house, dataset, name="invoices")
    path = f"/labelling/tasks/{task['id']}"
    assert task["kind"] == "ocr" and task["label_format"] == "ti"
    assert task["ocr"] == {"type": "recognition", "service_id": None, "blocked": None}
    later = await house.a.patch(path, json={"ocr_type": "structured"})
    assert later.status_code == 200 and later.json()["ocr"]["type"] == "structured"
    back = await house.a.patch(path, json={"ocr_type": "recognition"})
    assert back.status_code == 409 and "keys and values" in back.json()["error"]["message"]

    record = (await house.a.post(f"{path}/records/0/open")).json()
    assert record["value"] == {"boxes": []} and record["width"] == SIZE[0]
    for wrong, words in (
        ([box(3, "a", "k3,9")], "Box 3, column 4: There is no box 9"),
        ([box(3, "a", "k3")], "Box 3, column 2"), ([box(3, "a"), box(3, "b")], "same number"),
        ([box(0, "a")], "id from 1"), ([box(1, "a", top=110)], "reaches over the edge"),
        ([box(1, "a") | {"polygons": []}], "too few points"),
    ):  # fmt: skip
        refused = await save(house.a, task["id"], record, {"boxes": wrong})
        assert refused.status_code == 400 and words in refused.json()["error"]["message"], wrong
    good = [box(3, "Invoice no.", "3K3， 5"), box(5, "30148556", top=65)]
    saved = await save(house.a, task["id"], record, {"boxes": good, "next_id": 9})
    assert saved.status_code == 200, saved.text
    value = saved.json()["value"]
    assert [one["label"] for one in value["boxes"]] == ["key", "value"]
    assert value["boxes"][0]["attributes"]["descriptor"] == "k3,5" and value["next_id"] == 9

    assert (await house.a.post(f"{path}/publish", json={})).status_code == 202
    await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    view = await settled(house, dataset["id"])
    assert view["latest_version"] == 2 and view["newest"]["state"] == "available", view
    file = f"/datasets/{dataset['id']}/versions/2/files/annotation.txt"
    lines = (await house.a.get(file)).text.splitlines()
    tags = json.loads(lines[0])["tags"]["ocr_tags"]
    assert tags["type"] == "structured" and tags["kv"] == [
        {"keys": ["Invoice no."], "values": ["30148556"], "key_ids": [3], "value_ids": [5]}
    ]
    # The next task opens with these labels (LAB-54).
    again = await make_task(house, view, name="again", ocr_type="structured")
    assert (again["counts"]["done"], again["counts"]["records"]) == (1, 2)
    came = (await house.a.post(f"/labelling/tasks/{again['id']}/records/0/open")).json()
    assert [one["attributes"]["text"] for one in came["value"]["boxes"]] == [
        "Invoice no.", "30148556",
    ]  # fmt: skip


async def test_descriptors_are_checked_while_they_are_typed(house: House) -> None:
    boxes = [{"id": 5, "text": "Date of", "descriptor": "5k5,9c5,7"},
             {"id": 7, "text": "birth", "descriptor": "7kc5,7"}, {"id": 9, "text": "1990"}]  # fmt: skip
    found = (await house.a.post("/labelling/ocr/check", json={"boxes": boxes})).json()
    assert found["problems"] == [] and found["joins"] == [[5, 7]]
    assert found["pairs"] == [{"key": [5, 7], "value": [9]}]
    assert found["fields"] == [
        {"keys": ["Date of birth"], "values": ["1990"], "key_ids": [5], "value_ids": [9]}
    ]
    assert [one["role"] for one in found["boxes"]] == ["key", "key", "value"]
    boxes[1]["descriptor"] = "k,7"
    wrong = (await house.a.post("/labelling/ocr/check", json={"boxes": boxes})).json()
    assert wrong["problems"][0]["id"] == 7 and wrong["problems"][0]["column"] == 2
    assert wrong["problems"][0]["blocking"] and wrong["boxes"][1]["descriptor"] is None
    twice = {"boxes": [{"id": 5}, {"id": 5}]}
    assert (await house.a.post("/labelling/ocr/check", json=twice)).status_code == 400


async def test_texts_are_read_by_a_service(house: House, bucket: Path, loops: None) -> None:
    task = await make_task(house, await receipts(house, bucket), name="read", ocr_service="ms-1")
    path = f"/labelling/tasks/{task['id']}"
    place = f"{path}/records/1/texts"
    engines = (await house.a.get("/labelling/ocr/engines")).json()
    assert engines == {"built_in": True, "services": [{"id": "ms-1", "name": "reader"}]}
    read = (await house.a.post(place, json={})).json()["items"]
    assert read == [{"points": [1, 2, 30, 2, 30, 9, 1, 9], "text": "Hello", "confidence": 0.5}]
    part = (await house.a.post(place, json={"points": [5, 6, 50, 6, 50, 20, 5, 20]})).json()
    assert part["items"][0]["text"] == "Hello" and part["items"][0]["points"][0] == 5
    for points in ([1, 2, 3], [5, 65, 900, 65, 900, 110]):
        assert (await house.a.post(place, json={"points": points})).status_code == 400
    assert (await house.b.post(place, json={})).status_code == 404
    await house.a.patch(path, json={"ocr_service": "ms-2"})
    bad = await house.a.post(place, json={})
    assert bad.status_code == 503 and "PaddleOCR" in bad.json()["error"]["message"]
    cleared = (await house.a.patch(path, json={"ocr_service": ""})).json()
    assert cleared["ocr"]["service_id"] is None


async def test_texts_are_read_by_the_built_in_engine(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    engine = Engine()
    try:
        whole = await engine.read(tmp_path / "a.png", None)
        assert [one["text"] for one in whole] == ["Invoice no.", "30148556"]
        one = await engine.read(tmp_path / "a.png", [5, 65, 200, 65, 200, 110, 5, 110])
        assert [item["text"] for item in one] == ["30148556"] and one[0]["confidence"] > 0.5
        empty = await engine.read(tmp_path / "a.png", [250, 5, 350, 5, 350, 50, 250, 50])
        assert empty == []
        with pytest.raises(Unavailable, match="cannot be read"):
            await engine.read(tmp_path / "none.png", None)
    finally:
        await engine.close()
