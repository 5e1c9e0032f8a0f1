"""The bridge's tie to one machine: a keeper there, and the following of what runs there."""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from slipway import __version__
from slipway.compute.engines.ray.cluster import NODE_LABEL, Machine
from slipway.compute.engines.ray.keeper import CALLS_AT_ONCE, SHELLS, THREADS, Keeper, Post
from slipway.compute.engines.ray.mirror import Mirror
from slipway.compute.engines.ray.node_side import Change, Held, News

log = logging.getLogger(__name__)

_WAIT_S = 10.0  # the longest that a machine with nothing to say keeps silent
_ANSWER_S = 30.0
_CREATE_S = 60.0
_SHELL_WAIT_S = 5.0
_AGAIN_S = 1.0
_PORTS_EVERY_S = 10.0
_ABOUT_EVERY_ROUNDS = 6

Report = Callable[[dict[str, Any]], None]


class NotReachable(Exception):
    """The machine did not answer; nothing is known and it is worth asking again."""


@dataclass(frozen=True, slots=True)
class _Facts:
    about: Mapping[str, Any]
    busy_ports: tuple[int, ...]


class Link:
    def __init__(
        self, machine: Machine, post: Post, mirror: Mirror, opened: set[str], report: Report
    ) -> None:
        """`opened`: the machine's instances that have not ended. Shared with the bridge."""
        self.machine = machine
        self.trouble = "is being reached for the first time"
        self._post, self._mirror, self._open, self._report = post, mirror, opened, report
        self._keeper: Any = None
        self._reached = asyncio.Event()
        self._facts: _Facts | None = None
        self._stamps: dict[str, int] = {}
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._tell_alive(None)

    def view(self) -> dict[str, Any] | None:
        """The machine as the engine shows it; None while it cannot be used."""
        if self._facts is None or not self._reached.is_set():
            return None
        about, machine = self._facts.about, self.machine
        return {
            "engine_node": machine.engine_node,
            "name": machine.hostname,
            "host": machine.host,
            "cpu_cores": machine.cpu_cores,
            "memory_bytes": machine.memory_bytes or about["memory_bytes"],
            "gpus": about["gpus"][: machine.gpu_count],
            "busy_ports": list(self._facts.busy_ports),
            "info": {
                "node_id": machine.labels.get(NODE_LABEL, ""),
                "ray_id": machine.ray_id,
                "ray_port": machine.port,
                "hostname": machine.hostname,
                "labels": dict(machine.labels),
                "python": about["python"],
                "reaches_storage": about["shares_storage"],
            },
        }

    async def start(self, instance_id: str, spec: dict[str, Any]) -> dict[str, Any]:
        """The keeper's answer. Raises NotReachable."""
        self._open.add(instance_id)
        answer: dict[str, Any] = await self._ask("start", instance_id, spec)
        if answer["ok"]:
            if answer["runner"] is not None:
                await asyncio.to_thread(
                    self._mirror.write_first_runner, instance_id, answer["runner"]
                )
        else:
            self._open.discard(instance_id)
        return answer

    async def stop(self, instance_id: str, at_once: bool) -> None:
        await self._ask("stop", instance_id, at_once)

    async def forget(self, instance_id: str) -> None:
        await self._ask("forget", instance_id)

    async def shell_open(self, instance_id: str, columns: int, rows: int) -> dict[str, Any]:
        answer: dict[str, Any] = await self._ask("shell_open", instance_id, columns, rows)
        return answer

    async def shell_read(self, number: int) -> str | None:
        """As text, since it goes on as JSON; None once the shell has ended."""
        written = await self._ask("shell_read", number, _SHELL_WAIT_S, threads=SHELLS)
        return None if written is None else base64.b64encode(written).decode()

    async def shell_write(self, number: int, typed: str) -> None:
        await self._ask("shell_write", number, base64.b64decode(typed))

    async def shell_resize(self, number: int, columns: int, rows: int) -> None:
        await self._ask("shell_resize", number, columns, rows)

    async def shell_exit_code(self, number: int) -> int | None:
        code: int | None = await self._ask("shell_exit_code", number)
        return code

    async def shell_close(self, number: int) -> None:
        await self._ask("shell_close", number)

    async def _ask(self, method: str, *arguments: Any, threads: str | None = None) -> Any:
        """`threads`: the keeper's own for that kind of call; None: those of all others."""
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._reached.wait()
                call = getattr(self._keeper, method)
                if threads is not None:
                    call = call.options(concurrency_group=threads)
                return await _result(call.remote(*arguments))
        except TimeoutError as error:
            raise NotReachable(f"{self.machine.engine_node} {self.trouble}") from error
        except RayError as error:
            raise NotReachable(f"{self.machine.engine_node} {_first_line(error)}") from error

    async def _run(self) -> None:
        while True:
            try:
                await self._reach()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._follow())
                    group.create_task(self._refresh_facts())
            except* Exception as errors:  # noqa: BLE001  whatever it is, it is tried again
                self.trouble = f"cannot be used: {_first_line(errors.exceptions[0])}"
                log.warning("%s %s", self.machine.engine_node, self.trouble)
            self._reached.clear()
            self._report({"event": "changed"})
            self._tell_alive(None)
            await asyncio.sleep(_AGAIN_S)

    async def _reach(self) -> None:
        """Find the machine's keeper or make it, and let it say what it is."""
        self._keeper = await asyncio.to_thread(_keeper_on, self.machine, self._post)
        async with asyncio.timeout(_CREATE_S):
            about = await _result(self._keeper.about.remote())
            ports = await _result(self._keeper.busy_ports.remote())
        if about["version"] != __version__:
            # Left there by another version of the platform; its instances do not mind.
            await asyncio.to_thread(ray.kill, self._keeper)
            raise NotReachable(f"its Slipway is {about['version']}, the platform is {__version__}")
        self._facts = _Facts(about, tuple(ports))
        self._stamps.clear()
        self._reached.set()
        self._report({"event": "changed"})

    async def _refresh_facts(self) -> None:
        for round_number in itertools.count(1):
            await asyncio.sleep(_PORTS_EVERY_S)
            assert self._facts is not None
            about = self._facts.about
            async with asyncio.timeout(_ANSWER_S):
                ports = await _result(self._keeper.busy_ports.remote())
                if round_number % _ABOUT_EVERY_ROUNDS == 0:  # cards, their driver, what they can do
                    about = await _result(self._keeper.about.remote())
            self._facts = _Facts(about, tuple(ports))
            self._report({"event": "changed"})

    async def _follow(self) -> None:
        alive: set[str] | None = None  # not told yet
        while True:
            held = {instance_id: self._held(instance_id) for instance_id in self._open}
            async with asyncio.timeout(_WAIT_S + _ANSWER_S):
                news: News = await _result(self._keeper.changes.remote(held, alive, _WAIT_S))
            for instance_id, change in news.changes.items():
                await asyncio.to_thread(self._write, instance_id, held[instance_id], change)
                await self._tell(instance_id, change)
            # After the bytes: who is followed again has all its signs of life here.
            if set(news.alive) != alive:
                alive = set(news.alive)
                self._tell_alive(news.alive)

    def _tell_alive(self, instances: Sequence[str] | None) -> None:
        """None: it is not known what lives there."""
        told = None if instances is None else list(instances)
        self._report({"event": "alive", "node": self.machine.engine_node, "instances": told})

    def _held(self, instance_id: str) -> Held:
        return Held(
            self._mirror.lengths(instance_id),
            self._mirror.has_started(instance_id),
            self._stamps.get(instance_id, 0),
        )

    def _write(self, instance_id: str, held: Held, change: Change) -> None:
        if not self._mirror.directory(instance_id).is_dir():
            return  # forgotten meanwhile
        for stream, data in change.pieces.items():
            self._mirror.write(instance_id, stream, held.lengths[stream], data)
        if change.runner is not None:
            self._mirror.write_runner(instance_id, change.runner)
            self._stamps[instance_id] = change.runner_stamp
        if change.exit is not None:
            self._mirror.write_exit(instance_id, change.exit)
        elif change.missing:
            reason = f"was lost: nothing of it is left on {self.machine.engine_node}"
            self._mirror.write_lost(instance_id, reason)

    async def _tell(self, instance_id: str, change: Change) -> None:
        if change.exit is not None or change.missing:
            self._open.discard(instance_id)
            self._stamps.pop(instance_id, None)
            self._report({"event": "ended", "instance": instance_id})
            await _result(self._keeper.delivered.remote(instance_id))
        elif change.runner is not None:
            self._report({"event": "started", "instance": instance_id})


def _keeper_on(machine: Machine, post: Post) -> Any:
    """Blocking. Placed exactly there; zero-cpu, so that Ray's own accounting never contradicts ours."""
    return (
        ray.remote(concurrency_groups=THREADS)(Keeper)  # type: ignore[call-overload]
        .options(
            name=f"keeper-{machine.ray_id}",
            lifetime="detached",
            get_if_exists=True,
            num_cpus=0,
            max_restarts=0,
            max_concurrency=CALLS_AT_ONCE,
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.ray_id, soft=False),
        )
        .remote(post)
    )


async def _result(reference: Any) -> Any:
    return await asyncio.wrap_future(reference.future())


def _first_line(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    text = str(getattr(error, "cause", None) or error).strip()
    return text.splitlines()[-1] if text else type(error).__name__
