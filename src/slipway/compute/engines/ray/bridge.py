"""The bridge: the one process of the platform that loads Ray.

`python -m slipway.compute.engines.ray.bridge --fd N`, a child of the control plane, speaks JSON
lines over the inherited socket; the first line it gets are its options. It is made to be lost: Ray
ends a driver whose head has been restarted (measured; see docs/decisions), so whatever goes wrong
with the connection, it ends and another one starts. It ends when the socket closes.

Requests `{"id", "op": "start"|"stop"|"forget"|"shell_...", "node", ...}` are answered `{"id", "ok",
"reason", "retry", "lost"}`, those of shells with their `value`.
Events: `nodes` (the whole list), `away`, `alive` (per machine), `started`, `ended`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import ray

from slipway.compute.engines.ray.cluster import machines, why_dead
from slipway.compute.engines.ray.keeper import Post
from slipway.compute.engines.ray.link import Link, NotReachable
from slipway.compute.engines.ray.mirror import Mirror

log = logging.getLogger("slipway.ray.bridge")

_LOOK_EVERY_S = 1.0
_SILENT_S = 5.0  # the head's answer takes a millisecond
_GIVE_UP_S = 20.0
_LINE_BYTES = 64 << 20


class Bridge:
    def __init__(self, options: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self._options, self._writer = options, writer
        self._mirror = Mirror(Path(options["root"]))
        self._links: dict[str, Link] = {}
        self._open: dict[str, set[str]] = {}  # machine -> its instances that have not ended
        self._missing_since: dict[str, float] = {}
        self._asked: set[asyncio.Task[None]] = set()
        self._told: list[dict[str, Any]] | None = None
        self._ready = asyncio.Event()

    async def follow_cluster(self) -> None:
        """Until Ray is lost, which raises."""
        for instance_id, node in self._mirror.open_instances():
            self._open.setdefault(node, set()).add(instance_id)
        while True:
            nodes = await self._ask_head()
            await self._take_in(nodes)
            self._ready.set()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _ask_head(self) -> list[dict[str, Any]]:
        asked = asyncio.ensure_future(asyncio.to_thread(ray.nodes))
        try:
            return await asyncio.wait_for(asyncio.shield(asked), _SILENT_S)
        except TimeoutError:
            self._told = None
            self._report({"event": "away", "reason": "Ray's head does not answer"})
        return await asyncio.wait_for(asked, _GIVE_UP_S)

    async def _take_in(self, nodes: list[dict[str, Any]]) -> None:
        found = machines(nodes, {link.machine.ray_id for link in self._links.values()})
        for name, link in list(self._links.items()):
            if name not in found or found[name].ray_id != link.machine.ray_id:
                await self._links.pop(name).close()
        for name, machine in found.items():
            if name not in self._links:
                opened = self._open.setdefault(name, set())
                self._links[name] = Link(
                    machine, self._post(name), self._mirror, opened, self._report
                )
        await self._give_up_missing(nodes)
        self._tell_nodes()

    async def _give_up_missing(self, nodes: list[dict[str, Any]]) -> None:
        """What ran on a machine that Ray calls dead is lost once it can no longer come back."""
        now = time.monotonic()
        for name, opened in self._open.items():
            if name in self._links:
                self._missing_since.pop(name, None)
                continue
            since = self._missing_since.setdefault(name, now)
            if now - since < self._options["lost_after_s"]:
                continue
            why = why_dead(nodes, name)
            reason = f"was lost: its machine {name} left the Ray cluster" + (
                f" ({why})" if why else ""
            )
            for instance_id in list(opened):
                opened.discard(instance_id)
                if self._mirror.has_started(instance_id):
                    await asyncio.to_thread(
                        self._mirror.write_lost, instance_id, reason, node_lost=True
                    )
                self._report({"event": "ended", "instance": instance_id})

    def _post(self, name: str) -> Post:
        o = self._options
        return Post(o["platform"], name, o["node_root"], o["marker"], o["adopt_within_s"])

    def ask(self, request: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _answer(self, request: dict[str, Any]) -> None:
        try:
            answer = await self._carry_out(request)
        except NotReachable as error:
            answer = {"ok": False, "retry": True, "reason": str(error)}
        except Exception as error:
            log.exception("A request failed.")
            answer = {"ok": False, "retry": True, "reason": repr(error)}
        self._report({"id": request["id"], **answer})

    async def _carry_out(self, request: dict[str, Any]) -> dict[str, Any]:
        await self._ready.wait()
        link = self._links.get(request["node"])
        if link is None:
            return {"ok": False, **self._why_no_link(request["node"])}
        match request["op"]:
            case "start":
                answer = await link.start(request["instance"], request["spec"])
                return {"ok": answer["ok"], "retry": False, "reason": answer.get("reason", "")}
            case "stop":
                await link.stop(request["instance"], request["at_once"])
            case "forget":
                await link.forget(request["instance"])
            case "shell_open":
                return await link.shell_open(*request["arguments"])
            case (
                "shell_read" | "shell_write" | "shell_resize" | "shell_exit_code" | "shell_close"
            ) as what:
                return {"ok": True, "value": await getattr(link, what)(*request["arguments"])}
            case unknown:
                raise ValueError(f"there is no operation {unknown!r}")
        return {"ok": True}

    def _why_no_link(self, node: str) -> dict[str, Any]:
        self._open.setdefault(node, set())
        gone_for = time.monotonic() - self._missing_since.get(node, time.monotonic())
        lost = gone_for >= self._options["lost_after_s"]
        reason = f"could not be started: its machine {node} is not in the Ray cluster"
        return {"retry": not lost, "lost": lost, "reason": reason}

    def _tell_nodes(self) -> None:
        views = [view for link in self._links.values() if (view := link.view()) is not None]
        if views != self._told:
            self._told = views
            self._report({"event": "nodes", "nodes": views})

    def _report(self, message: dict[str, Any]) -> None:
        if message.get("event") == "changed":
            if self._ready.is_set():
                self._tell_nodes()
            return
        self._writer.write(json.dumps(message).encode() + b"\n")


async def _serve(fd: int) -> None:
    reader, writer = await asyncio.open_unix_connection(
        sock=socket.socket(fileno=fd), limit=_LINE_BYTES
    )
    options = json.loads(await reader.readline())
    bridge = Bridge(options, writer)
    listening = asyncio.create_task(_listen(reader, bridge))
    working = asyncio.create_task(_work(options, bridge))
    done, _ = await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if error := task.exception():
            log.error("The connection to Ray is lost: %r", error)
    with contextlib.suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.drain(), 1)


async def _listen(reader: asyncio.StreamReader, bridge: Bridge) -> None:
    while line := await reader.readline():
        bridge.ask(json.loads(line))


async def _work(options: dict[str, Any], bridge: Bridge) -> None:
    await asyncio.to_thread(_connect, options)
    await bridge.follow_cluster()


def _connect(options: dict[str, Any]) -> None:
    ray.init(
        address=options["address"],
        namespace=f"slipway-{options['platform']}",
        log_to_driver=False,
        logging_level=logging.ERROR,
    )


def main(arguments: list[str]) -> None:
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    asyncio.run(_serve_and_leave(int(arguments[1])))


async def _serve_and_leave(fd: int) -> None:
    try:
        await _serve(fd)
    finally:
        # Not through the shutdown of Ray or of the loop: both wait for threads that may be waiting
        # for a head that is dead.
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
