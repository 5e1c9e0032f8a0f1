from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.context import ComputeContext
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.lifecycle.reconcile import ComputeLoop
from slipway.compute.listeners import Listeners
from slipway.compute.nodes.machine import this_machine
from slipway.compute.nodes.setup import ensure_local_node
from slipway.compute.wake import wake as compute_wake
from slipway.evaluation.follow import KIND, EvaluationFollower, wake
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.loop import EvaluationContext, EvaluationLoop
from slipway.evaluation.router import router
from slipway.models.router import router as models_router
from tests.models.house import House, close_house, open_house
from tests.runtime_evaluate.conftest import service

__all__ = ["service"]

QUESTIONS = [{"question": f"What is {n} + {n}?", "answer": f"{2 * n}"} for n in range(1, 9)]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture
def sqlite_only(db: Database) -> None:
    if not db.is_sqlite:
        pytest.skip("The database plays no part in serving a model; once is enough.")


@pytest.fixture
async def house(db: Database, settings: Settings) -> AsyncIterator[House]:
    for one in (wake, compute_wake):
        one.reset()
    house = await open_house(db, settings, router, models_router)
    async with db.begin() as session:
        await ensure_local_node(session, this_machine(), settings, utc_now())
    yield house
    await close_house(house)


def context_of(house: House) -> EvaluationContext:
    return EvaluationContext(house.db, house.storage, KeyFolders(house.settings.root), utc_now)


@pytest.fixture
async def platform(house: House) -> AsyncIterator[House]:
    """The house with its loops running: workloads are real processes."""
    listeners = Listeners()
    listeners.add(KIND, EvaluationFollower(utc_now))
    engine = ProcessEngine(house.settings.root / "instances")
    compute = ComputeLoop(
        ComputeContext(house.db, {"process": engine}, listeners, house.settings, utc_now, str)
    )
    loops = [
        asyncio.create_task(compute.run()),
        asyncio.create_task(EvaluationLoop(context_of(house)).run()),
    ]
    yield house
    for instance_id in engine.list_alive():
        engine.stop(instance_id, at_once=True)
    for loop in loops:
        loop.cancel()
    for loop in loops:
        with contextlib.suppress(asyncio.CancelledError):
            await loop
