"""Running a task again exactly as it ran, and what of it can no longer be reproduced (TRN-X6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from slipway.assets.buckets import resolve_directory
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.settings import Settings
from slipway.compute import queries as compute
from slipway.compute.nodes.queries import machines_of_attempt
from slipway.data.mount import mount_source as dataset_source
from slipway.iam.types import Actor
from slipway.models.mounting import mount_source as model_source
from slipway.runtime.record import digest_of
from slipway.training import queries
from slipway.training.inputs import checked_path, dataset_part
from slipway.training.record import FOLDER, code_folders, digest_of_lock, lock_of, seeds_of
from slipway.training.types import MountKind, Task, TaskMount, TaskSpec


class Sameness(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """`part`: what it is about; `was`: as recorded; `reason`: why it is not the same, or not known."""

    part: str  # code, environment, dataset, model, input, seed, machine
    name: str
    was: str
    sameness: Sameness
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`spec`: the configuration with versions and commits as they were; its name is still the old one."""

    task: Task
    spec: TaskSpec
    checks: tuple[Check, ...]
    packages: tuple[str, ...]
    changes: tuple[dict[str, Any], ...]  # uncommitted ones, by code folder
    machines: tuple[dict[str, Any], ...]


async def reproduction_of(
    db: Database, storage: Storage, settings: Settings, actor: Actor, task_id: str
) -> Reproduction:
    async with db.read() as session:
        task = queries.frozen(await queries.get_task(session, actor.project_id, task_id))
        workload = await compute.find_workload(session, task.workload_id)
        record = task.record or {}
        machines = record.get("machines") or (
            await machines_of_attempt(session, workload.id, workload.attempt) if workload else []
        )
        packages = await queries.find_lock(session, record.get("lock", ""))
        nodes = await compute.list_nodes(session, task.spec.resource_group)
    cards = {card.model for node in nodes for card in node.gpus}
    code = await asyncio.to_thread(_code_records, storage, task)
    checks = [
        *_git_checks(task),
        *[await _code_check(db, storage, settings, task, n, code.get(n)) for n in code_folders(task.spec)],
        await _environment_check(db, task, record, packages),
        *[c for m in task.spec.mounts if (c := await _input_check(db, storage, task, m)) is not None],
        _seed_check(task.spec),
        *_machine_checks(machines, cards),
    ]  # fmt: skip
    changes = [{"folder": n, **git} for n, found in code.items() if (git := found.get("git"))]
    return Reproduction(
        task, _pinned(task), tuple(checks), tuple(packages), tuple(changes), tuple(machines)
    )


def _pinned(task: Task) -> TaskSpec:
    """Its mounts at the versions and commits that were used."""
    versions = {d["id"]: d["version"] for d in (task.record or {}).get("datasets", [])}
    commits = {g["repository_id"]: g["commit"] for g in task.git if g["commit"]}
    mounts = []
    for mount in task.spec.mounts:
        version = mount.version
        if mount.kind == MountKind.GIT:
            version = commits.get(mount.source, version)
        elif mount.kind == MountKind.DATASET and not version:
            version = versions.get(mount.source, version)
        mounts.append(replace(mount, version=version))
    return replace(task.spec, mounts=tuple(mounts), after=())


def _git_checks(task: Task) -> Iterable[Check]:
    for git in task.git:
        if git["commit"]:
            yield Check("code", git["name"], git["commit"], Sameness.SAME)
        else:
            reason = "The repository's server did not say which commit it was."
            yield Check("code", git["name"], git["ref"], Sameness.UNKNOWN, reason)


