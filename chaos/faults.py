"""What can go wrong, each as a function of the platform that returns how long the recovery took."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from chaos.processes import children, name
from chaos.ray_cluster import RayCluster
from slipway.sdk.local import LocalPlatform

Fault = Callable[["Target"], float | None]


class Target:
    def __init__(self, platform: LocalPlatform, chance: random.Random) -> None:
        self.platform, self.chance = platform, chance
        self.victims: set[str] = set()  # instances whose runner was killed
        self.gateway_kills: list[float] = []
        self.cluster: RayCluster | None = None  # with `--ray`
        self.restart_database: Callable[[], None] | None = None  # at once, as after a crash
        self.disk: Path | None = None  # where a file takes the platform's room away
        self.clock: Path | None = None  # what the platform's clock is off by, in seconds


def kill_control_plane(target: Target) -> float:
    target.platform.kill()
    time.sleep(target.chance.uniform(0, 0.5))
    began = time.monotonic()
    target.platform.start()
    return time.monotonic() - began


def kill_control_plane_while_it_starts(target: Target) -> float:
    """Dies again at a random point of its start, which is when it adopts what runs."""
    target.platform.kill()
    began = time.monotonic()
    target.platform.launch()
    time.sleep(target.chance.uniform(0.2, 1.5))
    target.platform.kill()
    target.platform.start()
    return time.monotonic() - began


def kill_runner(target: Target) -> None:
    """The instance is lost with everything it started; the agent closes it."""
    alive = [found for found in _runners(target.platform.home) if found[0] not in target.victims]
    if alive:
        instance_id, pid = target.chance.choice(alive)
        target.victims.add(instance_id)
        os.kill(pid, signal.SIGKILL)


def kill_agent(target: Target) -> None:
    assert target.platform.process is not None
    for pid in children(target.platform.process.pid):
        if name(pid) == "slipway-agent":
            os.kill(pid, signal.SIGKILL)


def kill_gateway(target: Target) -> float | None:
    identity = json.loads((target.platform.home / "run" / "gateway.json").read_text())
    target.gateway_kills.append(time.monotonic())
    os.kill(identity["pid"], signal.SIGKILL)
    began = time.monotonic()
    while time.monotonic() - began < 60:
        try:
            if httpx.get(f"{target.platform.gateway_url}/healthz", timeout=2).is_success:
                return time.monotonic() - began
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("the gateway did not come back within a minute")


def freeze_control_plane(target: Target) -> None:
    """What a stalled machine or a jump of the clock looks like from inside."""
    assert target.platform.process is not None
    target.platform.process.send_signal(signal.SIGSTOP)
    time.sleep(target.chance.uniform(0.2, 2))
    target.platform.process.send_signal(signal.SIGCONT)


def restart_database(target: Target) -> None:
    """The database server dies at once and comes back; only with `--database postgresql`."""
    assert target.restart_database is not None
    target.restart_database()


WEIGHTED: tuple[tuple[int, Fault], ...] = (
    (8, kill_control_plane),
    (3, kill_control_plane_while_it_starts),
    (5, kill_runner),
    (2, kill_agent),
    (2, kill_gateway),
    (1, freeze_control_plane),
)


def _runners(home: Path) -> list[tuple[str, int]]:
    """Task instances that run now, with their runner's pid. The service is left alone: its calls are counted."""
    found = []
    for directory in (home / "instances").glob("train-*"):
        try:
            pid = int(json.loads((directory / "runner.json").read_text())["pid"])
        except (OSError, ValueError, KeyError):
            continue
        ended = directory / "exit.json"
        if name(pid).startswith("slipway:") and not (ended.exists() and ended.stat().st_size):
            found.append((directory.name, pid))
    return found
