"""OpenAI's Files and Batch API on own models, with the official client."""

import asyncio
import json
import time

import openai
import pytest

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .upstreams import openai_like


def lines(model: str, count: int, **body) -> bytes:
    def line(number: int) -> str:
        asked = {"model": model, "messages": [{"role": "user", "content": f"n {number}"}], **body}
        call = {"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions"}
        return json.dumps({**call, "body": asked})

    return "\n".join(line(n) for n in range(count)).encode()


def put(world, name: str, port: int, **service) -> None:
    world.put("service", llm_service(name, port, **service))
    world.put("group", group(f"sg-{name}", name))
    world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))


def client_of(url: str, secret: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=secret, max_retries=0)


def ended(client: openai.OpenAI, batch_id: str):
    def over():
        batch = client.batches.retrieve(batch_id)
        return batch if batch.status in ("completed", "failed", "cancelled", "expired") else None

    return wait_for(over, f"the end of {batch_id}", 60)


def test_a_batch_with_the_official_client(world, upstream, name):
    async def fussy(request, line):
        if b"n 3" in request.body:
            await line.json(422, {"error": {"message": "no threes"}})
        else:
            await openai_like(request, line)

    put(world, name, upstream(fussy).port)
    with client_of(world.url, f"{name}-secret") as client:
        sent = client.files.create(file=("in.jsonl", lines(f"{name}-model", 7)), purpose="batch")
        assert (sent.filename, sent.purpose, sent.object) == ("in.jsonl", "batch", "file")
        batch = client.batches.create(
            input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h",
            metadata={"why": "test"},
        )  # fmt: skip
        assert batch.status == "validating" and batch.request_counts.total == 7
        batch = ended(client, batch.id)
        assert batch.status == "completed" and batch.metadata == {"why": "test"}
        counts = batch.request_counts
        assert (counts.total, counts.completed, counts.failed) == (7, 6, 1)
        good = [json.loads(x) for x in client.files.content(batch.output_file_id).text.splitlines()]
        assert {x["custom_id"] for x in good} == {f"r{n}" for n in range(7)} - {"r3"}
        for one in good:
            assert one["error"] is None and one["response"]["status_code"] == 200
            assert one["response"]["body"]["choices"][0]["message"]["content"] == "Hello!"
        (bad,) = [
            json.loads(x) for x in client.files.content(batch.error_file_id).text.splitlines()
        ]
        assert (bad["custom_id"], bad["response"]["status_code"]) == ("r3", 422)
        # The lines are calls like all others: booked to the key.
        record = world.record(good[0]["response"]["request_id"])
        assert (record["key"], record["prompt_tokens"]) == (f"key-{name}", 9)
        listed = client.files.list()
        assert {one.id for one in listed} == {sent.id, batch.output_file_id, batch.error_file_id}
        assert [one.id for one in client.files.list(purpose="batch")] == [sent.id]
        assert [one.id for one in client.batches.list()] == [batch.id]
        assert client.files.content(sent.id).read() == lines(f"{name}-model", 7)
        assert client.files.delete(sent.id).deleted
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve(sent.id)


def test_broken_files_and_batches_are_refused_with_the_place(world, upstream, name):
    put(world, name, upstream(openai_like).port)
    good = lines(f"{name}-model", 2)
    with client_of(world.url, f"{name}-secret") as client:
        for content, words in (
            (b"{", "Line 1"), (good + b"\n[]", "Line 3"), (good + b"\n" + good, "stands twice"),
            (b"", "no line"), (good.replace(b"/v1/chat", b"/v1/admin"), "url"),
            (lines(f"{name}-model", 1, stream=True), "stream"),
        ):  # fmt: skip
            with pytest.raises(openai.BadRequestError, match=words) as refused:
                client.files.create(file=("x.jsonl", content), purpose="batch")
            assert refused.value.code == "500002"
        with pytest.raises(openai.BadRequestError, match="purpose"):
            client.files.create(file=("x.jsonl", good), purpose="fine-tune")
        strange = client.files.create(file=("x.jsonl", lines("nothere", 2)), purpose="batch")
        asked = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
        failed = client.batches.create(input_file_id=strange.id, **asked)
        assert failed.status == "failed" and "nothere" in failed.errors.data[0].message
        assert failed.errors.data[0].line == 1
        with pytest.raises(openai.NotFoundError):
            client.batches.create(input_file_id="file-none", **asked)
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve("../../run/gateway.token")


