"""Several upstreams: weights, tries, cool-down, fallbacks, providers, prefixes, a mirror."""

import base64
import hashlib
import json
from collections import Counter

import pytest
from cryptography.fernet import Fernet

from .control_plane import TOKEN, group, key, llm_service, service
from .loop_thread import wait_for
from .upstreams import Line, Request, openai_like

USER = {"role": "user", "content": "hi"}


def sealed(secret: str) -> str:
    digest = hashlib.sha256(b"slipway gateway secrets\0" + TOKEN.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest)).encrypt(secret.encode()).decode()


def provider(name: str, port: int, weight: int = 100, **more) -> dict:
    """An external upstream as the feed sends it."""
    replica = {"id": name, "url": f"http://127.0.0.1:{port}/api/v3", **more}
    return {"id": name, "weight": weight, "reserve": weight == 0, "replicas": [replica]}


async def like_a_provider(request: Request, line: Line) -> None:
    """OpenAI's paths below another prefix."""
    assert request.target.startswith("/api/v3/")
    inner = Request(
        request.method, request.target.replace("/api/v3", "/v1"), request.headers, request.body, b""
    )
    await openai_like(inner, line)


def answering(status: int, times: int = 10**9):
    """Says no so many times, then answers."""
    left = [times]

    async def behaviour(request: Request, line: Line) -> None:
        if left[0] > 0:
            left[0] -= 1
            await line.json(status, {"error": {"message": "not now"}})
        else:
            await openai_like(request, line)

    return behaviour


async def hang_up(request: Request, line: Line) -> None:
    line.writer.transport.abort()


@pytest.fixture
def call(world, http, name):
    world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))

    def once(model: str = f"{name}-model", path: str = "/v1/chat/completions", **body):
        sent = {"model": model, "messages": [USER], **body}
        return http.post(path, json=sent, headers={"authorization": f"Bearer {name}-secret"})

    def serve(*values: dict):
        for value in values:
            world.put("service", value)
        world.put("group", group(f"sg-{name}", *(v["id"] for v in values)))
        return once

    return serve


@pytest.mark.covers("GWY-X3")
@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_instance_that_cannot_now_is_passed_over(world, upstream, call, name, status):
    bad, good = upstream(answering(status)), upstream(openai_like)
    once = call(llm_service(name, bad.port, good.port))
    answers = [once() for _ in range(6)]
    assert {a.status_code for a in answers} == {200}
    assert {a.headers["x-slipway-upstream"] for a in answers} == {f"{name}-r1"}
    # It cools down after its first failure instead of being asked again and again.
    assert len(bad.requests) < 3
    record = world.record(answers[0].headers["x-request-id"])
    assert record["replica"] == f"{name}-r1" and record["status"] == 200


def test_a_call_whose_instance_dies_before_answering_goes_to_another(upstream, call, name):
    dying, good = upstream(hang_up), upstream(openai_like)
    once = call(llm_service(name, dying.port, good.port))
    assert [once().status_code for _ in range(4)] == [200] * 4
    assert dying.requests


def test_a_plain_services_post_is_never_sent_twice(world, upstream, http, name):
    dying, other = upstream(hang_up), upstream()
    world.put("service", service(name, dying.port, other.port))
    answers = [http.post(f"/{name}/pay", content=b"1") for _ in range(4)]
    assert 502 in {a.status_code for a in answers}
    assert len(dying.requests) + len(other.requests) == 4


@pytest.mark.covers("GWY-X3")
def test_the_only_instance_is_tried_again_as_often_as_the_service_says(upstream, call, name):
    moody = upstream(answering(503, times=2))
    once = call(llm_service(name, moody.port, policy={"retries": 2}))
    assert once().status_code == 200
    assert len(moody.requests) == 3
    gone = upstream(answering(503))
    once = call(llm_service(name, gone.port, policy={"retries": 1}))
    assert once().status_code == 503
    assert len(gone.requests) == 2
    once = call(llm_service(name, gone.port, policy={"retries": 0}))
    assert once().status_code == 503
    assert len(gone.requests) == 3


@pytest.mark.covers("SRV-X2", "GWY-X3")
def test_a_chain_of_fallbacks_and_an_alias(world, upstream, call, name):
    """By name and by alias, among the models of the key; who cannot is stood in for in order."""
    down, worse, good = upstream(answering(503)), upstream(hang_up), upstream(openai_like)
    chain = {"fallbacks": [f"{name}-b", f"{name}-c"]}
    once = call(
        llm_service(name, down.port, models=[f"{name}-model", "alias"], policy=chain),
        llm_service(f"{name}-b", worse.port),
        llm_service(f"{name}-c", good.port, models=["third"]),
    )
    for model in (f"{name}-model", "alias"):
        answer = once(model)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-slipway-upstream"] == f"{name}-c-r0"
        assert answer.json()["model"] == "third"  # it was called by its own name
    streamed = once(stream=True)
    assert streamed.status_code == 200 and "[DONE]" in streamed.text
    stopped = llm_service(name, down.port, policy=chain, state="stopped")
    world.put("service", stopped)
    assert once().status_code == 200
    world.put("service", llm_service(name, down.port))
    refused = once()
    assert refused.status_code == 503 and refused.json()["error"]["message"] == "not now"


