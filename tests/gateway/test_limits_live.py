"""Limits through the real process, with callers side by side."""

import asyncio

import httpx
import pytest

from .control_plane import group, key, llm_service, service
from .upstreams import echo, openai_like

CHAT = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def call(world, upstream, http, name):
    """An LLM service; returns (limit the key, call once)."""
    world.put("service", llm_service(name, upstream(openai_like).port))
    world.put("group", group(f"sg-{name}", name))

    def limit(app_key: bool = True, **limits):
        more = {"group": f"sg-{name}"} if app_key else {}
        world.put("key", key(f"key-{name}", f"{name}-secret", name, limits=limits, **more))

    def once(**more):
        sent = {"model": f"{name}-model", **CHAT, **more}
        headers = {"authorization": f"Bearer {name}-secret"}
        return http.post("/v1/chat/completions", json=sent, headers=headers)

    return limit, once


async def at_once(number: int, url: str, **request) -> list[int]:
    limits = httpx.Limits(max_connections=number)
    async with httpx.AsyncClient(limits=limits, timeout=10) as client:
        answers = await asyncio.gather(*(client.request(url=url, **request) for _ in range(number)))
    return [answer.status_code for answer in answers]


@pytest.mark.covers("GWY-89", "GWY-96")
def test_fifty_callers_against_ten_requests_a_minute(world, call, name):
    limit, _ = call
    limit(rpm=10)
    request = {
        "method": "POST",
        "url": f"{world.url}/v1/chat/completions",
        "json": {"model": f"{name}-model", **CHAT},
        "headers": {"authorization": f"Bearer {name}-secret"},
    }
    assert sorted(asyncio.run(at_once(50, **request))) == [200] * 10 + [429] * 40


@pytest.mark.covers("GWY-90", "GWY-96")
def test_fifty_callers_against_tokens_for_ten_prompts(world, upstream, call, name):
    held = asyncio.Event()

    async def wait_then_answer(request, line):
        if len(instance.requests) >= 10:
            held.set()
        await held.wait()
        await openai_like(request, line)

    instance = upstream(wait_then_answer)
    limit, _ = call
    world.put("service", llm_service(name, instance.port))
    limit(tpm=100)
    request = {
        "method": "POST",
        "url": f"{world.url}/v1/chat/completions",
        "json": {"model": f"{name}-model", "messages": [{"role": "user", "content": "a" * 40}]},
        "headers": {"authorization": f"Bearer {name}-secret"},
    }
    assert sorted(asyncio.run(at_once(50, **request))) == [200] * 10 + [429] * 40


@pytest.mark.covers("GWY-89", "GWY-X5")
def test_what_a_limited_key_is_told(call):
    limit, once = call
    limit(rpm=2, tpm=1000)
    first = once()
    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert first.headers["x-ratelimit-limit-tokens"] == "1000"
    assert first.headers["x-ratelimit-remaining-tokens"] == "999"
    second = once()
    assert second.headers["x-ratelimit-remaining-tokens"] == "978"  # 21 used, 1 reserved
    refused = once()
    assert refused.status_code == 429
    error = refused.json()["error"]
    assert (error["code"], error["type"]) == ("700001", "AK_RPM_RATELIMITING")
    assert 55 <= int(refused.headers["retry-after"]) <= 61
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"


@pytest.mark.covers("GWY-90")
def test_real_usage_replaces_the_reservation(call):
    limit, once = call
    limit(tpm=40)
    assert [once().status_code for _ in range(3)] == [200, 200, 429]
    refused = once()
    assert refused.json()["error"]["code"] == "700002"
    long_prompt = [{"role": "user", "content": "a" * 400}]
    assert "Send fewer tokens" in once(messages=long_prompt).json()["error"]["message"]
    limit(tpm=70)  # counts for the running window
    assert once().status_code == 200


