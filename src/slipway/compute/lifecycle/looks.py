"""Looking at workloads: load, see, decide, write, act; all that are due at the same time in one go.

A hundred tasks that end together are two statements to load them and one commit. Each look is one
step for each workload; what follows at once (seen running, taken down, launched) makes it due
again, with the rows at hand. Whoever changed a row meanwhile has raised its revision, and the step
that was computed from the older view changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from slipway.compute import queries
from slipway.compute.context import ComputeContext
from slipway.compute.engines.base import Engine, EngineAway
from slipway.compute.lifecycle.activity import active_at
from slipway.compute.lifecycle.deadlines import due_at, overdue
from slipway.compute.lifecycle.launching import Launcher
from slipway.compute.lifecycle.settle import is_settled, settle
from slipway.compute.lifecycle.steps import (
    Alive,
    EndInstances,
    Finish,
    Gone,
    Launch,
    Nothing,
    NotStarted,
    NowRunning,
    Observed,
    Step,
    TakeDown,
    next_step,
)
from slipway.compute.queue.queries import workloads_by_id
from slipway.compute.tables import InstanceRow, WorkloadRow
from slipway.compute.types import Ending, Instance, InstanceState, Workload, WorkloadState
from slipway.compute.wake import wake

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 30.0  # what is not due by then is found by the next look at everything
_AT_ONCE = 32  # in one transaction: long enough to be worth it, short enough for others to wait
_REPEAT_S = 1.0
_PRELUDE_LOOK_S = 0.2  # between looks at what goes before a command; its end sends no signal


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workload and the instances of its present attempt, as they were read or written last."""

    row: WorkloadRow
    instances: list[InstanceRow]


@dataclass(frozen=True, slots=True)
class _Decided:
    loaded: Loaded
    seen: Mapping[str, Observed]
    step: Step


class Looks:
    def __init__(self, ctx: ComputeContext) -> None:
        self._ctx = ctx
        self._launcher = Launcher(ctx)
        self._due: dict[str, Loaded | None] = {}  # None: to be read anew
        self._launching: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._working: asyncio.Task[None] | None = None
        self.owner: dict[str, str] = {}  # live instance -> workload, for the ends of processes

    def look_at(self, workload_ids: Collection[str]) -> None:
        """Soon, and anew even if a look is under way: something may have changed since it began."""
        self._due |= dict.fromkeys(workload_ids)
        if self._due and (self._working is None or self._working.done()):
            self._working = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        tasks = [*self._launching.values(), *([self._working] if self._working else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        """One look at a time; a workload that is being launched is looked at when that is over."""
        while ready := [i for i in self._due if i not in self._launching][:_AT_ONCE]:
            # In one order everywhere, so that two who lock several rows do not wait for each other.
            await self._look({i: self._due.pop(i) for i in sorted(ready)})

    async def _look(self, due: Mapping[str, Loaded | None]) -> None:
        """Where one of several fails, each is looked at by itself: a fault stays with its workload."""
        try:
            decided = [await self._decide(loaded) for loaded in await self._load(due)]
            await self._write(decided)
            nodes = await self._launcher.engine_nodes(
                [i for d in decided if isinstance(d.step, Launch) for i in d.step.instances]
            )
            for one in decided:
                self._act(one, nodes)
        except Exception as error:  # noqa: BLE001  logged, and repeated
            if len(due) == 1:
                self._repeat(next(iter(due)), error)
            else:
                for workload_id in due.keys() - self._launching.keys():
                    await self._look({workload_id: None})

    async def _load(self, due: Mapping[str, Loaded | None]) -> list[Loaded]:
        missing = [workload_id for workload_id, loaded in due.items() if loaded is None]
        found = [loaded for loaded in due.values() if loaded is not None]
        if missing:
            async with self._ctx.db.peek() as session:
                rows = await workloads_by_id(session, missing)
                instances = await queries.list_present_instances(session, missing)
            found += [Loaded(row, instances.get(row.id, [])) for row in rows.values()]
        return [loaded for loaded in found if not WorkloadState(loaded.row.state).is_final]

    async def _decide(self, loaded: Loaded) -> _Decided:
        seen = {i.id: self._observe(i) for i in loaded.instances}
        instances = [queries.frozen_instance(i) for i in loaded.instances]
        workload = queries.frozen_workload(loaded.row)
        step = next_step(workload, instances, seen)
        if isinstance(step, Nothing):
            step = await self._watch_time(workload, instances, seen)
        return _Decided(loaded, seen, step)

    async def _write(self, decided: Sequence[_Decided]) -> None:
        """All or, where one of the workloads has changed since it was loaded (StaleDataError), nothing."""
        news = [d for d in decided if not is_settled(d.loaded.instances, d.seen, d.step)]
        if not news:
            return
        async with self._ctx.db.begin() as session:
            for one in news:
                row, instances = one.loaded.row, one.loaded.instances
                session.add_all([row, *instances])
                flag_modified(row, "reason")  # so that its revision is checked whatever changes
                await settle(
                    session, self._ctx.listeners, row, instances, one.seen, one.step,
                    ports=self._ctx.ports, now=self._ctx.now(),
                )  # fmt: skip

    def _act(self, one: _Decided, nodes: Mapping[str, str]) -> None:
        workload_id = one.loaded.row.id
        match one.step:
            case Launch(waiting):
                task = asyncio.get_running_loop().create_task(
                    self._launch(one.loaded, waiting, nodes)
                )
                self._launching[workload_id] = task
            case EndInstances(alive):
                for instance in alive:
                    self._engine(instance.engine).stop(instance.id)
            case NowRunning() | TakeDown():
                self._due.setdefault(workload_id, one.loaded)
            case Finish(Ending.RESTART, _):
                self._due.setdefault(workload_id, None)  # it has other instances now

    async def _launch(
        self, loaded: Loaded, waiting: Sequence[Instance], nodes: Mapping[str, str]
    ) -> None:
        workload_id = loaded.row.id
        try:
            await self._launcher.launch(loaded.row, loaded.instances, waiting, nodes)
        except Exception as error:  # noqa: BLE001  logged, and repeated
            self._repeat(workload_id, error)
        else:
            self._due.setdefault(workload_id, loaded)
        finally:
            self._launching.pop(workload_id, None)
            self.look_at(())

    def _repeat(self, workload_id: str, error: Exception) -> None:
        match error:
            case StaleDataError():  # somebody asked for a stop meanwhile: look at that
                self._due[workload_id] = None
                return
            case EngineAway():
                log.info("An engine is away: %s", error, extra={"workload_id": workload_id})
            case _:
                log.error(
                    "A look at a workload failed; it is repeated.",
                    exc_info=error, extra={"workload_id": workload_id},
                )  # fmt: skip
        self._look_later(workload_id, _REPEAT_S)

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
        if due is not None and (due - now).total_seconds() < LOOK_AGAIN_S:
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

    def _observe(self, row: InstanceRow) -> Observed:
        if row.state == InstanceState.EXITED:
            assert row.ended_at is not None
            return Gone(
                row.exit_code, row.signal, row.reason, row.ended_at, row.started_at,
                began=row.started_at is not None,
            )  # fmt: skip
        self.owner[row.id] = row.workload_id
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