def test_a_fallback_is_no_way_around_the_keys_models(world, upstream, call, name):
    good = upstream(openai_like)
    world.put("service", llm_service(f"{name}-hidden", good.port))
    once = call(llm_service(name, good.port))
    assert once(f"{name}-hidden-model").status_code == 400


@pytest.mark.covers("GWY-X3")
def test_a_provider_gets_its_own_key_path_and_name(upstream, call, name):
    theirs = upstream(like_a_provider)
    value = llm_service(
        name,
        models=["ours"],
        versions=[provider("up-1", theirs.port, model="theirs-large", secret=sealed("sk-theirs"))],
    )
    once = call(value)
    answer = once("ours", temperature=0.5)
    assert answer.status_code == 200
    assert answer.headers["x-slipway-upstream"] == "up-1"
    (sent,) = theirs.requests
    assert sent.target == "/api/v3/chat/completions"
    assert sent.headers["authorization"] == "Bearer sk-theirs"
    assert json.loads(sent.body) == {
        "model": "theirs-large", "messages": [USER], "temperature": 0.5,
    }  # fmt: skip
    # Nothing about the caller goes out.
    assert set(sent.headers) <= {"host", "content-length", "content-type", "authorization",
                                 "accept", "user-agent"}  # fmt: skip
    chunks = once("ours", stream=True).text
    assert "[DONE]" in chunks and "usage" not in chunks


