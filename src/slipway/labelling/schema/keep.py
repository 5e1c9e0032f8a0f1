"""Configure the schema of a dataset: checked at once, then tried on every record by the loop."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.events import record
from slipway.data.mount import MountInfo, mount_source
from slipway.data.types import RECORD_KINDS
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.schema import queries as schema_queries
from slipway.labelling.schema.check import checked_schema
from slipway.labelling.tables import SchemaRow
from slipway.labelling.types import DatasetSchema, LabelKind, SchemaState


async def keep_schema(
    db: Database, home: Path, actor: Actor, dataset_id: str, text: str, *, now: datetime
) -> DatasetSchema:
    """Raises Invalid with line and column. A task over the dataset goes on with the new schema."""
    checked_schema(text)
    async with db.begin() as session:
        _, info = await mount_source(session, home, actor.project_id, dataset_id)
        _check_kind(info)
        row = await schema_queries.find_schema(session, dataset_id, lock=True)
        if row is None:
            row = SchemaRow(
                dataset_id=dataset_id, project_id=actor.project_id, saved=0, record_count=0,
                problem_count=0, problems=[],
            )  # fmt: skip
            session.add(row)
        row.text, row.saved, row.updated_at, row.updated_by = (
            text,
            row.saved + 1,
            now,
            actor.user_id,
        )
        parse_again(row, info.version)
        for task in await queries.list_tasks_of_dataset(session, dataset_id):
            if task.kind == LabelKind.RECORDS:
                task.schema_text = text
        await session.flush()
        await _told(session, actor, info, now)
        return schema_queries.frozen_schema(row)


async def parse_records(
    db: Database, home: Path, actor: Actor, dataset_id: str, *, now: datetime
) -> DatasetSchema:
    """All records of the newest version once more."""
    async with db.begin() as session:
        _, info = await mount_source(session, home, actor.project_id, dataset_id)
        row = await schema_queries.find_schema(session, dataset_id, lock=True)
        if row is None:
            raise schema_missing(info.name)
        parse_again(row, info.version)
        await _told(session, actor, info, now)
        return schema_queries.frozen_schema(row)


def parse_again(row: SchemaRow, version: int) -> None:
    row.state, row.version, row.reason = SchemaState.PARSING, version, None
    row.record_count, row.problem_count, row.problems = 0, 0, []


def schema_missing(dataset: str) -> Invalid:
    return Invalid(
        f"The dataset {dataset} has no schema yet, which says what is shown and asked. Configure "
        "the schema first.",
        field="dataset_id", code="schema_missing",
    )  # fmt: skip


def _check_kind(info: MountInfo) -> None:
    if info.kind not in RECORD_KINDS:
        raise Invalid("Only text records are labelled by a schema.", field="dataset_id")


async def _told(session: AsyncSession, actor: Actor, info: MountInfo, now: datetime) -> None:
    await record(
        session, "label:schemaSaved", subject=("dataset", info.dataset_id), now=now,
        project_id=actor.project_id, actor_id=actor.user_id, name=info.name,
    )  # fmt: skip
