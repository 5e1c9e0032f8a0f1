"""The loop that writes labels into the user's own files.

What is to be written is rows (`label_writes`), made in the transaction that saves a label. A pass
takes all of a task, replaces the files, and removes the rows; killed in between it is done again and
says the same. Small files are replaced for each save; where it takes long, what is saved meanwhile
goes together, so that a disk is never busy with one file only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.clock import Clock, utc_now
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.events import Event, bus, record
from slipway.data import queries as data_queries
from slipway.labelling import queries
from slipway.labelling.content import manifest_of
from slipway.labelling.inplace import queries as write_queries
from slipway.labelling.inplace.bell import bell
from slipway.labelling.inplace.place import FOLDER, Place
from slipway.labelling.types import Record, Task, WriteMode, WriteState

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0  # only a net below the bell
_BATCH = 2_000
_SLOW_S, _REST, _LONGEST_REST_S = 0.05, 3.0, 10.0
_WAKING = {"label:taskReady", "label:filesWanted", "label:taskDeleted"}


class WriteLoop:
    """`await WriteLoop(db, storage, settings.root).run()` in the process that owns the home."""

    def __init__(
        self, db: Database, storage: Storage, home: Path, *, clock: Clock = utc_now
    ) -> None:
        self._db, self._storage, self._home, self._clock = db, storage, home, clock
        self._wake = asyncio.Event()
        self._jobs: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        undo = [bus.listen(self._heard), bell.listen(self._wake.set)]
        try:
            await self._sweep()
            while True:
                self._wake.clear()
                await self._start_due()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            for stop in undo:
                stop()
            for job in self._jobs.values():
                job.cancel()
            await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    def _heard(self, event: Event) -> None:
        if event.type in _WAKING:
            self._wake.set()

    async def _sweep(self) -> None:
        """Tables of tasks that are gone."""
        async with self._db.read() as session:
            known = await write_queries.list_ids(session)
        for path in (self._home / FOLDER).glob("*"):
            if path.name not in known:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    async def _start_due(self) -> None:
        async with self._db.peek() as session:
            due = await write_queries.list_busy(session)
        for task_id in due:
            if task_id not in self._jobs:
                self._jobs[task_id] = asyncio.create_task(self._guarded(task_id))

    async def _guarded(self, task_id: str) -> None:
        try:
            while await self._pass(task_id):
                pass
            self._wake.set()  # a label may have been saved just now
        except Exception:
            # Most likely the database went away; the rows still say what is wanted, at the next look.
            log.exception("writing labels into files broke off", extra={"task_id": task_id})
        finally:
            self._jobs.pop(task_id, None)
            bell.settled(task_id)

    async def _pass(self, task_id: str) -> bool:
        """Write what is wanted now. False: there is nothing more."""
        async with self._db.read() as session:
            task = queries.frozen_task(await queries.get_task_anywhere(session, task_id))
            rows = await write_queries.list_wanted(session, task_id, _BATCH)
            records = [queries.frozen_record(row) for row in rows]
            dataset = await data_queries.find_dataset_anywhere(session, task.dataset_id)
        if dataset is None:
            await self._stop(task, "The dataset is gone, and its files with it.")
            return False
        began = monotonic()
        try:
            await asyncio.to_thread(self._write, task, dataset.address, records)
        except SlipwayError as error:
            await self._stop(task, error.message)
            return False
        except OSError as error:
            await self._stop(task, f"The storage failed: {error.strerror or error}.")
            return False
        took = monotonic() - began
        more = await self._settle(task, records, slow=took > _SLOW_S)
        bell.settled(task_id)
        if took > _SLOW_S:
            await asyncio.sleep(min(_REST * took, _LONGEST_REST_S))
        return more

    def _write(self, task: Task, address: str, records: list[Record]) -> None:
        manifest = manifest_of(self._home, task)
        place = Place.of(self._home, self._storage, task, address, manifest)
        if task.write_state is WriteState.WRITING:
            place.adopt()
            place.write(manifest, task, records)
        else:
            place.restore()

    async def _settle(self, task: Task, records: list[Record], *, slow: bool) -> bool:
        """Whether there is more to do."""
        async with self._db.begin() as session:
            row = await queries.get_task(session, task.project_id, task.id, lock=True)
            if row.write_state != task.write_state:
                return True  # something else is wanted by now
            if task.write_state is WriteState.RESTORING:
                await write_queries.forget_all(session, task.id)
                row.write_state, row.write_reason, row.mode = None, None, WriteMode.SAFE
                await self._say(session, task, "label:filesRestored")
                return False
            if task.write_state is WriteState.OVER:
                row.write_state = WriteState.WRITING
                return True
            written = {record.index: record.revision for record in records}
            await write_queries.settle(session, task.id, written)
            if await write_queries.count_wanted(session, task.id):
                return True
            row.write_state, row.write_reason = WriteState.WRITTEN, None
            if slow or not records:
                await self._say(session, task, "label:filesWritten")
            return False

    async def _stop(self, task: Task, reason: str) -> None:
        async with self._db.begin() as session:
            row = await queries.get_task(session, task.project_id, task.id, lock=True)
            if row.write_state != task.write_state:
                return
            row.write_state, row.write_reason = WriteState.STOPPED, reason
            await self._say(session, task, "label:writeStopped", reason=reason)

    async def _say(self, session: AsyncSession, task: Task, kind: str, **data: str) -> None:
        await record(
            session, kind, subject=("label-task", task.id), project_id=task.project_id,
            now=self._clock(), name=task.name, **data,
        )  # fmt: skip
