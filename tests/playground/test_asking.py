"""Asking real services through the real gateway: answers, their places in the history, stopping."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.models.house import member
from tests.playground.conftest import Player, words_of
from tests.playground.programs import PAINTER
from tests.running import listening
from tests.serving.conftest import until

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def picture(colour: str = "red", size: tuple[int, int] = (48, 32)) -> str:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


async def test_an_answer_is_streamed_and_kept_with_its_figures(player: Player) -> None:
    talker = await player.talker()
    chat = await player.begin(title="  one\n two ")
    place = {"conversation_id": chat, "side": 0, "position": 0}
    answer = await player.ask(talker["id"], "a b c", place=place, persona="me", temperature=0.5)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert words_of(answer) == "c b a me"
    assert answer.text.endswith("data: [DONE]\n\n")
    seen = await player.see(chat)
    assert (seen["title"], seen["services"], seen["questions"]) == ("one two", "talker", 1)
    assert (seen["persona"], seen["parameters"]) == ("me", {"temperature": 0.5})
    (turn,) = seen["turns"]
    assert turn["id"] == answer.headers["x-slipway-turn"]
    assert (turn["question"], turn["answer"], turn["state"]) == ("a b c", "c b a me", "done")
    assert turn["reasoning"] == "reversing 3 words"
    assert (turn["prompt_tokens"], turn["completion_tokens"]) == (4, 4)
    assert 0 < turn["first_ms"] <= turn["total_ms"]

    again = await player.ask(talker["id"], "x y", place=place)
    assert words_of(again) == "y x"
    assert [t["question"] for t in (await player.see(chat))["turns"]] == ["x y"]


async def test_what_is_not_to_be_kept_is_not(player: Player) -> None:
    talker = await player.talker()
    answer = await player.ask(talker["id"], "a b")
    assert words_of(answer) == "b a"
    assert "x-slipway-turn" not in answer.headers
    assert (await player.ok("GET", "/conversations"))["items"] == []
    await player.ok("PUT", "/history", json={"keeps": False})
    refused = await player.house.a.post("/playground/conversations", json={"kind": "chat"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "history_off")


async def test_calls_are_ones_own_and_refused_in_the_words_of_the_api(player: Player) -> None:
    """The same limit, the same code and the same sentence as a call with an AppKey; each person's
    calls are counted under a key of their own."""
    talker = await player.talker(limit={"qps_per_replica": 1})
    path, secret = f"/{talker['id']}/v1/chat/completions", talker["key"]["secret"]
    body = {"model": "talker", "messages": [{"role": "user", "content": "a"}]}

    async def by_api() -> httpx.Response:
        return await player.entrance.call(path, secret, json=body)

    await player.ask(talker["id"], "warm")  # the own key is made
    refused = await until(by_api, lambda answer: answer.status_code == 429)
    chat = await player.begin()
    position = 0

    async def by_playground() -> httpx.Response:
        nonlocal position
        position += 1
        place = {"conversation_id": chat, "side": 0, "position": position}
        return await player.ask(talker["id"], "a", place=place)

    mine = await until(by_playground, lambda answer: answer.status_code == 429)
    assert mine.json()["error"] == refused.json()["error"]
    assert mine.headers["retry-after"] == refused.headers["retry-after"]
    turn = (await player.see(chat))["turns"][-1]
    assert turn["state"] == "failed"
    assert turn["problem"]["code"] == refused.json()["error"]["code"]
    assert turn["problem"]["message"] == refused.json()["error"]["message"]

    bad = await until(
        lambda: player.ask(talker["id"], "a", temperature=3.0), lambda a: a.status_code != 429
    )
    direct = await until(
        lambda: player.entrance.call(path, secret, json=body | {"temperature": 3.0}),
        lambda a: a.status_code != 429,
    )
    assert (bad.status_code, bad.json()["error"]) == (direct.status_code, direct.json()["error"])

    async def keys() -> set[str]:
        found = await player.house.a.get(f"/services/{talker['id']}/statistics")
        return {one["key_name"] for one in found.json()["by_key"]}

    assert await until(keys, lambda names: {"default", "(console) ann"} <= names)


async def test_leaving_stops_the_model_and_keeps_what_was_said(player: Player, left: Path) -> None:
    """Over a real socket: the program sees its listener go, and the history says it was stopped."""
    talker = await player.talker(env={"LEFT": str(left)})
    chat = await player.begin()
    place = {"conversation_id": chat, "side": 0, "position": 0}
    form = {
        "service_id": talker["id"], "kind": "chat", "place": place,
        "request": {"messages": [{"role": "user", "content": "forever"}], "stream": True},
    }  # fmt: skip
    headers = dict(player.house.a.headers)
    async with (
        listening(player.house.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client,
    ):
        async with client.stream("POST", "/api/v1/playground/answers", json=form) as answer:
            assert answer.status_code == 200
            heard = ""
            async for piece in answer.aiter_text():
                heard += piece
                if heard.count("data:") >= 5:
                    break
        told = await until(lambda: asyncio.to_thread(_read, left), bool)
        seen = await until(
            lambda: player.see(chat), lambda seen: seen["turns"][0]["state"] != "answering"
        )
    (turn,) = seen["turns"]
    assert turn["state"] == "stopped"
    assert turn["answer"].startswith("0 1 2 3 4 ")
    assert len(turn["answer"].split()) <= int(told) + 1


async def test_several_models_answer_side_by_side(player: Player) -> None:
    one, two = await player.talker("one"), await player.talker("two")
    chat = await player.begin()
    places = [{"conversation_id": chat, "side": side, "position": 0} for side in (0, 1)]
    answers = await asyncio.gather(
        *(
            player.ask(service["id"], "a b", place=place)
            for service, place in zip((one, two), places, strict=True)
        )
    )
    assert [words_of(answer) for answer in answers] == ["b a", "b a"]
    seen = await player.see(chat)
    assert [(t["side"], t["service_name"]) for t in seen["turns"]] == [(0, "one"), (1, "two")]
    assert set(seen["services"].split(", ")) == {"one", "two"}
    too_many = await player.ask(one["id"], "a", place=places[0] | {"side": 4})
    assert too_many.status_code == 400


async def test_a_picture_is_looked_at_and_kept(player: Player) -> None:
    eye = await player.talker("eye", tags={"task": "vision, chat"})
    chat = await player.begin("vision")
    place = {"conversation_id": chat, "side": 0, "position": 0}
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": picture("red")}},
    ]
    answer = await player.ask(eye["id"], parts, kind="vision", place=place)
    assert words_of(answer) == "48x32 rgb(255,0,0)"
    (turn,) = (await player.see(chat))["turns"]
    assert turn["question"] == "What is this?"
    (kept,) = turn["pictures"]
    shown = await player.house.a.get(f"/playground/pictures/{kept}")
    assert shown.headers["content-type"] == "image/png"
    assert shown.content == base64.b64decode(picture("red").partition("base64,")[2])
    assert (await player.house.b.get(f"/playground/pictures/{kept}")).status_code == 404

    for url, why in (
        ("https://example.com/a.png", "data:image"),
        ("data:image/png;base64,####", "base64"),
        ("data:image/gif;base64," + base64.b64encode(b"GIF89a").decode(), "JPG, PNG or WebP"),
        ("data:image/png;base64," + "A" * (15 << 20), "10 MB"),
    ):
        broken = [parts[0], {"type": "image_url", "image_url": {"url": url}}]
        refused = await player.ask(eye["id"], broken, kind="vision")
        assert refused.status_code in (400, 413)
        assert why in refused.json()["error"]["message"]
    none = await player.ask(eye["id"], "What is this?", kind="vision")
    assert none.status_code == 400


@pytest.mark.slow
async def test_a_package_draws_a_picture(player: Player) -> None:
    folder = player.house.folder("models/painter", {"model_service.py": PAINTER})
    made = (
        await player.house.a.post(
            "/services",
            json={
                "name": "painter", "runtime": "package", "model": {"kind": "storage", "ref": folder},
                "cpu_cores": 0.5, "memory_bytes": 1 << 30, "grace_s": 5, "tags": {"task": "image"},
            },
        )
    ).json()  # fmt: skip
    await player.platform.reach(made["id"], "Normal", 120)
    listed = await player.ok("GET", "/services", params={"kind": "image"})
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert {"size", "style", "n"} <= {rule["name"] for rule in listed["items"][0]["rules"]}
    chat = await player.begin("image")

    async def draw(**request: object) -> httpx.Response:
        form = {
            "service_id": made["id"], "kind": "image", "request": request,
            "place": {"conversation_id": chat, "side": 0, "position": 0},
        }  # fmt: skip
        return await player.house.a.post("/playground/answers", json=form)

    answer = await until(
        lambda: draw(prompt="a harbour", size="480x640", style="cartoon", n=2),
        lambda answer: answer.status_code == 200,
    )
    drawn = [base64.b64decode(one["b64_json"]) for one in answer.json()["data"]]
    sizes = [Image.open(io.BytesIO(one)).size for one in drawn]
    assert sizes == [(480, 640), (480, 640)]
    assert drawn[0] != drawn[1]
    (turn,) = (await player.see(chat))["turns"]
    assert (turn["question"], turn["state"]) == ("a harbour", "done")
    kept = [
        (await player.house.a.get(f"/playground/pictures/{one}")).content for one in turn["results"]
    ]
    assert kept == drawn
    for prompt, why in (("", "Describe"), ("x" * 1001, "1000")):
        refused = await draw(prompt=prompt)
        assert refused.status_code == 400
        assert why in refused.json()["error"]["message"]


async def test_only_the_projects_own_services_and_only_for_what_they_are(player: Player) -> None:
    talker = await player.talker()
    other = await player.ask(talker["id"], "a", client=player.house.b)
    assert other.status_code == 404
    wrong = await player.ask(talker["id"], "a", kind="vision")
    assert wrong.status_code in (400, 404)
    listed = await player.ok("GET", "/services", params={"kind": "chat"})
    assert [one["name"] for one in listed["items"]] == ["talker"]
    names = [rule["name"] for rule in listed["items"][0]["rules"]]
    assert names[:3] == ["temperature", "top_p", "frequency_penalty"]
    assert (await player.ok("GET", "/services", params={"kind": "image"}))["items"] == []
    await player.platform.act(f"{talker['id']}/stop")
    await player.platform.reach(talker["id"], "Stopped")
    assert (await player.ok("GET", "/services"))["items"] == []
    stopped = await player.ask(talker["id"], "a")
    assert stopped.status_code == 503
    assert stopped.json()["error"]["code"] == "service_stopped"


async def test_nobody_reads_anothers_history(player: Player) -> None:
    talker = await player.talker()
    chat = await player.begin()
    answer = await player.ask(
        talker["id"], "secret words", place={"conversation_id": chat, "side": 0, "position": 0}
    )
    turn = answer.headers["x-slipway-turn"]
    _actor, colleague = await member(player.house.app, "cat", "gamma")
    for client in (player.house.b, colleague):
        for method, path, body in (
            ("GET", f"/conversations/{chat}", None),
            ("PATCH", f"/conversations/{chat}", {"title": "mine"}),
            ("DELETE", f"/conversations/{chat}", None),
            ("PUT", f"/answers/{turn}/rating", {"rating": "up"}),
        ):
            refused = await client.request(method, f"/playground{path}", json=body)
            assert refused.status_code == 404, (method, path)
        listed = await client.get("/playground/conversations", params={"search": "secret"})
        assert listed.json()["items"] == []
    await colleague.aclose()
    found = await player.ok("GET", "/conversations", params={"search": "SECRET"})
    assert [one["id"] for one in found["items"]] == [chat]


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
