"""The process engine: instances run on this machine, each under its own runner process.

A small agent forks the runners (see ARCHITECTURE.md, "Seam: instance directory"). The agent dies
with this process; runners do not, and are found again through their directories.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from slipway.compute.engines import left
from slipway.compute.engines.base import CannotStart, Launchable, SeenNode, Shell
from slipway.compute.engines.identity import is_alive
from slipway.compute.engines.left import read_json
from slipway.compute.engines.shell import ProcessShell
from slipway.compute.engines.strays import remove_stray_containers
from slipway.compute.engines.surroundings import child_environment
from slipway.compute.lifecycle.steps import NotStarted, Observed
from slipway.compute.nodes.machine import this_machine

log = logging.getLogger(__name__)


class ProcessEngine:
    def __init__(self, root: Path) -> None:
        """`root` holds one directory per instance."""
        self._root = root
        self._agent = _Agent()
        self._watched: dict[str, int] = {}  # instance id -> pidfd
        self._polled: set[asyncio.Task[None]] = set()
        self._on_exit: Callable[[str], None] = lambda _id: None

    async def open(self, on_exit: Callable[[str], None]) -> None:
        self._on_exit = on_exit
        self._root.mkdir(parents=True, exist_ok=True)
        await self._agent.start()

    async def close(self) -> None:
        for instance_id in list(self._watched):
            self._unwatch(instance_id)
        for task in self._polled:
            task.cancel()
        await self._agent.stop()

    def directory(self, instance_id: str) -> Path:
        return self._root / instance_id

    async def start(self, launch: Launchable) -> None:
        directory = self.directory(launch.instance_id)
        try:
            _write_spec(directory, launch.spec)
        except OSError as error:
            raise CannotStart(f"could not be prepared: {error.strerror or error}") from error
        answer = await self._agent.ask({"op": "start", "dir": str(directory)})
        if not answer.get("ok"):
            raise CannotStart(
                f"could not be started: {answer.get('reason', 'the agent gave no reason')}"
            )
        self._watch(launch.instance_id, int(answer["pid"]))

    def observe(self, instance_id: str) -> Observed:
        directory = self.directory(instance_id)
        runner = read_json(directory / "runner.json")
        # exit.json is read after the liveness check, so that an end between the two is not missed.
        alive = _runner_alive(runner)
        ended = read_json(directory / "exit.json")
        if ended is not None:
            return left.gone(ended, runner)
        if runner is None:
            return NotStarted()
        if alive:
            self._watch(instance_id, runner["pid"])
            return left.alive(runner)
        _end_orphans(runner)
        reason = "was lost: its runner was killed or the machine restarted"
        return left.lost(runner, reason=reason, at=_last_sign(directory))

    def watches(self, instance_id: str) -> bool:
        return instance_id in self._watched

    def stop(self, instance_id: str, *, at_once: bool = False) -> None:
        runner = read_json(self.directory(instance_id) / "runner.json")
        if runner is not None and _runner_alive(runner):
            with contextlib.suppress(ProcessLookupError):
                os.kill(runner["pid"], signal.SIGINT if at_once else signal.SIGTERM)

    async def open_shell(self, instance_id: str, columns: int, rows: int) -> Shell:
        return await ProcessShell.open(self.directory(instance_id), columns, rows)

    async def list_nodes(self) -> list[SeenNode]:
        machine = await asyncio.to_thread(this_machine)
        return [
            SeenNode(
                "local", socket.gethostname(), "127.0.0.1", machine.cores, machine.memory_bytes, machine.gpus
            )
        ]  # fmt: skip

    def list_alive(self) -> list[str]:
        return remove_stray_containers(self._root, self._list_alive)

    def _list_alive(self) -> list[str]:
        with os.scandir(self._root) as entries:
            ids = [entry.name for entry in entries if entry.is_dir()]
        open_ids = [i for i in ids if not (self._root / i / "exit.json").exists()]
        return [i for i in open_ids if _runner_alive(read_json(self._root / i / "runner.json"))]

    def follows(self, instance_id: str) -> bool:
        return True

    def can_bind(self, engine_node: str, port: int) -> bool:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True

    def forget(self, instance_id: str) -> None:
        shutil.rmtree(self.directory(instance_id), ignore_errors=True)

    def _watch(self, instance_id: str, pid: int) -> None:
        if instance_id in self._watched:
            return
        if not hasattr(os, "pidfd_open"):
            self._poll(instance_id, pid)
            return
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._on_exit(instance_id)
            return
        self._watched[instance_id] = fd
        asyncio.get_running_loop().add_reader(fd, self._ended, instance_id)

    def _ended(self, instance_id: str) -> None:
        self._unwatch(instance_id)
        self._on_exit(instance_id)

    def _unwatch(self, instance_id: str) -> None:
        fd = self._watched.pop(instance_id, None)
        if fd is not None:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    def _poll(self, instance_id: str, pid: int) -> None:
        """Where the system has no pidfd (macOS): look five times a second."""

        async def look() -> None:
            while is_alive(pid, 0, ""):
                await asyncio.sleep(0.2)
            self._watched.pop(instance_id, None)
            self._on_exit(instance_id)

        self._watched[instance_id] = -1
        task = asyncio.get_running_loop().create_task(look())
        self._polled.add(task)
        task.add_done_callback(self._polled.discard)


class _Agent:
    """The agent process and its socket; started anew when it dies."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next = 0
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.runtime.agent", "--fd", str(theirs.fileno()),
                pass_fds=(theirs.fileno(),), start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
                env=child_environment(),
            )  # fmt: skip
        try:
            reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        except BaseException:
            ours.close()
            raise
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        async with self._lock:
            if self._writer is None or (self._process and self._process.returncode is not None):
                log.warning("The agent is gone; starting another.")
                await self.stop()
                await self.start()
            assert self._writer is not None
            self._next += 1
            number = self._next
            answer = self._waiting[number] = asyncio.get_running_loop().create_future()
            self._writer.write(json.dumps({"id": number, **request}).encode() + b"\n")
            await self._writer.drain()
        return await asyncio.wait_for(answer, 30)

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 5)
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            answer = json.loads(line)
            future = self._waiting.pop(answer["id"], None)
            if future is not None and not future.done():
                future.set_result(answer)
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the agent went away"))
        self._waiting.clear()


def _write_spec(directory: Path, spec: dict[str, Any]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for mount in spec["mounts"]:
        if mount.pop("create", False):
            Path(mount["source"]).mkdir(parents=True, exist_ok=True)
    temporary = directory / "spec.json.new"
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(spec))
    temporary.rename(directory / "spec.json")


def _runner_alive(runner: dict[str, Any] | None) -> bool:
    return runner is not None and is_alive(runner["pid"], runner["start_ticks"], runner["boot_id"])


def _end_orphans(runner: dict[str, Any]) -> None:
    """The runner died without cleaning up: end the command's process group if it is still that one."""
    pid, ticks = runner.get("command_pid"), runner.get("command_start_ticks")
    if pid and ticks and is_alive(pid, ticks, runner["boot_id"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _last_sign(directory: Path) -> datetime:
    """When the instance last wrote anything: the best that is known of the time it was lost."""
    times = [
        path.stat().st_mtime
        for path in (directory / "log", directory / "samples.jsonl")
        if path.exists()
    ]
    return datetime.fromtimestamp(max(times, default=directory.stat().st_mtime)).astimezone()
