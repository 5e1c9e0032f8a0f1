"""Delete a dataset: the record and what the platform keeps of it, never the files it came from."""

from __future__ import annotations

import shutil
from datetime import datetime

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.events import record
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.types import Dataset, DatasetState, moved
from slipway.data.uses import Use, uses_of
from slipway.iam.types import Actor


def delete_blocked(dataset: Dataset, uses: list[Use]) -> str | None:
    if dataset.state == DatasetState.UNAVAILABLE:
        return "The dataset is being deleted."
    running = [use for use in uses if use.active]
    if running:
        return f"It is in use by {_named(running)}. Stop that first."
    return None


async def delete_dataset(
    db: Database, actor: Actor, dataset_id: str, *, confirmed: bool, now: datetime
) -> Dataset:
    """Mark it as being deleted; the loop removes it. Something lost needs `confirmed`."""
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        uses = await uses_of(session, dataset_id)
        if why := delete_blocked(queries.frozen_dataset(row), uses):
            raise Conflict(why, code="delete_blocked")
        if uses and not confirmed:
            raise Conflict(
                f"It was used by {_named(uses)}, which could then not be repeated. "
                "Delete it all the same by confirming.",
                code="confirm_needed",
            )
        row.state = moved(DatasetState(row.state), DatasetState.UNAVAILABLE)
        row.updated_at = now
        await record(
            session, "data:datasetDeleting", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
        )  # fmt: skip
        return queries.frozen_dataset(row)


def remove_output(storage: Storage, dataset: Dataset) -> None:
    """What the platform wrote to the output path, and nothing else there (DAT-42). Blocks."""
    place = Address.parse(dataset.output_address or "")
    folder = storage.path_of(place.bucket, place.key) / dataset.id
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _named(uses: list[Use]) -> str:
    first = ", ".join(f"{use.subject_kind} {use.name}" for use in uses[:3])
    return first if len(uses) <= 3 else f"{first} and {len(uses) - 3} more"
