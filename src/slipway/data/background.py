"""Analyses and views in the loop of the room: from a claimed row to its result.

As with imports, the row says what is wanted, a process of its own makes it in one step that may be
repeated, and the row is settled only while the claim holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.events import record
from slipway.data import queries
from slipway.data.manifest import open_manifest
from slipway.data.shelf import Shelf
from slipway.data.tables import AnalysisRow, DatasetRow, ViewRow
from slipway.data.types import AnalysisState, Summary, ViewState

Table = type[AnalysisRow] | type[ViewRow]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker process is told, and where the result lies."""

    order: dict[str, Any]
    place: Path | None


async def work_of(session: AsyncSession, table: Table, row_id: str, home: Path) -> Work:
    row: AnalysisRow | ViewRow = await session.get_one(table, row_id)
    dataset = await session.get_one(DatasetRow, row.dataset_id)
    order: dict[str, Any] = {
        "home": str(home), "dataset_id": row.dataset_id, "number": row.version,
    }  # fmt: skip
    if isinstance(row, ViewRow):
        order |= {
            "task": "view", "view_id": row.id, "definition": row.definition,
            "table": dataset.table_options,
        }  # fmt: skip
        return Work(order, Shelf(home).view(row.dataset_id, row.id))
    order |= {"task": "analysis", "kind": row.kind, "options": row.options}
    return Work(order, None)


def summary_of(work: Work) -> Summary | None:
    return open_manifest(work.place).summary if work.place is not None else None


async def settle(
    session: AsyncSession,
    table: Table,
    row_id: str,
    summary: Summary | None,
    reason: str | None,
    now: datetime,
) -> None:
    """Write down how it ended: well, where `reason` is None."""
    row: AnalysisRow | ViewRow = await session.get_one(table, row_id)
    dataset = await session.get_one(DatasetRow, row.dataset_id)
    row.reason = reason
    if isinstance(row, ViewRow):
        row.state = ViewState.AVAILABLE if reason is None else ViewState.FAILED
        if summary is not None and reason is None:
            row.sample_count, row.size_bytes = summary.sample_count, summary.size_bytes
            row.content_hash = summary.content_hash
        what, kind = {"view": row.name}, "data:viewBuilt" if reason is None else "data:viewFailed"
    else:
        row.state = AnalysisState.DONE if reason is None else AnalysisState.FAILED
        row.finished_at = now
        what = {"kind": row.kind}
        kind = "data:analysisDone" if reason is None else "data:analysisFailed"
    await record(
        session, kind, subject=("dataset", row.dataset_id), project_id=dataset.project_id,
        actor_id=row.created_by, now=now, name=dataset.name, version=row.version,
        **what, **({"reason": reason} if reason else {}),
    )  # fmt: skip


async def due(session: AsyncSession, now: datetime) -> list[tuple[Table, str, str]]:
    """(table, row id, dataset id): views first, since someone waits to train from them."""
    views = [(ViewRow, one, dataset) for one, dataset in await queries.list_due_views(session, now)]
    analyses = await queries.list_due_analyses(session, now)
    return [*views, *((AnalysisRow, one, dataset) for one, dataset in analyses)]
