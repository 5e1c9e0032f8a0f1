"""The process engine, by the contract and by what only it promises."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slipway.compute.engines.process import ProcessEngine
from slipway.compute.lifecycle.steps import Alive, Gone
from tests.compute.engines.contract import EngineContract, until


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
async def engine(
    tmp_path: Path, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ProcessEngine]:
    monkeypatch.setenv("SLIPWAY_ADMIN_PASSWORD", "open-sesame")
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
