"""What every engine must do; each engine's test module subclasses this."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from slipway.compute.engines.base import Engine, Launchable
from slipway.compute.steps import Alive, Gone, NotStarted


def spec(directory: Path, command: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "instance_id": directory.name, "workload_id": "wl-1", "attempt": 1, "command": command, "argv": None,
        "env": {"PATH": "/usr/bin:/bin"}, "workdir": "/opt/ml/code",
        "mounts": [{"source": str(directory / "code"), "target": "/opt/ml/code", "read_only": False,
                    "env": "ML_CODE_DIR", "create": True}],
        "files": [], "hide": [], "ports": {}, "limits": {"cpu_cores": 1.0, "memory_bytes": 256 << 20, "pids": 100},
        "gpus": [], "grace_s": 5, "pre_start": None, "pre_stop": None, "sample_interval_s": 1, "isolate": "auto",
    }  # fmt: skip
    return base | changes


async def until(condition: Any, seconds: float = 15) -> None:
    """Wait for a condition, looking often; fails with what it was."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "the condition did not come true"
        await asyncio.sleep(0.01)


class EngineContract:
    """Needs the fixtures `engine` (open) and `ended` (the list its on_exit fills)."""

    node = "local"  # one that the engine reaches

    async def start(self, engine: Engine, name: str, command: str, **changes: Any) -> None:
        wanted = spec(engine.directory(name), command, **changes)
        await engine.start(Launchable(name, wanted, engine_node=self.node))

    async def ended_as(self, engine: Engine, ended: list[str], name: str) -> Gone:
        await until(lambda: name in ended)
        seen = engine.observe(name)
        assert isinstance(seen, Gone)
        return seen

    async def test_what_was_never_started_is_not_there(self, engine: Engine) -> None:
        assert engine.observe("none") == NotStarted()
        engine.stop("none")

    async def test_exit_codes_and_logs_are_kept(self, engine: Engine, ended: list[str]) -> None:
        await self.start(engine, "i1", "echo hello; exit 3")
        seen = await self.ended_as(engine, ended, "i1")
        assert (seen.exit_code, seen.ok, seen.reason) == (3, False, "exited with code 3")
        assert "hello" in (engine.directory("i1") / "log").read_text()

    async def test_starting_twice_runs_once(self, engine: Engine, ended: list[str]) -> None:
        command = "echo ran >> out; sleep 0.3"
        await self.start(engine, "i1", command)
        await self.start(engine, "i1", command)
        assert (await self.ended_as(engine, ended, "i1")).ok
        await self.start(engine, "i1", command)
        assert (engine.directory("i1") / "code" / "out").read_text() == "ran\n"

    async def test_stopping_ends_everything_it_started(
        self, engine: Engine, ended: list[str]
    ) -> None:
        seconds = f"300.{os.getpid()}"  # nobody else's sleep is as long
        await self.start(
            engine, "i1", f"(setsid sleep {seconds} &) ; echo up; exec sleep {seconds}"
        )
        await until(lambda: isinstance(engine.observe("i1"), Alive))
        await until(lambda: "up" in (engine.directory("i1") / "log").read_text())
        engine.stop("i1")
        seen = await self.ended_as(engine, ended, "i1")
        assert not seen.ok
        assert _sleepers(seconds) == []

    async def test_a_deaf_command_is_killed_after_its_grace(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(
            engine, "i1", "trap '' TERM; echo up; while :; do sleep 0.1; done", grace_s=0.5
        )
        await until(lambda: "up" in (engine.directory("i1") / "log").read_text())
        engine.stop("i1")
        assert not (await self.ended_as(engine, ended, "i1")).ok

    async def test_stop_at_once(self, engine: Engine, ended: list[str]) -> None:
        await self.start(
            engine, "i1", "trap '' TERM; echo up; while :; do sleep 0.1; done", grace_s=60
        )
        await until(lambda: "up" in (engine.directory("i1") / "log").read_text())
        engine.stop("i1", at_once=True)
        assert not (await self.ended_as(engine, ended, "i1")).ok

    async def test_what_is_alive_is_listed_and_what_ended_is_not(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "sleep 300")
        await self.start(engine, "i2", "true")
        await self.ended_as(engine, ended, "i2")
        await until(lambda: isinstance(engine.observe("i1"), Alive))
        assert engine.list_alive() == ["i1"]
        engine.stop("i1", at_once=True)
        await self.ended_as(engine, ended, "i1")
        engine.forget("i1")
        assert engine.observe("i1") == NotStarted()

    async def test_the_nodes_are_named(self, engine: Engine) -> None:
        found = {node.engine_node: node for node in await engine.list_nodes()}
        assert found[self.node].cpu_cores > 0
        assert found[self.node].memory_bytes > 0
        assert found[self.node].host

    @pytest.mark.covers("TRN-21")
    async def test_the_command_is_shell_text_in_its_working_directory(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "pwd\necho a | tr a b\n")
        assert (await self.ended_as(engine, ended, "i1")).ok
        log = (engine.directory("i1") / "log").read_text()
        assert " C b\n" in log
        assert "code\n" in log


def _sleepers(seconds: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", seconds.encode()]:
            found.append(path.parent.name)
    return found
