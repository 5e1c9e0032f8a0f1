"""The platform with its loops running: replicas are real processes, the gateway is the real one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.context import ComputeContext
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.lifecycle.reconcile import ComputeLoop
from slipway.compute.listeners import Listeners
from slipway.compute.nodes.machine import Machine
from slipway.compute.nodes.setup import ensure_local_node
from slipway.compute.wake import wake as compute_wake
from slipway.models.router import router as models_router
from slipway.serving.clock_loop import ClockLoop
from slipway.serving.follow import ServiceFollower
from slipway.serving.groups.router import router as groups_router
from slipway.serving.internal import router as internal_router
from slipway.serving.monitoring.router import router as monitoring_router
from slipway.serving.reconcile import ServingContext, ServingLoop
from slipway.serving.router import router
from slipway.serving.scaling.loop import ScalingContext, ScalingLoop
from slipway.serving.scaling.signals import Signals
from slipway.serving.token import ensure_gateway_token
from slipway.serving.types import KIND
from slipway.serving.uses import ServiceUses
from slipway.usage.ledger import LedgerMeter
from tests.models.house import House, close_house, open_house, until

__all__ = ["until"]

# Answers at once, says who it is, and what it was asked.
SERVER = """
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        said = {"instance": os.environ["SLIPWAY_INSTANCE_ID"], "path": self.path,
                "colour": os.environ.get("COLOUR", ""), "pid": os.getpid(),
                "body": self.rfile.read(length).decode(),
                "authorization": self.headers.get("authorization")}
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *args):
        pass

print("serving at", os.environ["PORT"], flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
COMMAND = f"exec {sys.executable} -S -c '{SERVER}'"


def form(name: str = "echo", **other: Any) -> dict[str, Any]:
    """A small service with an own command."""
    return {
        "name": name, "runtime": "custom", "command": COMMAND, "cpu_cores": 0.1,
        "memory_bytes": 64 << 20, "grace_s": 5, **other,
    }  # fmt: skip


@pytest.fixture
async def house(db: Database, settings: Settings) -> AsyncIterator[House]:
    compute_wake.reset()
    house = await open_house(db, settings, groups_router, monitoring_router, router, models_router)
    house.app.include_router(internal_router)
    house.app.state.version_uses = (ServiceUses(),)
    house.app.state.signals = Signals(time.monotonic)
    ensure_gateway_token(settings.root)
    async with db.begin() as session:
        await ensure_local_node(session, Machine(8, 16 << 30, ()), settings, utc_now())
    yield house
    await close_house(house)


@dataclass
class Platform:
    """The loops, which a test may kill and start again."""

    house: House
    engine: ProcessEngine
    settings: Settings
    loops: list[asyncio.Task[None]] = field(default_factory=list)
    ahead: timedelta = timedelta()  # what the clocks of scaling show beyond the real time

    def __post_init__(self) -> None:
        self.house.app.state.signals = self._signals()

    def start(self) -> None:
        house = self.house
        listeners = Listeners()
        listeners.add(KIND, ServiceFollower(utc_now))
        listeners.meter = LedgerMeter()
        engines = {"process": self.engine}
        compute = ComputeLoop(
            ComputeContext(house.db, engines, listeners, self.settings, utc_now, str)
        )
        serving = ServingLoop(
            ServingContext(
                house.db, house.storage, house.app.state.files, house.app.state.signals, utc_now
            )
        )
        scaling = ScalingLoop(
            ScalingContext(
                house.db, house.app.state.files, house.app.state.signals, self.settings.zone,
                lambda: utc_now() + self.ahead, look_every_s=0.2,
            )
        )  # fmt: skip
        clock = ClockLoop(house.db, lambda: utc_now() + self.ahead, look_every_s=0.1)
        loops = (compute, serving, scaling, clock)
        self.loops = [asyncio.create_task(loop.run()) for loop in loops]

    async def stop(self) -> None:
        for loop in self.loops:
            loop.cancel()
        for loop in self.loops:
            with contextlib.suppress(asyncio.CancelledError):
                await loop
        self.loops = []

    async def crash(self) -> None:
        """What a kill leaves: instances run on, the loops and what they remembered are gone."""
        await self.stop()
        compute_wake.reset()
        self.house.app.state.signals = self._signals()
        self.engine = ProcessEngine(self.settings.root / "instances")

    def _signals(self) -> Signals:
        return Signals(lambda: time.monotonic() + self.ahead.total_seconds())

    async def create(self, **asked: Any) -> dict[str, Any]:
        made = await self.house.a.post("/services", json=form(**asked))
        assert made.status_code == 201, made.text
        return made.json()

    async def see(self, service_id: str) -> dict[str, Any]:
        return (await self.house.a.get(f"/services/{service_id}")).json()

    async def reach(self, service_id: str, state: str, timeout_s: float = 60) -> dict[str, Any]:
        """The service once every version is in that state and settled."""

        def good(seen: dict[str, Any]) -> bool:
            return all(v["state"] == state and not v["updating"] for v in seen["items"])

        return await until(lambda: self.see(service_id), good, timeout_s)

    async def instances(self, version_id: str, ended: bool = False) -> list[dict[str, Any]]:
        answer = await self.house.a.get(
            f"/services/versions/{version_id}/instances", params={"ended": ended}
        )
        return answer.json()["items"]

    async def act(self, path: str, /, **body: Any) -> httpx.Response:
        return await self.house.a.post(f"/services/{path}", json=body or None)


@contextlib.asynccontextmanager
async def running(house: House, settings: Settings) -> AsyncIterator[Platform]:
    platform = Platform(house, ProcessEngine(settings.root / "instances"), settings)
    platform.start()
    yield platform
    await platform.stop()  # first: the loops would replace what ends
    for instance_id in platform.engine.list_alive():
        platform.engine.stop(instance_id, at_once=True)
    await until(lambda: _alive(platform.engine), lambda alive: not alive, 15)


@pytest.fixture
async def platform(house: House) -> AsyncIterator[Platform]:
    async with running(house, house.settings) as platform:
        yield platform


async def _alive(engine: ProcessEngine) -> list[str]:
    return await asyncio.to_thread(engine.list_alive)


@dataclass
class Entrance:
    """The gateway's address, and the process behind it."""

    url: str
    process: asyncio.subprocess.Process
    client: httpx.AsyncClient

    async def call(self, path: str, key: str | None = None, **other: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return await self.client.post(path, headers=headers, **{"json": {}, **other})


@pytest.fixture
async def entrance(platform: Platform) -> AsyncIterator[Entrance]:
    """The real gateway, fed by the application over a real socket."""
    settings = platform.house.settings
    async with _listening(platform.house) as control_url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "slipway.gateway", "--home", str(settings.root), "--port", "0",
            "--control", control_url, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        port = await _port(settings.root / "run" / "gateway.json")
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            await until(
                lambda: client.get("/healthz"), lambda a: a.json()["control"] == "connected"
            )
            yield Entrance(url, process, client)
        with contextlib.suppress(ProcessLookupError):  # a test may have ended it
            process.send_signal(signal.SIGTERM)
        await process.wait()


@contextlib.asynccontextmanager
async def _listening(house: House) -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            house.app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def _port(identity: Path) -> int:
    async def look() -> Any:
        try:
            return json.loads(identity.read_bytes()).get("port")
        except (OSError, ValueError):
            return None

    return await until(look, bool)
