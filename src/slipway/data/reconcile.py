"""The loop of the datasets room: imports what is wanted, removes what is to go.

An import is a row in state `importing`. The loop claims it, has a process build the version on
disk, and settles the row while the claim holds. It may die at any line: the version is renamed into
place in one step, and after a restart the row is still `importing`, so the work is done again, or
found done.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.buckets import resolve_any
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.assets.uploads import sweep_uploads
from slipway.base.claims import claim, release, still_holds
from slipway.base.clock import Clock, utc_now
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.events import Event, bus, record
from slipway.data import background, queries
from slipway.data.errors import ImportRefusedError, ImportStoppedError
from slipway.data.importer import ImportJob
from slipway.data.process import ImportProcess, WorkProcess
from slipway.data.progress import board
from slipway.data.shelf import Shelf
from slipway.data.tables import DatasetRow, VersionRow
from slipway.data.types import (
    DatasetKind,
    DatasetState,
    Derivation,
    LabelFormat,
    Problem,
    Summary,
    TableOptions,
    VersionState,
    moved,
)

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
_LOOK_EVERY_S = (
    60.0  # only a net below the wake-ups: a claim that ran out, a database that was away
)
_WAKING = {
    "data:datasetCreated", "data:versionRequested", "data:importRetried", "data:datasetDeleting",
    "data:viewRequested", "data:analysisRequested",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an import did not work out, for people."""

    reason: str
    problems: tuple[Problem, ...] = ()


