"""From what a version names as its model to the directory with the files, and what is in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.compute.types import Installed
from slipway.environments.choose import choose
from slipway.models.mounting import mount_source
from slipway.runtime.serve.checkpoint import CheckpointError, find_model
from slipway.runtime.serve.formats import find_format
from slipway.serving.config import ModelSource, ModelSourceKind, Runtime, VersionConfig


@dataclass(frozen=True, slots=True)
class Sources:
    """Directories on this machine, and what a custom environment brings; None where there is none."""

    model: Path | None
    base: Path | None
    installed: Installed | None = None


async def resolve(
    session: AsyncSession, storage: Storage, project_id: str, config: VersionConfig
) -> Sources:
    """Called in the transaction that starts to use the sources: a registry version cannot be
    deleted before that has ended."""
    environment = await choose(session, project_id, config.environment, purpose="serving")
    return Sources(
        await _directory(session, storage, project_id, config.model),
        await _directory(session, storage, project_id, config.base),
        environment.installed,
    )


async def check(db: Database, storage: Storage, project_id: str, config: VersionConfig) -> None:
    """Refuses a model that the runtime could not serve, before anything is created."""
    async with db.read() as session:
        found = await resolve(session, storage, project_id, config)
    if found.model is not None:
        await asyncio.to_thread(_check_files, found, config)


async def _directory(
    session: AsyncSession, storage: Storage, project_id: str, source: ModelSource
) -> Path | None:
    match source.kind:
        case ModelSourceKind.REGISTRY:
            return await mount_source(session, storage, project_id, source.ref)
        case ModelSourceKind.STORAGE:
            return await buckets.resolve_directory(session, storage, project_id, source.ref)
        case ModelSourceKind.NONE:
            return None


def _check_files(found: Sources, config: VersionConfig) -> None:
    """Blocking."""
    assert found.model is not None
    if not found.model.is_dir():
        raise Invalid(f"The files of the model {config.model.ref} are missing.", field="model")
    if config.command.strip():
        return  # the user's own program decides what it needs
    if config.runtime == Runtime.PACKAGE and not _is_package(found.model):
        raise Invalid(
            f"The model {config.model.ref} has no model_service.py at its top, so there is nothing "
            "to serve it with. Add the file, or choose another runtime.",
            field="model", code="no_model_service",
        )  # fmt: skip
    if config.runtime == Runtime.LLM:
        _check_checkpoint(found.model, config.model.ref)


def _is_package(model: Path) -> bool:
    """Has its own service, or is of a format with a ready-made one."""
    return (model / "model_service.py").is_file() or find_format(model) is not None


def _check_checkpoint(directory: Path, name: str) -> None:
    try:
        find_model(directory)
    except CheckpointError as error:
        # The runtime's sentence names the directory on the node; the user knows it by `name`.
        told = str(error).replace(str(directory), name)
        raise Invalid(told, field="model", code="not_a_checkpoint") from error
