"""Every answer of the table, from the real process."""

import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from .control_plane import group, key, llm_service, service
from .loop_thread import wait_for
from .upstreams import echo, openai_like

CHAT = {"messages": [{"role": "user", "content": "hi"}]}


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def model(world, upstream, name):
    """An LLM service with one key, `<name>-secret`. Returns its model's name."""
    world.put("service", llm_service(name, upstream(openai_like).port))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    return f"{name}-model"


# -- what reaches an instance


@pytest.mark.covers("SRV-32")
def test_a_service_is_called_at_its_path_without_the_prefix(world, upstream, http, name):
    instance = upstream(echo)
    world.put("service", service(name, instance.port))
    answer = http.post(
        f"/{name}/v1/models/m:predict?x=1&y=%20", content=b"body", headers={"a": "b"}
    )
    seen = answer.json()
    assert answer.status_code == 200
    assert seen["target"] == "/v1/models/m:predict?x=1&y=%20"
    assert seen["method"] == "POST" and seen["size"] == 4
    assert seen["headers"]["a"] == "b"
    assert seen["headers"]["host"] == f"127.0.0.1:{instance.port}"
    assert seen["headers"]["x-forwarded-prefix"] == f"/{name}"
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert http.get(f"/{name}").json()["target"] == "/"


@pytest.mark.covers("SRV-32")
def test_each_version_has_a_path_of_its_own(world, upstream, http, name):
    first, second = upstream(echo), upstream(echo)
    value = service(name, first.port)
    replica = {"id": f"{name}-x", "host": "127.0.0.1", "port": second.port}
    value["versions"].append({"id": f"{name}-2", "weight": 0, "replicas": [replica]})
    world.put("service", value)
    for _ in range(3):
        assert http.get(f"/{name}-2/a").json()["target"] == "/a"
        assert http.get(f"/{name}/b").json()["target"] == "/b"
    assert (len(first.requests), len(second.requests)) == (3, 3)


@pytest.mark.covers("SRV-42")
def test_the_key_does_not_reach_the_instance(world, upstream, http, name):
    instance = upstream(echo)
    world.put("service", service(name, instance.port, auth=True))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    seen = http.get(f"/{name}/", headers=bearer(f"{name}-secret")).json()["headers"]
    assert "authorization" not in seen
    world.put("service", service(name, instance.port, auth=True, forward_authorization=True))
    seen = http.get(f"/{name}/", headers=bearer(f"{name}-secret")).json()["headers"]
    assert seen["authorization"] == f"Bearer {name}-secret"


@pytest.mark.covers("SRV-36", "GWY-X5")
def test_answers_carry_a_request_id_and_the_instances_status(world, upstream, http, name):
    async def teapot(_request, line):
        await line.json(418, {"short": True}, extra="x-own: 1\r\nx-request-id: theirs\r\n")

    instance = upstream(teapot)
    world.put("service", service(name, instance.port))
    answer = http.get(f"/{name}/")
    assert answer.status_code == 418 and answer.json() == {"short": True}
    assert answer.headers["x-upstream-status"] == "418"
    assert answer.headers["x-own"] == "1"
    request_id = answer.headers["x-request-id"]
    assert instance.requests[0].headers["x-request-id"] == request_id
    record = world.record(request_id)
    assert (record["status"], record["error_code"]) == (418, "upstream_418")


def test_head_and_empty_answers_have_no_body(world, upstream, http, name):
    async def answer(request, line):
        if request.method == "DELETE":
            await line.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif request.method == "HEAD":
            await line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")
        else:
            await line.send(b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n")

    world.put("service", service(name, upstream(answer).port))
    assert http.delete(f"/{name}/").status_code == 204
    assert http.head(f"/{name}/").headers["content-length"] == "99"
    assert http.get(f"/{name}/").status_code == 304
    assert http.head("/no-such-service").status_code == 404
    assert http.delete(f"/{name}/").status_code == 204


def test_an_answer_that_ends_with_its_connection_is_passed_on_whole(world, upstream, http, name):
    async def old(_request, line):
        await line.send(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 300_000)
        line.writer.close()

    world.put("service", service(name, upstream(old).port))
    assert http.get(f"/{name}/").content == b"x" * 300_000


def test_informational_answers_are_skipped(world, upstream, http, name):
    async def early(_request, line):
        await line.send(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        await line.json(200, {"late": 1})

    world.put("service", service(name, upstream(early).port))
    assert http.get(f"/{name}/").json() == {"late": 1}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_passed_on_while_it_comes(world, upstream, http, name, chunked):
    world.put("service", service(name, upstream(echo).port))
    body = bytes(range(256)) * 20_000
    pieces = (body[i : i + 70_000] for i in range(0, len(body), 70_000))
    answer = http.post(f"/{name}/", content=pieces if chunked else body).json()
    assert answer["size"] == len(body)
    framing = "transfer-encoding" if chunked else "content-length"
    assert framing in answer["headers"]


# -- keys


@pytest.mark.covers("SRV-35")
@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "{}"])
def test_a_key_is_taken_bare_or_as_bearer(world, upstream, http, name, form):
    world.put("service", service(name, upstream(echo).port, auth=True))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    sent = {"authorization": form.format(f"{name}-secret")}
    assert http.get(f"/{name}/", headers=sent).status_code == 200