def test_a_providers_other_pages_are_closed(world, upstream, http, call, name):
    """With our key only models are called, and a name that stands twice means the same to both."""
    theirs = upstream(like_a_provider)
    versions = [provider("up-1", theirs.port, model="cheap", secret=sealed("sk-theirs"))]
    call(llm_service(name, models=["ours"], versions=versions))
    world.put("key", key(f"own-{name}", f"{name}-own", name))
    headers = {"authorization": f"Bearer {name}-own"}
    for method, path in (("GET", "/v1/models"), ("POST", "/v1/files"), ("DELETE", "/v1/models/x")):
        answer = http.request(method, f"/{name}{path}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "500002")
    assert not theirs.requests
    twice = '{"model":"dear","messages":[{"role":"user","content":"x"}],"model":"ours"}'
    answer = http.post(f"/{name}/v1/chat/completions", content=twice, headers=headers)
    assert answer.status_code == 200
    assert json.loads(theirs.requests[-1].body)["model"] == "cheap"
    assert b"dear" not in theirs.requests[-1].body


@pytest.mark.covers("GWY-X3")
def test_weights_are_shared_with_a_provider_and_zero_is_a_reserve(upstream, call, name):
    own, theirs = upstream(openai_like), upstream(like_a_provider)
    mine = llm_service(name, own.port)["versions"][0]
    once = call(
        llm_service(name, versions=[{**mine, "weight": 75}, provider("up-1", theirs.port, 25)])
    )
    seen = Counter(once().headers["x-slipway-upstream"] for _ in range(40))
    assert seen == {f"{name}-r0": 30, "up-1": 10}
    once = call(llm_service(name, versions=[mine, provider("up-1", theirs.port, 0)]))
    assert {once().headers["x-slipway-upstream"] for _ in range(5)} == {f"{name}-r0"}
    own.close()
    answers = [once() for _ in range(3)]
    assert [a.headers["x-slipway-upstream"] for a in answers] == ["up-1"] * 3
    own.start()  # at the same port; its time to cool is over soon
    wait_for(
        lambda: once().headers["x-slipway-upstream"] == f"{name}-r0", "the own instance again", 60
    )


def test_too_many_calls_at_one_provider_go_to_the_next(upstream, call, name):
    busy, free = upstream(answering(429)), upstream(like_a_provider)
    versions = [
        {**provider("up-1", busy.port), "weight": 100},
        {**provider("up-2", free.port), "weight": 1},
    ]
    once = call(llm_service(name, models=["m"], versions=versions))
    assert {once("m").headers["x-slipway-upstream"] for _ in range(3)} == {"up-2"}


def test_a_provider_may_not_be_the_gateways_own_machine_unless_allowed(
    control, start_gateway, upstream, name
):
    import httpx

    theirs = upstream(like_a_provider)
    control.put(
        "service", llm_service(name, models=["m"], versions=[provider("up-1", theirs.port)])
    )
    control.put("key", key("key-1", "secret", name))
    gateway = start_gateway(control.url, "--upstream-reach", "private")
    gateway.wait_connected()
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions", json={"model": "m", "messages": [USER]},
        headers={"authorization": "Bearer secret"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "500001")
    assert "own machine" in answer.json()["error"]["message"]
    assert theirs.accepted == 0
    kept = gateway.home / "run" / "gateway-state.json"
    assert not kept.exists() or "sk-" not in kept.read_text()


@pytest.mark.covers("SRV-X3")
def test_prompts_with_the_same_beginning_go_where_it_is_known(world, upstream, http, call, name):
    """Also under load: the hit rate is far above what chance gives, and it is measured."""
    servers = [upstream(openai_like) for _ in range(4)]
    ports = [server.port for server in servers]
    once = call(llm_service(name, *ports, policy={"prefix_affinity": True}))
    documents = [f"{i} " + hashlib.sha512(str(i).encode()).hexdigest() * 20 for i in range(12)]
    where: dict[int, set[str]] = {i: set() for i in range(12)}
    for turn in range(5):
        for i, document in enumerate(documents):
            asked = [{"role": "system", "content": document}, {**USER, "content": f"turn {turn}"}]
            where[i].add(once(messages=asked).headers["x-slipway-upstream"])
    assert all(len(replicas) == 1 for replicas in where.values())
    assert len(set.union(*where.values())) == 4  # and the work is shared
    lines = http.get("/metrics").text.splitlines()
    values = {
        kind: float(next(x for x in lines if x.startswith(f'slipway_gateway_prefix_{kind}_total{{service="{name}"')).split()[-1])
        for kind in ("blocks", "hits")
    }  # fmt: skip
    # 4 of the 5 turns of each document are known; a little of it is the turn's own words.
    assert values["hits"] / values["blocks"] > 0.75


@pytest.mark.covers("SRV-X3")
def test_a_replica_whose_engine_has_a_long_queue_is_left_alone(upstream, call, name):
    """Whatever prompts it knows: its own metrics say that others wait there already."""
    waits = {"long": 0}

    async def engine(request: Request, line: Line) -> None:
        if request.target == "/metrics":
            text = (
                f'# TYPE x gauge\nvllm:num_requests_waiting{{model_name="m"}} {waits["long"]}.0\n'
            )
            body = text.encode()
            await line.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        else:
            await openai_like(request, line)

    one, other = upstream(engine), upstream(openai_like)
    once = call(llm_service(name, one.port, other.port, policy={"prefix_affinity": True}))
    content = "the same long beginning " * 40
    asked = [{"role": "user", "content": content}]

    def goes_to() -> str:
        return once(messages=asked).headers["x-slipway-upstream"]

    first = goes_to()
    assert {goes_to() for _ in range(5)} == {first}
    waits["long"] = 50
    wait_for(lambda: {goes_to() for _ in range(3)} == {f"{name}-r1"}, "the one without a queue", 60)


def test_a_busy_friend_is_left_for_one_that_is_free(upstream, call, name):
    from slipway.gateway.routing import Router
    from slipway.gateway.state import parse_service

    found = parse_service(llm_service(name, 1, 2))
    router = Router()
    first = router.choose(found, None, 0.0, (), [1, 2, 3])
    assert router.choose(found, None, 0.0, (), [1, 2, 4]).replica is first.replica
    first.load.in_flight = 50
    assert router.choose(found, None, 0.0, (), [1, 2, 5]).replica is not first.replica


@pytest.mark.covers("SRV-X5")
def test_a_mirrored_version_is_compared_and_never_seen(world, upstream, http, call, name):
    async def otherwise(request: Request, line: Line) -> None:
        body = json.loads(request.body)
        word = "Hello!" if "same" in body["messages"][0]["content"] else "Bye!"
        message = {"role": "assistant", "content": word}
        await line.json(200, {"choices": [{"index": 0, "message": message, "text": word}]})

    main, candidate = upstream(openai_like), upstream(otherwise)
    one, two = llm_service(name, main.port)["versions"][0], f"{name}-2"
    replica = {"id": f"{name}-c", "host": "127.0.0.1", "port": candidate.port, "isolated": False}
    value = llm_service(
        name,
        versions=[one, {"id": two, "weight": 0, "replicas": [replica]}],
        policy={"mirror": {"version": two, "percent": 100}},
    )
    once = call(value)
    for text in ("same", "same", "other"):
        answer = once(messages=[{"role": "user", "content": text}])
        assert answer.json()["choices"][0]["message"]["content"] == "Hello!"
        assert answer.headers["x-slipway-upstream"] == f"{name}-r0"
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert http.get(f"/internal/mirrors/{name}").status_code == 404  # not for everybody

    def seen() -> dict:
        return http.get(f"/internal/mirrors/{name}", headers=headers).json()

    numbers = wait_for(lambda: (s := seen())["pairs"] == 3 and s, "three pairs")
    assert (numbers["same"], numbers["failed"]) == (2, 0)
    assert numbers["ms"] > 0 and numbers["candidate_ms"] > 0
    assert {pair["candidate"] for pair in numbers["last"]} == {two}
    assert sorted(pair["same"] for pair in numbers["last"]) == [False, True, True]
    assert "same" not in json.dumps([p for p in numbers["last"] if "content" in p])
    # Copies are nobody's calls: only what was asked for is booked.
    assert len([r for r in world.control.records if r["service"] == name]) <= 3
    candidate.close()
    assert once().status_code == 200
    wait_for(lambda: seen()["failed"] == 1, "the failed copy")
    before = len(main.requests)
    world.put("service", {**value, "policy": {"mirror": {"version": two, "percent": 0}}})
    assert once().status_code == 200 and len(main.requests) == before + 1
    assert seen()["pairs"] == 4
