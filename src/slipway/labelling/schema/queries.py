"""SQL of the schemas of datasets."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.data.types import Problem
from slipway.labelling.tables import SchemaRow
from slipway.labelling.types import DatasetSchema, SchemaState


def frozen_schema(row: SchemaRow) -> DatasetSchema:
    return DatasetSchema(
        row.dataset_id, row.text, row.saved, SchemaState(row.state), row.version, row.record_count,
        row.problem_count, tuple(Problem.from_json(one) for one in row.problems), row.reason,
        row.updated_at,
    )  # fmt: skip


async def find_schema(
    session: AsyncSession, dataset_id: str, *, lock: bool = False
) -> SchemaRow | None:
    query = select(SchemaRow).where(SchemaRow.dataset_id == dataset_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def list_parsing(session: AsyncSession) -> list[DatasetSchema]:
    query = select(SchemaRow).where(SchemaRow.state == SchemaState.PARSING)
    rows = await session.scalars(query.order_by(SchemaRow.updated_at))
    return [frozen_schema(row) for row in rows]


async def list_of_project(session: AsyncSession, project_id: str) -> list[DatasetSchema]:
    query = select(SchemaRow).where(SchemaRow.project_id == project_id)
    return [frozen_schema(row) for row in await session.scalars(query)]
