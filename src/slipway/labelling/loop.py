"""The loop of the labelling room: lays out the records of new tasks, hands results to the dataset.

Both are done again from the start if they break off: laying out begins by clearing, and a result is a
file that is written anew before the version is asked for, in the transaction that says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock, utc_now
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.events import Event, bus, record
from slipway.data.manifest import Manifest
from slipway.data.publish import derive_version
from slipway.data.types import Derivation
from slipway.labelling import queries
from slipway.labelling.content import manifest_of
from slipway.labelling.create import checked_labels
from slipway.labelling.layout import gaps, shared_out
from slipway.labelling.results import write_results
from slipway.labelling.types import (
    LabelKind,
    Publication,
    PublishState,
    Sharing,
    Task,
    TaskState,
    WriteMode,
    WriteState,
)

T = TypeVar("T")
log = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0  # only a net below the wake-ups
_BATCH = 5_000
_WAKING = {
    "label:taskCreated", "label:taskRetried", "label:publishRequested", "label:taskDeleted",
    "data:versionPublished",
}  # fmt: skip


class LabelLoop:
    """`await LabelLoop(db, settings.root).run()` in the process that owns the home."""

    def __init__(self, db: Database, home: Path, *, clock: Clock = utc_now) -> None:
        self._db, self._home, self._clock = db, home, clock
        self._wake = asyncio.Event()

    async def run(self) -> None:
        undo = bus.listen(self._heard)
        try:
            while True:
                self._wake.clear()
                await self._work()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wake.wait()
        finally:
            undo()

    def _heard(self, event: Event) -> None:
        if event.type in _WAKING:
            self._wake.set()

    async def _work(self) -> None:
        async with self._db.read() as session:
            due = await queries.list_due(session)
            publishing = [
                queries.frozen_task(row) for row in await queries.list_publishing(session)
            ]
        for task_id, is_new in due:
            try:
                await (self._lay_out(task_id) if is_new else self._publish(task_id))
            except Exception:
                # Most likely the database went away; the row still says what is wanted.
                log.exception("work on a labelling task broke off", extra={"task_id": task_id})
        await asyncio.to_thread(self._sweep, publishing)

    async def _lay_out(self, task_id: str) -> None:
        task = await self._task(task_id)
        try:
            manifest = await asyncio.to_thread(manifest_of, self._home, task)
            labelled = await asyncio.to_thread(manifest.numbers, "labelled")
        except (SlipwayError, OSError) as error:
            await self._fail(task, str(error))
            return
        async with self._db.begin() as session:
            await queries.clear_layout(session, task.id)
        for batch in _batches(labelled):
            async with self._db.begin() as session:
                await queries.add_records(session, task.id, batch)
        runs = list(gaps(manifest.summary.sample_count, labelled))
        owners = [who.user_id for who in task.labellers] if task.sharing is Sharing.SPLIT else [""]
        for spans in _batches(shared_out(runs, owners)):
            async with self._db.begin() as session:
                await queries.add_spans(session, task.id, spans)
        async with self._db.begin() as session:
            row = await queries.get_task(session, task.project_id, task.id, lock=True)
            row.state, row.reason, row.updated_at = TaskState.CREATED, None, self._clock()
            row.record_count, row.labelled_count = manifest.summary.sample_count, len(labelled)
            row.labels = _with_labels_that_came(task, manifest)
            if (
                task.mode is WriteMode.IN_PLACE
            ):  # the files are looked at even before the first label
                row.write_state, row.write_reason = WriteState.WRITING, None
            await self._say(session, task, "label:taskReady")

    async def _publish(self, task_id: str) -> None:
        task = await self._task(task_id)
        publication = task.publication
        if publication is None or publication.state is not PublishState.WANTED:
            return
        place = self._place(task, publication)
        try:
            await write_results(self._db, self._home, task, place)
        except SlipwayError as error:
            await self._settle(task, None, error.message)
            return
        except OSError as error:
            await self._settle(task, None, f"The storage failed: {error.strerror or error}.")
            return
        derivation = Derivation(
            task.dataset_version, str(place.relative_to(self._home)), publication.label_format
        )
        await self._settle(task, derivation, None)

    async def _settle(self, task: Task, derivation: Derivation | None, reason: str | None) -> None:
        publication = task.publication
        assert publication is not None
        try:
            async with self._db.begin() as session:
                row = await queries.get_task(session, task.project_id, task.id, lock=True)
                if row.publish_number != publication.number:
                    return
                if derivation is not None:
                    version = await derive_version(
                        session, task.dataset_id, derivation, created_by=publication.requested_by,
                        description=publication.description or f"Labelled: {task.name}",
                        now=self._clock(),
                    )  # fmt: skip
                    row.publish_version = version.number
                    row.publish_state = PublishState.HANDED_OVER
                    await self._say(session, task, "label:published", version=version.number)
                    return
                row.publish_state, row.publish_reason = PublishState.FAILED, reason
                await self._say(session, task, "label:publishFailed", reason=reason)
        except SlipwayError as error:
            if derivation is not None:  # the dataset takes no version now, or is gone
                await self._settle(task, None, error.message)

    async def _fail(self, task: Task, reason: str) -> None:
        async with self._db.begin() as session:
            row = await queries.get_task(session, task.project_id, task.id, lock=True)
            row.state, row.reason = TaskState.FAILED, reason
            await self._say(session, task, "label:taskFailed", reason=reason)

    async def _say(self, session: AsyncSession, task: Task, kind: str, **data: Any) -> None:
        await record(
            session, kind, subject=("label-task", task.id), project_id=task.project_id,
            now=self._clock(), name=task.name, **data,
        )  # fmt: skip

    async def _task(self, task_id: str) -> Task:
        async with self._db.read() as session:
            return queries.frozen_task(await queries.get_task_anywhere(session, task_id))

    def _place(self, task: Task, publication: Publication) -> Path:
        return self._home / "labelling" / f"{task.id}-{publication.number}.jsonl"

    def _sweep(self, publishing: list[Task]) -> None:
        """Results of which the version is there, or that nobody will ask for any more."""
        needed = set()
        for task in publishing:
            assert task.publication is not None
            version = task.publication.version
            shelf = self._home / "datasets" / task.dataset_id / f"v{version}"
            if version is None or not shelf.exists():
                needed.add(self._place(task, task.publication).name)
        for path in (self._home / "labelling").glob("*.jsonl"):
            if path.name not in needed:
                path.unlink(missing_ok=True)


def _with_labels_that_came(task: Task, manifest: Manifest) -> list[dict[str, str]]:
    """The task's labels, and those that the data carries already (LAB-21)."""
    if task.kind in (LabelKind.RECORDS, LabelKind.OCR):
        return []
    names: dict[str, str | None] = {label.name: label.colour for label in task.labels}
    for label in manifest.summary.labels:
        if label.name not in task.renames:
            names.setdefault(label.name, None)
    return [label.to_json() for label in checked_labels(tuple(names.items()))]


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))
