"""Which tasks use a dataset or a model version: told to the rooms below, which must not look up."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.data.queries import project_of
from slipway.data.uses import Use as DataUse
from slipway.models.uses import Use as VersionUse
from slipway.training import queries
from slipway.training.inputs import dataset_part
from slipway.training.types import MountKind, Task, TaskMount

_LOOKED_BACK = 200


async def uses_of_dataset(session: AsyncSession, dataset_id: str) -> list[DataUse]:
    """Tasks that mount the dataset: those that have not ended, and of the newest those that have."""
    project_id = await project_of(session, dataset_id)
    if project_id is None:
        return []
    rows = await queries.list_newest(session, project_id, limit=_LOOKED_BACK)
    rows += await queries.list_open(session, project_id=project_id)
    found: dict[tuple[str, str | None], DataUse] = {}
    for task in map(queries.frozen, rows):
        for mount in task.spec.mounts:
            if mount.kind == MountKind.DATASET and mount.source == dataset_id:
                version, view = dataset_part(mount.version)
                found[task.id, mount.version] = DataUse(
                    "training_task", task.id, task.spec.name, version or 0,
                    active=not task.state.is_final, view=view,
                )  # fmt: skip
    return list(found.values())


class TaskUses:
    async def uses(self, session: AsyncSession, version_id: str) -> list[VersionUse]:
        """Tasks that have not ended and start from the version."""
        return [
            VersionUse("training_task", task.id, task.spec.name, task.state, active=True)
            for task, _ in await _open_mounts(session, MountKind.MODEL, version_id)
        ]


async def _open_mounts(
    session: AsyncSession, kind: MountKind, source: str
) -> list[tuple[Task, TaskMount]]:
    tasks = [queries.frozen(row) for row in await queries.list_open(session)]
    return [(t, m) for t in tasks for m in t.spec.mounts if m.kind == kind and m.source == source]
