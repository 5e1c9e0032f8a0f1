"""What goes over the wire at the model entry: every endpoint, JSON, pictures, sounds, usage."""

import base64
import io
import json
import wave

import httpx
import pytest
from PIL import Image

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .test_audit import saying
from .upstreams import Line, Request, event, openai_like

USER = {"role": "user", "content": "hi"}


@pytest.fixture
def model(world, upstream, http, name):
    def serve(behaviour=openai_like, **policy):
        server = upstream(behaviour)
        world.put("service", llm_service(name, server.port, policy=policy))
        world.put("group", group(f"sg-{name}", name))
        world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))

        def post(path: str = "chat/completions", **more) -> httpx.Response:
            if "files" not in more:
                more = {"json": {"model": f"{name}-model", **more}}
            headers = {"authorization": f"Bearer {name}-secret"}
            return http.post(f"/v1/{path}", headers=headers, **more)

        post.server = server
        return post

    return serve


async def without_usage(request: Request, line: Line) -> None:
    message = {"role": "assistant", "content": "four and more letters"}
    answer = {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    if json.loads(request.body).get("seed"):
        answer["usage"] = None
    await line.json(200, answer)


@pytest.mark.covers("GWY-59")
def test_an_answer_always_says_what_was_used(world, model):
    post = model(without_usage)
    for more in ({}, {"seed": 1}):
        answer = post(messages=[USER], **more)
        usage = answer.json()["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 1
        record = world.record(answer.headers["x-request-id"])
        assert record["estimated"] is True
        assert record["prompt_tokens"] == usage["prompt_tokens"]
        assert record["completion_tokens"] == usage["completion_tokens"]
    told = model()(messages=[USER]).json()["usage"]
    assert told == {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


@pytest.mark.covers("GWY-47")
def test_json_is_promised_and_kept(model):
    wish = {"messages": [USER], "response_format": {"type": "json_object"}}
    good = model(saying('{"a":', " 1}"))
    assert json.loads(good(**wish).json()["choices"][0]["message"]["content"]) == {"a": 1}
    streamed = good(**wish, stream=True)
    assert streamed.text.rstrip().endswith("data: [DONE]")
    bad = model(saying('{"a":', " oops"))
    refused = bad(**wish)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (500, "500001")
    assert error["type"] == "INVOKE_MODEL_ERROR" and "JSON" in error["message"]
    # An open stream ends with the error; one that came as a whole is refused as a whole.
    streamed = bad(**wish, stream=True).text
    last = streamed.strip().splitlines()[-1].removeprefix("data: ")
    assert json.loads(last)["error"]["code"] == "500001" and "[DONE]" not in streamed
    # Who does not ask for JSON gets whatever the model says.
    assert bad(messages=[USER]).status_code == 200
    assert bad(messages=[USER], response_format={"type": "text"}).status_code == 200


@pytest.mark.covers("GWY-X2", "GWY-58")
def test_tools_and_schemas_pass_through(model):
    calls = [{"id": "c1", "type": "function",
              "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}]  # fmt: skip

    async def calling(request: Request, line: Line) -> None:
        sent = json.loads(request.body)
        message = {"role": "assistant", "content": None, "tool_calls": calls}
        if sent["messages"][-1]["role"] == "tool":
            message = {"role": "assistant", "content": "sunny"}
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        if sent.get("stream"):
            await line.start_stream()
            choice = {"index": 0, "delta": {"tool_calls": calls}, "finish_reason": None}
            await line.piece(event({"id": "c", "choices": [choice]}))
            await line.piece(b"data: [DONE]\n\n")
            await line.end_stream()
        else:
            choice = {"index": 0, "message": message, "finish_reason": finish}
            await line.json(200, {"id": "c", "choices": [choice], "usage": {"total_tokens": 3}})

    post = model(calling)
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    asked = {"messages": [USER], "tools": [tool], "tool_choice": "auto", "response_format": schema}
    first = post(**asked).json()["choices"][0]
    assert first["finish_reason"] == "tool_calls" and first["message"]["tool_calls"] == calls
    sent = json.loads(post.server.requests[-1].body)
    assert {k: sent[k] for k in asked} == asked
    result = {"role": "tool", "tool_call_id": "c1", "content": "25 degrees"}
    history = [USER, first["message"], result]
    assert post(**{**asked, "messages": history}).json()["choices"][0]["message"]["content"]
    assert json.loads(post.server.requests[-1].body)["messages"] == history
    streamed = post(**asked, stream=True).text
    assert json.loads(streamed.split("data: ")[1])["choices"][0]["delta"]["tool_calls"] == calls


@pytest.mark.covers("GWY-X1")
def test_every_endpoint_of_a_rag_stack(world, model, http, name):
    post = model()
    headers = {"authorization": f"Bearer {name}-secret"}
    assert [m["id"] for m in http.get("/v1/models", headers=headers).json()["data"]] == [
        f"{name}-model"
    ]
    assert post("completions", prompt="x").json()["choices"][0]["text"] == "Hello!"
    embedded = post("embeddings", input=["a", "b"])
    assert embedded.json()["data"][0]["embedding"] == [0.5, 0.25]
    ranked = post(
        "rerank", query="red apple", documents=["blue sky", "red apple", "apple"], top_n=2
    )
    assert [r["index"] for r in ranked.json()["results"]] == [1, 2]
    record = world.record(ranked.headers["x-request-id"])
    assert (record["path"], record["prompt_tokens"]) == ("/v1/rerank", 7)
    sound = recording(1.5)
    form = {"file": ("a.wav", sound, "audio/wav"), "model": (None, f"{name}-model")}
    heard = post("audio/transcriptions", files=form)
    assert heard.json() == {"text": "1.5 s of silence", "model": f"{name}-model"}
    record = world.record(heard.headers["x-request-id"])
    assert (record["images"], record["model"]) == (1, f"{name}-model")
    refused = post("audio/transcriptions", files={"file": ("a.wav", sound)})
    assert refused.json()["error"]["param"] == "model"
    other = {"file": ("a.wav", sound), "model": (None, "someone-elses")}
    assert post("audio/transcriptions", files=other).json()["error"]["param"] == "model"
    twice = [("model", (None, f"{name}-model")), ("model", (None, "x")), ("file", ("a.wav", sound))]
    assert post("audio/transcriptions", files=twice).status_code == 400


def recording(seconds: float) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(seconds * 8000))
    return content.getvalue()


@pytest.mark.covers("GWY-66", "GWY-74", "GWY-77")
def test_pictures_in_both_forms(world, model, http):
    post = model()
    plain = post("images/generations", prompt="a cat", size="64x32")
    answer = plain.json()
    assert isinstance(answer["created"], int) and answer["created"] == 1694268190
    (one,) = answer["data"]
    assert one["revised_prompt"] == "a cat" and "url" not in one
    picture = base64.b64decode(one["b64_json"])
    assert Image.open(io.BytesIO(picture)).size == (64, 32)
    record = world.record(plain.headers["x-request-id"])
    assert record["images"] == 1

    answer = post("images/generations", prompt="a cat", size="64x32", n=2, response_format="url")
    found = answer.json()["data"]
    assert len({one["url"] for one in found}) == 2 and all("b64_json" not in one for one in found)
    fetched = httpx.get(found[0]["url"])  # anybody who has the address, without a key
    assert fetched.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(fetched.content)).size == (64, 32)
    assert found[0]["url"].startswith(world.url)
    for wrong in ("x.png", "../gateway.json", "%2e%2e/run/gateway.token", ""):
        assert http.get(f"/generated/{wrong}").status_code in (400, 404)
    kept = world.gateway.home / "generated" / found[0]["url"].rpartition("/")[2]
    day_ago = kept.stat().st_mtime - 24 * 3600 - 5
    import os

    os.utime(kept, (day_ago, day_ago))
    assert httpx.get(found[0]["url"]).status_code == 404
    assert httpx.get(found[1]["url"]).status_code == 200


def test_a_picture_model_that_answers_something_else_has_failed(model):
    async def odd(request: Request, line: Line) -> None:
        await line.json(200, {"data": [{"b64_json": "%%%"}]})

    wish = {"prompt": "x", "response_format": "url"}
    answer = model(odd)("images/generations", **wish)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "500001")
    assert model(saying("no"))("images/generations", **wish).json()["error"]["code"] == "500001"


def test_stream_options_mean_nothing_without_a_stream(model):
    post = model()
    answer = post(messages=[USER], stream_options={"include_usage": True})
    assert answer.status_code == 200
    assert json.loads(post.server.requests[-1].body)["stream_options"] is None


@pytest.mark.covers("GWY-29", "GWY-55")
def test_a_call_without_a_user_agent_is_taken_and_others_are_noted(world, model, name):
    model()
    body = json.dumps({"model": f"{name}-model", "messages": [USER], "user": "end-user-7"}).encode()
    import socket

    def send(extra: str) -> str:
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
            line.sendall(
                f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{extra}"
                f"authorization: Bearer {name}-secret\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            answer = b""
            while more := line.recv(65536):
                answer += more
        assert answer.startswith(b"HTTP/1.1 200 ")
        return answer.lower().split(b"x-request-id: ")[1].split(b"\r\n")[0].decode()

    bare, named = send(""), send("user-agent: strange/1.0\r\n")
    lines = wait_for(
        lambda: (
            (
                found := {
                    x["id"]: x for x in world.gateway.log_lines() if x.get("id") in (bare, named)
                }
            )
            and len(found) == 2
            and found
        ),
        "both lines of the access log",
    )
    assert (lines[bare]["user_agent"], lines[named]["user_agent"]) == ("", "strange/1.0")
    assert lines[named]["end_user"] == "end-user-7"