@pytest.mark.covers("SRV-42", "SRV-41")
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"hash": "0" * 64}, 401, "invalid_key"),
        ({"services": ["ms-other"]}, 401, "invalid_key"),
        ({"enabled": False}, 403, "key_disabled"),
        ({"banned": True}, 429, "key_banned"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 401, "key_expired"),
    ],
)
def test_a_plain_service_refuses_keys_in_its_own_words(
    world, upstream, http, name, change, status, code
):
    instance = upstream(echo)
    world.put("service", service(name, instance.port, auth=True))
    world.put("key", {**key(f"key-{name}", f"{name}-secret", name), **change})
    answer = http.get(f"/{name}/", headers=bearer(f"{name}-secret"))
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "message"} and error["code"] == code
    assert error["message"]
    assert not instance.requests


def test_no_key_at_all(world, upstream, http, name):
    world.put("service", service(name, upstream(echo).port, auth=True))
    answer = http.get(f"/{name}/")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_key"


@pytest.mark.covers("GWY-27", "GWY-79", "GWY-83", "GWY-91", "GWY-11")
@pytest.mark.parametrize(
    ("change", "status", "code", "kind"),
    [
        ({"hash": "0" * 64}, 401, "500004", "INCORRECT_API_KEY_PROVIDED"),
        ({"enabled": False}, 403, "500004", "INCORRECT_API_KEY_PROVIDED"),
        ({"banned": True}, 429, "700003", "AK_BANNED"),
    ],
)
def test_llm_calls_refuse_keys_with_the_platforms_codes(
    world, http, model, name, change, status, code, kind
):
    world.put("key", {**key(f"key-{name}", f"{name}-secret", name), **change})
    for path in ("/v1/chat/completions", f"/{name}/v1/chat/completions"):
        answer = http.post(path, json={"model": model, **CHAT}, headers=bearer(f"{name}-secret"))
        assert answer.status_code == status
        error = answer.json()["error"]
        assert (error["code"], error["type"], error["param"]) == (code, kind, None)
        assert error["message"]


@pytest.mark.covers("GWY-07")
def test_a_disabled_group_refuses_and_comes_back_with_the_same_key(world, http, model, name):
    world.put("group", group(f"sg-{name}", name, enabled=False))
    world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))
    call = {"json": {"model": model, **CHAT}, "headers": bearer(f"{name}-secret")}
    answer = http.post("/v1/chat/completions", **call)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "500004")
    world.put("group", group(f"sg-{name}", name))
    assert http.post("/v1/chat/completions", **call).status_code == 200


@pytest.mark.covers("SRV-40", "GWY-06")
def test_key_changes_count_from_the_next_request_on(world, upstream, http, name):
    world.put("service", service(name, upstream(echo).port, auth=True))
    world.put("key", key(f"key-{name}", f"{name}-old", name))
    assert http.get(f"/{name}/", headers=bearer(f"{name}-old")).status_code == 200
    world.control.put("key", key(f"key-{name}", f"{name}-new", name))
    started = time.monotonic()
    while http.get(f"/{name}/", headers=bearer(f"{name}-old")).status_code == 200:
        assert time.monotonic() - started < 1.0
    assert http.get(f"/{name}/", headers=bearer(f"{name}-new")).status_code == 200
    world.delete("key", f"key-{name}")
    assert http.get(f"/{name}/", headers=bearer(f"{name}-new")).status_code == 401
    world.put("service", service(name, upstream(echo).port, auth=False))
    assert http.get(f"/{name}/").status_code == 200


def test_a_key_expires_by_itself(world, upstream, http, name):
    world.put("service", service(name, upstream(echo).port, auth=True))
    soon = datetime.now(UTC) + timedelta(seconds=0.6)
    world.put("key", key(f"key-{name}", f"{name}-secret", name, expires_at=soon.isoformat()))
    assert http.get(f"/{name}/", headers=bearer(f"{name}-secret")).status_code == 200
    time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.01)
    assert http.get(f"/{name}/", headers=bearer(f"{name}-secret")).status_code == 401


