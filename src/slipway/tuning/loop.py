"""The loop that makes searches real: settles trials, judges them, plans the next and creates their tasks.

It looks at what is and may die at any line. A trial's row with the id of its task is written before
the task is created, so the next look finds the task, or creates it under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.errors import Conflict, SlipwayError
from slipway.base.events import Event, bus
from slipway.base.ids import new_id
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.iam.roles import Role
from slipway.iam.types import Actor
from slipway.tracking.journal import MetricJournal
from slipway.training.change import stop_task
from slipway.training.code import CodeSources
from slipway.training.submit import create_task
from slipway.tuning import queries
from slipway.tuning.change import task_of, tell
from slipway.tuning.decide import Step, best_of, next_step
from slipway.tuning.reports import Reported, Reports
from slipway.tuning.settle import settled
from slipway.tuning.tables import SearchTrialRow
from slipway.tuning.types import Search, SearchTrial, TrialState, Value

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0
_JUDGE_EVERY_S = 2.0  # reports of a metric are no event


@dataclass(frozen=True, slots=True)
class TuningContext:
    db: Database
    storage: Storage
    files: InstanceFiles
    journal: MetricJournal
    code: CodeSources
    now: Clock


class TuningLoop:
    def __init__(self, context: TuningContext) -> None:
        self._ctx = context
        self._reports = Reports()
        self._awake = asyncio.Event()
        self._tasks: frozenset[str] = frozenset()  # of open trials: whose events matter

    async def run(self) -> None:
        deaf = bus.listen(self._hear)
        try:
            while True:
                self._awake.clear()
                again_s = await self.look()
                try:
                    async with asyncio.timeout(again_s):
                        await self._awake.wait()
                except TimeoutError:
                    pass
        finally:
            deaf()

    def _hear(self, event: Event) -> None:
        if event.subject_kind == "search" or event.subject_id in self._tasks:
            self._awake.set()

    async def look(self) -> float:
        """At every open search; the seconds until the next look is due without any news."""
        async with self._ctx.db.read() as session:
            open_ids = await queries.list_open(session)
        tasks: set[str] = set()
        again_s = _LOOK_AGAIN_S
        for search_id in open_ids:
            try:
                trials, judged = await self._look_at(search_id)
            except Exception:
                log.exception("A search failed; it is looked at again.", extra={"search_id": search_id})  # fmt: skip
                continue
            tasks |= trials
            again_s = min(again_s, _JUDGE_EVERY_S) if judged else again_s
        self._reports.keep_only(tasks)
        # What ended between the look and this line is seen at once.
        if not tasks <= self._tasks:
            self._awake.set()
        self._tasks = frozenset(tasks)
        return again_s

    async def _look_at(self, search_id: str) -> tuple[set[str], bool]:
        """The tasks of its open trials, and whether any is to be judged while it runs."""
        ctx = self._ctx
        async with ctx.db.read() as session:
            row = await queries.find_search(session, search_id)
            if row is None:
                return set(), False
            search = await queries.one_frozen(session, row)
            trials = await queries.list_trials(session, row)
        reported = await self._read_reports(search, [t for t in trials if t.state.is_open])
        after = settled(search.spec, trials, reported, now=ctx.now())
        async with ctx.db.begin() as session:
            step = await self._write(session, search_id, trials, after)
        actor = Actor(
            search.created_by, search.creator_name, False, search.project_id, Role.DEVELOPER
        )
        for trial in step.stop:
            await self._stop(actor, trial)
        for trial in step.create:
            await self._create(actor, search, trial)
        async with ctx.db.read() as session:
            rows = await queries.trial_rows(session, search_id)
        still = {row.task_id for row in rows if TrialState(row.state).is_open}
        return still, search.spec.stops_early is not None and bool(still)

    async def _read_reports(self, search: Search, trials: list[SearchTrial]) -> dict[str, Reported]:
        async with self._ctx.db.read() as session:
            instances = await instances_of_owners(session, [t.task_id for t in trials])
        paths = {
            t.task_id: self._ctx.files.metrics(instances.get(t.task_id, []))
            | {t.task_id: self._ctx.journal.path(t.task_id)}
            for t in trials
        }
        read = self._reports.read
        return await asyncio.to_thread(
            lambda: {i: read(i, found, search.spec.metric) for i, found in paths.items()}
        )

    async def _write(
        self,
        session: AsyncSession,
        search_id: str,
        before: list[SearchTrial],
        after: list[SearchTrial],
    ) -> Step:
        """Keep what is known by now and plan what comes next; the tasks follow the commit."""
        row = await queries.find_search(session, search_id, lock=True)
        if row is None:
            return Step()
        search, now = await queries.one_frozen(session, row), self._ctx.now()
        rows = {one.number: one for one in await queries.trial_rows(session, search_id)}
        changed = [new for old, new in zip(before, after, strict=True) if new != old]
        for trial in changed:
            _keep(rows[trial.number], trial)
        step = next_step(search, after)
        planned = [self._plan(search_id, number, point) for number, point in step.plan]
        session.add_all(planned)
        best = best_of(search, after)
        row.best_number, row.best_value = (best.number, best.value) if best else (None, None)
        if step.finish is not None:
            row.state, row.reason = step.finish
            row.ended_at = now
        if changed or planned or step.finish is not None:
            row.updated_at = now
            await session.flush()
            await tell(session, row, None if step.finish else "trials", now=now)
        fresh = await queries.with_tasks(session, search.project_id, planned)
        return replace(step, create=(*step.create, *fresh))

    def _plan(self, search_id: str, number: int, point: dict[str, Value]) -> SearchTrialRow:
        return SearchTrialRow(
            search_id=search_id, number=number, task_id=new_id("train"), parameters=point,
            state=TrialState.PLANNED, rungs={}, created_at=self._ctx.now(),
        )  # fmt: skip

    async def _create(self, actor: Actor, search: Search, trial: SearchTrial) -> None:
        ctx, state, reason = self._ctx, TrialState.RUNNING, ""
        if trial.task_state is None:
            spec = task_of(search.spec, search.id, trial.number, trial.parameters)
            try:
                await create_task(
                    ctx.db, ctx.storage, actor, spec, code=ctx.code, now=ctx.now(), task_id=trial.task_id
                )  # fmt: skip
            except SlipwayError as error:
                state, reason = TrialState.FAILED, error.message
        await self._set(trial, state, reason)

    async def _stop(self, actor: Actor, trial: SearchTrial) -> None:
        if trial.task_state is None:  # planned, and its task was never created
            await self._set(trial, TrialState.STOPPED, "The search ended before it began.")
            return
        with contextlib.suppress(Conflict):  # it ended by itself
            await stop_task(self._ctx.db, actor, trial.task_id, now=self._ctx.now())
        if trial.state == TrialState.PLANNED:
            await self._set(trial, TrialState.RUNNING, "")

    async def _set(self, trial: SearchTrial, state: TrialState, reason: str) -> None:
        """Of a planned trial, once its task is there or will never be."""
        async with self._ctx.db.begin() as session:
            search = await queries.find_search(session, trial.search_id, lock=True)
            row = await queries.find_trial(session, trial.search_id, trial.number)
            if search is None or row is None or row.state != TrialState.PLANNED:
                return
            row.state, row.reason = state, reason
            row.ended_at = None if state.is_open else self._ctx.now()
            await session.flush()
            await tell(session, search, "trials", now=self._ctx.now())


def _keep(row: SearchTrialRow, trial: SearchTrial) -> None:
    row.state, row.reason, row.value = trial.state, trial.reason, trial.value
    row.rungs = {str(rung): value for rung, value in trial.rungs.items()}
    row.ended_at = trial.ended_at
