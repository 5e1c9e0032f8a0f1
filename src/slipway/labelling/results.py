"""A task's result as a file, for the data room to make a version of (see data/derive.py)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import orjson

from slipway.base.database import Database
from slipway.data.manifest import Manifest
from slipway.labelling import queries
from slipway.labelling.content import manifest_of, read_content
from slipway.labelling.schema.answers import labelled_record
from slipway.labelling.schema.document import document_for
from slipway.labelling.types import DONE, LabelKind, Record, RecordState, Task

_BATCH = 500


async def write_results(db: Database, home: Path, task: Task, place: Path) -> None:
    """Replace `place` in one step by the labels that count: one line a record, in order."""
    place.parent.mkdir(exist_ok=True)
    manifest = await asyncio.to_thread(manifest_of, home, task)
    new = place.with_suffix(".new")
    batch: list[Record] = []
    with new.open("wb") as file:
        async with db.read() as session:
            async for row in queries.results(session, task.id):
                batch.append(queries.frozen_record(row))
                if len(batch) == _BATCH:
                    file.write(await asyncio.to_thread(_lines, manifest, task, batch))
                    batch = []
        file.write(await asyncio.to_thread(_lines, manifest, task, batch))
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    new.rename(place)


def _lines(manifest: Manifest, task: Task, records: list[Record]) -> bytes:
    lines = (line for record in records if (line := result_of(manifest, task, record)))
    return b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)


def result_of(manifest: Manifest, task: Task, record: Record) -> dict[str, Any] | None:
    """What a record says in the end; None where it stays as it came."""
    if record.state is RecordState.DELETED:
        return {"index": record.index, "deleted": True}
    counts = (RecordState.APPROVED,) if task.needs_review else DONE
    if record.state not in counts:
        # Labels that somebody took back are no labels; what awaits review stays as it came.
        taken_back = record.state is RecordState.UNLABELLED and task.kind is not LabelKind.RECORDS
        empty: dict[str, Any] = (
            {"labels": []} if task.kind is LabelKind.CLASSIFICATION else {"boxes": []}
        )
        return {"index": record.index, **empty} if taken_back else None
    if record.value is None:
        return None
    if task.kind is not LabelKind.RECORDS:
        return {"index": record.index, **record.value}
    sample = dict(read_content(manifest, task.kind, record.index).sample)
    document = document_for(task.schema or "", sample)
    answered = labelled_record(sample, document, record.value.get("answers", {}))
    return {"index": record.index, "record": answered}
