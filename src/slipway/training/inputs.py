"""From what a task names (datasets, models, storage addresses) to directories and mounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.storage import Storage
from slipway.base.errors import Invalid
from slipway.base.settings import Settings
from slipway.compute.types import Mount, TextFile
from slipway.data.mount import mount_source as dataset_source
from slipway.data.queries import find_dataset
from slipway.models.mounting import mount_source as model_source
from slipway.training.built_in import built_in_model
from slipway.training.types import MountKind, Purpose, TaskMount, TaskSpec

_DEFAULT_TARGET = {
    Purpose.CODE: "/opt/ml/code",
    Purpose.TRAINING_DATA: "/opt/ml/input/data",
    Purpose.OWN_DATA: "/opt/ml/input/data",
    Purpose.OWN_MODEL: "/opt/ml/input/model",
    Purpose.BUILT_IN_MODEL: "/opt/ml/input/model",
}
_VARIABLE_OF = {
    "/opt/ml/code": "ML_CODE_DIR",
    "/opt/ml/input/data": "ML_DATA_DIR",
    "/opt/ml/input/model": "ML_BASE_MODEL_DIR",
}
_WRITABLE = (MountKind.STORAGE, MountKind.PATH)
_OUTPUTS = (("output", "ML_OUTPUT_DIR"), ("model", "ML_MODEL_DIR"), ("summary", "ML_SUMMARY_DIR"))


async def mounts_of(
    session: AsyncSession,
    storage: Storage,
    project_id: str,
    spec: TaskSpec,
    settings: Settings,
) -> list[Mount]:
    """The task's own mounts in order, with the variable each is known by."""
    mounts: list[Mount] = []
    for number, mount in enumerate(spec.mounts):
        target = (
            mount.target.rstrip("/")
            or _DEFAULT_TARGET.get(mount.purpose)
            or f"/opt/ml/mount/{number}"
        )
        if any(other.target == target for other in mounts):
            raise Invalid(
                f"Two mounts share the path {target}. Each needs its own.",
                field="mounts",
                code="same_path",
            )
        source = await _source(session, storage, project_id, mount, number, settings)
        mounts.append(
            Mount(
                source=str(source),
                target=target,
                read_only=_is_read_only(mount),
                env=_VARIABLE_OF.get(target, f"ML_MOUNT_{number}"),
                purpose=mount.purpose,
                create=mount.kind == MountKind.GIT,
            )
        )
    return mounts


def _is_read_only(mount: TaskMount) -> bool:
    """A clone is the instance's own; datasets and models are never written to."""
    if mount.kind == MountKind.GIT:
        return False
    return mount.read_only or mount.kind not in _WRITABLE


async def pinned(session: AsyncSession, project_id: str, spec: TaskSpec) -> TaskSpec:
    """The specification with every dataset's version named: a task that is started again reads what
    it read before, and says for good what that was."""
    mounts = []
    for mount in spec.mounts:
        if mount.kind == MountKind.DATASET and not mount.version:
            row = await find_dataset(session, project_id, mount.source)
            if row is not None and row.latest_version:
                mount = replace(mount, version=f"v{row.latest_version}")
        mounts.append(mount)
    return replace(spec, mounts=tuple(mounts))


def output_mounts(folder: Path) -> list[Mount]:
    """`/opt/ml/output`, `/opt/ml/model`, `/opt/ml/summary` are the task's folder in storage itself:
    what a program writes there is kept at once, and nothing is left to upload."""
    return [
        Mount(
            str(folder / name),
            f"/opt/ml/{name}",
            read_only=False,
            env=variable,
            purpose="output",
            create=True,
        )
        for name, variable in _OUTPUTS
    ]


def code_mount(folder: Path) -> Mount:
    """Where no code is mounted the working directory is an empty folder of the task."""
    return Mount(
        str(folder / "code"),
        "/opt/ml/code",
        read_only=False,
        env="ML_CODE_DIR",
        purpose="code",
        create=True,
    )


def hyperparameter_file(spec: TaskSpec) -> TextFile:
    return TextFile(
        "/opt/ml/input/config/hyperparameters.json",
        json.dumps(spec.hyperparameters, ensure_ascii=False, indent=2),
        "ML_HYPERPARAMETERS",
    )


async def _source(
    session: AsyncSession,
    storage: Storage,
    project_id: str,
    mount: TaskMount,
    number: int,
    settings: Settings,
) -> Path | str:
    match mount.kind:
        case MountKind.DATASET:
            version, view = dataset_part(mount.version)
            directory, _ = await dataset_source(
                session, storage.root.parent, project_id, mount.source, version, view
            )
            return directory
        case MountKind.MODEL:
            return await model_source(session, storage, project_id, mount.source)
        case MountKind.STORAGE:
            return await buckets.resolve_directory(session, storage, project_id, mount.source)
        case MountKind.GIT:
            return f"{{instance}}/git/{number}"
        case MountKind.PATH:
            if mount.purpose == Purpose.BUILT_IN_MODEL:
                return built_in_model(mount.source, settings.built_in_models_path)
            return checked_path(mount.source, settings.mount_root_paths)


def checked_path(text: str, roots: Sequence[Path]) -> Path:
    """A directory below an allowed root, links followed. Raises Invalid."""
    if not roots:
        raise Invalid(
            "Paths of the nodes cannot be mounted here. An operator allows them with SLIPWAY_MOUNT_ROOTS.",
            field="mounts", code="path_not_allowed",
        )  # fmt: skip
    path = Path(text)
    if "\0" in text or not path.is_absolute():
        raise Invalid(f"A path of the nodes must be absolute, not {text!r}.", field="mounts")
    real = path.resolve()
    if not any(real.is_relative_to(root) for root in roots):
        allowed = ", ".join(str(root) for root in roots)
        raise Invalid(f"{text} is not below {allowed}.", field="mounts", code="path_not_allowed")
    if not real.is_dir():
        raise Invalid(f"There is no directory {text}.", field="mounts")
    return real


def dataset_part(text: str | None) -> tuple[int | None, str | None]:
    """Version and view of "v2" or "v2/train"; nothing stands for the newest version."""
    if text is None or text == "":
        return None, None
    number, _, view = text.partition("/")
    digits = number.removeprefix("v")
    if not digits.isdigit():
        raise Invalid(
            f"A version of a dataset is v1, v2, ..., or v2/train for a view; got {text!r}.",
            field="mounts",
        )
    return int(digits), view or None
