"""Streams: untouched bytes, injected usage, slow readers, leaving clients, dying instances."""

import asyncio
import json
import socket
import time
from pathlib import Path

import httpx
import openai
import pytest

from .control_plane import key, llm_service, service
from .loop_thread import wait_for
from .upstreams import chat_chunk, chat_events, event

CHAT = {"messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.fixture
def stream_of(world, http, upstream, name):
    """Serves a behaviour as an LLM; returns a function that reads its stream's raw bytes."""

    def serve(behaviour):
        instance = upstream(behaviour)
        world.put("service", llm_service(name, instance.port))
        world.put("key", key(f"key-{name}", f"{name}-secret", name))

        def read(path="/v1/chat/completions", **more):
            sent = {"model": f"{name}-model", **CHAT, **more}
            headers = {"authorization": f"Bearer {name}-secret"}
            with http.stream("POST", path, json=sent, headers=headers) as answer:
                return answer, b"".join(answer.iter_raw())

        return instance, read

    return serve


def streaming(*parts: bytes, pause_s: float = 0.0):
    async def behave(_request, line):
        await line.start_stream()
        for part in parts:
            await line.piece(part)
            await asyncio.sleep(pause_s)
        await line.end_stream()

    return behave


@pytest.mark.covers("GWY-62")
def test_a_stream_with_usage_passes_byte_for_byte(world, stream_of, name):
    parts = list(chat_events(include_usage=True))
    cut = b"".join(parts)
    instance, read = stream_of(streaming(cut[:7], cut[7:100], cut[100:101], cut[101:]))
    answer, got = read(stream_options={"include_usage": True})
    assert got == cut
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    sent = json.loads(instance.requests[0].body)
    assert sent["stream_options"] == {"include_usage": True}
    record = world.record(answer.headers["x-request-id"])
    assert (record["prompt_tokens"], record["completion_tokens"]) == (9, 120)


@pytest.mark.covers("GWY-62", "SRV-44")
@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": False}}])
def test_usage_is_asked_for_and_removed_again(world, stream_of, name, options):
    instance, read = stream_of(streaming(*chat_events(include_usage=True)))
    for path in ("/v1/chat/completions", f"/{name}/v1/chat/completions"):
        answer, got = read(path, **options)
        assert got == b"".join(chat_events(include_usage=False))
        asked = json.loads(instance.requests[-1].body)
        assert asked.pop("stream_options") == {"include_usage": True}
        assert asked == {"model": f"{name}-model", **CHAT}
        record = world.record(answer.headers["x-request-id"])
        assert (record["prompt_tokens"], record["completion_tokens"]) == (9, 120)
        assert record["estimated"] is False and record["stream"] is True


@pytest.mark.covers("GWY-59")
def test_an_engine_that_reports_no_usage_is_estimated(world, stream_of):
    _, read = stream_of(streaming(event(chat_chunk({"content": "a" * 80})), b"data: [DONE]\n\n"))
    answer, _ = read(messages=[{"role": "user", "content": "b" * 40}])
    record = world.record(answer.headers["x-request-id"])
    assert (record["prompt_tokens"], record["completion_tokens"]) == (10, 20)
    assert record["estimated"] is True
    wait_for(lambda: "usage missing" in world.gateway.errors.read_text(), "the warning")


def test_events_arrive_one_by_one(world, stream_of, http, name):
    gate = asyncio.Event()

    async def two(_request, line):
        await line.start_stream()
        await line.piece(event(chat_chunk({"content": "first"})))
        await gate.wait()
        await line.piece(b"data: [DONE]\n\n")
        await line.end_stream()

    instance, _ = stream_of(two)
    headers = {"authorization": f"Bearer {name}-secret"}
    sent = {"model": f"{name}-model", **CHAT}
    with http.stream("POST", "/v1/chat/completions", json=sent, headers=headers) as answer:
        pieces = answer.iter_raw()
        assert b"first" in next(pieces)
        instance.loop.call(gate.set)
        assert next(pieces) == b"data: [DONE]\n\n"


@pytest.mark.covers("GWY-64")
def test_an_instance_that_dies_inside_a_stream_ends_it_with_an_error_event(world, stream_of, name):
    async def die(_request, line):
        await line.start_stream()
        await line.piece(event(chat_chunk({"content": "begun"})) + b'data: {"id":"chatcm')
        line.writer.transport.abort()

    _, read = stream_of(die)
    answer, got = read()
    events = [line for line in got.split(b"\n\n") if line]
    assert b"begun" in events[0] and len(events) == 2
    error = json.loads(events[1].removeprefix(b"data: "))["error"]
    assert (error["code"], error["type"]) == ("500001", "INVOKE_MODEL_ERROR")
    record = world.record(answer.headers["x-request-id"])
    assert (record["status"], record["error_code"]) == (200, "500001")
    assert record["estimated"] is True and record["completion_tokens"] == 2
    client = openai.OpenAI(base_url=f"{world.url}/v1", api_key=f"{name}-secret", max_retries=0)
    with client, pytest.raises(openai.APIError, match="instance did not finish"):
        list(client.chat.completions.create(model=f"{name}-model", **CHAT))


def test_an_instance_that_falls_silent_inside_a_stream(world, stream_of):
    async def hang(_request, line):
        await line.start_stream()
        await line.piece(event(chat_chunk({"content": "begun"})))
        await line.reader.read()

    _, read = stream_of(hang)
    _, got = read()
    assert b'"500001"' in got and b"in time" in got


@pytest.mark.covers("GWY-63")
def test_an_error_before_the_stream_is_a_plain_answer(world, stream_of):
    async def deny(_request, line):
        await line.json(400, {"error": {"message": "too long"}})

    _, read = stream_of(deny)
    answer, got = read()
    assert answer.status_code == 400 and json.loads(got) == {"error": {"message": "too long"}}


def test_a_plain_answer_that_breaks_off_does_not_look_whole(world, upstream, http, name):
    async def die(_request, line):
        await line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 5000)
        await asyncio.sleep(0.05)
        line.writer.transport.abort()

    world.put("service", service(name, upstream(die).port))
    with pytest.raises(httpx.TransportError):
        http.get(f"/{name}/")