# -- by model name


@pytest.mark.covers("GWY-12", "GWY-81")
def test_a_model_outside_the_keys_scope_is_unknown(world, upstream, http, model, name):
    world.put("service", llm_service(f"{name}-2", upstream(openai_like).port))
    for asked in (f"{name}-2-model", "no-such-model"):
        answer = http.post(
            "/v1/chat/completions", json={"model": asked, **CHAT}, headers=bearer(f"{name}-secret")
        )
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, "500002", "model")
        assert asked in error["message"]


@pytest.mark.covers("GWY-13", "GWY-08")
def test_a_group_key_reaches_every_linked_service(world, upstream, http, model, name):
    second = upstream(openai_like)
    world.put("service", llm_service(f"{name}-2", second.port))
    world.put("group", group(f"sg-{name}", name))
    world.put("key", key(f"key-g-{name}", f"{name}-app", group=f"sg-{name}"))
    call = {"json": {"model": f"{name}-2-model", **CHAT}, "headers": bearer(f"{name}-app")}
    assert http.post("/v1/chat/completions", **call).status_code == 400
    world.put("group", group(f"sg-{name}", name, f"{name}-2"))
    assert http.post("/v1/chat/completions", **call).status_code == 200
    assert len(second.requests) == 1


@pytest.mark.covers("GWY-X1")
def test_models_lists_only_what_the_key_may_call(world, upstream, http, model, name):
    world.put("service", llm_service(f"{name}-2", upstream(openai_like).port))
    world.put("service", llm_service(f"{name}-3", state="stopped"))
    world.put("key", key(f"key-{name}", f"{name}-secret", name, f"{name}-3"))
    listed = http.get("/v1/models", headers=bearer(f"{name}-secret")).json()
    assert listed["object"] == "list"
    assert [(m["id"], m["object"]) for m in listed["data"]] == [(model, "model")]
    one = http.get(f"/v1/models/{model}", headers=bearer(f"{name}-secret"))
    assert one.json()["id"] == model
    other = http.get(f"/v1/models/{name}-2-model", headers=bearer(f"{name}-secret"))
    assert other.json()["error"]["code"] == "500002"
    assert http.get("/v1/models").status_code == 401


@pytest.mark.covers("GWY-34", "GWY-28")
def test_broken_calls_by_model_name_are_refused_before_any_instance(world, http, model, name):
    sent = {**bearer(f"{name}-secret"), "content-type": "application/json"}
    for body in (b"nonsense", b"{}", json.dumps({"model": model}).encode()):
        answer = http.post("/v1/chat/completions", content=body, headers=sent)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "500002")
    assert http.get("/v1/chat/completions", headers=sent).status_code == 405
    assert http.post("/v1/fine-tunes", json={}, headers=sent).status_code == 404


def test_on_an_llms_own_path_the_model_server_judges(world, upstream, http, model, name):
    async def picky(_request, line):
        await line.json(422, {"detail": "no"})

    world.put("service", llm_service(name, upstream(picky).port))
    answer = http.post(
        f"/{name}/v1/chat/completions", content=b"nonsense", headers=bearer(f"{name}-secret")
    )
    assert (answer.status_code, answer.json()) == (422, {"detail": "no"})


# -- services that do not answer


@pytest.mark.parametrize(
    ("change", "code"),
    [({"state": "stopped"}, "service_stopped"), ({"versions": []}, "no_ready_instance")],
)
def test_a_service_that_cannot_answer_says_why(world, upstream, http, name, change, code):
    port = upstream(openai_like).port
    world.put("service", {**service(name, port), **change})
    answer = http.get(f"/{name}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, code)
    world.put("service", {**llm_service(name, port), **change})
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    for path in ("/v1/chat/completions", f"/{name}/v1/chat/completions"):
        sent = {"model": f"{name}-model", **CHAT}
        answer = http.post(path, json=sent, headers=bearer(f"{name}-secret"))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, code)
        assert error["type"] == "INVOKE_MODEL_ERROR"


def test_an_unknown_service_is_a_404(http):
    answer = http.get("/ms-nowhere/x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_service")
    assert http.get("/").status_code == 404


