"""Which tasks use a dataset or a model version: told to the rooms below, which must not look up."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.data.uses import Use as DataUse
from slipway.models.uses import Use as VersionUse
from slipway.training import queries
from slipway.training.types import MountKind, Task, TaskMount


async def uses_of_dataset(session: AsyncSession, dataset_id: str) -> list[DataUse]:
    """Tasks that have not ended and mount the dataset."""
    return [
        DataUse(
            "training_task",
            task.id,
            task.spec.name,
            int((mount.version or "v0").removeprefix("v")),
            active=True,
        )
        for task, mount in await _open_mounts(session, MountKind.DATASET, dataset_id)
    ]


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
