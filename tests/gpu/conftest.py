"""A platform on a machine with a real NVIDIA card; without one these tests are skipped."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slipway import Client
from slipway.runtime.gpu import GpuReader
from slipway.sdk.local import LocalPlatform

MIB = 1 << 20


def _has_driver() -> bool:
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return shutil.which("nvidia-smi") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _has_driver():
        return
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason="no NVIDIA driver on this machine"))


@pytest.fixture(scope="session")
def mps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """NVIDIA's MPS daemon, as an administrator starts it before the platform; {} where it does not start."""
    pipe = Path("/tmp") / f"mps-{os.getpid()}"  # a socket's path may not be long
    pipe.mkdir()
    variables = {"CUDA_MPS_PIPE_DIRECTORY": str(pipe), "CUDA_MPS_LOG_DIRECTORY": str(pipe)}
    env = os.environ | variables
    tool = shutil.which("nvidia-cuda-mps-control")
    if tool is None or subprocess.run([tool, "-d"], env=env, check=False).returncode != 0:
        yield {}
        return
    yield variables
    subprocess.run([tool], input=b"quit\n", env=env, check=False)
    shutil.rmtree(pipe, ignore_errors=True)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("gpu") / "home")
    platform.start()
    yield platform
    platform.down()
    assert platform.left_behind() == []


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


def used_bytes() -> int:
    """Memory of the card in use, by anybody."""
    return int(GpuReader((0,)).read()[0]["mem_bytes"])


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.2)
    return found


def completed(client: Client, task_id: str) -> str:
    """The log of a task that completes; what it said last where it does not."""
    ended = client.tasks.wait(task_id, timeout_s=240)
    text = text_of(client, task_id)
    assert ended.state == "Completed", f"{ended.reason}\n{text[-4000:]}"
    return text


def text_of(client: Client, task_id: str) -> str:
    return "\n".join(line.text for line in client.tasks.log_lines(task_id, order="ASC"))
