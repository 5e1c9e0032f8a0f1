"""Looks at many workloads at once: a fault stays with its workload, and what is quiet is left alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.context import ComputeContext
from slipway.compute.engines.process import ProcessEngine
from slipway.compute.lifecycle.metering import meter_long_runs
from slipway.compute.lifecycle.reconcile import ComputeLoop
from slipway.compute.listeners import Listeners
from slipway.compute.submit import submit
from slipway.compute.types import (
    Instance,
    Mode,
    Resources,
    Role,
    Workload,
    WorkloadSpec,
    WorkloadState,
)
from tests.running import World, open_world, until

KIND = "tested"


@dataclass
class Refusing:
    """A room whose rows cannot be written for some of its workloads, for as long as they are named."""

    names: set[str] = field(default_factory=set)
    refused: int = 0

    async def workload_changed(self, session: AsyncSession, workload: Workload) -> None:
        if workload.name in self.names and workload.state.is_final:
            self.refused += 1
            raise RuntimeError(f"{workload.name} is refused")


@contextlib.asynccontextmanager
async def looping(world: World, room: Refusing) -> AsyncIterator[ComputeContext]:
    listeners = Listeners()
    listeners.add(KIND, room)
    engine = ProcessEngine(world.settings.root / "instances")
    context = ComputeContext(
        world.db, {"process": engine}, listeners, world.settings, utc_now, lambda text: text
    )
    loop = asyncio.create_task(ComputeLoop(context).run())
    try:
        yield context
    finally:
        for instance_id in engine.list_alive():
            engine.stop(instance_id, at_once=True)
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop


async def submit_all(
    world: World, names: list[str], command: str, **limits: float | None
) -> dict[str, str]:
    """Name -> id; all of them wait before the first is placed."""
    role = Role("master", command=command, resources=Resources(0.01, 16 << 20))
    spec = replace(WorkloadSpec(Mode.SINGLE, (role,), "python", workdir="/tmp"), **limits)  # type: ignore[arg-type]
    async with world.db.begin() as session:
        made = [
            await submit(
                session, project_id=world.ann.actor.project_id, kind=KIND, owner_id=f"t-{name}", name=name,
                spec=spec, created_by=world.ann.actor.user_id, now=utc_now(),
            )
            for name in names
        ]  # fmt: skip
    return {workload.name: workload.id for workload in made}


async def states(world: World, ids: dict[str, str]) -> dict[str, WorkloadState]:
    async with world.db.read() as session:
        rows = {name: await queries.find_workload(session, one) for name, one in ids.items()}
    return {name: WorkloadState(row.state) for name, row in rows.items() if row is not None}


async def test_a_fault_of_one_workload_holds_up_no_other(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        names = [f"n{number:02}" for number in range(40)]  # more than one look takes
        room = Refusing({"n07", "n33"})
        ids = await submit_all(world, names, "true")
        async with looping(world, room):

            async def others_are_done() -> bool:
                found = await states(world, ids)
                done = {name for name, state in found.items() if state == WorkloadState.SUCCEEDED}
                return done == set(names) - room.names

            await until(others_are_done)
            seen = room.refused
            await until(lambda: room.refused > seen)  # they are tried again and again
            assert await others_are_done()
            room.names = set()

            async def all_are_done() -> bool:
                return set((await states(world, ids)).values()) == {WorkloadState.SUCCEEDED}

            await until(all_are_done)
        async with db.read() as session:
            instances = [
                i for one in ids.values() for i in await queries.list_instances(session, one)
            ]
        assert len(instances) == len(names)  # each ran once
        assert {i.exit_code for i in instances} == {0}


async def test_only_what_runs_without_a_limit_is_quiet(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        quiet = await submit_all(world, ["quiet"], "sleep 304")
        limited = await submit_all(world, ["timed"], "sleep 304", max_run_s=1000.0)
        limited |= await submit_all(world, ["watched"], "sleep 304", hang_s=1000.0)
        async with db.read() as session:
            assert await queries.list_quiet(session) == set()
            assert await queries.list_to_look_at(session) == []  # they are the scheduler's
        async with looping(world, Refusing()):

            async def all_run() -> bool:
                found = await states(world, quiet | limited)
                return set(found.values()) == {WorkloadState.RUNNING}

            await until(all_run)
            async with db.read() as session:
                assert await queries.list_quiet(session) == set(quiet.values())
                assert set(await queries.list_to_look_at(session)) == set(limited.values())


@dataclass
class Meter:
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def instance_ran(
        self,
        session: AsyncSession,
        workload: Workload,
        instance: Instance,
        start: datetime,
        end: datetime,
    ) -> None:
        self.stretches.append((start, end))


async def test_what_runs_on_is_metered_once_an_hour_and_without_gaps(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        ids = await submit_all(world, ["long"], "sleep 304")
        async with looping(world, Refusing()) as context:

            async def runs() -> bool:
                return await states(world, ids) == {"long": WorkloadState.RUNNING}

            await until(runs)
            meter = context.listeners.meter = Meter()
            begin = utc_now()
            for minutes in (30, 61, 90, 122):
                later = begin + timedelta(minutes=minutes)
                await meter_long_runs(replace(context, now=lambda later=later: later))
        (first, second) = meter.stretches
        assert first[0] <= begin
        assert first[1] == second[0] == begin + timedelta(minutes=61)
        assert second[1] == begin + timedelta(minutes=122)
