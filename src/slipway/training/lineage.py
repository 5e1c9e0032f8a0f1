"""Where a model comes from and what a task made: told by the purposes of mounts (TRN-18)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import NotFound
from slipway.data.queries import find_dataset, list_versions
from slipway.data.types import Derivation
from slipway.models import queries as models
from slipway.models.types import ModelVersion
from slipway.training import queries
from slipway.training.types import MountKind, Purpose, Task, TaskMount

_MOST_STEPS = 50


class Part(StrEnum):
    """What an input was to the task."""

    BASE_MODEL = "base_model"
    DATA = "data"
    CODE = "code"


_PART_OF = {
    Purpose.OWN_MODEL: Part.BASE_MODEL,
    Purpose.BUILT_IN_MODEL: Part.BASE_MODEL,
    Purpose.OWN_DATA: Part.DATA,
    Purpose.TRAINING_DATA: Part.DATA,
    Purpose.CODE: Part.CODE,
}


@dataclass(frozen=True, slots=True)
class Input:
    """`version`: of a dataset or a model such as v1, or the commit of a repository."""

    part: Part
    purpose: Purpose
    kind: MountKind
    source: str
    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One task: what went in, and which versions came out."""

    task_id: str
    task_name: str
    inputs: tuple[Input, ...]
    outputs: tuple[ModelVersion, ...]


async def lineage_of_task(session: AsyncSession, project_id: str, task_id: str) -> list[Step]:
    """The task first, then the tasks that made its base models, and theirs."""
    await queries.get_task(session, project_id, task_id)
    return await _steps(session, project_id, [task_id])


async def lineage_of_version(session: AsyncSession, project_id: str, version_id: str) -> list[Step]:
    """From the task that made the version on; empty where it was brought from elsewhere."""
    version = models.frozen_version(await models.get_version(session, project_id, version_id))
    made_by = version.source.task
    return await _steps(session, project_id, [made_by.id] if made_by else [])


@dataclass(frozen=True, slots=True)
class DatasetNode:
    number: int
    base: int | None  # the version that it was made of, by labelling or by restoring
    labelled: bool


@dataclass(frozen=True, slots=True)
class DatasetLineage:
    address: str
    versions: tuple[DatasetNode, ...]
    steps: tuple[Step, ...]  # tasks that read one of them, the newest first


async def lineage_of_dataset(
    session: AsyncSession, project_id: str, dataset_id: str
) -> DatasetLineage:
    """From the source to the versions, to the tasks that read them and what those made."""
    row = await find_dataset(session, project_id, dataset_id)
    if row is None:
        raise NotFound(f"There is no dataset {dataset_id} in this project.")
    versions = []
    for version in await list_versions(session, dataset_id):
        derived = Derivation.from_json(version.derivation) if version.derivation else None
        own = derived is not None and derived.dataset_id is None
        versions.append(
            DatasetNode(
                version.number, derived.base if derived is not None and own else None,
                derived is not None and derived.labels is not None,
            )
        )  # fmt: skip
    tasks = [
        task.id
        for task in map(queries.frozen, await queries.list_newest(session, project_id, limit=200))
        if any(m.kind == MountKind.DATASET and m.source == dataset_id for m in task.spec.mounts)
    ]
    steps = {step.task_id: step for step in await _steps(session, project_id, tasks[:_MOST_STEPS])}
    return DatasetLineage(
        row.address, tuple(versions), tuple(steps[one] for one in tasks if one in steps)
    )


async def _steps(session: AsyncSession, project_id: str, task_ids: list[str]) -> list[Step]:
    steps: dict[str, Step] = {}
    due = deque(task_ids)
    while due and len(steps) < _MOST_STEPS:
        task_id = due.popleft()
        if task_id in steps:
            continue
        try:
            task = queries.frozen(await queries.get_task(session, project_id, task_id))
        except NotFound:
            continue  # its record was deleted
        inputs = [await _input(session, task, mount) for mount in task.spec.mounts]
        made = await models.list_of_task(session, project_id, task_id)
        steps[task_id] = Step(
            task.id, task.spec.name, tuple(one for one, _ in inputs if one),
            tuple(models.frozen_version(row) for row in made),
        )  # fmt: skip
        due.extend(before for _, before in inputs if before)
    return list(steps.values())


async def _input(
    session: AsyncSession, task: Task, mount: TaskMount
) -> tuple[Input | None, str | None]:
    """The input, and the task that made it. A purpose without a part in the making: none."""
    part = _PART_OF.get(mount.purpose)
    if part is None:
        return None, None
    name, version, made_by = mount.source, mount.version, None
    if mount.kind == MountKind.DATASET:
        row = await find_dataset(session, task.project_id, mount.source)
        name = row.name if row else mount.source
    elif mount.kind == MountKind.MODEL:
        try:
            found = models.frozen_version(
                await models.get_version(session, task.project_id, mount.source)
            )
        except NotFound:
            pass  # deleted since
        else:
            name, version = found.model_name, found.name
            made_by = found.source.task.id if found.source.task else None
    elif mount.kind == MountKind.GIT:
        used = [git for git in task.git if git.get("repository_id") == mount.source]
        if used:
            name, version = used[0]["name"], used[0]["commit"] or mount.version
    return Input(part, mount.purpose, mount.kind, mount.source, name, version), made_by