def test_another_keys_files_are_not_there(world, upstream, name):
    put(world, name, upstream(openai_like).port)
    world.put("group", group(f"sg-{name}-b", name))
    world.put("key", key(f"key-{name}-b", f"{name}-b-secret", group=f"sg-{name}-b"))
    mine, theirs = (client_of(world.url, f"{name}{x}-secret") for x in ("", "-b"))
    with mine, theirs:
        sent = mine.files.create(file=("x.jsonl", lines(f"{name}-model", 1)), purpose="batch")
        batch = mine.batches.create(
            input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        for look in (
            lambda: theirs.files.retrieve(sent.id),
            lambda: theirs.files.content(sent.id),
            lambda: theirs.files.delete(sent.id),
            lambda: theirs.batches.retrieve(batch.id),
            lambda: theirs.batches.cancel(batch.id),
        ):
            with pytest.raises(openai.NotFoundError):
                look()
        assert list(theirs.files.list()) == [] and list(theirs.batches.list()) == []
        ended(mine, batch.id)
    with client_of(world.url, "wrong") as nobody, pytest.raises(openai.AuthenticationError):
        nobody.files.list()


def test_a_killed_gateway_goes_on_where_it_stood(control, start_gateway, upstream, name):
    open_gate = []

    async def gated(request, line):
        if b"n 5" in request.body and not open_gate:
            return  # never answers while the first gateway lives
        await openai_like(request, line)

    server = upstream(gated)
    control.put("service", llm_service(name, server.port))
    control.put("key", key("key-1", "secret", name))
    first = start_gateway(control.url)
    first.wait_connected()
    with client_of(first.url, "secret") as client:
        sent = client.files.create(file=("x.jsonl", lines(f"{name}-model", 6)), purpose="batch")
        batch = client.batches.create(
            input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        done = first.home / "batches" / f"{batch.id}.out"
        wait_for(lambda: done.exists() and done.read_bytes().count(b"\n") == 5, "five lines", 60)
    first.kill()
    with done.open("ab") as torn:
        torn.write(b'{"custom_id": "r9", "resp')  # what a crash may leave
    asked = len(server.requests)
    open_gate.append(True)
    second = start_gateway(control.url)
    second.wait_connected()
    with client_of(second.url, "secret") as client:
        batch = ended(client, batch.id)
        assert batch.status == "completed" and batch.request_counts.completed == 6
        content = client.files.content(batch.output_file_id).text.splitlines()
    assert sorted(json.loads(x)["custom_id"] for x in content) == [f"r{n}" for n in range(6)]
    assert len(server.requests) == asked + 1  # what was done was not done again


def test_a_batch_waits_for_its_keys_limit_and_can_be_cancelled(world, upstream, name):
    server = upstream(openai_like)
    put(world, name, server.port)
    limited = key(f"key-{name}", f"{name}-secret", group=f"sg-{name}", limits={"rpm": 3})
    world.put("key", limited)
    with client_of(world.url, f"{name}-secret") as client:
        sent = client.files.create(file=("x.jsonl", lines(f"{name}-model", 8)), purpose="batch")
        batch = client.batches.create(
            input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        wait_for(
            lambda: client.batches.retrieve(batch.id).request_counts.completed == 3, "three", 60
        )
        assert client.batches.retrieve(batch.id).request_counts.failed == 0
        assert client.batches.cancel(batch.id).status == "cancelling"
        batch = ended(client, batch.id)
        assert batch.status == "cancelled" and batch.request_counts.completed == 3
        assert len(client.files.content(batch.output_file_id).text.splitlines()) == 3
    assert len(server.requests) == 3


def test_people_go_first(world, upstream, name):
    """While a model has as much to do as it may, a batch asks nothing of it."""
    holding: list[asyncio.Event] = []

    async def slow(request, line):
        if b"person" in request.body:
            gate = asyncio.Event()
            holding.append(gate)
            await gate.wait()
        await openai_like(request, line)

    server = upstream(slow)
    put(world, name, server.port, limits={"qps_per_replica": None, "concurrency_per_replica": 2})
    import threading

    def person():
        with client_of(world.url, f"{name}-secret") as client:
            client.chat.completions.create(
                model=f"{name}-model", messages=[{"role": "user", "content": "person"}]
            )

    waiting = threading.Thread(target=person)
    waiting.start()
    wait_for(lambda: holding, "the person's call")
    with client_of(world.url, f"{name}-secret") as client:
        sent = client.files.create(file=("x.jsonl", lines(f"{name}-model", 3)), purpose="batch")
        batch = client.batches.create(
            input_file_id=sent.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        wait_for(lambda: client.batches.retrieve(batch.id).status == "in_progress", "its start", 60)
        before = time.time()
        wait_for(lambda: time.time() - before > 0.5, "some looks of the batch")
        assert len(server.requests) == 1
        world.control.loop.call(holding[0].set)
        waiting.join(30)
        assert ended(client, batch.id).request_counts.completed == 3
