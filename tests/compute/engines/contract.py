"""What every engine must do; each engine's test module subclasses this."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from slipway.compute.engines.base import CannotStart, Engine, Launchable, NoShell, Shell
from slipway.compute.lifecycle.steps import Alive, Gone, NotStarted


def code_of(directory: Path) -> Path:
    """What the instance sees as its code: in the platform's storage, not in its own directory."""
    return directory.parent.parent / "storage" / directory.name


def spec(directory: Path, command: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "instance_id": directory.name, "workload_id": "wl-1", "attempt": 1, "command": command, "argv": None,
        "env": {"PATH": "/usr/bin:/bin"}, "workdir": "/opt/ml/code",
        "mounts": [{"source": str(code_of(directory)), "target": "/opt/ml/code", "read_only": False,
                    "env": "ML_CODE_DIR", "create": True}],
        "files": [], "hide": [], "ports": {}, "limits": {"cpu_cores": 1.0, "memory_bytes": 256 << 20, "pids": 100},
        "gpus": [], "grace_s": 5, "pre_start": None, "pre_stop": None, "sample_interval_s": 1, "isolate": "auto",
    }  # fmt: skip
    return base | changes


async def until(condition: Any, seconds: float = 60) -> None:
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
        assert (code_of(engine.directory("i1")) / "out").read_text() == "ran\n"

    async def test_stopping_ends_everything_it_started(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(
            engine, "i1", f"(setsid sleep {nap(300)} &) ; echo up; exec sleep {nap(300)}"
        )
        await until(lambda: isinstance(engine.observe("i1"), Alive))
        await until(lambda: "up" in (engine.directory("i1") / "log").read_text())
        engine.stop("i1")
        seen = await self.ended_as(engine, ended, "i1")
        assert not seen.ok
        assert sleepers(300) == []

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
        await self.start(engine, "i1", f"sleep {nap(300)}")
        await self.start(engine, "i2", "true")
        await self.ended_as(engine, ended, "i2")
        await until(lambda: isinstance(engine.observe("i1"), Alive))
        await until(lambda: engine.list_alive() == ["i1"])
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
        assert "code\n" in log or "storage/i1\n" in log

    async def test_twenty_at_once(self, engine: Engine, ended: list[str]) -> None:
        await asyncio.gather(*(self.start(engine, f"i{n}", "true") for n in range(20)))
        await until(lambda: len(set(ended)) == 20)
        assert all(isinstance(engine.observe(f"i{n}"), Gone) for n in range(20))

    async def test_a_killed_runner_is_a_lost_instance_without_orphans(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", f"echo up; exec sleep {nap(299)}")
        await until(lambda: "up" in self.log(engine, "i1"))
        os.kill(self.runner(engine, "i1")["pid"], signal.SIGKILL)
        seen = await self.ended_as(engine, ended, "i1")
        assert (seen.exit_code, seen.ok, seen.fault, seen.node_lost) == (None, False, None, False)
        assert "lost" in seen.reason or "was killed" in seen.reason
        await until(lambda: not sleepers(299))

    async def test_the_environment_of_the_platform_does_not_leak(
        self, engine: Engine, ended: list[str]
    ) -> None:
        assert "open-sesame" in os.environ["SLIPWAY_ADMIN_PASSWORD"]  # by the fixture `engine`
        await self.start(engine, "i1", "env; tr '\\0' '\\n' < /proc/$PPID/environ || true")
        await self.ended_as(engine, ended, "i1")
        assert "open-sesame" not in self.log(engine, "i1")

    async def test_what_cannot_be_prepared_is_refused_with_the_reason(self, engine: Engine) -> None:
        nowhere = {
            "source": "/proc/none/x",
            "target": "/x",
            "read_only": False,
            "env": None,
            "create": True,
        }
        with pytest.raises(CannotStart, match=r"^could not be prepared: "):
            await self.start(engine, "i1", "true", mounts=[nowhere])
        assert engine.observe("i1") == NotStarted()

    @pytest.mark.covers("TRN-14")
    async def test_what_goes_before_the_command_is_told_from_it(
        self, engine: Engine, ended: list[str]
    ) -> None:
        gate = code_of(engine.directory("i1")) / "gate"
        await self.start(
            engine, "i1", "echo command", pre_start=f"echo before; until [ -e {gate.name} ]; do sleep 0.02; done"
        )  # fmt: skip
        await until(lambda: "before" in self.log(engine, "i1"))
        seen = engine.observe("i1")
        assert isinstance(seen, Alive) and not seen.began
        assert engine.follows("i1")
        gate.touch()
        assert (await self.ended_as(engine, ended, "i1")).began
        lines = self.log(engine, "i1").splitlines()
        assert [line.split(" ", 1)[1] for line in lines if line.endswith(("before", "command"))] == [
            "P before", "C command",
        ]  # fmt: skip

    @pytest.mark.covers("TRN-13")
    async def test_what_ends_before_the_command_never_began(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "echo never", pre_start="exit 4")
        seen = await self.ended_as(engine, ended, "i1")
        assert (seen.reason, seen.began, seen.fault) == (
            "pre-start failed with code 4",
            False,
            None,
        )
        assert "never" not in self.log(engine, "i1")

    @pytest.mark.covers("TRN-14", "FIN-21")
    async def test_a_health_check_decides_whether_the_command_runs(
        self, engine: Engine, ended: list[str]
    ) -> None:
        checks = {"i1": "print('fit')", "i2": "raise SystemExit(75)", "i3": "raise SystemExit(2)"}
        for name, program in checks.items():
            check = {"argv": [sys.executable, "-I", "-c", program], "env": {}, "limit_s": 60}
            await self.start(engine, name, "echo command", health_check=check)
        fit, silent, sick = [await self.ended_as(engine, ended, name) for name in checks]
        assert fit.ok and fit.began
        assert " H fit\n" in self.log(engine, "i1")
        assert (silent.began, silent.fault) == (False, "network time-out in the health check")
        assert (sick.began, sick.fault) == (False, None)
        assert sick.reason == "health check failed with code 2"
        assert "C command" not in self.log(engine, "i2") + self.log(engine, "i3")

    @pytest.mark.covers("TRN-X4")
    async def test_the_newest_complete_checkpoint_is_offered(
        self, engine: Engine, ended: list[str]
    ) -> None:
        for step, whole in ((10, True), (20, True), (30, False)):
            folder = code_of(engine.directory("i1")) / f"checkpoint-{step}"
            folder.mkdir(parents=True)
            if whole:
                (folder / ".complete").touch()
        command = "echo resume $SLIPWAY_RESUME_CHECKPOINT"
        await self.start(engine, "i1", command, checkpoints="/opt/ml/code")
        await self.ended_as(engine, ended, "i1")
        assert "/checkpoint-20\n" in self.log(engine, "i1")

    @pytest.mark.covers("TRN-X5")
    async def test_a_silent_program_leaves_its_stacks_when_it_is_stopped(
        self, engine: Engine, ended: list[str]
    ) -> None:
        program = (
            "import time\ndef stuck_here(): time.sleep(300)\nprint('up', flush=True); stuck_here()"
        )
        await self.start(
            engine, "i1", "exec python job.py", hang_s=1, files=[{"target": "/opt/ml/code/job.py", "text": program, "env": None}],
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONFAULTHANDLER": "1"},
        )  # fmt: skip
        await until(lambda: "up" in self.log(engine, "i1"))
        await asyncio.sleep(1.2)  # it has to be silent for its limit
        engine.stop("i1")
        await self.ended_as(engine, ended, "i1")
        assert "stuck_here" in self.log(engine, "i1")

    @pytest.mark.covers("TRN-45")
    async def test_a_shell_runs_where_the_command_runs_and_ends_with_it(
        self, engine: Engine, ended: list[str]
    ) -> None:
        await self.start(
            engine,
            "i1",
            f"echo up; exec sleep {nap(298)}",
            env={"PATH": "/usr/bin:/bin", "WHO": "me", "HOME": "/nowhere"},
        )
        await until(lambda: "up" in self.log(engine, "i1"))
        shell = await engine.open_shell("i1", 90, 30)
        await shell.write(b"echo $WHO-$((40+2)); pwd; stty size\r")
        screen = await _read_until(shell, b"30 90")
        assert b"me-42" in screen
        assert b"/code" in screen or b"/storage/i1" in screen
        await shell.resize(120, 40)
        await shell.write(f"stty size; sleep {nap(297)} &\r".encode())
        await _read_until(shell, b"40 120")
        await until(lambda: len(sleepers(297)) == 1)
        other = await engine.open_shell("i1", 80, 24)
        await shell.close()
        await until(lambda: not sleepers(297))
        assert isinstance(engine.observe("i1"), Alive)
        engine.stop("i1", at_once=True)
        async with asyncio.timeout(15):
            while await other.read():
                pass
        await other.close()
        await self.ended_as(engine, ended, "i1")
        with pytest.raises(NoShell, match="The instance is not running its command"):
            await engine.open_shell("i1", 80, 24)

    @staticmethod
    def log(engine: Engine, name: str) -> str:
        return (engine.directory(name) / "log").read_text()

    @staticmethod
    def runner(engine: Engine, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((engine.directory(name) / "runner.json").read_text())
        return found


async def _read_until(shell: Shell, words: bytes) -> bytes:
    screen = b""
    while words not in screen:
        try:
            part = await asyncio.wait_for(shell.read(), 15)
        except TimeoutError:
            part = b""
        assert part, screen
        screen += part
    return screen


def nap(number: int) -> str:
    """Seconds to sleep for, by which the sleeper is known: those of others on this machine are not."""
    return f"{number}.{os.getpid()}"


def sleepers(number: int) -> list[str]:
    """Pids of those that sleep for `nap(number)`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", nap(number).encode()]:
            found.append(path.parent.name)
    return found
