"""What dies around running instances, and what becomes of them. Each test breaks its cluster."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from slipway.compute.engines.base import CannotStart, EngineAway
from slipway.compute.engines.ray.engine import RayEngine
from slipway.compute.steps import Alive, Gone, NotStarted
from tests.compute.engines.contract import until
from tests.compute.engines.ray.cluster import RayCluster
from tests.compute.engines.ray.running import connected, log_of, nodes_of, start, until_nodes

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PATIENT_S = 180.0  # restarting Ray here takes as long as the machine is busy
COUNT = "for i in $(seq 400); do echo $i; sleep 0.01; done"
COUNTED = [str(n) for n in range(1, 401)]


@pytest.fixture(scope="module")
def breakable() -> Iterator[list[RayCluster]]:
    """The cluster of the moment; a test that restarts the head puts another one in."""
    clusters = [RayCluster("m1", "m2", "m3")]
    yield clusters
    clusters[-1].close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(breakable: list[RayCluster], home: Path) -> AsyncIterator[RayEngine]:
    async with connected(breakable[0].address, home, "m1", "m2", "m3") as engine:
        yield engine


async def test_a_killed_bridge_loses_and_doubles_no_line(engine: RayEngine) -> None:
    await start(engine, "m1", "count-1", COUNT)
    await until(lambda: len(log_of(engine, "count-1")) > 20)
    for _ in range(2):
        os.kill(_child_running("engines.ray.bridge"), signal.SIGKILL)
        await until(lambda: engine._nodes is None)
        assert engine.observe("count-1") != NotStarted()
        await until_nodes(engine, "m1")
    await until(lambda: isinstance(engine.observe("count-1"), Gone), 30)
    assert log_of(engine, "count-1") == COUNTED


async def test_the_next_control_plane_finds_what_runs(
    engine: RayEngine, breakable: list[RayCluster], home: Path
) -> None:
    await start(engine, "m2", "count-2", COUNT + "; exit 7")
    await until(lambda: len(log_of(engine, "count-2")) > 20)
    os.kill(_child_running("engines.ray.bridge"), signal.SIGKILL)
    async with connected(breakable[0].address, home, "m2") as other:
        await until(lambda: isinstance(other.observe("count-2"), Gone), 30)
        seen = other.observe("count-2")
        assert isinstance(seen, Gone)
        assert (seen.exit_code, seen.reason) == (7, "exited with code 7")
        assert log_of(other, "count-2") == COUNTED
    await until_nodes(engine, "m1", "m2", "m3")


async def test_a_machine_where_ray_is_restarted_has_its_instances(
    breakable: list[RayCluster], tmp_path: Path
) -> None:
    address = breakable[0].address
    async with connected(address, tmp_path, "m3", lost_after_s=PATIENT_S) as engine:
        await start(engine, "m3", "goes-on", "while :; do date +%s; sleep 0.1; done")
        await until(lambda: log_of(engine, "goes-on"))
        await until(lambda: engine.list_alive() == ["goes-on"])
        breakable[0].restart("m3")  # in this thread: Ray insists on the main one
        await until(lambda: engine.list_alive() == [], 40)  # the first life's keeper is gone
        await until(lambda: engine.list_alive() == ["goes-on"], 40)
        lines = len(log_of(engine, "goes-on"))
        await until(lambda: len(log_of(engine, "goes-on")) > lines)
        assert isinstance(engine.observe("goes-on"), Alive)
        engine.stop("goes-on")
        await until(lambda: isinstance(engine.observe("goes-on"), Gone))


async def test_what_ran_on_a_machine_that_died_is_lost_and_ends_there(
    engine: RayEngine, breakable: list[RayCluster]
) -> None:
    await start(engine, "m3", "dies", "echo up; exec sleep 312")
    await start(engine, "m1", "stays", "echo up; exec sleep 313")
    await until(lambda: log_of(engine, "dies") == ["up"])
    runner = json.loads((engine.directory("dies") / "runner.json").read_text())["pid"]
    breakable[0].kill("m3")
    await until(lambda: isinstance(engine.observe("dies"), Gone), 40)
    seen = engine.observe("dies")
    assert isinstance(seen, Gone)
    assert seen.exit_code is None
    assert "its machine m3 left the Ray cluster" in seen.reason
    assert not Path(f"/proc/{runner}").exists()  # before the platform said so
    assert isinstance(engine.observe("stays"), Alive)
    assert "m3" not in await nodes_of(engine)
    with pytest.raises(CannotStart, match="m3 is not in the Ray cluster"):
        await start(engine, "m3", "too-late", "true")


async def test_a_restarted_head_finds_the_instances_of_machines_that_join_again(
    breakable: list[RayCluster], tmp_path: Path
) -> None:
    old = breakable[0]
    async with connected(old.address, tmp_path, "m1", lost_after_s=PATIENT_S) as engine:
        await start(engine, "m1", "endures", "echo up; exec sleep 314")
        await until(lambda: engine.list_alive() == ["endures"])
        old.kill_head()
        await until(lambda: engine._nodes is None, 40)
        with pytest.raises(EngineAway):
            await engine.list_nodes()
        assert isinstance(engine.observe("endures"), Alive)  # silence proves nothing
        with pytest.raises(EngineAway):
            await start(engine, "m1", "not-now", "true")
        old.close()
        breakable.append(RayCluster("m1", port=old.port))
        await until_nodes(engine, "m1")
        await until(lambda: engine.list_alive() == ["endures"], 20)
        engine.stop("endures")
        await until(lambda: isinstance(engine.observe("endures"), Gone))
        await start(engine, "m1", "new", "exit 0")
        await until(lambda: isinstance(engine.observe("new"), Gone))


def _child_running(words: str) -> int:
    """The child of this process whose command holds these words."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            command = (path / "cmdline").read_text()
        except OSError:
            continue
        if int(parent) == os.getpid() and words in command:
            return int(path.name)
    raise AssertionError(f"no child runs {words}")
