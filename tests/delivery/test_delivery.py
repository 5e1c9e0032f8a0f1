"""Logs reach the project's store: every line, in order, from where it stopped; refusals are said."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.delivery import loop as delivery_loop
from slipway.iam.roles import Role
from tests.running import Person, open_world, until

TASK = {"environment": "python", "cpu_cores": 0.01, "memory_bytes": 16 << 20}


@dataclass
class LogServer:
    """A real HTTP server that keeps what it gets; refuses while `status` says so."""

    status: int = 204
    answer: bytes = b""
    url: str = ""
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> bytes:
        return b"".join(body for _, _, body in self.calls)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {k.lower(): v for k, _, v in (h.partition(": ") for h in head[1:] if h)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if self.status < 300:
                    self.calls.append((head[0].split()[1], headers, body))
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (self.status, len(self.answer), self.answer))  # fmt: skip
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def log_server() -> AsyncIterator[LogServer]:
    server = LogServer()
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


async def run_task(person: Person, command: str, **form: Any) -> str:
    made = await person.ok("POST", "/training/tasks", json={"name": "t", "command": command, **TASK, **form})  # fmt: skip
    return str(made["id"])


@pytest.mark.covers("TRN-12")
async def test_loki_gets_every_line_and_the_secret_is_never_shown(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world, log_server() as server:
        ann = world.ann
        form = {"kind": "loki", "address": server.url, "labels": {"team": "vision"}, "secret": "hush-hush"}  # fmt: skip
        shown = await ann.ok("PUT", "/log-store", json=form)
        assert shown["store"]["has_secret"] is True
        assert "hush" not in json.dumps(shown)
        assert (await ann.ok("POST", "/log-store/test"))["error"] is None
        server.calls.clear()
        task = await run_task(ann, "echo one; echo two 学", deliver_logs=True)
        await until(lambda: "two 学" in json.dumps([json.loads(b) for _, _, b in server.calls], ensure_ascii=False))  # fmt: skip
        path, headers, body = server.calls[-1]
        assert path == "/loki/api/v1/push"
        assert headers["authorization"] == "Bearer hush-hush"
        streams = {s["stream"]["category"]: s for s in json.loads(body)["streams"]}
        assert streams["code"]["stream"]["task"] == task
        assert streams["code"]["stream"]["team"] == "vision"
        assert [text for _, text in streams["code"]["values"]][-1] == "two 学"
        settled = await until(lambda: _settled(ann, task))
        assert settled["error"] == ""
        assert settled["retention_days"] == settings.log_retention_days


async def _settled(person: Person, task: str) -> dict[str, Any] | None:
    found = await person.ok("GET", f"/training/tasks/{task}/log-settings")
    done = (await person.ok("GET", f"/training/tasks/{task}"))["state"] == "Completed"
    return (
        dict(found) if done and found["waiting_bytes"] == 0 and found["delivered_bytes"] else None
    )


async def test_a_store_that_refuses_is_asked_again_and_nothing_is_lost(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_loop, "_FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(delivery_loop, "_EVERY_S", 0.05)
    async with open_world(db, settings, loops=True) as world, log_server() as server:
        server.status, server.answer = 503, b"full"
        await world.ann.ok("PUT", "/log-store", json={"kind": "http", "address": server.url})
        task = await run_task(world.ann, "for i in 1 2 3; do echo line $i; done", deliver_logs=True)
        path = f"/training/tasks/{task}/log-settings"

        async def trouble() -> str:
            return str((await world.ann.ok("GET", path))["error"])

        assert "answered 503: full" in await until(trouble)
        server.status, server.answer = 200, b""
        await until(lambda: b"line 3" in server.bodies())
        records = [json.loads(line) for line in server.bodies().splitlines()]
        said = [r["message"] for r in records if r["category"] == "code"]
        assert said == ["line 1", "line 2", "line 3"]
        assert {r["task"] for r in records} == {task}
        await until(lambda: _settled(world.ann, task))

        async def is_well() -> bool:
            return await trouble() == ""

        await until(is_well)


async def test_elasticsearch_counts_a_line_once_and_a_refused_line_is_trouble(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world, log_server() as server:
        server.status, server.answer = 200, b'{"errors": false}'
        store = {"kind": "elasticsearch", "address": server.url, "index": "slipway", "username": "u", "secret": "p"}  # fmt: skip
        await world.ann.ok("PUT", "/log-store", json=store)
        await run_task(world.ann, "echo hello", deliver_logs=True)
        await until(lambda: b"hello" in server.bodies())
        path, headers, body = server.calls[-1]
        assert path == "/_bulk"
        assert headers["authorization"].startswith("Basic ")
        action, document = (json.loads(line) for line in body.splitlines()[-2:])
        assert action["index"]["_index"] == "slipway"
        assert action["index"]["_id"] == f"{document['instance']}:{document['position']}"
        server.answer = b'{"errors": true, "items": [{"index": {"error": {"type": "mapper"}}}]}'
        assert "mapper" in (await world.ann.ok("POST", "/log-store/test"))["error"]


async def test_files_hold_the_log_as_it_is_however_often_it_is_sent(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        bucket = world.ann.actor.project_id
        await world.ann.ok("PUT", "/log-store", json={"kind": "file", "address": f"{bucket}/logs"})
        task = await run_task(world.ann, "echo hello")
        path = f"/training/tasks/{task}/log-settings"
        assert (await world.ann.ok("PUT", path, json={"deliver": True}))["deliver"] is True
        await until(lambda: _settled(world.ann, task))
        (instance,) = (await world.ann.ok("GET", f"/training/tasks/{task}/instances"))["items"]
        directory = settings.root / "instances" / instance["id"]
        copy = settings.root / "storage" / bucket / "logs" / task / f"{instance['id']}.log"
        assert copy.read_bytes() == (directory / "log").read_bytes()
        (directory / "delivered.json").unlink()  # as after a crash before it was written
        await world.ann.ok("PUT", path, json={"deliver": False})
        await world.ann.ok("PUT", path, json={"deliver": True})
        await until((directory / "delivered.json").exists)
        assert copy.read_bytes() == (directory / "log").read_bytes()


async def test_refusals(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        ann, bob = world.ann, world.bob
        task = await run_task(ann, "true")
        path = f"/training/tasks/{task}/log-settings"
        status, error = await ann.refused("PUT", path, json={"deliver": True})
        assert (status, error["code"]) == (409, "no_log_store")
        assert (await ann.ok("GET", path))["blocked"].startswith("This project has no log store")
        name = {"name": "u", "command": "true", "deliver_logs": True, **TASK}
        assert (await ann.refused("POST", "/training/tasks", json=name))[1][
            "code"
        ] == "no_log_store"
        assert (await ann.refused("POST", "/log-store/test"))[0] == 404
        for bad in (
            {"kind": "loki", "address": "ftp://x"},
            {"kind": "http", "address": "http://user:pass@host"},
            {"kind": "http", "address": "http://a b"},
            {"kind": "elasticsearch", "address": "http://a", "index": "../x"},
            {"kind": "loki", "address": "http://a", "labels": {"a-b": "c"}},
            {"kind": "file", "address": "/etc"},
        ):
            assert (await ann.refused("PUT", "/log-store", json=bad))[0] == 400, bad
        other = {"kind": "file", "address": f"{bob.actor.project_id}/logs"}
        assert (await ann.refused("PUT", "/log-store", json=other))[0] == 404
        developer = await world.person("dora", Role.DEVELOPER, ann.actor.project_id)
        good = {"kind": "http", "address": "http://127.0.0.1:9/"}
        assert (await developer.refused("PUT", "/log-store", json=good))[0] == 403
        await ann.ok("PUT", "/log-store", json={**good, "secret": "s"})
        kept = await ann.ok("PUT", "/log-store", json=good)
        assert kept["store"]["has_secret"] is True
        moved = await ann.ok("PUT", "/log-store", json={**good, "address": "http://127.0.0.1:10/"})
        assert moved["store"]["has_secret"] is False
        assert "cannot be reached" in (await ann.ok("POST", "/log-store/test"))["error"]
        await developer.ok("PUT", path, json={"deliver": True})
        assert (await ann.refused("DELETE", "/log-store"))[1]["code"] == "in_use"
        await developer.ok("PUT", path, json={"deliver": False})
        await ann.ok("DELETE", "/log-store")
        assert (await bob.refused("GET", path))[0] == 404