@pytest.mark.covers("GWY-80")
def test_a_refused_connection(world, http, name):
    world.put("service", service(name, closed_port()))
    answer = http.post(f"/{name}/", content=b"x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "instance_unreachable")
    world.put("service", llm_service(name, closed_port()))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    sent = {"json": {"model": f"{name}-model", **CHAT}, "headers": bearer(f"{name}-secret")}
    answer = http.post("/v1/chat/completions", **sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (
        500, "500001", "INVOKE_MODEL_ERROR",
    )  # fmt: skip
    assert http.post(f"/{name}/v1/chat/completions", **sent).status_code == 502


def test_a_refused_connection_is_retried_on_another_replica(world, upstream, http, name):
    good = upstream(echo)
    world.put("service", service(name, closed_port(), good.port, closed_port()))
    for number in range(6):
        answer = http.post(f"/{name}/{number}", content=b"once")
        assert answer.status_code == 200
        assert answer.json()["size"] == 4
    assert len(good.requests) == 6


def test_a_request_that_was_sent_is_never_sent_again(world, upstream, http, name):
    async def die(_request, line):
        line.writer.transport.abort()

    first, second = upstream(die), upstream(die)
    world.put("service", service(name, first.port, second.port))
    answer = http.post(f"/{name}/", content=b"pay")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "instance_unreachable")
    assert len(first.requests) + len(second.requests) == 1


def test_a_stale_connection_is_replaced_for_a_request_that_may_be_repeated(
    world, upstream, http, name
):
    async def once_each(request, line):
        if [r.target for r in instance.requests].count(request.target) == 1 and line_is_old(line):
            line.writer.transport.abort()
            return
        seen.add(line.writer)
        await echo(request, line)

    def line_is_old(line):
        return line.writer in seen

    seen: set = set()
    instance = upstream(once_each)
    world.put("service", service(name, instance.port))
    assert http.get(f"/{name}/a").status_code == 200
    assert http.get(f"/{name}/b").json()["target"] == "/b"
    assert [r.target for r in instance.requests] == ["/a", "/b", "/b"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"this is not http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
    ],
)
def test_an_instance_that_answers_garbage(world, upstream, http, name, garbage):
    async def mumble(_request, line):
        await line.send(garbage)

    world.put("service", service(name, upstream(mumble).port))
    answer = http.post(f"/{name}/", content=b"x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "bad_upstream_answer")


def test_a_slow_instance_is_given_up(world, upstream, http, name):
    async def silent(_request, line):
        await line.reader.read()

    instance = upstream(silent)
    world.put("service", service(name, instance.port))
    answer = http.get(f"/{name}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")
    record = world.record(answer.headers["x-request-id"])
    assert (record["status"], record["error_code"]) == (504, "upstream_timeout")
    assert 1400 < record["duration_ms"] < 3000


def test_a_whole_answer_after_a_part_of_the_request_is_passed_on(world, upstream, http, name):
    async def deny(request, line):
        await line.json(413, {"too": "big"})

    world.put("service", service(name, upstream(deny).port))
    assert http.post(f"/{name}/", content=b"x" * 2_000_000).status_code == 413


# -- the gateway's own pages


def test_health_and_metrics(world, upstream, http, name):
    world.put("service", service(name, upstream(echo).port))
    http.get(f"/{name}/")
    health = http.get("/healthz").json()
    assert health == {
        "status": "ok", "control": "connected", "version": world.control.version, "limits": "own",
    }  # fmt: skip
    metrics = http.get("/metrics").text
    assert f'slipway_gateway_requests_total{{service="{name}",status="200"}} 1' in metrics
    assert f'slipway_gateway_request_duration_seconds_count{{service="{name}"}} 1' in metrics
    assert "slipway_gateway_control_connected 1" in metrics
    assert http.post("/healthz").status_code == 405


def test_metrics_are_not_for_strangers(world, http):
    stranger = {"x-forwarded-for": "203.0.113.9"}
    assert http.get("/metrics", headers=stranger).status_code == 404
    token = world.gateway.home / "run" / "gateway.token"
    stranger["authorization"] = f"Bearer {token.read_text().strip()}"
    assert http.get("/metrics", headers=stranger).status_code == 200


def test_every_request_leaves_one_line_in_the_access_log(world, upstream, http, name):
    world.put("service", service(name, upstream(echo).port))
    headers = {"user-agent": 'odd "agent"'}
    request_id = http.get(f"/{name}/a?secret=1", headers=headers).headers["x-request-id"]
    line = wait_for(
        lambda: next((x for x in world.gateway.log_lines() if x["id"] == request_id), None),
        "the log line",
    )
    assert (line["method"], line["path"], line["status"]) == ("GET", "/a", 200)
    assert (line["service"], line["client"]) == (name, "127.0.0.1")
    assert line["user_agent"] == 'odd "agent"'
    assert "secret" not in json.dumps(line)
