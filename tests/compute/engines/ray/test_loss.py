"""What dies around running instances, and what becomes of them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from slipway.compute.engines.base import EngineAway
from slipway.compute.engines.ray.engine import RayEngine
from slipway.compute.lifecycle.steps import Alive, Gone, NotStarted
from tests.compute.engines.contract import nap, sleepers, until
from tests.compute.engines.ray.cluster import RayCluster
from tests.compute.engines.ray.running import connected, log_of, nodes_of, start, until_nodes

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PATIENT_S = 180.0  # restarting Ray here takes as long as the machine is busy
COUNT = "for i in $(seq 400); do echo $i; sleep 0.01; done"
COUNTED = [str(n) for n in range(1, 401)]


@pytest.fixture(scope="module")
def breakable(ray_cluster: RayCluster) -> RayCluster:
    """The cluster of all tests, with a third machine that is there to die."""
    ray_cluster.add("n3")
    return ray_cluster


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(breakable: RayCluster, home: Path) -> AsyncIterator[RayEngine]:
    async with connected(breakable.address, home, "n1", "n2", "n3") as engine:
        yield engine


async def test_a_killed_bridge_loses_and_doubles_no_line(engine: RayEngine) -> None:
    await start(engine, "n1", "count-1", COUNT)
    await until(lambda: len(log_of(engine, "count-1")) > 20)
    for _ in range(2):
        os.kill(_child_running("engines.ray.bridge"), signal.SIGKILL)
        await until(lambda: engine._nodes is None)
        assert engine.observe("count-1") != NotStarted()
        await until_nodes(engine, "n1")
    await until(lambda: isinstance(engine.observe("count-1"), Gone), 30)
    assert log_of(engine, "count-1") == COUNTED


async def test_the_next_control_plane_finds_what_runs(
    engine: RayEngine, breakable: RayCluster, home: Path
) -> None:
    await start(engine, "n2", "count-2", COUNT + "; exit 7")
    await until(lambda: len(log_of(engine, "count-2")) > 20)
    os.kill(_child_running("engines.ray.bridge"), signal.SIGKILL)
    async with connected(breakable.address, home, "n2") as other:
        await until(lambda: isinstance(other.observe("count-2"), Gone), 30)
        seen = other.observe("count-2")
        assert isinstance(seen, Gone)
        assert (seen.exit_code, seen.reason) == (7, "exited with code 7")
        assert log_of(other, "count-2") == COUNTED
    await until_nodes(engine, "n1", "n2", "n3")


async def test_a_machine_where_ray_is_restarted_has_its_instances(
    breakable: RayCluster, tmp_path: Path
) -> None:
    address = breakable.address
    async with connected(address, tmp_path, "n3", lost_after_s=PATIENT_S) as engine:
        await start(engine, "n3", "goes-on", "while :; do date +%s; sleep 0.1; done")
        await until(lambda: log_of(engine, "goes-on"))
        await until(lambda: engine.list_alive() == ["goes-on"])
        breakable.restart("n3")  # in this thread: Ray insists on the main one
        await until(lambda: engine.list_alive() == [], 40)  # the first life's keeper is gone
        await until(lambda: engine.list_alive() == ["goes-on"], 40)
        lines = len(log_of(engine, "goes-on"))
        await until(lambda: len(log_of(engine, "goes-on")) > lines)
        assert isinstance(engine.observe("goes-on"), Alive)
        engine.stop("goes-on")
        await until(lambda: isinstance(engine.observe("goes-on"), Gone))


async def test_what_ran_on_a_machine_that_died_is_lost_and_ends_there(
    engine: RayEngine, breakable: RayCluster
) -> None:
    await start(engine, "n3", "dies", f"echo up; exec sleep {nap(312)}")
    await start(engine, "n1", "stays", f"echo up; exec sleep {nap(313)}")
    await until(lambda: log_of(engine, "dies") == ["up"])
    runner = json.loads((engine.directory("dies") / "runner.json").read_text())["pid"]
    breakable.kill("n3")
    await until(lambda: isinstance(engine.observe("dies"), Gone), 40)
    seen = engine.observe("dies")
    assert isinstance(seen, Gone)
    assert seen.exit_code is None
    assert "its machine n3 left the Ray cluster" in seen.reason
    assert not Path(f"/proc/{runner}").exists()  # before the platform said so
    assert not sleepers(312)
    assert isinstance(engine.observe("stays"), Alive)
    assert "n3" not in await nodes_of(engine)
    assert seen.node_lost
    await start(engine, "n3", "too-late", "true")
    late = engine.observe("too-late")
    assert isinstance(late, Gone)
    assert (late.node_lost, late.began) == (True, False)
    assert late.reason == "could not be started: its machine n3 is not in the Ray cluster"
    engine.stop("stays", at_once=True)


async def test_a_restarted_head_finds_the_instances_of_machines_that_join_again(
    breakable: RayCluster, tmp_path: Path
) -> None:
    async with connected(breakable.address, tmp_path, "n1", lost_after_s=PATIENT_S) as engine:
        await start(engine, "n1", "endures", f"echo up; exec sleep {nap(314)}")
        await until(lambda: engine.list_alive() == ["endures"])
        assert engine.follows("endures")
        breakable.kill_head()
        await until(lambda: engine._nodes is None, 40)
        with pytest.raises(EngineAway):
            await engine.list_nodes()
        assert isinstance(engine.observe("endures"), Alive)  # silence proves nothing
        assert not engine.follows("endures")
        with pytest.raises(EngineAway):
            await start(engine, "n1", "not-now", "true")
        breakable.restart_all()
        await until_nodes(engine, "n1")
        await until(lambda: engine.list_alive() == ["endures"], 20)
        engine.stop("endures")
        await until(lambda: isinstance(engine.observe("endures"), Gone))
        await start(engine, "n1", "new", "exit 0")
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
