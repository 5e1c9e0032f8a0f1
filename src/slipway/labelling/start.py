"""Start labelling a dataset of records: its schema says what is shown, so nothing else is asked."""

from __future__ import annotations

from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.data.mount import mount_source
from slipway.data.shelf import Shelf
from slipway.iam.types import Actor
from slipway.labelling.create import NewTask, create_task
from slipway.labelling.schema import queries as schema_queries
from slipway.labelling.schema.keep import schema_missing
from slipway.labelling.types import LabelKind, Sharing, Task, WriteMode

_TRIES = 20


async def start_labelling(
    db: Database,
    shelf: Shelf,
    actor: Actor,
    dataset_id: str,
    *,
    mode: WriteMode,
    quota: int,
    now: datetime,
) -> Task:
    """The task is named after the dataset, with a number where the name is taken."""
    async with db.read() as session:
        _, info = await mount_source(session, shelf.root.parent, actor.project_id, dataset_id)
        schema = await schema_queries.find_schema(session, dataset_id)
    if schema is None:
        raise schema_missing(info.name)
    for number in range(1, _TRIES + 1):
        name = info.name if number == 1 else f"{info.name[:56]}-{number}"
        new = NewTask(
            name, "", {}, LabelKind.RECORDS, dataset_id, info.version, None, (), schema.text, mode, Sharing.QUEUE, (),
            needs_review=False,
        )  # fmt: skip
        try:
            return await create_task(db, shelf, actor, new, quota=quota, now=now)
        except Conflict as error:
            if error.code != "name_taken" or number == _TRIES:
                raise
    raise AssertionError("unreachable")
