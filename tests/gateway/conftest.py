from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from .control_plane import ControlPlane
from .loop_thread import LoopThread
from .process import GatewayProcess, World
from .upstreams import Behaviour, Upstream, echo


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def world(loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for all tests that do not kill it; each test uses its own services and keys."""
    control = ControlPlane(loop_thread).start()
    home: Path = tmp_path_factory.mktemp("gateway")
    gateway = GatewayProcess(
        home, control.url, "--upstream-timeout-s", "1.5", "--header-timeout-s", "1",
        "--body-timeout-s", "1", "--max-body-bytes", str(8 * 1024 * 1024),
        "--upstream-reach", "local",
    )  # fmt: skip
    gateway.wait_connected()
    yield World(control, gateway)
    assert gateway.stop() == 0
    control.close()


@pytest.fixture
def upstream(loop_thread: LoopThread) -> Iterator[Callable[..., Upstream]]:
    """Starts instances: `upstream(behaviour)`."""
    started: list[Upstream] = []

    def start(behaviour: Behaviour = echo) -> Upstream:
        started.append(Upstream(loop_thread, behaviour).start())
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def control(loop_thread: LoopThread) -> Iterator[ControlPlane]:
    """A control plane of the test's own, for tests that stop it or kill its gateway."""
    plane = ControlPlane(loop_thread).start()
    yield plane
    plane.close()


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    started: list[GatewayProcess] = []

    def start(control_url: str, *arguments: str, **more: int) -> GatewayProcess:
        started.append(GatewayProcess(tmp_path, control_url, *arguments, **more))
        return started[-1]

    yield start
    for gateway in started:
        if gateway.process.poll() is None:
            gateway.kill()


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.url, timeout=10) as client:
        yield client


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A service name that no other test uses."""
    return "ms-" + "".join(c for c in request.node.name.lower() if c.isalnum())[:60]
