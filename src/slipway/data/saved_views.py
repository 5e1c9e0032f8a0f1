"""Views of a version: a saved search, a random subset, the parts of a split.

A view is built by the loop as a version of its own (`views/<id>/`), so that everything that reads a
version reads a view too. "v2/train" names one where a task picks its data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.tables import ViewRow
from slipway.data.types import (
    DatasetState,
    Part,
    VersionState,
    View,
    ViewDefinition,
    ViewState,
)
from slipway.data.uses import uses_of
from slipway.iam.types import Actor

_NAME = re.compile(r"[^\W_][\w-]{0,39}")
MAX_VIEWS = 100  # of one version
MAX_PARTS = 10


def split(
    names: Sequence[str],
    ratios: Sequence[float],
    *,
    query: str,
    seed: int,
    stratify: str | None,
    group: str | None,
) -> list[tuple[str, ViewDefinition]]:
    """The parts of a split by name. Raises Invalid."""
    if not 2 <= len(names) <= MAX_PARTS:
        raise Invalid(f"A split has 2 to {MAX_PARTS} parts.", field="parts")
    if any(not 0 < ratio <= 1e6 for ratio in ratios):
        raise Invalid("The share of a part is a number above 0.", field="parts")
    if len(set(names)) < len(names):
        raise Invalid("Each part needs a name of its own.", field="parts")
    return [
        (name, ViewDefinition(
            query, seed=seed,
            part=Part(tuple(names), tuple(ratios), index, seed, stratify, group),
        ))
        for index, name in enumerate(names)
    ]  # fmt: skip


async def create_views(
    db: Database,
    actor: Actor,
    dataset_id: str,
    number: int,
    views: Sequence[tuple[str, ViewDefinition]],
    *,
    now: datetime,
) -> list[View]:
    """All of them or none; the loop builds them."""
    for name, definition in views:
        if not _NAME.fullmatch(name):
            raise Invalid(
                "The name of a view has 1 to 40 letters, digits, '_' or '-' and begins with a "
                f"letter or digit; {name[:60]!r} does not.",
                field="name",
            )  # fmt: skip
        if definition.sample_count is not None and definition.sample_count < 1:
            raise Invalid("A subset has at least one sample.", field="sample_count")
    try:
        async with db.begin() as session:
            row = await require_dataset(session, actor, dataset_id, lock=True)
            version = await queries.find_version(session, dataset_id, number)
            if version is None:
                raise NotFound(f"The dataset {row.name} has no version v{number}.")
            if version.state != VersionState.AVAILABLE or row.state == DatasetState.UNAVAILABLE:
                raise Conflict(f"Version v{number} is not published.", code="not_published")
            held = len(await queries.list_views(session, dataset_id, number))
            if held + len(views) > MAX_VIEWS:
                raise Conflict(
                    f"A version has at most {MAX_VIEWS} views; this one has {held}. Delete some.",
                    code="too_many_views",
                )
            rows = [
                ViewRow(
                    id=new_id("dsw"), dataset_id=dataset_id, version=number, name=name,
                    definition=definition.to_json(), state=ViewState.BUILDING, sample_count=0,
                    size_bytes=0, created_at=now, created_by=actor.user_id,
                )
                for name, definition in views
            ]  # fmt: skip
            session.add_all(rows)
            await session.flush()
            await record(
                session, "data:viewRequested", subject=("dataset", dataset_id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id, version=number,
                views=[name for name, _ in views],
            )  # fmt: skip
            return [queries.frozen_view(one) for one in rows]
    except IntegrityError as error:
        names = ", ".join(name for name, _ in views)
        raise Conflict(
            f"v{number} has a view of this name already ({names}). Choose another.",
            code="name_taken", field="name",
        ) from error  # fmt: skip


async def require_view(
    session: AsyncSession, actor: Actor, dataset_id: str, number: int, name: str
) -> ViewRow:
    await require_dataset(session, actor, dataset_id)
    row = await queries.find_view(session, dataset_id, number, name)
    if row is None:
        raise NotFound(f"v{number} has no view {name[:60]}.")
    return row


async def delete_view(
    db: Database, actor: Actor, dataset_id: str, number: int, name: str,
    *, now: datetime,
) -> View:  # fmt: skip
    """The record; whoever calls removes the files then. Refused while a task reads from it."""
    async with db.begin() as session:
        row = await require_view(session, actor, dataset_id, number, name)
        reading = [
            use
            for use in await uses_of(session, dataset_id)
            if use.active and use.version == number and use.view == name
        ]
        if reading:
            raise Conflict(
                f"{reading[0].subject_kind} {reading[0].name} is reading this view. Stop that first.",
                code="delete_blocked",
            )
        view = queries.frozen_view(row)
        await session.delete(row)
        await record(
            session, "data:viewDeleted", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, version=number, view=name,
        )  # fmt: skip
        return view
