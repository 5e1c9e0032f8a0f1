"""The look at questions and answers: words, a hook over HTTP, a plug-in; in streams, too."""

import json

import httpx
import pytest

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .test_upstreams import sealed
from .upstreams import Line, Request, chat_events, openai_like

SORRY = "Let us talk about something else."


def asked(text: str) -> list:
    return [{"role": "user", "content": text}]


def saying(*words: str):
    """Answers with these words: as pieces of a stream, or as one text."""

    async def behaviour(request: Request, line: Line) -> None:
        body = json.loads(request.body)
        if body.get("stream"):
            await line.start_stream()
            for part in chat_events(
                bool((body.get("stream_options") or {}).get("include_usage")), words
            ):
                await line.piece(part)
            await line.end_stream()
            return
        message = {"role": "assistant", "content": "".join(words)}
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        await line.json(200, {"id": "c", "choices": [choice], "usage": usage})

    return behaviour


@pytest.fixture
def model(world, upstream, http, name):
    """`model(behaviour, audit)` serves it so; the answer asks a question."""

    def serve(behaviour, audit: dict | None, **policy):
        given = {"message": SORRY, **audit} if audit else None
        server = upstream(behaviour)
        value = llm_service(name, server.port, policy={"audit": given, **policy})
        world.put("service", value)
        world.put("group", group(f"sg-{name}", name))
        world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))

        def ask(text: str = "hi", path: str = "chat/completions", **body) -> httpx.Response:
            sent = {"model": f"{name}-model", "messages": asked(text), **body}
            headers = {"authorization": f"Bearer {name}-secret"}
            return http.post(f"/v1/{path}", json=sent, headers=headers)

        ask.server = server
        return ask

    return serve


def refused(answer: httpx.Response, code: str, kind: str) -> None:
    error = answer.json()["error"]
    assert answer.status_code == 400, answer.text
    assert (error["code"], error["type"], error["message"]) == (code, kind, SORRY)


def judging(verdicts: dict[str, object]):
    """A hook: the first of these words that a text holds decides what it answers."""

    async def behaviour(request: Request, line: Line) -> None:
        text = json.loads(request.body)["text"]
        verdict = next((v for word, v in verdicts.items() if word in text), {"pass": True})
        if verdict == "silence":
            return
        if isinstance(verdict, int):
            await line.json(verdict, {"oops": True})
        else:
            await line.json(200, verdict)

    return behaviour


