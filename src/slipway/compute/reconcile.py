"""The loop that makes workloads real.

It places what waits, starts what is placed, follows what runs, ends what must end, and writes down
what it saw. Woken by commits and by the ends of processes; every half minute it looks at everything
open in case a hint was lost. It remembers nothing: after a crash the next start looks and goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from slipway.base.clock import Clock
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute import queries
from slipway.compute.activity import active_at
from slipway.compute.deadlines import due_at, overdue
from slipway.compute.engines.base import CannotStart, Engine, EngineAway
from slipway.compute.launch import launchable
from slipway.compute.listeners import Listeners
from slipway.compute.network import variables_for
from slipway.compute.placing import Placer
from slipway.compute.seats import Ports
from slipway.compute.settle import is_settled, settle
from slipway.compute.steps import (
    Alive,
    EndInstances,
    Finish,
    Gone,
    Launch,
    Nothing,
    NotStarted,
    Observed,
    Step,
    next_step,
)
from slipway.compute.sweep import Sweep
from slipway.compute.tables import InstanceRow, WorkloadRow
from slipway.compute.types import Ending, Instance, InstanceState, Node, Workload, WorkloadState
from slipway.compute.wake import Hints, wake

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0
_AWAY_S = 1.0
_PRELUDE_LOOK_S = 0.2  # between looks at what goes before a command; its end sends no signal
_METER_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ComputeContext:
    db: Database
    engines: Mapping[str, Engine]  # by name, as in a node's `engine`
    listeners: Listeners
    settings: Settings
    now: Clock
    unseal: Callable[[str], str]  # of what a spec keeps encrypted

    def secret_of(self, workload: Workload) -> str:
        """What the instances of one attempt prove to each other; made anew each time, never kept."""
        sealer = Sealer.open(self.settings.root / "run" / "workloads.key")
        return sealer.derive(f"workload {workload.id} attempt {workload.attempt}")

    @property
    def ports(self) -> Ports:
        numbers = range(self.settings.port_range_start, self.settings.port_range_end + 1)
        return Ports(numbers, self._can_bind)

    def _can_bind(self, node: Node, port: int) -> bool:
        return self.engines[node.engine].can_bind(node.engine_node, port)


class ComputeLoop:
    def __init__(self, context: ComputeContext) -> None:
        self._ctx = context
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._sweep = Sweep(context.db, context.engines, context.settings, context.now)
        self._placer = Placer(
            context.db, context.listeners, context.settings, context.now, context.ports
        )
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._owner: dict[str, str] = {}  # live instance -> workload, for the ends of processes

    async def run(self) -> None:
        try:
            for engine in self._ctx.engines.values():
                await engine.open(self._instance_ended)
            await self._look_at_everything()
            while True:
                hints = await wake.wait(_LOOK_AGAIN_S)
                if not hints.look and not hints.must_place:
                    await self._look_at_everything()
                if hints.must_place:
                    await self._place_guarded(hints)
                for workload_id in hints.look:
                    self._look_soon(workload_id)
        finally:
            for timer in self._timers.values():
                timer.cancel()
            for task in self._looking.values():
                task.cancel()
            await asyncio.gather(*self._looking.values(), return_exceptions=True)
            for engine in self._ctx.engines.values():
                await engine.close()

    def _instance_ended(self, instance_id: str) -> None:
        if workload_id := self._owner.get(instance_id):
            wake.workload(workload_id)

    async def _look_at_everything(self) -> None:
        async with self._ctx.db.read() as session:
            open_ids = await queries.list_to_look_at(session)
            live = await queries.list_live_instances(session)
        self._owner = {row.id: row.workload_id for row in live}
        await self._meter_long_runs(live)
        await self._sweep.run_if_due({row.id for row in live})
        for workload_id in open_ids:
            wake.workload(workload_id)
        wake.schedule()

    def _look_soon(self, workload_id: str) -> None:
        """One look at a time per workload; a hint during a look means another look after it."""
        if workload_id in self._looking:
            self._again.add(workload_id)
            return
        task = asyncio.get_running_loop().create_task(self._look_guarded(workload_id))
        self._looking[workload_id] = task

    async def _look_guarded(self, workload_id: str) -> None:
        try:
            while await self._look(workload_id):
                pass
        except EngineAway as away:
            log.info("An engine is away: %s", away, extra={"workload_id": workload_id})
            await asyncio.sleep(_AWAY_S)
            self._again.add(workload_id)
        except StaleDataError:
            self._again.add(workload_id)  # somebody asked for a stop meanwhile: look at that
        except Exception:
            log.exception(
                "A look at a workload failed; it is repeated.", extra={"workload_id": workload_id}
            )
            await asyncio.sleep(1)
            self._again.add(workload_id)
        finally:
            self._looking.pop(workload_id, None)
            if workload_id in self._again:
                self._again.discard(workload_id)
                wake.workload(workload_id)

    async def _look(self, workload_id: str) -> bool:
        """Load, then see, decide, write, act until there is nothing to do. True: load again."""
        async with self._ctx.db.peek() as session:
            row = await queries.find_workload(session, workload_id)
            if row is None or WorkloadState(row.state).is_final:
                return False
            instances = await queries.list_instances(session, workload_id, row.attempt)
        while True:
            step = await self._step(row, instances)
            match step:
                case Launch(waiting):
                    await self._launch(row, instances, [i.id for i in waiting])
                case EndInstances(alive):
                    for instance in alive:
                        self._engine(instance.engine).stop(instance.id)
                    return False
                case Nothing():
                    return False
                case Finish(ending, _):
                    return ending == Ending.RESTART  # it has other instances now

    async def _step(self, row: WorkloadRow, instances: list[InstanceRow]) -> Step:
        """See and decide; what was seen and decided is written into the rows."""
        seen = {i.id: self._observe(i) for i in instances}
        frozen = [queries.frozen_instance(i) for i in instances]
        workload = queries.frozen_workload(row)
        step = next_step(workload, frozen, seen)
        if isinstance(step, Nothing):
            step = await self._watch_time(workload, frozen, seen)
        if not is_settled(instances, seen, step):
            await self._settle(row, instances, seen, step)
        return step

    async def _watch_time(
        self, workload: Workload, instances: Sequence[Instance], seen: Mapping[str, Observed]
    ) -> Step:
        """Nothing is to be done unless a limit of time has passed; look again when the next does."""
        if any(isinstance(s, Alive) and not s.began for s in seen.values()):
            self._look_later(workload.id, _PRELUDE_LOOK_S)
        active = None
        now = self._ctx.now()
        if workload.spec.hang_s is not None and workload.state == WorkloadState.RUNNING:
            active = await self._active_at(instances) or now
        if late := overdue(workload, instances, active, now):
            return late
        due = due_at(workload, instances, active)
        if due is not None and (due - now).total_seconds() < _LOOK_AGAIN_S:
            self._look_later(workload.id, (due - now).total_seconds())
        return Nothing()

    async def _active_at(self, instances: Sequence[Instance]) -> datetime | None:
        """None while one of them is not followed: nobody knows whether it is silent."""
        if not all(self._engine(i.engine).follows(i.id) for i in instances):
            return None
        directories = [self._engine(i.engine).directory(i.id) for i in instances]
        return await asyncio.to_thread(active_at, directories)

    def _look_later(self, workload_id: str, seconds: float) -> None:
        """One timer a workload is enough: the look at its end sets the next."""
        if timer := self._timers.pop(workload_id, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[workload_id] = loop.call_later(seconds, self._look_now, workload_id)

    def _look_now(self, workload_id: str) -> None:
        self._timers.pop(workload_id, None)
        wake.workload(workload_id)

    async def _settle(
        self,
        row: WorkloadRow,
        instances: list[InstanceRow],
        seen: dict[str, Observed],
        step: Step,
    ) -> None:
        """Raises StaleDataError, and writes nothing, if the workload has changed since it was loaded."""
        async with self._ctx.db.begin() as session:
            session.add_all([row, *instances])
            flag_modified(row, "reason")  # so that its revision is checked whatever changes
            await settle(
                session, self._ctx.listeners, row, instances, seen, step,
                ports=self._ctx.ports, now=self._ctx.now(),
            )  # fmt: skip

    def _observe(self, row: InstanceRow) -> Observed:
        if row.state == InstanceState.EXITED:
            assert row.ended_at is not None
            return Gone(
                row.exit_code, row.signal, row.reason, row.ended_at, row.started_at,
                began=row.started_at is not None,
            )  # fmt: skip
        self._owner[row.id] = row.workload_id
        seen = self._engine(row.engine).observe(row.id)
        if isinstance(seen, NotStarted) and row.state == InstanceState.RUNNING:
            # It was seen alive before, so this is a loss and no reason to start it again.
            return Gone(
                None,
                None,
                "was lost: what it left on disk is gone",
                self._ctx.now(),
                row.started_at,
            )
        return seen

    def _engine(self, name: str) -> Engine:
        return self._ctx.engines[name]

    async def _launch(
        self, row: WorkloadRow, instances: Sequence[InstanceRow], waiting: Sequence[str]
    ) -> None:
        frozen = [queries.frozen_instance(i) for i in instances]
        async with self._ctx.db.read() as session:
            nodes = await queries.engine_nodes(session, {i.node_id for i in frozen})
            network = await variables_for(session, frozen)
        starts = [
            self._start(row, instance, own, frozen, nodes[own.node_id], network)
            for instance, own in zip(instances, frozen, strict=True)
            if own.id in waiting
        ]
        await asyncio.gather(*starts)

    async def _start(
        self,
        row: WorkloadRow,
        instance: InstanceRow,
        own: Instance,
        frozen: Sequence[Instance],
        engine_node: str,
        network: Mapping[str, str],
    ) -> None:
        engine = self._engine(own.engine)
        settings = self._ctx.settings
        workload = queries.frozen_workload(row)
        launch = launchable(
            workload, frozen, own, engine_node=engine_node, directory=engine.directory(own.id), hide=settings.root,
            isolate=settings.isolate, sample_interval_s=settings.sample_interval_s, unseal=self._ctx.unseal,
            secret_of=self._ctx.secret_of, variables=self._ctx.listeners.variables(workload, own), network=network,
        )  # fmt: skip
        try:
            await engine.start(launch)
        except CannotStart as refusal:
            await self._refused(instance, str(refusal))

    async def _refused(self, row: InstanceRow, reason: str) -> None:
        async with self._ctx.db.begin() as session:
            session.add(row)
            row.state, row.reason, row.ended_at = InstanceState.EXITED, reason, self._ctx.now()
            await queries.free_ports(session, [row.id])

    async def _place_guarded(self, hints: Hints) -> None:
        try:
            await self._placer.run(hints)
        except Exception:
            log.exception("Placing failed; it is repeated.")
            asyncio.get_running_loop().call_later(1, wake.schedule)

    async def _meter_long_runs(self, live: Sequence[InstanceRow]) -> None:
        """An open stretch is closed once an hour, so that usage of what never ends is seen."""
        now = self._ctx.now()
        for seen in live:
            if (
                seen.started_at is None
                or now - (seen.metered_until or seen.started_at) < _METER_EVERY
            ):
                continue
            async with self._ctx.db.begin() as session:
                row = await queries.find_instance(session, seen.id)
                workload = await queries.find_workload(session, seen.workload_id)
                if (
                    row is None
                    or workload is None
                    or row.started_at is None
                    or row.state == InstanceState.EXITED
                ):
                    continue
                start, row.metered_until = row.metered_until or row.started_at, now
                await self._ctx.listeners.instance_ran(
                    session,
                    queries.frozen_workload(workload),
                    queries.frozen_instance(row),
                    start,
                    now,
                )
