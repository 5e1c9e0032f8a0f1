"""The server's own process: it holds the port, the queues and the health of the crews.

A crew is a child process with one generation of the model's processes (`crew.py`). This process
imports no model code, so a model that blocks or crashes cannot take the probes with it, and a new
generation can be loaded beside the old one and take over between two requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiinfer import frames
from tiinfer.connection import Client
from tiinfer.hot_update import HotUpdate
from tiinfer.pipeline import Pipeline, StagePlan, Task
from tiinfer.routes import Routes
from tiinfer.surroundings import end_with_parent

logger = logging.getLogger("tiinfer")

# Where the package's format says that a server listens; a platform passes its own address.
ALL_INTERFACES = "0.0.0.0"  # noqa: S104
# Leaves 50 for our folder and the name of a worker class: a Unix socket's whole path may have 107.
MAX_TEMPORARY_CHARS = 57
EXPIRE_EVERY_S = 0.05
CREW_ENDS_WITHIN_S = 8.0
BACKLOG = 1024


@dataclass(frozen=True)
class Options:
    """What the command line decides."""

    address: str = ALL_INTERFACES
    port: int = 8501
    timeout_ms: int = 30000
    capacity: int = 1024
    log_level: str = "info"
    max_request_bytes: int = 64 * 1024 * 1024

    @property
    def timeout_s(self) -> float:
        return self.timeout_ms / 1000


class LoadFailed(Exception):
    """A generation of the model cannot serve."""


class Crew:
    """One generation: its child process, its sockets, its pipeline."""

    def __init__(self, number: int, options: Options, routes: Routes) -> None:
        self.number = number
        self.plan: dict[str, Any] = {}
        self.pipeline: Pipeline | None = None
        self.ended = asyncio.Event()
        self._options = options
        self._routes = routes
        self._folder = Path(_socket_folder())
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._changed = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def load(self) -> Pipeline:
        """Until every stage has a loaded process, and all have seen the examples."""
        reader = await self._start()
        line = await reader.readline()
        if not line:
            raise LoadFailed(await self._last_words())
        self.plan = json.loads(line)
        stages = [StagePlan(**stage) for stage in self.plan["stages"]]
        timeout_s = self._options.timeout_s
        self.pipeline = Pipeline(stages, self._routes.meters, timeout_s, self._changed.set)
        await self.pipeline.listen(self._folder)
        assert self._writer is not None
        self._writer.write(b"go\n")
        examples = self.plan["examples"]
        while not self.pipeline.loaded(all_of_them=bool(examples)):
            self._changed.clear()
            await _first_of(self._changed.wait(), self.ended.wait())
            if self.ended.is_set():
                raise LoadFailed(await self._last_words())
        await self._warm_up(examples, max(stage.num for stage in stages))
        return self.pipeline

    async def stop(self) -> None:
        """End its processes; safe whatever state it is in."""
        if self._writer is not None:
            with contextlib.suppress(ConnectionError):
                self._writer.write(b"stop\n")
                await self._writer.drain()
        if self.pipeline is not None:
            await asyncio.sleep(0)
            self.pipeline.close()
        if self._process is not None:
            try:
                async with asyncio.timeout(CREW_ENDS_WITHIN_S):
                    await self.ended.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self.ended.wait()
        if self._writer is not None:
            self._writer.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _start(self) -> asyncio.StreamReader:
        self._folder.mkdir(mode=0o700)
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tiinfer.crew", "--control", str(fd),
                "--sockets", str(self._folder), "--timeout", str(self._options.timeout_ms),
                pass_fds=[fd], preexec_fn=end_with_parent,
            )  # fmt: skip
        self._watch = asyncio.create_task(self._wait())
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 26)
        return reader

    async def _wait(self) -> None:
        assert self._process is not None
        await self._process.wait()
        self.ended.set()

    async def _last_words(self) -> str:
        await self.ended.wait()
        return "its processes could not be started; the log says why"

    async def _warm_up(self, examples: list[Any], processes: int) -> None:
        """Send the examples through often enough that each process of each stage has had one."""
        assert self.pipeline is not None
        for example in examples:
            for _ in range(processes):
                outcome = _Outcome()
                payload = json.dumps(example).encode()
                now = asyncio.get_running_loop().time()
                self.pipeline.submit(Task(outcome, payload, frames.WARM_UP, now, float("inf")))
                await _first_of(outcome.done.wait(), self.ended.wait())
                if outcome.status != 200:
                    text = outcome.payload.decode(errors="replace") or "the process ended"
                    raise LoadFailed(f"an example for the warm-up failed: {text}")
            for stage in self.pipeline.stages:
                for worker in stage.workers:
                    worker.fresh = True


class _Outcome:
    """Whom the outcome of an example is told to."""

    def __init__(self) -> None:
        self.status = 0
        self.payload = b""
        self.done = asyncio.Event()

    def finish(self, status: int, payload: bytes) -> None:
        self.status, self.payload = status, payload
        self.done.set()

    def event(self, payload: bytes) -> None: ...

    def writer_is_full(self) -> bool:
        return False


class Front:
    def __init__(self, options: Options, listener: socket.socket) -> None:
        self._options = options
        self._listener = listener
        self._routes = Routes(options.timeout_s, options.capacity, options.max_request_bytes)
        self._generation = 0
        self._crew: Crew | None = None
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._hot_update = HotUpdate(self._reload.set)

    async def run(self) -> int:
        """Serve until a signal (0) or until the model cannot answer any more (1)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        make = lambda: Client(self._routes)  # noqa: E731
        server = await loop.create_server(make, sock=self._listener, backlog=BACKLOG)
        try:
            return await self._serve(server)
        finally:
            server.close()
            for client in list(self._routes.clients):
                client.transport.abort()

    async def _serve(self, server: asyncio.Server) -> int:
        first = Crew(self._next_number(), self._options, self._routes)
        loading = asyncio.create_task(first.load())
        await _first_of(_until(loading), self._stop.wait())
        if not loading.done():
            loading.cancel()
            await first.stop()
            return 0
        if (error := loading.exception()) is not None:
            await first.stop()
            if not isinstance(error, LoadFailed):
                raise error
            logger.error("load model error: %s", error)
            return 1
        self._take_over(first)
        with contextlib.ExitStack() as stack:
            for work in (self._expire(), self._reloads(), self._hot_update.run()):
                task = asyncio.create_task(work)
                stack.callback(task.cancel)
            await _first_of(self._stop.wait(), self._crew_ended())
        return await self._end(server)

    async def _crew_ended(self) -> None:
        """Of the generation that answers; an older one ends without notice."""
        while True:
            crew = self._crew
            assert crew is not None
            await crew.ended.wait()
            if crew is self._crew:
                return

    async def _end(self, server: asyncio.Server) -> int:
        crew = self._crew
        assert crew is not None
        failed = crew.ended.is_set() and not self._stop.is_set()
        if failed:
            logger.error("stopping: the model's processes have ended")
        server.close()
        self._routes.close()
        expiring = asyncio.create_task(self._expire())
        try:
            async with asyncio.timeout(0.5 if failed else self._options.timeout_s + 1):
                await self._routes.empty.wait()
        except TimeoutError:
            logger.warning("requests were still running at the timeout; ending them")
        expiring.cancel()
        await crew.stop()
        return 1 if failed else 0

    async def _expire(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(EXPIRE_EVERY_S)
            pipeline = self._routes.model.pipeline
            if pipeline is not None:
                pipeline.expire(now())

    # ---- generations ----

    async def _reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            await self._reload_once()

    async def _reload_once(self) -> None:
        """Load beside what answers; take over, or leave everything as it was."""
        new = Crew(self._next_number(), self._options, self._routes)
        logger.info(
            "loading generation %d beside generation %d", new.number, self._shown.generation
        )
        try:
            await new.load()
        except LoadFailed as error:
            await new.stop()
            logger.error("reload failed, generation %d goes on: %s", self._shown.generation, error)
            self._shown.last_reload = {"ok": False, "generation": new.number, "reason": str(error)}
            return
        except BaseException:
            await new.stop()
            raise
        old = self._crew
        self._take_over(new)
        self._shown.last_reload = {"ok": True, "generation": new.number, "reason": ""}
        if old is not None:
            await self._retire(old)
        await self._hot_update.clean()

    async def _retire(self, crew: Crew) -> None:
        """What it has begun is finished first."""
        pipeline = crew.pipeline
        assert pipeline is not None
        idle = asyncio.Event()
        pipeline.idle = idle.set
        loop = asyncio.get_running_loop()
        while pipeline.tasks and not idle.is_set() and not crew.ended.is_set():
            pipeline.expire(loop.time())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EXPIRE_EVERY_S):
                    await idle.wait()
        await crew.stop()

    def _take_over(self, crew: Crew) -> None:
        self._crew = crew
        shown = self._shown
        shown.pipeline, shown.generation = crew.pipeline, crew.number
        shown.directory = crew.plan["model_dir"]
        shown.openapi, shown.tensors = crew.plan["openapi"], crew.plan["tensors"]
        self._routes.was_ready = True
        logger.info("generation %d answers", crew.number)

    @property
    def _shown(self) -> Any:
        return self._routes.model

    def _next_number(self) -> int:
        self._generation += 1
        return self._generation


def serve(options: Options, listener: socket.socket) -> int:
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

    async def run() -> int:
        return await Front(options, listener).run()

    return asyncio.run(run())


def listen(address: str, port: int) -> socket.socket:
    """Take the public port; OSError where it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    os.set_inheritable(listener.fileno(), False)
    return listener


def _socket_folder() -> str:
    temporary = tempfile.gettempdir()
    if len(temporary) > MAX_TEMPORARY_CHARS and os.access("/tmp", os.W_OK):  # noqa: S108
        temporary = "/tmp"  # noqa: S108
    return f"{temporary}/tiinfer_{secrets.token_hex(4)}"


async def _until(task: asyncio.Task[Any]) -> None:
    with contextlib.suppress(BaseException):
        await asyncio.shield(task)


async def _first_of(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