@pytest.mark.covers("SRV-43")
@pytest.mark.parametrize("kind", ["tpm", "tpd"])
def test_a_services_own_key_is_limited_in_openais_words(call, kind):
    limit, once = call
    limit(app_key=False, **{kind: 30})
    answers = [once() for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]  # 21 < 30, so the second passes
    error = answers[2].json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_exceeded", kind)
    assert int(answers[2].headers["retry-after"]) >= 1


def test_a_failed_call_costs_no_tokens(world, upstream, call, name):
    async def fail(_request, line):
        await line.json(500, {"error": "broken"})

    limit, once = call
    world.put("service", llm_service(name, upstream(fail).port))
    limit(tpm=5)
    assert [once().status_code for _ in range(6)] == [500] * 6


@pytest.mark.covers("GWY-94", "GWY-95", "GWY-98")
def test_images_a_minute(world, upstream, http, call, name):
    limit, _ = call
    world.put("service", llm_service(name, upstream(openai_like).port))
    limit(ipm=3)

    def paint(count):
        sent = {"model": f"{name}-model", "prompt": "a cat", "n": count}
        headers = {"authorization": f"Bearer {name}-secret"}
        return http.post("/v1/images/generations", json=sent, headers=headers)

    answers = [paint(2), paint(2), paint(1)]
    assert [a.status_code for a in answers] == [200, 429, 200]
    assert answers[1].json()["error"]["code"] == "700006"
    assert world.record(answers[0].headers["x-request-id"])["images"] == 2
    # And the model's own, whoever asks.
    limit()
    rules = {"limits": {"ipm": 3}, "free_tokens": None, "prices": {}}
    world.put("service", llm_service(name, upstream(openai_like).port, rules=rules))
    refused = [paint(2), paint(2)][1]
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    error = refused.json()["error"]
    assert (error["code"], error["type"]) == ("700007", "MODEL_IPM_RATELIMITING")


@pytest.mark.covers("SRV-19")
def test_requests_a_second_follow_the_number_of_replicas(world, upstream, name):
    ports = [upstream(echo).port for _ in range(2)]
    limits = {"qps_per_replica": 5, "concurrency_per_replica": None}
    world.put("service", service(name, *ports, limits=limits))
    statuses = asyncio.run(at_once(30, f"{world.url}/{name}/", method="GET"))
    assert statuses.count(200) == 10 and statuses.count(429) == 20


@pytest.mark.covers("SRV-19")
def test_requests_at_once_follow_the_number_of_replicas(world, upstream, http, name):
    inside, most = 0, 0

    async def slow(request, line):
        nonlocal inside, most
        inside, most = inside + 1, max(most, inside + 1)
        await asyncio.sleep(0.4)
        inside -= 1
        await echo(request, line)

    ports = [upstream(slow).port for _ in range(2)]
    limits = {"qps_per_replica": None, "concurrency_per_replica": 3}
    world.put("service", service(name, *ports, limits=limits))
    statuses = asyncio.run(at_once(30, f"{world.url}/{name}/", method="GET"))
    assert statuses.count(200) == 6 and statuses.count(429) == 24
    assert most == 6
    assert http.get(f"/{name}/").status_code == 200  # and they are free again


@pytest.mark.covers("SRV-19")
def test_the_answer_tells_the_services_limit(world, upstream, http, name):
    limits = {"qps_per_replica": 2, "concurrency_per_replica": None}
    world.put("service", service(name, upstream(echo).port, limits=limits))
    answers = [http.get(f"/{name}/") for _ in range(3)]
    assert [a.headers.get("x-ratelimit-limit") for a in answers[:2]] == ["2", "2"]
    assert [a.headers.get("x-ratelimit-remaining") for a in answers[:2]] == ["1", "0"]
    assert answers[2].status_code == 429
    assert answers[2].json()["error"]["code"] == "rate_limited"
    assert answers[2].headers["retry-after"] == "1"
    world.put("service", service(name, upstream(echo).port))
    assert http.get(f"/{name}/").headers["x-ratelimit-limit"] == "500"  # the platform's ceiling
