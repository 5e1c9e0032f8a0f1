"""Everything that requests share, and the few loops beside them."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Coroutine
from typing import Any

from slipway.gateway import queues, tls
from slipway.gateway.access_log import AccessLog
from slipway.gateway.addresses import Addresses
from slipway.gateway.admission import Entry, resolve
from slipway.gateway.audit import Auditor
from slipway.gateway.batches import Batches
from slipway.gateway.clock import Stamp
from slipway.gateway.control import ControlAway, ControlPlane
from slipway.gateway.feed import Feed
from slipway.gateway.grpc.opening import GrpcEntrance
from slipway.gateway.images import ImageStore
from slipway.gateway.limit_keeper import LimitKeeper
from slipway.gateway.limits import Limits
from slipway.gateway.load import LoadReports
from slipway.gateway.meters import Meters
from slipway.gateway.metrics import Metrics
from slipway.gateway.mirror import Mirrors
from slipway.gateway.routing import Router
from slipway.gateway.secrets import Unsealer
from slipway.gateway.server import ClientConnection
from slipway.gateway.settings import Settings
from slipway.gateway.shared_limits import SharedLimits
from slipway.gateway.state import Service, State
from slipway.gateway.traces import Traces
from slipway.gateway.upstream import Pool
from slipway.gateway.usage import UsageJournal
from slipway.gateway.waiting import WakeQueue

log = logging.getLogger(__name__)

BACKLOG = 4096
MAX_ENTRIES = 4096
# Counters outlive the process by themselves; this is how much a machine that dies may take along.
KEEP_COUNTERS_S = 5.0
# How long the last usage may take to reach the control plane when we end; it is on disk anyway.
LAST_SEND_S = 2.0


class Gateway:
    """One process's gateway. `start`, then `stop`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self.now = time.time
        self.clock = time.monotonic  # the loop's own time is cut to milliseconds
        self.stamp = Stamp()
        self.state = State()
        self.router = Router()
        self.limits = Limits(
            Meters(settings.limits_file, process=settings.process, processes=settings.processes),
            several=settings.limits_port is not None,
        )
        self.keeper = (
            LimitKeeper(self.limits, settings.read_token())
            if settings.limits_port is not None
            else None
        )
        self.shared = (
            SharedLimits(*settings.limits_at, settings.read_token()) if settings.limits_at else None
        )
        self.metrics = Metrics()
        self.pool = Pool(
            idle_s=settings.upstream_idle_s,
            connect_timeout_s=settings.connect_timeout_s,
            reach=settings.upstream_reach,
        )
        self.secrets = Unsealer(settings.token_file)
        self.auditor = Auditor(self.pool, self.secrets, settings.home / "audit", self.clock)
        self.images = ImageStore(settings.home / "generated")
        self.mirrors = Mirrors()
        self.traces = Traces(settings.otlp, self.pool) if settings.otlp else None
        self.batches = Batches(self, settings.home / "batches")
        control = ControlPlane(settings.control, settings.token_file)
        self.waiting = WakeQueue(self)
        self.grpc = GrpcEntrance(self)
        self.load = LoadReports(control, self.router.in_flight, self.waiting.held)
        self.feed = Feed(control, self.state, settings.state_file, self._tidy)
        self.usage = UsageJournal(settings.usage_dir, control)
        self.access_log = AccessLog() if settings.access_log else None
        self.addresses = Addresses(settings.connections_per_address)
        self.connections: set[ClientConnection] = set()
        self.draining = False
        self._deserted = asyncio.Event()  # the last connection went while draining
        self._ids = os.urandom(6).hex()
        self._count = 0
        self.entries: dict[bytes, Entry] = {}
        self._warned: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Serves from what is known on disk, and follows the control plane. Returns the port.

        Raises OSError if the address is taken.
        """
        self.feed.load()
        self.grpc.look()
        self.usage.open()
        self._server = await self.loop.create_server(
            lambda: ClientConnection(self),
            self.settings.host,
            self.settings.port,
            backlog=BACKLOG,
            reuse_port=self.settings.processes > 1,
            ssl=tls.server_context(self.settings),
        )
        for work in (
            self.feed.follow(), self.feed.keep_on_disk(), self.usage.send(), self.batches.follow(),
            queues.follow(self), self.load.follow(), self._tick(),
        ):  # fmt: skip
            self._loops.append(self.loop.create_task(work))
        if self.keeper is not None and self.settings.limits_port is not None:
            await self.keeper.start(self.settings.host, self.settings.limits_port)
        if self.shared is not None:
            self._loops.append(self.loop.create_task(self.shared.follow()))
        if self.traces is not None:
            self._loops.append(self.loop.create_task(self.traces.follow()))
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Takes no new connections, lets running requests end, leaves no usage behind."""
        self.draining = True
        assert self._server is not None
        self._server.close()
        self.waiting.end()
        for connection in list(self.connections):
            connection.drain()
        if self.connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._deserted.wait(), self.settings.drain_s)
        await self.grpc.stop(self.settings.drain_s)
        for connection in list(self.connections):
            connection.cut()
        await asyncio.sleep(0)  # the cut ones are booked as they close
        for task in (*self._loops, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._loops, *self._tasks, return_exceptions=True)
        if self.traces is not None:
            await self.traces.flush()
        self.pool.close()
        if self.keeper is not None:
            self.keeper.stop()
        await self._leave_nothing()

    def entry(self, target: bytes) -> Entry:
        """Where a target leads. Remembered, since callers ask for few. Raises Refused."""
        entry = self.entries.get(target)
        if entry is None:
            entry = resolve(self.state, target)
            if len(self.entries) >= MAX_ENTRIES:
                self.entries.clear()
            self.entries[target] = entry
        return entry

    def connection_gone(self, connection: ClientConnection) -> None:
        self.connections.discard(connection)
        if self.draining and not self.connections:
            self._deserted.set()

    def next_id(self) -> str:
        self._count += 1
        return f"req-{self._ids}{self._count:010x}"

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs work that ends by itself; the gateway owns it until then."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def should_warn(self, service: Service | None, now: float, every_s: float) -> bool:
        """True at most once in a while for each service."""
        name = service.id if service else ""
        if now - self._warned.get(name, 0.0) < every_s:
            return False
        self._warned[name] = now
        return True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("background work failed", exc_info=task.exception())

    async def _tick(self) -> None:
        """One timer for all deadlines, instead of one for each request."""
        flush_at = keep_at = 0.0
        while True:
            await asyncio.sleep(self.settings.tick_s)
            now = self.clock()
            try:
                for connection in list(self.connections):
                    connection.check(now)
                self.waiting.check(now)
                self.pool.sweep(now)
                await self.images.sweep(self.now())
                if self.access_log is not None:
                    self.access_log.flush()
                if now >= flush_at:
                    flush_at = now + self.settings.usage_flush_s
                    await self.usage.flush()
                if now >= keep_at and self.settings.process == 0:
                    keep_at = now + KEEP_COUNTERS_S
                    await asyncio.to_thread(self.limits.flush)
            except Exception:
                log.exception("periodic work failed")

    def _tidy(self) -> None:
        """After each change of the state: nothing old is remembered, nothing gone is counted."""
        self.entries.clear()
        self.router.forget_all_but(self.state)
        self.limits.forget()
        self.waiting.try_again()
        self.grpc.look()
        self.load.hurry()  # who ends an instance asks whether it still answers

    async def _leave_nothing(self) -> None:
        await self.feed.save()
        await self.usage.flush()
        await asyncio.to_thread(self.limits.flush)
        try:
            async with asyncio.timeout(LAST_SEND_S):
                await self.usage.send_all()
        except (ControlAway, TimeoutError) as reason:
            log.info("usage stays on disk", extra={"reason": str(reason)})
        if self.access_log is not None:
            self.access_log.close()
