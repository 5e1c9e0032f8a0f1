"""What a service wants of its calls: set by people, kept, checked, and told to the gateway."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from slipway.serving.call_routes import Resealer
from slipway.serving.feed import load
from tests.models.house import House, until
from tests.serving.conftest import Entrance, Platform, form

PROVIDER = {
    "name": "provider", "url": "https://api.example.com/v1/", "model": "large", "key": "sk-very-secret-1",
}  # fmt: skip


async def external(house: House, **other: Any) -> dict[str, Any]:
    made = await house.a.post("/services/external", json=PROVIDER | {"served_name": "ours"} | other)
    assert made.status_code == 201, made.text
    return made.json()


async def routes(house: House, service_id: str) -> dict[str, Any]:
    reseal = Resealer(house.app.state.sealer, house.settings.root)
    return (await load(house.db, [service_id], reseal=reseal)).services[service_id]


async def test_a_providers_model_is_a_service_whose_key_nobody_sees_again(house: House) -> None:
    made = await external(house)
    path = f"/services/{made['id']}"
    seen = (await house.a.get(path)).json()
    assert (seen["state"], seen["llm"], seen["auth"], seen["versions"]) == ("Normal", True, True, 0)
    assert seen["blocked"]["call"] is None
    listed = await house.a.get(f"{path}/upstreams")
    (one,) = listed.json()["items"]
    assert (one["url"], one["model"], one["weight"]) == ("https://api.example.com/v1", "large", 100)
    assert one["key_hint"] == "...et-1" and "sk-very" not in listed.text
    route = await routes(house, made["id"])
    assert route["models"] == ["ours"] and route["state"] == "running"
    replica = route["versions"][0]["replicas"][0]
    assert replica["url"] == one["url"] and "sk-very" not in json.dumps(route)
    # The gateway can open it, with what both derive from its token.
    from slipway.gateway.secrets import Unsealer
    from slipway.serving.token import token_file

    assert Unsealer(token_file(house.settings.root)).open(replica["secret"]) == "sk-very-secret-1"
    reseal = Resealer(house.app.state.sealer, house.settings.root)
    twice = [await load(house.db, [made["id"]], reseal=reseal) for _ in range(2)]
    assert twice[0] == twice[1]  # else every look would send everything again
    assert (await house.a.delete(path)).status_code == 204


async def test_a_key_is_never_sent_to_another_address_unasked(house: House) -> None:
    made = await external(house)
    path = f"/services/{made['id']}/upstreams"
    one = (await house.a.get(path)).json()["items"][0]["id"]
    moved = await house.a.patch(f"{path}/{one}", json={"url": "https://evil.example/v1"})
    assert moved.status_code == 400 and moved.json()["error"]["details"]["field"] == "key"
    fine = {"url": "https://new.example/v1", "key": "sk-another", "weight": 0, "enabled": False}
    changed = await house.a.patch(f"{path}/{one}", json=fine)
    assert changed.status_code == 200 and changed.json()["weight"] == 0
    assert (await routes(house, made["id"]))["versions"] == []
    hook = {"url": "https://judge.example/", "secret": "s3cret-of-the-hook"}
    policy = {"audit": {"mode": "question", "hook": hook}}
    put = f"/services/{made['id']}/call-policy"
    told = await house.a.put(put, json=policy)
    assert told.status_code == 200 and "s3cret" not in told.text
    sealed = (await routes(house, made["id"]))["policy"]["audit"]["hook"]["secret"]
    assert sealed and "s3cret" not in sealed
    policy["audit"]["hook"] = {"url": "https://judge.example/"}
    await house.a.put(put, json=policy)
    assert (await routes(house, made["id"]))["policy"]["audit"]["hook"]["secret"]
    policy["audit"]["hook"] = {"url": "https://evil.example/"}
    await house.a.put(put, json=policy)
    assert (await routes(house, made["id"]))["policy"]["audit"]["hook"]["secret"] == ""


WRONG_UPSTREAMS = [
    ({"url": "ftp://x/v1"}, "url"), ({"url": "https://u:p@x/v1"}, "url"), ({"url": "x"}, "url"),
    ({"url": "http://x:99999/"}, "url"), ({"url": "https://x/#a"}, "url"),
    ({"key": "a\r\nx: y"}, "key"), ({"weight": 101}, "weight"), ({"weight": -1}, "weight"),
    ({"model": "a b"}, "model"), ({"name": ""}, "name"),
]  # fmt: skip
WRONG_POLICIES = [
    ({"fallbacks": ["ms-none"]}, "fallbacks"),
    ({"mirror": {"version_id": "ms-x-1", "percent": 5}}, "mirror.version_id"),
    ({"rules": {"sing": {}}}, "rules"),
    ({"rules": {"chat": {"parameters": [{"name": "top_k", "min": 5, "max": 1}]}}}, "rules.chat.top_k"),
    ({"rules": {"chat": {"parameters": [{"name": "own"}]}}}, "rules.chat.own"),
    ({"rules": {"chat": {"parameters": [{"name": "model", "type": "any"}]}}}, "rules.chat.model"),
    ({"rules": {"chat": {"roles": ["assistant"]}}}, "rules.chat.roles"),
    ({"audit": {"mode": "both"}}, "audit.mode"),
    ({"audit": {"mode": "both", "words": [" "]}}, "audit.words"),
    ({"audit": {"mode": "both", "hook": {"url": "file:///etc/passwd"}}}, "audit.hook.url"),
]  # fmt: skip


async def test_what_cannot_work_is_refused_and_changes_nothing(house: House) -> None:
    made = await external(house)
    path = f"/services/{made['id']}"
    for change, field in WRONG_UPSTREAMS:
        answer = await house.a.post(f"{path}/upstreams", json=PROVIDER | change)
        assert answer.status_code == 400, (change, answer.text)
        assert answer.json()["error"]["details"]["field"] == field, answer.text
    for policy, field in WRONG_POLICIES:
        answer = await house.a.put(f"{path}/call-policy", json=policy)
        assert answer.status_code == 400, (policy, answer.text)
        assert answer.json()["error"]["details"]["field"] == field, answer.text
    for policy in ({"audit": {"plugin": "../x"}}, {"retries": 6}, {"audit": {"window_chars": 1}}):
        assert (await house.a.put(f"{path}/call-policy", json=policy)).status_code == 422
    assert (await house.a.get(f"{path}/rules")).json()["aliases"] == ["ours"]
    own = {"fallbacks": [made["id"]]}
    assert (await house.a.put(f"{path}/call-policy", json=own)).status_code == 400
    plain = (await house.a.post("/services", json=form())).json()
    refused = await house.a.put(f"/services/{plain['id']}/call-policy", json={})
    assert refused.json()["error"]["code"] == "not_an_llm"
    refused = await house.a.post(f"/services/{plain['id']}/upstreams", json=PROVIDER)
    assert refused.json()["error"]["code"] == "not_an_llm"


async def test_another_project_sees_and_names_nothing_of_it(house: House) -> None:
    mine = await external(house)
    theirs = await house.b.post("/services/external", json=PROVIDER)
    path = f"/services/{mine['id']}"
    for tail in ("upstreams", "call-policy", "api-document", "mirror"):
        assert (await house.b.get(f"{path}/{tail}")).status_code == 404
    assert (await house.b.put(f"{path}/call-policy", json={})).status_code == 404
    assert (await house.b.post(f"{path}/upstreams", json=PROVIDER)).status_code == 404
    stranger = {"fallbacks": [theirs.json()["id"]]}
    assert (await house.a.put(f"{path}/call-policy", json=stranger)).status_code == 400
    await house.a.put("/project-audit", json={"mode": "both", "words": ["ours"]})
    assert (await house.b.get("/project-audit")).json()["mode"] == "off"
    assert "policy" not in (await routes(house, theirs.json()["id"]))


async def test_a_service_follows_its_project_until_it_says_something_of_its_own(
    house: House,
) -> None:
    made = await external(house)
    path = f"/services/{made['id']}/call-policy"
    await house.a.put("/project-audit", json={"mode": "both", "words": ["bad"]})
    assert (await routes(house, made["id"]))["policy"]["audit"]["words"] == ["bad"]
    await house.a.put(path, json={"audit": {"mode": "off"}})
    assert (await routes(house, made["id"]))["policy"]["audit"]["mode"] == "off"


@pytest.mark.covers("GWY-30", "GWY-73")
async def test_the_api_document_shows_the_rules_that_hold(house: House) -> None:
    """Ranges of the model, the order of a size's numbers, samples that run as they are."""
    made = await external(house)
    path = f"/services/{made['id']}"
    rules = {
        "chat": {"parameters": [{"name": "temperature", "min": 0, "max": 1, "min_excluded": False},
                                {"name": "top_k", "supported": False}]},
        "image": {"parameters": [{"name": "n", "max": 4}], "size_order": "height x width"},
    }  # fmt: skip
    answer = await house.a.put(f"{path}/call-policy", json={"rules": rules})
    assert answer.status_code == 200, answer.text
    named = await house.a.put(f"{path}/rules", json={"aliases": ["ours", "b"]})
    assert named.status_code == 200, named.text
    document = (await house.a.get(f"{path}/api-document")).json()
    assert (document["model"], document["aliases"], document["checked"]) == ("ours", ["b"], True)
    chat, image = document["functions"]
    ranges = {p["name"]: p["range"] for p in chat["parameters"]}
    assert ranges["temperature"] == "[0, 1)" and ranges["max_tokens"] == "(0, 2048]"
    assert ranges["top_p"] == "(0, 1]" and "top_k" not in ranges
    assert "strict_turns" in chat["notes"] and "no_vision" in chat["notes"]
    pictured = {p["name"]: p for p in image["parameters"]}
    assert pictured["size"]["default"] == "512x512" and pictured["n"]["range"] == "[1, 4]"
    assert pictured["size"]["range"].split(", ") == [
        "360x640", "480x640", "512x512", "640x360", "640x480", "720x1280", "1024x1024", "1280x720",
    ]  # fmt: skip
    assert "size_height_x_width" in image["notes"]
    assert [s["title"] for s in chat["samples"]] == ["curl", "requests", "openai"]
    for sample in (*chat["samples"], *image["samples"]):
        if sample["language"] == "python":
            compile(sample["text"], sample["title"], "exec")
    assert {e["code"] for e in document["errors"]} >= {"500001", "500002", "600004", "700007"}
    # Without a word about its size, a model's is as OpenAI reads it.
    rules["image"] = {}
    await house.a.put(f"{path}/call-policy", json={"rules": rules})
    notes = (await house.a.get(f"{path}/api-document")).json()["functions"][1]["notes"]
    assert "size_width_x_height" in notes


async def test_rules_hold_in_the_gateway_from_the_next_call_on(
    platform: Platform, entrance: Entrance
) -> None:
    house = platform.house
    made = await external(house)
    secret, path = made["key"]["secret"], f"/services/{made['id']}/call-policy"
    await house.a.put(path, json={"rules": {"chat": {}}})

    async def call(**more: Any) -> httpx.Response:
        body = {"model": "ours", "messages": [{"role": "user", "content": "hi"}], **more}
        return await entrance.call("/v1/chat/completions", secret, json=body)

    refused = await until(lambda: call(temperature=0), lambda a: a.status_code == 400)
    assert refused.json()["error"]["param"] == "temperature"
    twice = {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}
    assert (await call(**twice)).json()["error"]["param"] == "messages[1].role"
    assert (await call(model="theirs")).json()["error"]["param"] == "model"
    await house.a.put(path, json={"audit": {"mode": "question", "words": ["hi"]}})
    audited = await until(call, lambda a: a.json()["error"]["code"] == "600003")
    assert audited.status_code == 400
