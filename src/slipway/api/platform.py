"""The control plane's life: open, migrate, seed, run the loops, close.

Each loop is an owned task: one that fails is logged and started again, never silently gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from fastapi import FastAPI

from slipway.alerts.loop import AlertLoop
from slipway.api.gateway_process import Gateways
from slipway.api.s3_process import S3Process
from slipway.base.clock import utc_now
from slipway.base.settings import Settings
from slipway.compute.context import ComputeContext
from slipway.compute.engines.base import Engine
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.engines.ray.engine import RayEngine
from slipway.compute.engines.ray.options import RayOptions
from slipway.compute.lifecycle.reconcile import ComputeLoop
from slipway.compute.listeners import Listeners
from slipway.compute.nodes.loop import NodeLoop
from slipway.compute.nodes.machine import this_machine
from slipway.compute.nodes.setup import ensure_local_node
from slipway.data.reconcile import DataLoop
from slipway.delivery.loop import DeliveryContext, DeliveryLoop
from slipway.environments.follow import KIND as ENVIRONMENT
from slipway.environments.follow import BuildFollower
from slipway.environments.loop import EnvironmentContext, EnvironmentLoop
from slipway.evaluation.follow import EvaluationFollower
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.loop import EvaluationContext, EvaluationLoop
from slipway.evaluation.trials.loop import TrialLoop
from slipway.evaluation.types import KIND as EVALUATION
from slipway.labelling.inplace.loop import WriteLoop
from slipway.labelling.loop import LabelLoop
from slipway.labelling.schema.loop import ParseLoop
from slipway.labelling.suggest.loop import SuggestLoop
from slipway.loadtests.change import KEYS_FOLDER
from slipway.loadtests.follow import LoadTestFollower
from slipway.loadtests.loop import LoadTestContext, LoadTestLoop
from slipway.loadtests.types import KIND as LOAD_TEST
from slipway.models.loop import ModelContext, ModelLoop
from slipway.serving.alarms.loop import AlarmLoop
from slipway.serving.clock_loop import ClockLoop
from slipway.serving.follow import ServiceFollower
from slipway.serving.reconcile import ServingContext, ServingLoop
from slipway.serving.scaling.loop import ScalingContext, ScalingLoop
from slipway.serving.types import KIND as SERVICE
from slipway.tensorboard.follow import BoardFollower
from slipway.tensorboard.types import KIND as TENSORBOARD
from slipway.tensorboard.watch import BoardLoop
from slipway.training.code import CodeSources
from slipway.training.follow import KIND as TRAINING
from slipway.training.follow import TaskFollower
from slipway.training.variables import TaskVariables
from slipway.tuning.loop import TuningContext, TuningLoop
from slipway.usage.ledger import LedgerMeter
from slipway.usage.stored import StoredBytesLoop
from slipway.usage.used import UsedCardsLoop

log = logging.getLogger(__name__)

Loop = Callable[[], Awaitable[None]]


def listeners() -> Listeners:
    """Who hears of which workloads."""
    found = Listeners()
    found.add(TRAINING, TaskFollower(utc_now))
    found.add(SERVICE, ServiceFollower(utc_now))
    found.add(TENSORBOARD, BoardFollower(utc_now))
    found.add(EVALUATION, EvaluationFollower(utc_now))
    found.add(ENVIRONMENT, BuildFollower())
    found.add(LOAD_TEST, LoadTestFollower(utc_now))
    found.meter = LedgerMeter()
    return found


def engines(settings: Settings) -> dict[str, Engine]:
    """By the name that resource groups choose them by. They share one directory of instances."""
    root = settings.root / "instances"
    found: dict[str, Engine] = {"process": ProcessEngine(root)}
    if settings.ray_address is not None:
        options = RayOptions(
            settings.ray_address, settings.root, settings.ray_node_root, settings.ray_lost_after_s
        )
        found["ray"] = RayEngine(root, options)
    return found


def loops(app: FastAPI) -> dict[str, Loop]:
    state = app.state
    home, db, storage = state.settings.root, state.db, state.storage
    state.shells.engines = reachable = engines(state.settings)
    heard = listeners()
    heard.variables = TaskVariables(
        lambda engine: str(state.local_url if engine == "process" else state.url), state.sealer
    )
    compute = ComputeContext(db, reachable, heard, state.settings, utc_now, state.sealer.unseal)
    return {
        "compute": ComputeLoop(compute).run,
        "nodes": NodeLoop(compute).run,
        "data": DataLoop(db, storage, home).run,
        "labelling": LabelLoop(db, home).run,
        "label suggestions": SuggestLoop(db, home, state.label_asker).run,
        "label schemas": ParseLoop(db, home).run,
        "label files": WriteLoop(db, storage, home).run,
        "environments": EnvironmentLoop(EnvironmentContext(db, state.settings, utc_now)).run,
        "models": ModelLoop(ModelContext(db, storage, utc_now)).run,
        "serving": ServingLoop(
            ServingContext(db, storage, state.files, state.signals, utc_now)
        ).run,
        "scaling": ScalingLoop(
            ScalingContext(db, state.files, state.signals, state.settings.zone, utc_now)
        ).run,
        "service clock": ClockLoop(db, utc_now).run,
        "service alarms": AlarmLoop(db, utc_now).run,
        "log delivery": DeliveryLoop(
            DeliveryContext(db, state.sealer, storage, state.files, utc_now)
        ).run,
        "tensorboard": BoardLoop(db, state.boards, _idle(state.settings), utc_now).run,
        "stored bytes": StoredBytesLoop(db, storage, utc_now).run,
        "used cards": UsedCardsLoop(db, state.files, utc_now).run,
        "alerts": AlertLoop(state.alerts).run,
        "evaluation": EvaluationLoop(EvaluationContext(db, storage, KeyFolders(home), utc_now)).run,
        "trials": TrialLoop(db, utc_now).run,
        "tuning": TuningLoop(
            TuningContext(
                db,
                storage,
                state.files,
                state.reporting.journal,
                CodeSources(db, state.settings, state.sealer),
                utc_now,
            )
        ).run,
        "load tests": LoadTestLoop(
            LoadTestContext(db, state.files, KeyFolders(home, KEYS_FOLDER), utc_now)
        ).run,
    }


def _idle(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.tensorboard_idle_minutes)


@contextlib.asynccontextmanager
async def run_platform(
    app: FastAPI, *, gateway: Gateways | None, s3: S3Process | None = None
) -> AsyncIterator[None]:
    """Loops (and the children) run inside the block. The database is open and migrated already."""
    async with app.state.db.begin() as session:
        await ensure_local_node(
            session, await asyncio.to_thread(this_machine), app.state.settings, utc_now()
        )
    await app.state.reporting.journal.recover()
    running = {
        name: asyncio.create_task(_kept_alive(name, loop)) for name, loop in loops(app).items()
    }
    if gateway is not None:
        running["gateway"] = asyncio.create_task(gateway.run())
    if s3 is not None:
        running["s3"] = asyncio.create_task(s3.run())
    try:
        yield
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        await app.state.boards.client.aclose()
        await app.state.answers.settle()
        await app.state.ocr_engine.close()
        app.state.reporting.journal.close()
        if s3 is not None:
            await s3.stop()
        if gateway is not None:
            await gateway.stop()


async def _kept_alive(name: str, loop: Loop) -> None:
    while True:
        try:
            await loop()
        except Exception:
            log.exception("A loop failed; it starts again.", extra={"loop": name})
        await asyncio.sleep(1)
