"""An open engine and what its tests wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from slipway.compute.engines.base import EngineAway, Launchable
from slipway.compute.engines.ray.engine import RayEngine
from slipway.compute.engines.ray.options import RayOptions
from tests.compute.engines.contract import spec

LOST_AFTER_S = 6.0


def options(address: str, home: Path, lost_after_s: float = LOST_AFTER_S) -> RayOptions:
    return RayOptions(address, home, node_root=str(home / "nodes"), lost_after_s=lost_after_s)


@contextlib.asynccontextmanager
async def connected(
    address: str, home: Path, *nodes: str, lost_after_s: float = LOST_AFTER_S
) -> AsyncIterator[RayEngine]:
    engine = RayEngine(home / "instances", options(address, home, lost_after_s))
    await engine.open(lambda _id: None)
    try:
        await until_nodes(engine, *nodes)
        yield engine
    finally:
        await engine.close()


async def until_nodes(engine: RayEngine, *names: str) -> None:
    async with asyncio.timeout(90):
        while not set(names) <= await nodes_of(engine):
            await asyncio.sleep(0.05)


async def nodes_of(engine: RayEngine) -> set[str]:
    try:
        return {node.engine_node for node in await engine.list_nodes()}
    except EngineAway:
        return set()


async def start(engine: RayEngine, node: str, name: str, command: str) -> None:
    await engine.start(Launchable(name, spec(engine.directory(name), command), engine_node=node))


def log_of(engine: RayEngine, name: str) -> list[str]:
    """What the command printed, line by line."""
    lines = (engine.directory(name) / "log").read_text().splitlines()
    return [line.split(" C ", 1)[1] for line in lines if " C " in line]
