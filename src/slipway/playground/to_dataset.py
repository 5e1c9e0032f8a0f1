"""Good answers become training data (PLY-X4): lines of a JSONL file, and a version of a dataset."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from slipway.assets.buckets import ensure_default_bucket, resolve_directory
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.base.names import checked_name
from slipway.data.change import require_dataset
from slipway.data.create import NewDataset, create_dataset
from slipway.data.publish import publish_version
from slipway.data.types import DatasetKind, LabelFormat, TableOptions
from slipway.iam.types import Actor
from slipway.playground import queries
from slipway.playground.types import Turn

FOLDER = "playground"


class RowForm(StrEnum):
    """How a line looks."""

    CONVERSATION = "conversation"  # what fine-tuning takes: system, then prompt and response
    INSTRUCTION = "instruction"  # instruction, input, output
    QA = "qa"  # question, answer


@dataclass(frozen=True, slots=True)
class Export:
    turn_ids: tuple[str, ...]
    form: RowForm
    name: str  # of a new dataset
    dataset_id: str | None = None  # or one that an export made: it gets a new version


@dataclass(frozen=True, slots=True)
class Exported:
    dataset_id: str
    name: str
    rows: int


async def export_to_dataset(
    db: Database, storage: Storage, actor: Actor, export: Export, *, quota: int, now: datetime
) -> Exported:
    """The file first, then the dataset: a crash between them leaves a file, never a broken dataset."""
    async with db.begin() as session:
        bucket = await ensure_default_bucket(session, actor.project_id)
    async with db.read() as session:
        rows = await queries.own_turns(
            session, actor.project_id, actor.user_id, list(export.turn_ids)
        )
        turns = [queries.frozen_turn(row) for row in rows]
        known = None
        if export.dataset_id is not None:
            known = await require_dataset(session, actor, export.dataset_id)
    turns = [turn for turn in turns if turn.answer.strip() and turn.question.strip()]
    if not turns:
        raise Invalid(
            "None of these answers has text to export. Choose answers with a question and an answer.",
            field="turn_ids", code="nothing_to_export",
        )  # fmt: skip
    name = known.name if known is not None else checked_name(export.name)
    address = f"{bucket}/{FOLDER}/{name}/"
    if known is not None and known.address.rstrip("/") != address.rstrip("/"):
        raise Conflict(
            f"The dataset {name} does not come from the playground. Export to a new one.",
            code="other_dataset",
        )
    async with db.read() as session:
        folder = await resolve_directory(session, storage, actor, address, create=True)
    lines = [row_of(turn, export.form) for turn in turns]
    await storage.run(_write, folder / f"{now:%Y%m%d-%H%M%S}-{new_id('rows', 6)}.jsonl", lines)
    if known is not None:
        await publish_version(
            db, actor, known.id, description=f"{len(lines)} answers of the playground", now=now
        )
        return Exported(known.id, name, len(lines))
    dataset = NewDataset(
        name, DatasetKind.LLM, LabelFormat.NONE, address, "", (), {}, TableOptions()
    )
    made = await create_dataset(db, storage, actor, dataset, quota=quota, now=now)
    return Exported(made.id, name, len(lines))


def row_of(turn: Turn, form: RowForm) -> dict[str, Any]:
    system = {"system": turn.persona} if turn.persona else {}
    match form:
        case RowForm.CONVERSATION:
            said = [{"prompt": turn.question, "response": turn.answer}]
            return system | {"conversation": said}
        case RowForm.INSTRUCTION:
            row = {"instruction": turn.question, "input": "", "output": turn.answer}
            return row | system
        case RowForm.QA:
            return {"question": turn.question, "answer": turn.answer}


def _write(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Blocking. Appears whole or not at all."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    half = path.with_suffix(".part")
    with half.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
