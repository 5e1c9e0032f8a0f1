"""The Ray engine, by the contract of all engines."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from slipway.compute.engines.ray.engine import RayEngine
from tests.compute.engines.contract import EngineContract, until
from tests.compute.engines.ray.cluster import RayCluster
from tests.compute.engines.ray.running import options, until_nodes

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def heard() -> list[str]:
    return []


@pytest.fixture(scope="module", autouse=True)
def secret() -> Iterator[None]:
    """What the platform has in its environment, before its bridge is started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIPWAY_ADMIN_PASSWORD", "open-sesame")
        yield


@pytest.fixture
def ended(heard: list[str], engine: RayEngine) -> list[str]:
    return heard


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def connected(
    tmp_path_factory: pytest.TempPathFactory,
    ray_cluster: RayCluster,
    heard: list[str],
    secret: None,
) -> AsyncIterator[RayEngine]:
    home = tmp_path_factory.mktemp("home")
    engine = RayEngine(home / "instances", options(ray_cluster.address, home))

    def on_exit(instance_id: str) -> None:
        if (engine.directory(instance_id) / "exit.json").exists():
            heard.append(instance_id)

    await engine.open(on_exit)
    await until_nodes(engine, "n1", "n2")
    yield engine
    await engine.close()


@pytest_asyncio.fixture(loop_scope="module")
async def engine(connected: RayEngine, heard: list[str]) -> AsyncIterator[RayEngine]:
    heard.clear()
    yield connected
    for instance_id in connected.list_alive():
        connected.stop(instance_id, at_once=True)
    await until(lambda: not connected.list_alive())
    for path in list((connected.directory("x").parent).iterdir()):
        connected.forget(path.name)
    shutil.rmtree(connected.directory("x").parent.parent / "storage", ignore_errors=True)


class TestRayEngine(EngineContract):
    node = "n1"
