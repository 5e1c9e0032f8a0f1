"""The loop that tries a dataset's schema on all of its records, one dataset at a time, in a process of
its own. What it found is written down at the end; broken off, it begins anew."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path
from typing import Any

import orjson

from slipway.base.clock import Clock, utc_now
from slipway.base.database import Database
from slipway.base.events import Event, bus, record
from slipway.data.shelf import Shelf
from slipway.labelling.schema import queries
from slipway.labelling.types import DatasetSchema, SchemaState

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0  # only a net below the events
_LINE_BYTES = 4 << 20
progress: dict[str, int] = {}  # percent by dataset; changes too often to be written down


class ParseLoop:
    """`await ParseLoop(db, settings.root).run()` in the process that owns the home."""

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
        if event.type == "label:schemaSaved":
            self._wake.set()

    async def _work(self) -> None:
        async with self._db.read() as session:
            due = await queries.list_parsing(session)
        for schema in due:
            try:
                await self._settle(schema, await self._parse(schema))
            except Exception:
                # Most likely the database went away; the row still says what is wanted.
                log.exception("parsing broke off", extra={"dataset_id": schema.dataset_id})
            finally:
                progress.pop(schema.dataset_id, None)

    async def _parse(self, schema: DatasetSchema) -> dict[str, Any] | None:
        """What was found; None if the process died."""
        place = Shelf(self._home).version(schema.dataset_id, schema.version)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "slipway.labelling.schema.worker", limit=_LINE_BYTES,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        try:
            job = {"version": str(place), "text": schema.text}
            with contextlib.suppress(ConnectionError):
                process.stdin.write(orjson.dumps(job, option=orjson.OPT_APPEND_NEWLINE))
                await process.stdin.drain()
            while line := await process.stdout.readline():
                value: dict[str, Any] = orjson.loads(line)
                if "percent" not in value:
                    return value
                progress[schema.dataset_id] = value["percent"]
            return None
        finally:
            process.stdin.close()
            await process.wait()

    async def _settle(self, schema: DatasetSchema, found: dict[str, Any] | None) -> None:
        async with self._db.begin() as session:
            row = await queries.find_schema(session, schema.dataset_id, lock=True)
            if row is None or row.state != SchemaState.PARSING:
                return
            if (row.saved, row.version) != (schema.saved, schema.version):
                self._wake.set()  # another text or version by now
                return
            if found is None:
                row.state = SchemaState.FAILED
                row.reason = "The records could not be read to the end. Parse them again."
            else:
                row.state = SchemaState.PARSED
                row.record_count, row.problem_count = found["records"], found["problem_count"]
                row.problems = found["problems"]
            await record(
                session, "label:recordsParsed", subject=("dataset", row.dataset_id),
                project_id=row.project_id, now=self._clock(),
            )  # fmt: skip
