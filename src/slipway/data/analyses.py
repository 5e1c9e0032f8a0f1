"""Ask for an analysis of a version, and read what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.buckets import resolve_file
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.jobs import result_path
from slipway.data.shelf import Shelf
from slipway.data.tables import AnalysisRow, DatasetRow
from slipway.data.types import (
    IMAGE_KINDS,
    LINE_KINDS,
    Analysis,
    AnalysisKind,
    AnalysisState,
    DatasetKind,
    DatasetState,
    VersionState,
)
from slipway.data.uses import uses_of
from slipway.iam.types import Actor

_POSSIBLE = {
    AnalysisKind.INDEX: frozenset(DatasetKind),
    AnalysisKind.TEXT: LINE_KINDS,
    AnalysisKind.QUALITY: LINE_KINDS | IMAGE_KINDS,
}
MAX_COMPARED = 20


async def start_analysis(
    db: Database,
    storage: Storage,
    actor: Actor,
    dataset_id: str,
    number: int,
    kind: AnalysisKind,
    *,
    tokenizer: str | None,
    against: Sequence[str] | None,
    now: datetime,
) -> Analysis:
    """One that runs already stays; one that has ended is made anew."""
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        if DatasetKind(row.kind) not in _POSSIBLE[kind]:
            raise Invalid(f"A dataset of kind {row.kind} has no analysis {kind}.", field="kind")
        await _require_published(session, row, number)
        options: dict[str, Any] = {}
        if kind is AnalysisKind.TEXT and tokenizer:
            options["tokenizer"] = str(await resolve_file(session, storage, actor, tokenizer))
        if kind is AnalysisKind.QUALITY and DatasetKind(row.kind) in LINE_KINDS:
            options["against"] = await _compared_with(session, actor, row, against)
        found = await queries.find_analysis(session, dataset_id, number, kind)
        if found is not None and found.state == AnalysisState.RUNNING:
            return queries.frozen_analysis(found)
        if found is not None:
            await session.delete(found)
            await session.flush()
        made = AnalysisRow(
            id=new_id("dsa"), dataset_id=dataset_id, version=number, kind=kind, options=options,
            state=AnalysisState.RUNNING, created_at=now, created_by=actor.user_id,
        )  # fmt: skip
        session.add(made)
        await session.flush()
        await record(
            session, "data:analysisRequested", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, version=number, kind=kind,
        )  # fmt: skip
        return queries.frozen_analysis(made)


def read_result(shelf: Shelf, analysis: Analysis) -> dict[str, Any]:
    """What a finished analysis (not an index) found. Blocks."""
    cache = shelf.cache(analysis.dataset_id, analysis.version)
    try:
        value: dict[str, Any] = orjson.loads(result_path(cache, analysis.kind).read_bytes())
    except FileNotFoundError as error:
        raise NotFound("The result is no longer there. Start the analysis again.") from error
    return value


def index_place(shelf: Shelf, dataset_id: str, number: int) -> Path:
    """The index of a version. Raises Conflict where it has not been built."""
    place = result_path(shelf.cache(dataset_id, number), AnalysisKind.INDEX)
    if not place.exists():
        raise Conflict(
            "This version is not indexed yet. Start the analysis 'index' first.", code="no_index"
        )
    return place


async def _require_published(session: AsyncSession, row: DatasetRow, number: int) -> None:
    version = await queries.find_version(session, row.id, number)
    if version is None:
        raise NotFound(f"The dataset {row.name} has no version v{number}.")
    if version.state != VersionState.AVAILABLE or row.state == DatasetState.UNAVAILABLE:
        raise Conflict(f"Version v{number} is not published.", code="not_published")


async def _compared_with(
    session: AsyncSession, actor: Actor, own: DatasetRow, asked: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The sets that must not overlap: those asked for, else those that evaluations have used."""
    if asked is not None and len(asked) > MAX_COMPARED:
        raise Invalid(f"At most {MAX_COMPARED} datasets can be compared with.", field="against")
    if asked is None:
        rows = await queries.list_published(session, actor.project_id)
        rows = [row for row in rows if await _evaluates(session, row.id)][:MAX_COMPARED]
    else:
        rows = [await require_dataset(session, actor, dataset_id) for dataset_id in asked]
    return [
        {"dataset_id": row.id, "name": row.name, "version": row.latest_version}
        for row in rows
        if row.id != own.id and DatasetKind(row.kind) in LINE_KINDS and row.latest_version
    ]


async def _evaluates(session: AsyncSession, dataset_id: str) -> bool:
    return any(use.subject_kind == "evaluation" for use in await uses_of(session, dataset_id))