@pytest.mark.covers("GWY-86")
def test_a_question_that_does_not_pass_never_reaches_the_model(world, upstream, model, name):
    ask = model(saying("fine"), {"mode": "question", "words": ["bomb", "坏词"]})
    assert ask("how are you").status_code == 200
    for text in ("a BOMB please", "ｂｏｍｂ", "这是坏词吗"):
        refused(ask(text), "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    parts = [{"role": "user", "content": [{"type": "text", "text": "bomb"}]}]
    refused(ask(messages=parts), "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    history = [*asked("bomb"), {"role": "assistant", "content": "no"}, *asked("why")]
    refused(ask(messages=history), "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    streamed = ask("bomb", stream=True)
    assert streamed.headers["content-type"] == "application/json"
    refused(streamed, "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    record = world.record(streamed.headers["x-request-id"])
    assert (record["error_code"], record["prompt_tokens"]) == ("600003", 0)


@pytest.mark.covers("GWY-85")
def test_a_text_that_is_no_question_has_its_own_code(model):
    ask = model(openai_like, {"mode": "question", "words": ["bomb"]})
    refused(ask(path="embeddings", input=["x", "a bomb"]), "600002", "TEXT_AUDIT_NOT_PASS")
    refused(ask(path="images/generations", prompt="a bomb"), "600002", "TEXT_AUDIT_NOT_PASS")
    assert ask(path="embeddings", input="x").status_code == 200


@pytest.mark.covers("GWY-87")
def test_an_answer_that_does_not_pass_is_kept_back(world, model):
    words = {"mode": "both", "words": ["secret"]}
    refused(model(saying("the sec", "ret"), words)(), "600004", "TEXT_AUDIT_ANSWER_NOT_PASSED")
    ask = model(saying("all ", "fine"), words)
    assert ask().json()["choices"][0]["message"]["content"] == "all fine"
    questions_only = model(saying("secret"), {**words, "mode": "question"})
    assert questions_only().status_code == 200

    long = ["harmless "] * 40 + ["the sec", "ret is out"] + [" and more"] * 40
    streamed = model(saying(*long), {**words, "window_chars": 100})(stream=True)
    assert streamed.status_code == 200
    events = [line[6:] for line in streamed.text.splitlines() if line.startswith("data: ")]
    error = json.loads(events[-1])
    assert set(error) == {"error"}
    assert (error["error"]["code"], error["error"]["message"]) == ("600004", SORRY)
    said = "".join(
        choice["delta"].get("content", "")
        for event in events[:-1]
        for choice in json.loads(event)["choices"]
    )
    assert said.startswith("harmless ") and "secret" not in said and "out" not in said
    record = world.record(streamed.headers["x-request-id"])
    assert record["error_code"] == "600004" and record["completion_tokens"] > 0


def test_a_stream_that_passes_is_the_same_bytes(model):
    words = ("Hel", "lo", " é 你好") * 30
    plain = model(saying(*words), None)(stream=True).content
    for window in (20, 100, 10_000):
        audit = {"mode": "both", "words": ["never"], "window_chars": window}
        assert model(saying(*words), audit)(stream=True).content == plain


def test_a_short_answers_stream_is_refused_as_a_plain_error(model):
    ask = model(saying("sec", "ret"), {"mode": "both", "words": ["secret"]})
    refused(ask(stream=True), "600004", "TEXT_AUDIT_ANSWER_NOT_PASSED")


@pytest.mark.covers("GWY-84")
def test_a_hook_decides_and_its_failure_does_what_the_service_says(upstream, model):
    verdicts = {"bad": {"pass": False}, "broken": 500, "mute": "silence", "odd": {"pass": "yes"}}
    judge = upstream(judging(verdicts))
    hook = {"url": f"http://127.0.0.1:{judge.port}/judge?for=us", "secret": sealed("sk-judge"),
            "timeout_s": 0.5}  # fmt: skip
    audit = {"mode": "both", "hook": hook}
    ask = model(saying("a fine answer"), audit)
    assert ask("hello").status_code == 200
    question, answer = (json.loads(request.body) for request in judge.requests[:2])
    assert question == {"kind": "question", "text": "hello"}
    assert answer == {"kind": "answer", "text": "a fine answer"}
    assert judge.requests[0].headers["authorization"] == "Bearer sk-judge"
    assert judge.requests[0].target == "/judge?for=us"
    refused(ask("bad"), "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    for failing in ("broken", "mute", "odd"):
        refused(ask(failing), "600001", "INVOKE_TEXT_AUDIT_ERROR")
    lenient = model(saying("fine"), {**audit, "on_failure": "pass"})
    for failing in ("broken", "mute", "odd"):
        assert lenient(failing).status_code == 200
    refused(lenient("bad"), "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
    gone = {**audit, "hook": {"url": "http://127.0.0.1:9/"}}
    refused(model(saying("x"), gone)(), "600001", "INVOKE_TEXT_AUDIT_ERROR")


@pytest.mark.covers("GWY-100")
def test_every_way_to_look_in_windows_of_a_stream(world, upstream, model):
    """The word list, a hook and a plug-in each stop an open stream; off, nothing does."""
    long = ["harmless "] * 60 + ["poison"] + [" tail"] * 60
    folder = world.gateway.home / "audit"
    folder.mkdir(exist_ok=True)
    (folder / "ours.py").write_text(
        "def check(text, kind):\n    return 'no' if kind == 'answer' and 'poison' in text else None\n"
    )
    (folder / "faulty.py").write_text("def check(text, kind):\n    return 1 / 0\n")
    judge = upstream(judging({"poison": {"pass": False}}))
    ways = [
        {"words": ["poison"]},
        {"hook": {"url": f"http://127.0.0.1:{judge.port}/"}},
        {"plugin": "ours"},
    ]
    for way in ways:
        streamed = model(saying(*long), {"mode": "both", "window_chars": 90, **way})(stream=True)
        last = streamed.text.strip().splitlines()[-1]
        assert json.loads(last.removeprefix("data: "))["error"]["code"] == "600004", way
        assert "harmless" in streamed.text and "poison" not in streamed.text
    assert len(judge.requests) >= 3  # the question, and more than one window
    faulty = model(saying("x"), {"mode": "question", "plugin": "faulty"})
    refused(faulty(), "600001", "INVOKE_TEXT_AUDIT_ERROR")
    missing = model(saying("x"), {"mode": "question", "plugin": "nothere"})
    refused(missing(), "600001", "INVOKE_TEXT_AUDIT_ERROR")
    assert model(saying("x"), {"mode": "question", "plugin": "nothere", "on_failure": "pass"})()
    off = model(saying(*long), {"mode": "off", "words": ["poison"]})(stream=True)
    assert "poison" in off.text and "[DONE]" in off.text


def test_a_caller_who_leaves_during_the_look_frees_everything(world, upstream, model, name):
    judge = upstream(judging({"wait": "silence"}))
    hook = {"url": f"http://127.0.0.1:{judge.port}/", "timeout_s": 30}
    ask = model(saying("x"), {"mode": "question", "hook": hook})
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{world.url}/v1/chat/completions",
            json={"model": f"{name}-model", "messages": asked("wait")},
            headers={"authorization": f"Bearer {name}-secret"}, timeout=0.5,
        )  # fmt: skip
    wait_for(lambda: judge.open_lines == 0, "the end of the question to the hook")
    assert ask("go on").status_code == 200


def test_what_cannot_be_read_cannot_slip_past_the_look(world, upstream, http, model, name):
    ask = model(openai_like, {"mode": "question", "words": ["bomb"]})
    world.put("key", key(f"own-{name}", f"{name}-own", name))
    headers = {"authorization": f"Bearer {name}-own", "content-type": "application/json"}

    def post(path: str, content: bytes, **more: str) -> httpx.Response:
        return http.post(f"/{name}{path}", content=content, headers={**headers, **more})

    chat = "/v1/chat/completions"
    assert post(chat, '{"messages":[{"content":"bomb"}]}'.encode("utf-16")).status_code == 400
    assert post(chat, b'{"messages":[{"content":"bomb"}],}').status_code == 400
    assert post(chat, b"\x1f\x8b", **{"content-encoding": "gzip"}).status_code == 400
    for path in ("/v1/responses", f"/{chat}", f"{chat}/", "/v1/chat%2fcompletions", "/generate"):
        assert post(path, b'{"input":"bomb"}').status_code == 404, path
    assert http.get(f"/{name}/v1/models", headers=headers).status_code == 200
    escaped = json.dumps({"messages": asked("b\\u006fmb")}).replace("\\\\u", "\\u").encode()
    assert post(chat, escaped).json()["error"]["code"] == "600003"
    # Of a field that stands twice, the model gets the one that was looked at.
    one, two = (json.dumps(asked(text)).encode() for text in ("bomb", "fine"))
    twice = b'{"model":"m","messages":%b,"messages":%b}' % (one, two)
    assert post(chat, twice).status_code == 200
    assert ask.server.requests[-1].body.count(b"messages") == 1
    assert b"bomb" not in ask.server.requests[-1].body
