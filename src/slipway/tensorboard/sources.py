"""Where the event files of a task are, and whether there are any."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.keys import Address, checked_key
from slipway.assets.storage import Storage
from slipway.base.errors import Conflict, Invalid
from slipway.base.settings import Settings
from slipway.tensorboard.types import BoardStore
from slipway.training.inputs import mounts_of
from slipway.training.types import Task

SUMMARY = "/opt/ml/summary"
_LOOKED_AT = 20_000  # files; a folder with more is taken for one that holds event files


@dataclass(frozen=True, slots=True)
class Source:
    store: BoardStore
    folder: Path
    container_path: str
    address: str


async def find_source(
    session: AsyncSession, storage: Storage, task: Task, store: BoardStore, mount: str, below: str,
    settings: Settings,
) -> Source:  # fmt: skip
    """`mount`: the path of a mount inside the task; `below`: a folder in it."""
    if store == BoardStore.SUMMARY:
        output = Address.parse(task.output)
        key = f"{output.key.rstrip('/')}/summary"
        return Source(
            store, storage.path_of(output.bucket, key), SUMMARY, f"{output.bucket}/{key}/"
        )
    made = await mounts_of(session, storage, task.project_id, task.spec, settings)
    mounts = {m.target: m for m in made}
    found = mounts.get(mount.rstrip("/"))
    if found is None:
        known = ", ".join(mounts) or "none"
        raise Invalid(f"The task has no mount at {mount!r}. Its mounts: {known}.", field="mount")
    parts = checked_key(below.strip("/"))
    path = "/".join((found.target, *parts))
    return Source(store, _folder(Path(found.source), parts), path, path)


def _folder(root: Path, parts: tuple[str, ...]) -> Path:
    """A link that leads out of the mount is not followed."""
    real = Path(os.path.realpath(root))
    folder = Path(os.path.realpath(real.joinpath(*parts)))
    if not folder.is_relative_to(real):
        raise Invalid(f"{'/'.join(parts)!r} leads out of the mount.", field="sub_directory")
    return folder


def require_event_files(source: Source) -> None:
    """Refuse an empty board with the reason. Blocking."""
    seen = 0
    for _, _, files in os.walk(source.folder):
        if any("tfevents" in name for name in files):
            return
        seen += len(files)
        if seen > _LOOKED_AT:
            return
    raise Conflict(
        f"There are no TensorBoard event files in {source.container_path}. The code must write them there, for "
        f"example with SummaryWriter(log_dir='{source.container_path}').",
        code="no_event_files", field="sub_directory",
    )  # fmt: skip
