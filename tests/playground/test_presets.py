"""Saved prompts: versions that never change, shared to read, changed only by their owner."""

from __future__ import annotations

import httpx
import pytest

from tests.models.house import House
from tests.playground.test_history import colleague

__all__ = ["colleague"]
CONTENT = {"persona": "You are brief.", "parameters": {"top_p": 0.5}, "messages": []}


@pytest.fixture
async def preset(players: None, house: House) -> str:
    made = await house.a.post(
        "/playground/presets", json={"name": "brief", "kind": "chat", "content": CONTENT}
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.mark.covers("PLY-X3")
async def test_a_prompt_has_versions_and_is_shared_read_only(
    preset: str, house: House, colleague: httpx.AsyncClient
) -> None:
    path = f"/playground/presets/{preset}"
    newer = CONTENT | {"persona": "You are very brief."}
    saved = await house.a.post(f"{path}/versions", json={"content": newer, "note": "shorter"})
    assert (saved.status_code, saved.json()["number"]) == (201, 2)
    seen = (await house.a.get(path)).json()
    assert (seen["name"], seen["latest"], seen["mine"], seen["shared"]) == ("brief", 2, True, False)
    assert [(v["number"], v["note"], v["content"]) for v in seen["versions"]] == [
        (2, "shorter", newer), (1, "", CONTENT),
    ]  # fmt: skip

    assert (await colleague.get(path)).status_code == 404
    assert (await colleague.get("/playground/presets")).json()["items"] == []
    await house.a.patch(path, json={"shared": True})
    theirs = (await colleague.get(path)).json()
    assert (theirs["mine"], theirs["owner"], theirs["versions"]) == (False, "ann", seen["versions"])
    assert [one["id"] for one in (await colleague.get("/playground/presets")).json()["items"]] == [
        preset
    ]
    for method, body, where in (
        ("PATCH", {"name": "mine"}, path), ("DELETE", None, path),
        ("POST", {"content": {}}, f"{path}/versions"),
    ):  # fmt: skip
        refused = await colleague.request(method, where, json=body)
        assert refused.status_code == 403
    # Another project has never heard of it.
    assert (await house.b.get(path)).status_code == 404
    assert (await house.b.get("/playground/presets")).json()["items"] == []


async def test_names_are_ones_own(preset: str, house: House, colleague: httpx.AsyncClient) -> None:
    form = {"name": "brief", "kind": "chat", "content": CONTENT}
    taken = await house.a.post("/playground/presets", json=form)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")
    assert (await colleague.post("/playground/presets", json=form)).status_code == 201
    other = (await house.a.post("/playground/presets", json=form | {"name": "long"})).json()
    renamed = await house.a.patch(f"/playground/presets/{other['id']}", json={"name": "brief"})
    assert renamed.status_code == 409
    big = form | {"name": "big", "content": {"persona": "x" * (1 << 20)}}
    assert (await house.a.post("/playground/presets", json=big)).status_code == 413
    assert (await house.a.delete(f"/playground/presets/{preset}")).status_code == 204
    names = [one["name"] for one in (await house.a.get("/playground/presets")).json()["items"]]
    assert names == ["long"]
