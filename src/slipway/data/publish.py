"""Publish a new version (read the source again and freeze it), or try a failed import again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.events import record
from slipway.base.names import checked_description
from slipway.data import queries
from slipway.data.change import require_dataset
from slipway.data.create import new_version
from slipway.data.types import (
    SHARED,
    Dataset,
    DatasetState,
    Derivation,
    LabelFormat,
    Version,
    VersionState,
    moved,
)
from slipway.iam.types import Actor


def publish_blocked(dataset: Dataset, newest: Version | None) -> str | None:
    if dataset.state != DatasetState.AVAILABLE:
        return f"The dataset is {dataset.state}; only an available one gets a new version."
    if newest is not None and newest.state == VersionState.IMPORTING:
        return f"Version v{newest.number} is still being imported."
    return None


def retry_blocked(dataset: Dataset, newest: Version | None) -> str | None:
    if dataset.state == DatasetState.UNAVAILABLE:
        return "The dataset is being deleted."
    if newest is None or newest.state != VersionState.FAILED:
        return "Nothing has failed: there is nothing to try again."
    return None


async def publish_version(
    db: Database, actor: Actor, dataset_id: str, *, description: str, now: datetime
) -> Version:
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        if row.address.startswith(SHARED):
            raise Conflict(
                "The dataset is a copy of a shared one: there is no source to read again.",
                code="publish_blocked",
            )
        newest = (await queries.list_versions(session, dataset_id))[0]
        if why := publish_blocked(queries.frozen_dataset(row), queries.frozen_version(newest)):
            raise Conflict(why, code="publish_blocked")
        version = new_version(
            dataset_id, newest.number + 1, actor.user_id, now, checked_description(description)
        )
        session.add(version)
        row.updated_at = now
        await session.flush()
        await record(
            session, "data:versionRequested", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, version=version.number,
        )  # fmt: skip
    return queries.frozen_version(version)


async def derive_version(
    session: AsyncSession,
    dataset_id: str,
    derivation: Derivation,
    *,
    created_by: str,
    description: str,
    now: datetime,
) -> Version:
    """For rooms above, in their transaction: a version with labels of their own, to be built by the
    loop. Raises Conflict where the dataset takes no new version now."""
    row = await queries.find_dataset_anywhere(session, dataset_id)
    if row is None:
        raise NotFound(f"There is no dataset {dataset_id} in this project.")
    newest = (await queries.list_versions(session, dataset_id))[0]
    if why := publish_blocked(queries.frozen_dataset(row), queries.frozen_version(newest)):
        raise Conflict(why, code="publish_blocked")
    version = new_version(dataset_id, newest.number + 1, created_by, now, description)
    version.derivation = derivation.to_json()
    session.add(version)
    row.updated_at = now
    await session.flush()
    await record(
        session, "data:versionRequested", subject=("dataset", dataset_id), now=now,
        project_id=row.project_id, actor_id=created_by, version=version.number,
    )  # fmt: skip
    return queries.frozen_version(version)


async def restore_version(
    db: Database, actor: Actor, dataset_id: str, number: int, label_format: LabelFormat,
    *, now: datetime,
) -> Version:  # fmt: skip
    """A new version with the files of an older one: the same content, so the same hash.

    `label_format`: the one of the old version, as its summary says.
    """
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        old = await queries.find_version(session, dataset_id, number)
        if old is None or old.state != VersionState.AVAILABLE:
            raise NotFound(f"The dataset {row.name} has no published version v{number}.")
        if number == row.latest_version:
            raise Conflict(f"v{number} is the newest version already.", code="newest_already")
        return await derive_version(
            session, dataset_id, Derivation(number, None, label_format),
            created_by=actor.user_id, description=f"v{number} restored", now=now,
        )  # fmt: skip


async def retry_import(db: Database, actor: Actor, dataset_id: str, *, now: datetime) -> Dataset:
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        newest = (await queries.list_versions(session, dataset_id))[0]
        if why := retry_blocked(queries.frozen_dataset(row), queries.frozen_version(newest)):
            raise Conflict(why, code="retry_blocked")
        newest.state, newest.reason = VersionState.IMPORTING, None
        newest.problems, newest.problem_count = [], 0
        if row.state == DatasetState.FAILED:
            row.state = moved(DatasetState.FAILED, DatasetState.IMPORTING)
        row.reason, row.updated_at = None, now
        await record(
            session, "data:importRetried", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, version=newest.number,
        )  # fmt: skip
        return queries.frozen_dataset(row)
