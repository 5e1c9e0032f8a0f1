"""Change what is said about a dataset: name, description, labels, tags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.events import record
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.data import queries
from slipway.data.create import checked_labels, name_taken
from slipway.data.tables import DatasetRow
from slipway.data.types import Dataset, DatasetState
from slipway.iam.types import Actor


async def change_dataset(
    db: Database,
    actor: Actor,
    dataset_id: str,
    *,
    name: str | None,
    description: str | None,
    labels: tuple[str, ...] | None,
    tags: Mapping[str, str] | None,
    preview: bool | None = None,
    now: datetime,
) -> Dataset:
    """What is None stays as it is."""
    try:
        async with db.begin() as session:
            row = await require_dataset(session, actor, dataset_id, lock=True)
            if row.state == DatasetState.UNAVAILABLE:
                raise Conflict("The dataset is being deleted.", code="wrong_state")
            if name is not None:
                row.name = checked_name(name)
            if description is not None:
                row.description = checked_description(description)
            if labels is not None:
                row.labels = list(checked_labels(labels))
                row.label_text = "|".join(row.labels)
            if preview is not None:
                row.preview = preview
            if tags is not None:
                row.tags = checked_tags(dict(tags))
            row.updated_at = now
            await session.flush()
            await record(
                session, "data:datasetUpdated", subject=("dataset", dataset_id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id,
            )  # fmt: skip
            return queries.frozen_dataset(row)
    except IntegrityError as error:
        raise name_taken(name or "") from error


async def require_dataset(
    session: AsyncSession, actor: Actor, dataset_id: str, *, lock: bool = False
) -> DatasetRow:
    """The dataset, if it is the project's. Another project's is not there at all."""
    row = await queries.find_dataset(session, actor.project_id, dataset_id, lock=lock)
    if row is None:
        raise NotFound(f"There is no dataset {dataset_id} in this project.")
    return row
