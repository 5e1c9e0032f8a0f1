"""The Ray engine, as the control plane sees it. Ray itself is in the bridge, a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slipway.compute.engines import left
from slipway.compute.engines.base import (
    CannotStart,
    EngineAway,
    Launchable,
    NoShell,
    SeenNode,
    Shell,
)
from slipway.compute.engines.left import read_json
from slipway.compute.engines.ray.bridge_process import BridgeProcess
from slipway.compute.engines.ray.mirror import Mirror
from slipway.compute.engines.ray.node_side import OWN
from slipway.compute.engines.ray.options import RayOptions
from slipway.compute.engines.ray.shell import RayShell
from slipway.compute.lifecycle.steps import NotStarted, Observed
from slipway.compute.types import Card
from slipway.compute.wake import node_wake


class RayEngine:
    def __init__(self, root: Path, options: RayOptions) -> None:
        """`root` holds one directory per instance; those of other engines may lie there too."""
        self._root = root
        self._mirror = Mirror(root)
        self._bridge = BridgeProcess(
            {
                "root": str(root),
                "platform": options.platform_id(),
                "marker": str(options.marker),
                "address": options.address,
                "node_root": options.node_root,
                "lost_after_s": options.lost_after_s,
                "adopt_within_s": options.adopt_within_s,
            },
            self._heard,
        )
        self._nodes: list[dict[str, Any]] | None = None
        self._away = "it is being connected"
        self._alive: dict[str, set[str]] = {}  # machine -> instances
        self._on_exit: Callable[[str], None] = lambda _id: None

    async def open(self, on_exit: Callable[[str], None]) -> None:
        self._on_exit = on_exit
        await asyncio.to_thread(self._root.mkdir, parents=True, exist_ok=True)
        self._bridge.open()

    async def close(self) -> None:
        await self._bridge.close()

    def directory(self, instance_id: str) -> Path:
        return self._mirror.directory(instance_id)

    async def start(self, launch: Launchable) -> None:
        if self._mirror.has_ended(launch.instance_id):
            return
        spec = await asyncio.to_thread(self._prepare, launch)
        answer = await self._bridge.ask(
            {
                "op": "start",
                "node": launch.engine_node,
                "instance": launch.instance_id,
                "spec": spec,
            }
        )
        if answer["ok"]:
            return
        if answer["retry"]:
            raise EngineAway(answer["reason"])
        if answer.get("lost"):  # which `observe` tells, so that it is started elsewhere
            self._mirror.write_lost(launch.instance_id, answer["reason"], node_lost=True)
            return
        self._mirror.unplace(launch.instance_id)
        raise CannotStart(answer["reason"])

    def observe(self, instance_id: str) -> Observed:
        directory = self.directory(instance_id)
        runner = read_json(directory / "runner.json")
        ended = read_json(directory / "exit.json")
        if ended is not None:
            return left.gone(ended, runner)
        # Silence proves nothing: what was seen running runs until its end or its loss is written.
        return NotStarted() if runner is None else left.alive(runner)

    def watches(self, instance_id: str) -> bool:
        return False  # what the bridge says may be lost with it

    def stop(self, instance_id: str, *, at_once: bool = False) -> None:
        node = self._mirror.node_of(instance_id) or self._machine_of(instance_id)
        if node is not None and not self._mirror.has_ended(instance_id):
            self._tell({"op": "stop", "node": node, "instance": instance_id, "at_once": at_once})

    async def open_shell(self, instance_id: str, columns: int, rows: int) -> Shell:
        node = self._mirror.node_of(instance_id)
        if node is None:
            raise NoShell("The instance is not running its command.")
        return await RayShell.open(self._bridge.ask, node, instance_id, columns, rows)

    async def list_nodes(self) -> list[SeenNode]:
        if self._nodes is None:
            raise EngineAway(f"The Ray cluster is away: {self._away}.")
        return [_seen(node) for node in self._nodes]

    def list_alive(self) -> list[str]:
        return sorted(set().union(*self._alive.values()))

    def follows(self, instance_id: str) -> bool:
        return self._mirror.node_of(instance_id) in self._alive

    def can_bind(self, engine_node: str, port: int) -> bool:
        """Whether the port was free there a moment ago; the machine itself looks again at the start."""
        for node in self._nodes or []:
            if node["engine_node"] == engine_node:
                return port not in node["busy_ports"]
        return True

    def forget(self, instance_id: str) -> None:
        node = self._mirror.node_of(instance_id)
        if node is not None:
            self._tell({"op": "forget", "node": node, "instance": instance_id})
        shutil.rmtree(self.directory(instance_id), ignore_errors=True)

    def _prepare(self, launch: Launchable) -> dict[str, Any]:
        """The specification as the machine gets it. Shared directories are made here, once."""
        here = f"{self.directory(launch.instance_id)}/"
        mounts = []
        try:
            for mount in launch.spec["mounts"]:
                source = mount["source"]
                if source.startswith(here):
                    mounts.append(mount | {"source": OWN + source.removeprefix(here)})
                    continue
                if mount.get("create"):
                    Path(source).mkdir(parents=True, exist_ok=True)
                mounts.append(mount | {"create": False})
            self._mirror.prepare(launch.instance_id, launch.engine_node)
        except OSError as error:
            raise CannotStart(f"could not be prepared: {error.strerror or error}") from error
        return launch.spec | {"mounts": mounts}

    def _heard(self, message: dict[str, Any]) -> None:
        match message["event"]:
            case "nodes":
                node_wake.schedule()
                back = self._nodes is None
                self._nodes = message["nodes"]
                if back:
                    self._look_again()
            case "away":
                self._nodes, self._away = None, message["reason"]
                self._alive.clear()
            case "alive" if message["instances"] is None:
                self._alive.pop(message["node"], None)
            case "alive":
                self._alive[message["node"]] = set(message["instances"])
            case "started" | "ended":
                self._on_exit(message["instance"])

    def _look_again(self) -> None:
        """What was asked for while Ray was away was not heard."""
        for instance_id, _ in self._mirror.open_instances():
            self._on_exit(instance_id)

    def _machine_of(self, instance_id: str) -> str | None:
        return next((node for node, alive in self._alive.items() if instance_id in alive), None)

    def _tell(self, request: dict[str, Any]) -> None:
        with contextlib.suppress(EngineAway):  # asked again when it is back
            self._bridge.tell(request)


def _seen(node: dict[str, Any]) -> SeenNode:
    return SeenNode(
        engine_node=node["engine_node"], name=node["name"], host=node["host"],
        cpu_cores=node["cpu_cores"], memory_bytes=node["memory_bytes"],
        gpus=tuple(Card(**card) for card in node["gpus"]), info=node["info"],
    )  # fmt: skip
