"""The process engine, by the contract and by what only it promises."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slipway.compute.engines.process import ProcessEngine
from slipway.compute.steps import Alive, Gone
from tests.compute.engines.contract import EngineContract, until


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
async def engine(tmp_path: Path, ended: list[str]) -> AsyncIterator[ProcessEngine]:
    engine = ProcessEngine(tmp_path / "instances")
    await engine.open(ended.append)
    yield engine
    for instance_id in engine.list_alive():
        engine.stop(instance_id, at_once=True)
    await until(lambda: not engine.list_alive())
    await engine.close()


class TestProcessEngine(EngineContract):
    async def test_instances_outlive_the_engine_and_are_found_again(
        self, engine: ProcessEngine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "sleep 0.7; echo after; exit 5")
        await engine.close()
        other = ProcessEngine(engine.directory("i1").parent)
        seen: list[str] = []
        await other.open(seen.append)
        assert isinstance(other.observe("i1"), Alive)
        await until(lambda: "i1" in seen)
        found = other.observe("i1")
        assert isinstance(found, Gone)
        assert found.exit_code == 5
        assert "after" in (other.directory("i1") / "log").read_text()
        await other.close()

    async def test_the_agents_death_is_repaired_and_harms_no_instance(
        self, engine: ProcessEngine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "sleep 1; exit 0")
        process = engine._agent._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await self.start(engine, "i2", "true")
        assert (await self.ended_as(engine, ended, "i2")).ok
        assert (await self.ended_as(engine, ended, "i1")).ok

    async def test_a_killed_runner_is_a_lost_instance_without_orphans(
        self, engine: ProcessEngine, ended: list[str]
    ) -> None:
        await self.start(engine, "i1", "echo up; exec sleep 299")
        await until(lambda: "up" in (engine.directory("i1") / "log").read_text())
        runner = int(
            (engine.directory("i1") / "runner.json").read_text().split('"pid":')[1].split(",")[0]
        )
        os.kill(runner, signal.SIGKILL)
        seen = await self.ended_as(engine, ended, "i1")
        assert (seen.exit_code, seen.ok) == (None, False)
        assert "lost" in seen.reason or "was killed" in seen.reason
        await until(lambda: not list(_alive("sleep", "299")))

    async def test_a_second_of_many_starts(self, engine: ProcessEngine, ended: list[str]) -> None:
        await asyncio.gather(*(self.start(engine, f"i{n}", "true") for n in range(20)))
        await until(lambda: len(ended) == 20)
        assert all(isinstance(engine.observe(f"i{n}"), Gone) for n in range(20))

    async def test_the_platforms_own_environment_does_not_leak(
        self, engine: ProcessEngine, ended: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLIPWAY_ADMIN_PASSWORD", "open-sesame")
        await engine._agent.stop()
        await self.start(engine, "i1", "env; tr '\\0' '\\n' < /proc/$PPID/environ || true")
        await self.ended_as(engine, ended, "i1")
        assert "open-sesame" not in (engine.directory("i1") / "log").read_text()


def _alive(*words: str) -> list[str]:
    wanted = [w.encode() for w in words]
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().split(b"\0")[: len(wanted)] == wanted:
                found.append(path.parent.name)
        except OSError:
            continue
    return found
