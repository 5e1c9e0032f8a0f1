"""Real agents and real instances: every test here starts processes and looks at what is left."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .instances import AGENT, AgentProcess, is_running, wait_until


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "instances").mkdir(parents=True)
    return home


@pytest.fixture
def start_agent(home: Path) -> Iterator[Callable[..., AgentProcess]]:
    """Start agents; at the end of the test nothing that they started may be left."""
    agents: list[AgentProcess] = []

    def start(command: list[str] = AGENT, home: Path = home) -> AgentProcess:
        agents.append(AgentProcess(command, home))
        return agents[-1]

    yield start
    for agent in agents:
        agent.close()
        agent.process.wait(timeout=10)
    for agent in agents:
        for identity in agent.home.glob("instances/*/runner.json"):
            _end(json.loads(identity.read_text()), identity.parent)


@pytest.fixture
def agent(start_agent: Callable[..., AgentProcess]) -> AgentProcess:
    return start_agent()


@pytest.fixture
def namespaces(agent: AgentProcess) -> None:
    """Skips the test where this machine permits no mount namespace."""
    instance = agent.run("true")
    instance.finished()
    identity = instance.running()
    if not identity["namespace"]:
        pytest.skip(f"no mount namespaces here: {identity['notes']}")


def _end(identity: dict[str, Any], directory: Path) -> None:
    """Stop a runner that a failed test has left behind."""
    if not (directory / "exit.json").exists() and is_running(identity["pid"]):
        os.kill(identity["pid"], signal.SIGINT)
        wait_until(lambda: not is_running(identity["pid"]))