def _code_records(storage: Storage, task: Task) -> dict[int, dict[str, Any]]:
    """By mount; a task that never started has none."""
    output = Address.parse(task.output)
    folder = storage.path_of(output.bucket, output.key) / FOLDER
    found = {}
    for number in code_folders(task.spec):
        try:
            read = json.loads((folder / f"code-{number}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(read, dict):
            found[number] = read
    return found


async def _code_check(
    db: Database, storage: Storage, settings: Settings, task: Task, number: int, was: dict[str, Any] | None
) -> Check:  # fmt: skip
    mount = task.spec.mounts[number]
    digest = str((was or {}).get("digest") or "")
    git = (was or {}).get("git") or {}
    shown = str(git.get("commit") or digest[:12])
    if not digest:
        reason = "Its files were not recorded: it never started, or they are too many."
        return Check("code", mount.source, shown, Sameness.UNKNOWN, reason)
    try:
        folder = await _code_folder(db, storage, settings, task, mount)
    except SlipwayError as error:
        return Check("code", mount.source, shown, Sameness.GONE, error.message)
    if await asyncio.to_thread(digest_of, folder) == digest:
        return Check("code", mount.source, shown, Sameness.SAME)
    reason = "Its files are not the same any more."
    return Check("code", mount.source, shown, Sameness.CHANGED, reason)


async def _code_folder(
    db: Database, storage: Storage, settings: Settings, task: Task, mount: TaskMount
) -> Path:
    if mount.kind == MountKind.PATH:
        return await asyncio.to_thread(checked_path, mount.source, settings.mount_root_paths)
    async with db.read() as session:
        return await resolve_directory(session, storage, task.project_id, mount.source)


async def _environment_check(
    db: Database, task: Task, record: dict[str, Any], packages: list[str]
) -> Check:
    name, digest = task.spec.environment, str(record.get("lock", ""))
    if not digest:
        return Check("environment", name, "", Sameness.UNKNOWN, "It was not recorded at that time.")
    try:
        now = await lock_of(db, task.project_id, name)
    except SlipwayError as error:
        return Check("environment", name, digest[:12], Sameness.GONE, error.message)
    if digest_of_lock(now) == digest:
        return Check("environment", name, digest[:12], Sameness.SAME)
    others = sorted(set(now) ^ set(packages))
    reason = (
        f"{len(others)} packages differ, such as {others[0]}." if others else "It was built anew."
    )
    return Check("environment", name, digest[:12], Sameness.CHANGED, reason)


async def _input_check(
    db: Database, storage: Storage, task: Task, mount: TaskMount
) -> Check | None:
    match mount.kind:
        case MountKind.DATASET:
            return await _dataset_check(db, storage, task, mount)
        case MountKind.MODEL:
            try:
                async with db.read() as session:
                    await model_source(session, storage, task.project_id, mount.source)
            except SlipwayError as error:
                return Check("model", mount.source, "", Sameness.GONE, error.message)
            return Check("model", mount.source, mount.source, Sameness.SAME)
        case MountKind.STORAGE | MountKind.PATH:
            if task.spec.mounts.index(mount) in code_folders(task.spec):
                return None  # told above
            reason = "A folder keeps no versions: what it held at that time is not known."
            return Check("input", mount.source, "", Sameness.UNKNOWN, reason)
    return None


async def _dataset_check(db: Database, storage: Storage, task: Task, mount: TaskMount) -> Check:
    recorded = (task.record or {}).get("datasets", [])
    was = next(
        (
            d
            for d in recorded
            if d["id"] == mount.source and mount.version in ("", None, d["version"])
        ),
        None,
    )
    if was is None:
        reason = "It was not recorded at that time."
        return Check("dataset", mount.source, mount.version or "", Sameness.UNKNOWN, reason)
    shown, (number, view) = f"{was['name']} {was['version']}", dataset_part(was["version"])
    try:
        async with db.read() as session:
            _, info = await dataset_source(
                session, storage.root.parent, task.project_id, mount.source, number, view=view
            )
    except SlipwayError as error:
        return Check("dataset", shown, was["content_hash"][:12], Sameness.GONE, error.message)
    same = info.content_hash == was["content_hash"]
    reason = "" if same else "Its checksum is another."
    sameness = Sameness.SAME if same else Sameness.CHANGED
    return Check("dataset", shown, was["content_hash"][:12], sameness, reason)


def _seed_check(spec: TaskSpec) -> Check:
    seeds = seeds_of(spec)
    if seeds:
        return Check("seed", ", ".join(seeds), ", ".join(map(str, seeds.values())), Sameness.SAME)
    reason = "No hyper-parameter or variable is named like a seed, so random numbers may differ."
    return Check("seed", "", "", Sameness.UNKNOWN, reason)


def _machine_checks(machines: Iterable[dict[str, Any]], cards: set[str]) -> Iterable[Check]:
    for machine in machines:
        was = ", ".join(filter(None, (*machine["cards"], machine["driver"], machine["cpu_model"])))
        missing = [model for model in machine["cards"] if model not in cards]
        if missing:
            reason = f"The resource group has no {missing[0]} any more."
            yield Check("machine", machine["name"], was, Sameness.GONE, reason)
        else:
            yield Check("machine", machine["name"], was, Sameness.SAME)
