"""Searching, splitting, comparing and examining versions over HTTP, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from slipway.base.errors import Conflict, NotFound
from slipway.base.events import bus
from slipway.data.mount import mount_source
from slipway.data.reconcile import DataLoop
from tests.assets.house import House
from tests.data.conftest import settled, write_lines
from tests.data.test_datasets_http import make


async def until(house: House, path: str, key: str, *names: str) -> list[dict[str, Any]]:
    """The named items of a list once none of them is under way."""
    async with asyncio.timeout(60), bus.subscribe() as events:
        while True:
            items = (await house.a.get(path)).json()["items"]
            chosen = [item for item in items if item[key] in names]
            if all(item["state"] not in ("building", "running") for item in chosen):
                return chosen
            await events.get()


async def analysed(house: House, base: str, kind: str, **form: Any) -> None:
    asked = await house.a.post(f"{base}/analyses/{kind}", json=form)
    assert asked.status_code == 202, asked.text
    (done,) = await until(house, f"{base}/analyses", "kind", kind)
    assert done["state"] == "done", done


@pytest.fixture
def talk(bucket: Path) -> Path:
    """120 records of 12 topics and 2 languages; some are copies, empty, or hold personal data."""
    rows = [
        {
            "lang": "zh" if n % 4 == 0 else "en",
            "topic": f"t{n % 12}",
            "answer": ("机器学习需要大量的数据。" if n % 4 == 0 else "the model learns ")
            * (n % 9 + 1)
            + str(n),
        }
        for n in range(116)
    ]
    rows.append(dict(rows[5]))
    rows.append({"lang": "en", "topic": "t1", "answer": ""})
    rows.append(
        {"lang": "en", "topic": "t1", "answer": "write to ann@example.org or 13812345678 ..."}
    )
    words = " ".join(f"word{n}" for n in range(120))
    rows += [{"lang": "en", "topic": "t2", "answer": words + end} for end in (" one", " two")]
    return write_lines(bucket / "talk" / "a.jsonl", *rows)


@pytest.mark.covers("DAT-X4", "DAT-X3")
async def test_records_are_searched_split_and_used(
    house: House, talk: Path, loop: DataLoop
) -> None:
    made = await make(house, "talk")
    await settled(house, made["id"])
    base = f"/datasets/{made['id']}/versions/1"
    early = await house.a.get(f"{base}/search?q=lang")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "no_index")
    await analysed(house, base, "index")
    params = {"q": "lang = zh and len(answer) > 60", "order": "-len(answer)", "limit": "3"}
    page = (await house.a.get(f"{base}/search", params=params)).json()
    assert page["total"] == 16 and len(page["items"]) == 3
    lengths = [len(item["fields"]["answer"]) for item in page["items"]]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > 60
    wrong = await house.a.get(f"{base}/search", params={"q": "colour = 1"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "bad_query")
    facet = (await house.a.get(f"{base}/search/facet", params={"field": "lang"})).json()
    assert facet["values"] == [["en", 92], ["zh", 29]]
    foreign = await house.b.get(f"{base}/search?q=lang")
    assert foreign.status_code == 404

    saved = await house.a.post(f"{base}/views", json={"name": "long", "query": params["q"]})
    assert saved.status_code == 201, saved.text
    split = {"parts": [{"name": "train", "ratio": 8}, {"name": "test", "ratio": 2}], "seed": 7}
    parts = await house.a.post(
        f"{base}/splits", json=split | {"stratify": "lang", "group": "topic"}
    )
    assert parts.status_code == 201, parts.text
    built = await until(house, f"{base}/views", "name", "long", "train", "test")
    long, test, train = sorted(built, key=lambda one: str(one["name"]))
    assert {one["state"] for one in (long, train, test)} == {"available"}
    assert long["sample_count"] == 16 and train["sample_count"] + test["sample_count"] == 121

    async def topics(view: str) -> set[str]:
        samples = (await house.a.get(f"{base}/views/{view}/samples?limit=200")).json()["items"]
        return {item["fields"]["topic"] + item["fields"]["lang"] for item in samples}

    assert not await topics("train") & await topics("test")
    async with house.db.read() as session:
        place, info = await mount_source(
            session, house.settings.root, house.project, made["id"], 1, "test"
        )
    lines = [orjson.loads(line) for line in (place / "a.jsonl").read_bytes().splitlines()]
    assert len(lines) == test["sample_count"] == info.sample_count
    assert info.title == "talk (v1/test)" and info.content_hash == test["content_hash"]
    taken = await house.a.post(f"{base}/views", json={"name": "test", "sample_count": 3})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")
    gone = await house.a.delete(f"{base}/views/test")
    assert gone.status_code == 204 and not place.exists()
    async with house.db.read() as session:
        with pytest.raises(NotFound):
            await mount_source(session, house.settings.root, house.project, made["id"], 1, "test")
    empty = await house.a.post(f"{base}/views", json={"name": "none", "query": "lang = fr"})
    assert empty.status_code == 201
    (none,) = await until(house, f"{base}/views", "name", "none")
    assert none["state"] == "failed" and "No sample" in none["reason"]
    async with house.db.read() as session:
        with pytest.raises(Conflict):
            await mount_source(session, house.settings.root, house.project, made["id"], 1, "none")


@pytest.mark.covers("DAT-34")
async def test_text_is_counted_and_examined(house: House, talk: Path, loop: DataLoop) -> None:
    made = await make(house, "talk")
    write_lines(
        talk.parent.parent / "exam" / "e.jsonl", orjson.loads(talk.read_bytes().splitlines()[7])
    )
    exam = await make(house, "exam", name="exam")
    await settled(house, made["id"])
    await settled(house, exam["id"])
    base = f"/datasets/{made['id']}/versions/1"
    assert (await house.a.get(f"{base}/text")).status_code == 404
    await analysed(house, base, "text")
    fields = {one["name"]: one for one in (await house.a.get(f"{base}/text")).json()["fields"]}
    answer = fields["answer"]
    assert answer["count"] == 121 and answer["chars"]["min"] == 0
    assert set(answer["tokens"]) >= {"min", "mean", "median", "p95", "max", "histogram"}
    words, every = dict(map(tuple, answer["words"])), dict(map(tuple, answer["all_words"]))
    assert words["学习"] == every["学习"] > 29 and "the" not in words and every["the"] > 100
    assert len(words) == 100

    await analysed(house, base, "quality", against=[exam["id"]])
    report = (await house.a.get(f"{base}/quality")).json()
    assert report["exact"] == {"count": 1, "group_count": 1, "groups": [[5, 116]]}
    assert [119, 120] in report["near"]["groups"]
    assert {name for name, _ in report["languages"]} >= {"zh", "en"}
    gap = next(one for one in report["fields"] if one["name"] == "answer")
    assert (gap["empty"], gap["empty_examples"], gap["cut"]) == (1, [117], 1)
    assert [(one["kind"], one["count"]) for one in report["personal"]] == [
        ("email", 1),
        ("phone", 1),
    ]
    assert "ann@example.org" not in str(report)
    (overlap,) = report["overlap"]
    assert (overlap["name"], overlap["exact"], overlap["examples"][0]) == ("exam", 1, 7)
    again = await house.a.get(f"{base}/analyses")
    assert {one["kind"] for one in again.json()["items"]} == {"text", "quality"}


@pytest.mark.covers("DAT-X1")
async def test_versions_are_compared_and_restored(house: House, talk: Path, loop: DataLoop) -> None:
    made = await make(house, "talk")
    first = await settled(house, made["id"])
    lines = talk.read_text().splitlines()
    lines[3] = lines[3].replace("learns", "learned")
    talk.write_text("\n".join([*lines[:10], *lines[11:], '{"lang": "en", "answer": "new"}']) + "\n")
    url = f"/datasets/{made['id']}/versions"
    await house.a.post(url, json={})
    await settled(house, made["id"])
    changes = (await house.a.get(f"{url}/2/changes")).json()["samples"]
    counts = [changes[f"{what}_count"] for what in ("added", "removed", "changed")]
    assert counts == [1, 1, 1]
    changed, added, removed = changes["examples"]
    assert changed["old"]["index"] == changed["new"]["index"] == 3
    assert added["old"] is None and added["new"]["fields"]["answer"] == "new"
    assert removed["new"] is None and removed["old"]["index"] == 10
    restored = await house.a.post(f"{url}/1/restore")
    assert restored.status_code == 201 and restored.json()["number"] == 3
    done = await settled(house, made["id"])
    assert done["newest"]["content_hash"] == first["newest"]["content_hash"]
    assert (await house.a.get(f"{url}/3/changes?since=1")).json()["samples"]["changed_count"] == 0
    newest = await house.a.post(f"{url}/3/restore")
    assert (newest.status_code, newest.json()["error"]["code"]) == (409, "newest_already")
