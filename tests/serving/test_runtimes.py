"""The two built-in runtimes on real model servers, from the model repository to an answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.models.loop import ModelContext, ModelLoop
from tests.models.house import House
from tests.runtime_serve.tiny_model import write_model
from tests.serving.conftest import Entrance, Platform, until

PACKAGE = b"""
import os
import tiinfer


class Adder(tiinfer.Model):
    def load(self):
        if os.environ.get("BREAK"):
            raise RuntimeError("weights.bin is cut short")
        self.ready = True
        return self.ready

    def predict(self, request):
        return {"sum": request["a"] + request["b"], "dir": os.environ["TI_MODEL_DIR"]}
"""


@pytest.fixture
async def importing(house: House) -> AsyncIterator[None]:
    task = asyncio.create_task(ModelLoop(ModelContext(house.db, house.storage, utc_now)).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def model_version(house: House, name: str, files: dict[str, bytes]) -> str:
    source = house.folder(f"out/{name}", files)
    made = await house.a.post("/models", json={"name": name, "source": source, "format": "PyTorch"})
    assert made.status_code == 201, made.text
    version_id = made.json()["id"]

    async def look() -> dict[str, Any]:
        return (await house.a.get(f"/models/versions/{version_id}")).json()

    seen = await until(look, lambda version: version["state"] != "Importing")
    assert seen["state"] == "Succeeded", seen
    return version_id


@pytest.mark.slow
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.covers("SRV-08", "SRV-10", "SRV-28", "SRV-30")
async def test_a_package_of_the_repository_becomes_a_service(
    platform: Platform, entrance: Entrance, importing: None
) -> None:
    house = platform.house
    version_id = await model_version(house, "adder", {"model_service.py": PACKAGE})
    asked = {
        "name": "adder", "runtime": "package", "model": {"kind": "registry", "ref": version_id},
        "auth": True, "cpu_cores": 0.5, "memory_bytes": 1 << 30, "grace_s": 5,
    }  # fmt: skip
    made = (await house.a.post("/services", json=asked)).json()
    ready = await platform.reach(made["id"], "Normal", 120)
    assert ready["model"] == {"kind": "registry", "ref": version_id}
    path, secret = f"/{made['id']}/v1/models/m:predict", made["key"]["secret"]
    answer = await until(
        lambda: entrance.call(path, secret, json={"a": 2, "b": 3}), lambda a: a.status_code == 200
    )
    assert answer.json()["sum"] == 5

    uses = (await house.a.get(f"/models/versions/{version_id}/uses")).json()["items"]
    assert [(u["id"], u["state"]) for u in uses] == [(f"{made['id']}-1", "Normal")]
    assert (await house.a.delete(f"/models/versions/{version_id}")).status_code == 409

    changed = await platform.act(f"versions/{made['id']}-1/update", env={"BREAK": "1"})
    assert changed.status_code == 200, changed.text
    broken = await until(lambda: platform.see(made["id"]), lambda s: s["items"][0]["last_log"], 120)
    assert any("cut short" in line for line in broken["items"][0]["last_log"])
    await platform.act(f"{made['id']}/stop")
    await platform.reach(made["id"], "Stopped", 60)
    uses = (await house.a.get(f"/models/versions/{version_id}/uses")).json()["items"]
    assert [u["active"] for u in uses] == [False]


@pytest.mark.slow
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.covers("SRV-08", "SRV-32", "SRV-43", "SRV-44", "SRV-50")
async def test_a_language_model_is_chatted_with(
    platform: Platform, entrance: Entrance, tmp_path: Path
) -> None:
    house = platform.house
    write_model(tmp_path / "tiny")
    files = {p.name: p.read_bytes() for p in (tmp_path / "tiny").iterdir()}
    asked = {
        "name": "tiny", "runtime": "llm", "auth": True, "cpu_cores": 1, "memory_bytes": 4 << 30,
        "model": {"kind": "storage", "ref": house.folder("models/tiny", files)}, "grace_s": 5,
    }  # fmt: skip
    made = (await house.a.post("/services", json=asked)).json()
    await platform.reach(made["id"], "Normal", 180)
    secret = made["key"]["secret"]
    body = {
        "model": "tiny", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 8,
    }  # fmt: skip

    async def by_name() -> Any:
        return await entrance.call("/v1/chat/completions", secret, json=body)

    answer = await until(by_name, lambda a: a.status_code == 200)
    used = answer.json()["usage"]["total_tokens"]
    listed = await entrance.client.get("/v1/models", headers={"Authorization": f"Bearer {secret}"})
    assert [m["id"] for m in listed.json()["data"]] == ["tiny"]

    streamed, last = "", ""
    chat = {"messages": body["messages"], "max_tokens": 8, "stream": True}
    async with house.a.stream("POST", f"/services/{made['id']}/chat", json=chat) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    streamed += choice["delta"].get("content") or ""
            last = line or last
    assert last == "data: [DONE]"

    limited = (
        await platform.act(f"{made['id']}/keys", name="small", limits={"tpm": used + 1})
    ).json()

    async def statuses() -> int:
        call = entrance.call("/v1/chat/completions", limited["secret"], json=body)
        return (await call).status_code

    assert await until(statuses, lambda status: status != 401) in (200, 429)
    assert await until(statuses, lambda status: status == 429) == 429

    async def by_key() -> dict[str, Any]:
        seen = (await house.a.get(f"/services/{made['id']}/statistics")).json()
        return {k["key_name"]: k for k in seen["by_key"]}

    found = await until(by_key, lambda keys: {"default", "(console) ann", "small"} <= set(keys))
    assert found["default"]["prompt_tokens"] + found["default"]["completion_tokens"] == used
    assert found["default"]["mean_ms"] > 0


ENTRY = b"""
set -e
export TI_MODEL_DIR="$MODEL_DIR/own"
export LD_LIBRARY_PATH="$TI_MODEL_DIR/lib"
cd "$TI_MODEL_DIR"
exec python3 -m tiinfer --timeout 30000 --port "$PORT"
"""
OWN_PLACE = b"""
import os
import tiinfer


class Own(tiinfer.Model):
    def predict(self, request):
        return {"dir": os.environ["TI_MODEL_DIR"], "libraries": os.environ["LD_LIBRARY_PATH"]}
"""


@pytest.mark.covers("INF-04")
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_an_entry_script_of_ones_own_takes_the_place_of_the_built_in_one(
    platform: Platform, entrance: Entrance
) -> None:
    files = {"entry.sh": ENTRY, "own/model_service.py": OWN_PLACE}
    made = await platform.create(
        runtime="package", model={"kind": "storage", "ref": platform.house.folder("e", files)},
        command='bash "$MODEL_DIR/entry.sh"', memory_bytes=512 << 20,
    )  # fmt: skip
    await platform.reach(made["id"], "Normal")
    path = f"/{made['id']}/v1/models/m:predict"
    answer = await until(lambda: entrance.call(path), lambda a: a.status_code == 200)
    assert answer.json()["dir"].endswith("/own")
    assert answer.json()["libraries"].endswith("/own/lib")