class DataLoop:
    """`await DataLoop(db, storage, settings.root).run()` in the process that owns the home."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        home: Path,
        *,
        clock: Clock = utc_now,
        parallel: int = 2,
    ) -> None:
        self._db, self._storage, self._clock = db, storage, clock
        self._home, self._shelf = home, Shelf(home)
        self._parallel = parallel
        self._wake = asyncio.Event()
        self._jobs: dict[str, asyncio.Task[None]] = {}  # by dataset: one thing at a time for each

    async def run(self) -> None:
        """Until cancelled; running imports are then broken off and taken up at the next start."""
        undo = bus.listen(self._heard)
        try:
            await self._start_over()
            while True:
                self._wake.clear()
                await self._start_due()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            undo()
            board.stop_all()
            await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    def _heard(self, event: Event) -> None:
        if event.type in _WAKING:
            self._wake.set()

    async def _start_over(self) -> None:
        """What a crash left: claims of nobody, half-built folders, uploads nobody continues."""
        async with self._db.begin() as session:
            await queries.free_all_claims(session)
            known = await queries.list_dataset_ids(session)
        await self._storage.run(self._storage.sweep_temporary)
        await self._storage.run(self._shelf.sweep, known)
        await sweep_uploads(self._db, self._storage, now=self._clock())

    async def _start_due(self) -> None:
        try:
            async with self._db.read() as session:
                deletions = await queries.list_due_deletions(session, self._clock())
                imports = await queries.list_due_imports(session, self._clock())
                others = await background.due(session, self._clock())
        except Exception:
            log.exception("could not read what is to be done with datasets")
            return
        for dataset_id in deletions:
            if dataset_id in self._jobs:
                await self._stop_imports(dataset_id)  # its end wakes us for the deletion
            else:
                self._start(dataset_id, self._delete(dataset_id))
        for version_id, dataset_id in imports:
            if dataset_id not in self._jobs and len(self._jobs) < self._parallel:
                self._start(dataset_id, self._import(version_id))

        for table, row_id, dataset_id in others:
            if dataset_id not in self._jobs and len(self._jobs) < self._parallel:
                self._start(dataset_id, self._work(table, row_id))

    def _start(self, dataset_id: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(dataset_id, work))
        self._jobs[dataset_id] = task

    async def _guarded(self, dataset_id: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception:
            # Most likely the database went away; the row still says what is wanted.
            log.exception("work on a dataset broke off", extra={"dataset_id": dataset_id})
        finally:
            del self._jobs[dataset_id]
            self._wake.set()

    async def _stop_imports(self, dataset_id: str) -> None:
        async with self._db.read() as session:
            numbers = await queries.list_versions(session, dataset_id)
            for version in numbers:
                board.stop(version.id)
                for row in await queries.list_analyses(session, dataset_id, version.number):
                    board.stop(row.id)
                for view in await queries.list_views(session, dataset_id, version.number):
                    board.stop(view.id)

    async def _import(self, version_id: str) -> None:
        async with self._db.begin() as session:
            token = await claim(session, VersionRow, version_id, now=self._clock(), lease=LEASE)
            if token is None:
                return  # another holds it
            job = await self._job(session, version_id)
        if isinstance(job, Failure):
            await self._settle(version_id, token, job)
            return
        renewing = asyncio.create_task(self._renew(VersionRow, version_id, token))
        try:
            outcome = await self._carry_out(version_id, job)
        finally:
            renewing.cancel()
            board.end(version_id)
        await self._settle(version_id, token, outcome)

    async def _work(self, table: background.Table, row_id: str) -> None:
        """An analysis or a view."""
        async with self._db.begin() as session:
            token = await claim(session, table, row_id, now=self._clock(), lease=LEASE)
            if token is None:
                return
            work = await background.work_of(session, table, row_id, self._home)
        process = WorkProcess(work.order)
        board.start(row_id, process)
        renewing = asyncio.create_task(self._renew(table, row_id, token))
        summary, reason, stopped = None, None, False
        try:
            await process.carry_out()
            summary = await asyncio.to_thread(background.summary_of, work)
        except ImportStoppedError:
            stopped = True
        except ImportRefusedError as error:
            reason = error.reason
        except SlipwayError as error:
            reason = error.message
        except OSError as error:
            reason = _disk_said(error)
        finally:
            renewing.cancel()
            board.end(row_id)
        async with self._db.begin() as session:
            if not await still_holds(session, table, row_id, token):
                return
            await release(session, table, row_id, token)
            if not stopped:
                await background.settle(session, table, row_id, summary, reason, self._clock())

    async def _job(self, session: AsyncSession, version_id: str) -> ImportJob | Failure:
        version = await queries.get_version(session, version_id)
        row = await session.get_one(DatasetRow, version.dataset_id)
        if version.derivation is not None:
            derived = Derivation.from_json(version.derivation)
            if derived.dataset_id is not None:  # shared: its files are the source
                return ImportJob(
                    row.id, version.number, DatasetKind(row.kind), derived.label_format,
                    TableOptions.from_json(row.table_options),
                    self._shelf.files(derived.dataset_id, derived.base),
                )  # fmt: skip
            return ImportJob(
                row.id, version.number, DatasetKind(row.kind), derived.label_format,
                TableOptions(),
                self._home / derived.labels if derived.labels is not None else None, derived.base,
            )  # fmt: skip
        try:
            source = await resolve_any(session, self._storage, row.project_id, row.address)
            output = None
            if row.output_address is not None:
                place = Address.parse(row.output_address)
                output = self._storage.path_of(place.bucket, place.key) / row.id
        except SlipwayError as error:
            return Failure(error.message)
        return ImportJob(
            row.id, version.number, DatasetKind(row.kind), LabelFormat(row.label_format),
            TableOptions.from_json(row.table_options), source, output=output,
        )  # fmt: skip

    async def _carry_out(self, version_id: str, job: ImportJob) -> Summary | Failure | None:
        """None: it was broken off, and the row stays as it is."""
        process = ImportProcess(self._home, job)
        board.start(version_id, process)
        try:
            return await process.run()
        except ImportStoppedError:
            return None
        except ImportRefusedError as error:
            return Failure(error.reason, error.problems)
        except SlipwayError as error:
            return Failure(error.message)
        except OSError as error:
            return Failure(_disk_said(error))

    async def _renew(
        self, table: type[VersionRow] | background.Table, row_id: str, token: str
    ) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with contextlib.suppress(Exception):  # the claim outlives a missed renewal or two
                async with self._db.begin() as session:
                    await queries.renew_claim(
                        session, table, row_id, token, now=self._clock(), lease=LEASE
                    )

    async def _settle(self, version_id: str, token: str, outcome: Summary | Failure | None) -> None:
        async with self._db.begin() as session:
            if not await still_holds(session, VersionRow, version_id, token):
                return
            await release(session, VersionRow, version_id, token)
            version = await queries.get_version(session, version_id)
            row = await queries.find_dataset_anywhere(session, version.dataset_id)
            if row is None or outcome is None or row.state == DatasetState.UNAVAILABLE:
                return
            if isinstance(outcome, Failure):
                self._write_failure(row, version, outcome)
                kind: str = "data:importFailed"
                data: dict[str, str | int] = {"reason": outcome.reason}
            else:
                self._write_success(row, version, outcome)
                kind, data = "data:versionPublished", {"samples": outcome.sample_count}
            await record(
                session, kind, subject=("dataset", row.id), project_id=row.project_id,
                actor_id=version.created_by, now=self._clock(), name=row.name,
                version=version.number, **data,
            )  # fmt: skip

    def _write_success(self, row: DatasetRow, version: VersionRow, summary: Summary) -> None:
        now = self._clock()
        version.state, version.reason, version.published_at = VersionState.AVAILABLE, None, now
        version.content_hash = summary.content_hash
        version.sample_count, version.labelled_count = summary.sample_count, summary.labelled_count
        version.size_bytes, version.file_count = summary.size_bytes, summary.file_count
        version.ignored_count = summary.ignored_count
        row.state = moved(DatasetState(row.state), DatasetState.AVAILABLE)
        row.reason, row.updated_at = None, now
        row.latest_version = version.number
        row.sample_count, row.labelled_count = summary.sample_count, summary.labelled_count
        row.size_bytes = summary.size_bytes

    def _write_failure(self, row: DatasetRow, version: VersionRow, failure: Failure) -> None:
        version.state, version.reason = VersionState.FAILED, failure.reason
        version.problems = [problem.to_json() for problem in failure.problems]
        version.problem_count = len(failure.problems)
        row.updated_at = self._clock()
        if row.state == DatasetState.IMPORTING:  # else an older version stays available (DAT-24)
            row.state = moved(DatasetState.IMPORTING, DatasetState.FAILED)
            row.reason = failure.reason

    async def _delete(self, dataset_id: str) -> None:
        async with self._db.begin() as session:
            token = await claim(session, DatasetRow, dataset_id, now=self._clock(), lease=LEASE)
        if token is None:
            return
        await asyncio.to_thread(self._shelf.remove, dataset_id)
        async with self._db.begin() as session:
            if not await still_holds(session, DatasetRow, dataset_id, token):
                return
            row = await session.get_one(DatasetRow, dataset_id)
            await record(
                session, "data:datasetDeleted", subject=("dataset", dataset_id),
                project_id=row.project_id, now=self._clock(), name=row.name,
            )  # fmt: skip
            await queries.delete_dataset(session, dataset_id)


def _disk_said(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Free some space, then try again; nothing was imported."
    where = f" ({Path(error.filename).name})" if isinstance(error.filename, str) else ""
    return f"The storage failed: {error.strerror or error}{where}."
