"""Which labelling tasks need a dataset: told to the data room, which must not look up."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.data.uses import Use
from slipway.labelling import queries


async def uses_of_dataset(session: AsyncSession, dataset_id: str) -> list[Use]:
    rows = await queries.list_tasks_of_dataset(session, dataset_id)
    return [Use("label_task", row.id, row.name, row.dataset_version, active=True) for row in rows]