@pytest.mark.covers("GWY-65")
def test_a_client_that_leaves_cancels_the_instances_work(world, stream_of, http, name):
    gone = []

    async def endless(_request, line):
        await line.start_stream()
        try:
            for _ in range(10_000):
                await line.piece(event(chat_chunk({"content": "abcd" * 5})))
                await asyncio.sleep(0.01)
        finally:
            gone.append(time.monotonic())

    instance, _ = stream_of(endless)
    headers = {"authorization": f"Bearer {name}-secret"}
    sent = {"model": f"{name}-model", **CHAT}
    with http.stream("POST", "/v1/chat/completions", json=sent, headers=headers) as answer:
        request_id = answer.headers["x-request-id"]
        next(answer.iter_raw())
    left = time.monotonic()
    wait_for(lambda: gone and instance.open_lines == 0, "the instance to be told")
    assert gone[0] - left < 1.0
    record = world.record(request_id)
    assert (record["status"], record["error_code"]) == (499, "client_closed")
    assert record["estimated"] is True and record["completion_tokens"] >= 5


def test_a_client_that_leaves_before_any_answer_cancels_too(world, upstream, name):
    async def think(_request, line):
        await line.reader.read()

    instance = upstream(think)
    world.put("service", service(name, instance.port))
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        raw.sendall(f"GET /{name}/ HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        wait_for(lambda: instance.requests, "the request")
    wait_for(lambda: instance.open_lines == 0, "the instance to be told", timeout_s=1.0)


def test_a_slow_reader_slows_the_instance_down(world, upstream, name):
    """Nothing piles up in the gateway: the instance cannot send what nobody takes."""
    sent = 0
    size = 64 * 1024 * 1024

    async def flood(_request, line):
        nonlocal sent
        await line.send(f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode())
        block = b"x" * 65536
        while sent < size:
            await line.send(block)
            sent += len(block)

    world.put("service", service(name, upstream(flood).port))
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        raw.sendall(f"GET /{name}/ HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        stalled = wait_until_still(lambda: sent)
        assert stalled < size / 2
        raw.settimeout(10)
        got = 0
        while got < size:
            got += len(raw.recv(1024 * 1024))
    assert sent == size


def test_a_slow_instance_slows_the_uploader_down(world, upstream, name):
    """The kernel's own buffers grow as they like and may take it all now and then: not every time."""
    gate = asyncio.Event()

    async def swallow(_request, line):
        await line.json(200, {"ok": True})

    instance = upstream(swallow)
    instance.before_body = gate.wait
    world.put("service", service(name, instance.port))
    size = 7 * 1024 * 1024
    stalled = []
    for _ in range(4):
        instance.loop.call(gate.clear)
        stalled.append(_upload_at_a_gate(world, instance, gate, name, size))
        assert len(instance.requests[-1].body) == size
        if stalled[-1] < size:
            return
    if _kernel_buffers_bytes() > size:
        pytest.skip("the kernel of this machine takes the whole upload into its own buffers")
    raise AssertionError(f"the uploader was never slowed down: {stalled}")


def _kernel_buffers_bytes() -> int:
    """What one connection may hold by itself where buffers grow on demand (Linux)."""
    try:
        return int(Path("/proc/sys/net/ipv4/tcp_rmem").read_text().split()[2])
    except OSError:
        return 0


def _upload_at_a_gate(world, instance, gate, name: str, size: int) -> int:
    """Bytes that could be sent before the instance took any; the upload is then finished."""
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        raw.setblocking(False)
        raw.sendall(f"PUT /{name}/ HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\n".encode())
        sent = 0

        def push() -> int:
            nonlocal sent
            try:
                while sent < size:
                    sent += raw.send(b"x" * min(65536, size - sent))
            except BlockingIOError:
                pass
            return sent

        stalled = wait_until_still(push, still_s=0.4)
        instance.loop.call(gate.set)
        wait_for(lambda: push() == size, "the rest to be taken")
        raw.settimeout(5)
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")
    return stalled


def wait_until_still(measure, still_s: float = 0.3, timeout_s: float = 10.0) -> int:
    """Waits until a number has stopped growing, and returns it."""
    last, since, deadline = -1, time.monotonic(), time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        now = measure()
        if now != last:
            last, since = now, time.monotonic()
        elif now and time.monotonic() - since > still_s:
            return now
        time.sleep(0.02)
    raise AssertionError("it never stood still")


def test_a_client_that_never_reads_is_given_up(control, upstream, start_gateway):
    async def flood(_request, line):
        await line.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n")
        await line.send(b"x" * 99999999)

    instance = upstream(flood)
    control.put("service", service("ms-1", instance.port))
    gateway = start_gateway(control.url, "--stalled-client-s", "0.5")
    gateway.wait_connected()
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.sendall(b"GET /ms-1/ HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_for(lambda: control.records, "the record")
        assert control.records[0]["error_code"] == "client_closed"
        wait_for(lambda: instance.open_lines == 0, "the instance to be told")
