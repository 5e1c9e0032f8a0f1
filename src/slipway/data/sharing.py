"""Share a version by token: whoever has the token copies it into a project of their own (AST-32).

The copy is independent: what the sender does later does not touch it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from slipway.base.crypto import fingerprint
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.base.ids import new_id, new_secret
from slipway.base.names import checked_name
from slipway.data import access, queries
from slipway.data.change import require_dataset
from slipway.data.create import name_taken, new_version
from slipway.data.tables import DatasetRow, ShareRow
from slipway.data.types import (
    SHARED,
    Dataset,
    DatasetState,
    Derivation,
    LabelFormat,
    VersionState,
)
from slipway.iam.types import Actor

PREFIX = "sds-"
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class Share:
    id: str
    version: int
    expires_at: datetime
    max_uses: int | None
    uses: int
    revoked_at: datetime | None
    created_at: datetime
    created_by: str


async def create_share(
    db: Database, actor: Actor, dataset_id: str, number: int, *, days: int, max_uses: int | None,
    now: datetime,
) -> tuple[Share, str]:  # fmt: skip
    """The share and its token, which is told only now."""
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(f"A token is valid for 1 to {MAX_DAYS} days.", field="expires_in_days")
    token = new_secret(PREFIX, 24)
    async with db.begin() as session:
        row = await require_dataset(session, actor, dataset_id, lock=True)
        version = await queries.find_version(session, dataset_id, number)
        if version is None or version.state != VersionState.AVAILABLE:
            raise NotFound(f"The dataset {row.name} has no published version v{number}.")
        share = ShareRow(
            id=new_id("dss"), dataset_id=dataset_id, version=number,
            token_hash=fingerprint(token), expires_at=now + timedelta(days=days),
            max_uses=max_uses, uses=0, created_at=now, created_by=actor.user_id,
        )  # fmt: skip
        session.add(share)
        access.note(session, actor, dataset_id, number, "share", share.id, now)
        await record(
            session, "data:datasetShared", subject=("dataset", dataset_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name, version=number,
        )  # fmt: skip
        await session.flush()
        return frozen_share(share), token


async def revoke_share(
    db: Database, actor: Actor, dataset_id: str, share_id: str, *, now: datetime
) -> None:
    """Copies that were made stay."""
    async with db.begin() as session:
        await require_dataset(session, actor, dataset_id)
        share = await queries.find_share(session, dataset_id, share_id)
        if share is None:
            raise NotFound("There is no such share of this dataset.")
        share.revoked_at = share.revoked_at or now


async def take_shared(
    db: Database, actor: Actor, token: str, name: str | None, *, quota: int, now: datetime
) -> Dataset:
    """A dataset of the actor's project with the shared version's content; imported by the loop."""
    try:
        async with db.begin() as session:
            await queries.lock_project(session, actor.project_id)
            share = await queries.find_share_by_hash(session, fingerprint(token.strip()))
            if share is None or share.revoked_at is not None or share.expires_at <= now:
                raise NotFound(
                    "The token is unknown, has ended or was revoked. Ask for another.",
                    code="bad_token", field="token",
                )  # fmt: skip
            if share.max_uses is not None and share.uses >= share.max_uses:
                raise Conflict("The token has been used as often as it may be.", code="token_used")
            source = await queries.find_dataset_anywhere(session, share.dataset_id)
            if source is None or source.state == DatasetState.UNAVAILABLE:
                raise NotFound("The shared dataset is no longer there.")
            held = await queries.count_datasets(session, actor.project_id)
            if held >= quota:
                raise Conflict(
                    f"This project has {held} datasets; its quota is {quota}. Delete one, or ask "
                    "an administrator to raise the quota.",
                    code="quota_exceeded", quota=quota, used=held,
                )  # fmt: skip
            share.uses += 1
            made = _copy_of(source, share.version, actor, name, now)
            session.add(made)
            await session.flush()
            version = new_version(made.id, 1, actor.user_id, now, f"{source.name} v{share.version}")
            version.derivation = Derivation(
                share.version, None, LabelFormat(source.label_format), source.id
            ).to_json()
            session.add(version)
            access.note(session, actor, source.id, share.version, "copy", share.id, now)
            await record(
                session, "data:datasetCreated", subject=("dataset", made.id), now=now,
                project_id=actor.project_id, actor_id=actor.user_id, name=made.name, kind=made.kind,
            )  # fmt: skip
            return queries.frozen_dataset(made)
    except IntegrityError as error:
        raise name_taken(name or "") from error


def frozen_share(row: ShareRow) -> Share:
    return Share(
        row.id, row.version, row.expires_at, row.max_uses, row.uses, row.revoked_at,
        row.created_at, row.created_by,
    )  # fmt: skip


def _copy_of(
    source: DatasetRow, version: int, actor: Actor, name: str | None, now: datetime
) -> DatasetRow:
    return DatasetRow(
        id=new_id("ds"), project_id=actor.project_id, name=checked_name(name or source.name),
        kind=source.kind, label_format=source.label_format, description=source.description,
        address=f"{SHARED}{source.id}/v{version}", labels=list(source.labels),
        label_text=source.label_text, tags={}, table_options=source.table_options,
        state=DatasetState.IMPORTING, latest_version=0, sample_count=0, labelled_count=0,
        size_bytes=0, created_at=now, updated_at=now, created_by=actor.user_id,
    )  # fmt: skip
