"""A machine joins a running platform with the command that the console prints, works, and leaves."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slipway import Client
from slipway.sdk.local import LocalPlatform
from tests.compute.engines.contract import nap, sleepers
from tests.compute.engines.ray.cluster import RayCluster

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "environment": "python",
    "cpu_cores": 0.1,
    "memory_bytes": 64 << 20,
    "grace_s": 1,
}


class Machine:
    """This machine with a home of its own, so that it joins as another."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()

    def runs(self, command: str, answer: str = "") -> str:
        """What a command of the console's or the manual's says here; it must end well."""
        done = self.tries(command, answer)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tries(self, command: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        words = shlex.split(command)
        assert words[0] == "slipway"
        return subprocess.run(
            [sys.executable, "-m", "slipway.cli.main", *words[1:]], capture_output=True, text=True,
            env=os.environ | {"HOME": str(self.home)}, timeout=150, input=answer,
        )  # fmt: skip

    @property
    def joined(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (self.home / ".slipway-node" / "joined.json").read_text()
        )
        return found


@pytest.fixture
def platform(tmp_path: Path, ray_cluster: RayCluster) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.environment |= {
        "SLIPWAY_RAY_ADDRESS": ray_cluster.address,
        "SLIPWAY_RAY_NODE_ROOT": str(tmp_path / "nodes"),
        "SLIPWAY_RAY_LOST_AFTER_S": "6",
    }
    with platform:
        yield platform


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path / "machine")
    yield machine
    if (machine.home / ".slipway-node" / "joined.json").exists():
        machine.runs("slipway node leave --now")


@pytest.mark.covers("RES-08", "RES-09", "RES-10", "RES-11", "RES-15")
def test_a_machine_joins_works_and_leaves(
    platform: LocalPlatform, machine: Machine, ray_cluster: RayCluster
) -> None:
    client = platform.client()
    group = client.resources.groups.create("lab", engine="ray", risk_accepted=True)
    token = client.resources.groups.join_token(group.id)
    refused = machine.tries(token.command, answer="n\n")
    assert (refused.returncode, "Nothing was changed." in refused.stderr) == (1, True)
    assert not (machine.home / ".slipway-node").exists()
    said = machine.runs(f"{token.command} --name far --zone east", answer="y\n")
    assert "system disk" in said and "No disk is formatted or wiped" in said
    assert "has joined as the node node-" in said

    node_id = machine.joined["node_id"]
    node = until(lambda: _in_state(client, node_id, "running"))
    [listed] = client.resources.nodes.list(group=group.id)
    assert (listed.id, listed.name, listed.zone) == (node_id, "far", "east")
    assert listed.host == ray_cluster.address.rpartition(":")[0]
    checks = {check.name: check.level for check in node.checks}
    assert checks | {"disk": "ok"} == checks | {
        "disk": "ok", "environment_space": "ok", "storage": "ok", "ports": "ok", "networks": "ok",
    }  # fmt: skip
    assert node.info["closed_ports"] == [] and node.info["reaches_storage"] is True
    assert isinstance(node.info["reaches_internet"], bool)
    again = machine.runs("slipway node join")
    assert f"has joined already, as the node {node_id}" in again

    task = client.tasks.create("t", "echo here", resource_group=group.id, **SMALL)
    assert client.tasks.wait(task.id, timeout_s=60).state == "Completed"
    [instance] = client.tasks.instances(task.id)
    assert instance.node == node_id
    assert "here" in [line.text for line in client.tasks.logs(task.id, category="code").items]

    # What runs when it leaves is moved away first: it waits for another machine of its group.
    long = client.tasks.create("long", f"exec sleep {nap(316)}", resource_group=group.id, **SMALL)
    until(lambda: sleepers(316))
    said = machine.runs("slipway node leave")
    assert f"This machine has left; the node was {node_id}." in said
    assert sleepers(316) == []
    until(lambda: _task_in(client, long.id, "Queued"))
    attempts = client.http.request("GET", f"/training/tasks/{long.id}/attempts").json()["items"]
    assert [(a["number"], a["ending"], a["reason"]) for a in attempts[1:]] == [
        (1, "rescheduled", "Its node far leaves the platform.")
    ]
    until(lambda: _in_state(client, node_id, "retired"))
    assert list(client.resources.nodes.list(group=group.id)) == []
    until(lambda: not raylets_with(node_id))  # nor the warden of the machine

    # It comes back as the same node, once an administrator lets it.
    client.resources.nodes.rejoin(node_id, group.id)
    machine.runs("slipway node join")
    until(lambda: _in_state(client, node_id, "running"))
    until(lambda: _task_in(client, long.id, "Running"))
    client.tasks.stop(long.id)
    until(lambda: _task_in(client, long.id, "Stopped"))


def _in_state(client: Client, node_id: str, state: str) -> Any:
    node = client.resources.nodes.get(node_id)
    return node if node.state == state else None


def _task_in(client: Client, task_id: str, state: str) -> Any:
    task = client.tasks.get(task_id)
    return task if task.state == state else None


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.1)
    return found


def raylets_with(words: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if words.encode() in line and b"ray" in line:
            found.append(path.parent.name)
    return found
