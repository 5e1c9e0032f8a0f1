"""What a task's start depended on, written down with it (TRN-X6): so that it can be run again exactly.

Environments are recorded by the digest of their lock, which is kept once for all tasks. What the
files of a code folder are is known only inside: see `slipway.runtime.record`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import platform
from functools import lru_cache
from importlib.metadata import distributions
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway import __version__
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.compute.types import Mount
from slipway.data.mount import mount_source as dataset_source
from slipway.environments.choose import is_custom
from slipway.environments.locks import find_lock
from slipway.training import queries
from slipway.training.inputs import dataset_part
from slipway.training.types import MountKind, Purpose, TaskMount, TaskSpec

FOLDER = "record"
_CODE_TARGET = "/opt/ml/code"
# Digests that this process has written or seen; they are never removed.
_kept: WeakKeyDictionary[Database, set[str]] = WeakKeyDictionary()


def digest_of_lock(lines: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@lru_cache(maxsize=1)
def own_lock() -> tuple[str, ...]:
    """The Python and the packages of the built-in environments. Blocking, the first time."""
    found = {f"{d.metadata['Name'].lower()}=={d.version}" for d in distributions()}
    return (f"python=={platform.python_version()}", *sorted(found))


async def lock_of(db: Database, project_id: str, environment: str) -> tuple[str, ...]:
    """What the environment holds now. Raises NotFound for one of the project's that is gone."""
    if not is_custom(environment):
        return await asyncio.to_thread(own_lock)
    async with db.read() as session:
        return await find_lock(session, project_id, environment)


async def keep_lock(db: Database, project_id: str, environment: str) -> str:
    """The digest of what the environment holds, the list itself being kept under it."""
    lines = await lock_of(db, project_id, environment)
    digest = digest_of_lock(lines)
    kept = _kept.setdefault(db, set())
    if digest not in kept:
        with contextlib.suppress(IntegrityError):  # another process was quicker
            async with db.begin() as session:
                await queries.keep_lock(session, digest, list(lines))
        kept.add(digest)
    return digest


async def record_of(
    session: AsyncSession, storage: Storage, project_id: str, spec: TaskSpec, lock: str
) -> dict[str, Any]:  # fmt: skip
    """Known before anything runs: environment, dataset versions with checksums, seeds."""
    datasets = [
        await _dataset(session, storage, project_id, mount)
        for mount in spec.mounts
        if mount.kind == MountKind.DATASET
    ]
    return {
        "platform": __version__, "lock": lock,
        "datasets": datasets, "seeds": seeds_of(spec), "machines": [],
    }  # fmt: skip


async def _dataset(
    session: AsyncSession, storage: Storage, project_id: str, mount: TaskMount
) -> dict[str, Any]:
    number, view = dataset_part(mount.version)
    _, info = await dataset_source(
        session, storage.root.parent, project_id, mount.source, number, view=view
    )
    version = f"v{info.version}" if view is None else f"v{info.version}/{view}"
    return {
        "id": info.dataset_id, "name": info.name, "version": version,
        "content_hash": info.content_hash,
    }  # fmt: skip


def seeds_of(spec: TaskSpec) -> dict[str, Any]:
    """Hyper-parameters and variables whose name speaks of a seed."""
    given = {**spec.env, **spec.hyperparameters}
    return {name: value for name, value in given.items() if is_seed(name)}


def is_seed(name: str) -> bool:
    words = name.lower().replace("-", "_")
    return "seed" in words or words.endswith("random_state")


def code_folders(spec: TaskSpec) -> list[int]:
    """Numbers of the mounts whose files may change under the task: code that is not from Git."""
    return [
        number
        for number, mount in enumerate(spec.mounts)
        if mount.kind in (MountKind.STORAGE, MountKind.PATH)
        and (mount.purpose == Purpose.CODE or mount.target.rstrip("/") == _CODE_TARGET)
    ]


def recording(spec: TaskSpec, mounts: list[Mount], folder: str) -> tuple[list[Mount], str]:
    """The mount that the record goes to, and the lines of the initialisation that write it."""
    numbers = code_folders(spec)
    if not numbers:
        return [], ""
    lines = [
        '[ "${INDEX:-0}" != 0 ] || "$SLIPWAY_PYTHON" -P -m slipway.runtime.record '
        f'--folder "${mounts[number].env}" --into "$SLIPWAY_RECORD_DIR/code-{number}.json" || true'
        for number in numbers
    ]
    into = Mount(
        folder, "/opt/ml/record", read_only=False, env="SLIPWAY_RECORD_DIR", purpose="output",
        create=True,
    )  # fmt: skip
    return [into], "\n".join(lines)
