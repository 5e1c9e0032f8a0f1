"""A small real control plane: it feeds the gateway and takes its usage."""

import asyncio
import json
from dataclasses import dataclass, field
from hashlib import sha256

from .loop_thread import LoopThread

TOKEN = "gateway-token-of-the-tests"


def service(name: str, *ports: int, **more) -> dict:
    """A running plain service without keys, one version, one replica for each port."""
    replicas = [
        {"id": f"{name}-r{i}", "host": "127.0.0.1", "port": port, "isolated": False}
        for i, port in enumerate(ports)
    ]
    value = {
        "id": name,
        "project": "pr-1",
        "name": name,
        "state": "running",
        "auth": False,
        "models": [],
        "llm": False,
        "limits": {"qps_per_replica": None, "concurrency_per_replica": None},
        "versions": [{"id": f"{name}-1", "weight": 100, "replicas": replicas}],
    }
    return {**value, **more}


def llm_service(name: str, *ports: int, **more) -> dict:
    return service(name, *ports, **{"auth": True, "llm": True, "models": [f"{name}-model"], **more})


def key(name: str, secret: str, *services: str, **more) -> dict:
    value = {
        "id": name,
        "hash": sha256(secret.encode()).hexdigest(),
        "services": list(services),
        "group": None,
        "enabled": True,
        "banned": False,
        "expires_at": None,
        "limits": {"rpm": None, "tpm": None, "tpd": None, "ipm": None},
    }
    return {**value, **more}


def group(name: str, *services: str, enabled: bool = True) -> dict:
    return {"id": name, "enabled": enabled, "services": list(services)}


@dataclass
class ControlPlane:
    loop: LoopThread
    port: int = 0
    version: int = 1
    objects: dict[str, dict[str, dict]] = field(
        default_factory=lambda: {"service": {}, "key": {}, "group": {}}
    )
    batches: list[dict] = field(default_factory=list)
    loads: list[dict] = field(default_factory=list)
    usage_status: int = 204
    feed_status: int = 200
    feeds: list[asyncio.StreamWriter] = field(default_factory=list)
    refused: int = 0  # requests without the right token
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def records(self) -> list[dict]:
        """What a control plane books: each batch once."""
        once = {batch["batch"]: batch["records"] for batch in list(self.batches)}
        return [record for records in once.values() for record in records]

    def start(self) -> "ControlPlane":
        async def listen() -> None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self.port, limit=2**24
            )
            self.port = self._server.sockets[0].getsockname()[1]

        self.loop.run(listen())
        return self

    def close(self) -> None:
        async def close() -> None:
            if self._server is not None:
                self._server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.feeds.clear()
            self._server = None

        self.loop.run(close())

    def put(self, kind: str, value: dict) -> int:
        """Says it to every gateway that listens. Returns the version that then is current."""
        self.objects[kind][value["id"]] = value
        return self._say({"op": "put", "kind": kind, "id": value["id"], "value": value})

    def delete(self, kind: str, name: str) -> int:
        del self.objects[kind][name]
        return self._say({"op": "delete", "kind": kind, "id": name})

    def say_raw(self, line: bytes) -> None:
        def write() -> None:
            for feed in self.feeds:
                feed.write(line)

        self.loop.call(write)

    def _say(self, message: dict) -> int:
        self.version += 1
        self.say_raw(json.dumps({**message, "version": self.version}).encode() + b"\n")
        return self.version

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            raw = (await reader.readuntil(b"\r\n\r\n")).decode()
            head, *lines = raw.strip().split("\r\n")
            headers = {n.lower(): v.strip() for n, _, v in (x.partition(":") for x in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            if headers.get("authorization") != f"Bearer {TOKEN}":
                self.refused += 1
                writer.write(b"HTTP/1.1 401 X\r\ncontent-length: 0\r\n\r\n")
            elif head.startswith("GET /internal/gateway/feed "):
                await self._feed(reader, writer)
            elif head.startswith("POST /internal/gateway/usage "):
                if self.usage_status < 300:
                    self.batches.append(json.loads(body))
                writer.write(
                    f"HTTP/1.1 {self.usage_status} X\r\ncontent-length: 0\r\n\r\n".encode()
                )
            elif head.startswith("POST /internal/gateway/load "):
                self.loads.append(json.loads(body))
                writer.write(b"HTTP/1.1 204 X\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _feed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.feed_status != 200:
            writer.write(f"HTTP/1.1 {self.feed_status} X\r\ncontent-length: 0\r\n\r\n".encode())
            return
        kinds = {f"{kind}s": list(values.values()) for kind, values in self.objects.items()}
        reset = {"op": "reset", "version": self.version, **kinds}
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n")
        writer.write(json.dumps(reset).encode() + b"\n")
        self.feeds.append(writer)
        try:
            await reader.read()  # until the gateway goes away
        finally:
            if writer in self.feeds:
                self.feeds.remove(writer)
