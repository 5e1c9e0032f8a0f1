"""What other rooms need of a version: the directory with its files."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.errors import Conflict
from slipway.models import queries
from slipway.models.types import ImportState, ModelVersion


async def mount_source(
    session: AsyncSession, storage: Storage, project_id: str, version_id: str
) -> Path:
    """The directory of a version whose import succeeded; NotFound or Conflict otherwise.

    Called in the transaction that starts to use the version, it also keeps the version from being
    deleted before that transaction has ended.
    """
    version = await usable_version(session, project_id, version_id)
    return directory_of(storage, version)


async def usable_version(session: AsyncSession, project_id: str, version_id: str) -> ModelVersion:
    """Like `mount_source`, for who needs to know more than the place."""
    row = await queries.get_version(session, project_id, version_id, share=True)
    version = queries.frozen_version(row)
    if version.state != ImportState.SUCCEEDED:
        why = f": {version.reason}" if version.reason else ""
        raise Conflict(
            f"The version {version.model_name} {version.name} cannot be used: "
            f"its import is {version.state}{why}",
            code="not_imported",
        )
    return version


def directory_of(storage: Storage, version: ModelVersion) -> Path:
    address = Address.parse(version.save_path)
    return storage.path_of(address.bucket, address.key)
