"""The keeper: one zero-cpu actor per machine, through which the platform reaches its instances.

Instances do not belong to it: they go on when it dies, and the next keeper of the machine finds
them by their directories. Ray calls its methods from threads; the machine's side runs on an event
loop of its own.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from slipway import __version__
from slipway.compute.engines.base import CannotStart, NoShell
from slipway.compute.engines.ray.lease import Lease
from slipway.compute.engines.ray.node_shells import MOST_AT_ONCE, NodeShells
from slipway.compute.engines.ray.node_side import Held, News, NodeSide
from slipway.compute.engines.ray.ports import listening_ports
from slipway.compute.nodes.machine import this_machine

CALLS_AT_ONCE = 32
SHELLS = "shells"  # the threads that wait for shells to write; others must not wait for those
THREADS = {SHELLS: MOST_AT_ONCE}
_LEASE_WITHIN_S = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Post:
    """Which machine a keeper is for, and how the platform wants it kept."""

    platform: str
    engine_node: str
    root: str
    marker: str  # a file of the platform's home, there where its storage is shared
    adopt_within_s: float


class Keeper:
    def __init__(self, post: Post) -> None:
        root = Path(post.root).expanduser() / post.platform / post.engine_node.replace("/", "_")
        self._root, self._post = root, post
        self._lease = Lease(root / "keeper.lock")
        if not self._lease.take(_LEASE_WITHIN_S):
            raise RuntimeError(f"another keeper holds {root}")
        self._guard = Lease(root / "warden.lock")
        # Ray's workers use uvloop's policy, under which only the main thread may start processes.
        asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
        self._loop = asyncio.SelectorEventLoop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._side = NodeSide(root / "instances", Path(post.marker), post.platform)
        self._shells = NodeShells(self._side.directory)
        self._do(self._side.open())
        self._ensure_warden()

    def about(self) -> dict[str, Any]:
        machine = this_machine()
        return {
            "version": __version__,
            "python": sys.version.split()[0],
            "cpu_cores": machine.cores,
            "memory_bytes": machine.memory_bytes,
            "gpus": [asdict(card) for card in machine.gpus],
            "shares_storage": self._side.shares_storage(),
        }

    def start(self, instance_id: str, spec: dict[str, Any]) -> dict[str, Any]:
        try:
            runner = self._do(self._side.start(instance_id, spec))
        except CannotStart as refusal:
            return {"ok": False, "reason": str(refusal)}
        return {"ok": True, "runner": runner}

    def stop(self, instance_id: str, at_once: bool) -> None:
        async def stop() -> None:
            self._side.stop(instance_id, at_once=at_once)

        self._do(stop())

    def forget(self, instance_id: str) -> None:
        async def forget() -> None:
            self._side.forget(instance_id)

        self._do(forget())

    def delivered(self, instance_id: str) -> None:
        async def delivered() -> None:
            self._side.delivered(instance_id)

        self._do(delivered())

    def changes(
        self, held: Mapping[str, Held], known_alive: set[str] | None, wait_s: float
    ) -> News:
        self._ensure_warden()
        return self._do(self._side.changes(held, known_alive, wait_s))

    def shell_open(self, instance_id: str, columns: int, rows: int) -> dict[str, Any]:
        try:
            return {"ok": True, "value": self._do(self._shells.open(instance_id, columns, rows))}
        except NoShell as refusal:
            return {"ok": False, "reason": str(refusal)}

    def shell_read(self, number: int, wait_s: float) -> bytes | None:
        return self._do(self._shells.read(number, wait_s))

    def shell_write(self, number: int, typed: bytes) -> None:
        self._do(self._shells.write(number, typed))

    def shell_resize(self, number: int, columns: int, rows: int) -> None:
        self._do(self._shells.resize(number, columns, rows))

    def shell_exit_code(self, number: int) -> int | None:
        return self._do(self._shells.exit_code(number))

    def shell_close(self, number: int) -> None:
        self._do(self._shells.close(number))

    def busy_ports(self) -> list[int]:
        return sorted(listening_ports())

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _ensure_warden(self) -> None:
        if self._guard.try_take():  # nobody is on guard
            self._guard.release()
            words = [str(self._root), str(self._post.adopt_within_s)]
            subprocess.run(
                [sys.executable, "-m", "slipway.compute.engines.ray.warden", *words],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True, cwd="/", check=True, env=_warden_environment(),
            )  # fmt: skip


def _warden_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
