"""Starting, cancelling and repeating a build. A build is a workload like any other."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.containers import find_engine
from slipway.assets.pythons import Interpreter
from slipway.base.errors import Conflict
from slipway.base.ids import new_id
from slipway.base.settings import Settings
from slipway.compute import submit as compute
from slipway.compute.types import Mode, Mount, Resources, Role, TextFile, WorkloadSpec
from slipway.environments import queries
from slipway.environments.tables import BuildRow, EnvironmentRow
from slipway.environments.types import (
    KIND,
    BuildState,
    CustomEnvironment,
    EnvironmentState,
    Source,
    SourceKind,
)

_CORES, _MEMORY_BYTES = 1.0, 1 << 30
_MAX_BUILD_S = 6 * 3600.0
_CONFIG = "/opt/ml/input/config/environment.json"
_CREDENTIALS = "/opt/ml/input/config/credentials.json"
_COMMAND = (
    "exec python -m slipway.runtime.environment "
    '--config "$ENVIRONMENT_CONFIG" --out "$ENVIRONMENT_OUT"'
)


def folder_of(settings: Settings, build_id: str) -> Path:
    return settings.root / "environments" / build_id


async def take_build(
    session: AsyncSession,
    settings: Settings,
    row: EnvironmentRow,
    interpreters: tuple[Interpreter, ...],
    *,
    now: datetime,
) -> None:
    """Point the environment to the build of its content; start one where there is none."""
    build = await queries.usable_build(session, row.content_hash)
    if build is None:
        build = await _start(session, settings, row, interpreters, now)
    row.build_id, row.reason = build.id, ""
    ready = build.state == BuildState.READY
    row.state = EnvironmentState.READY if ready else EnvironmentState.BUILDING
    await session.flush()


async def build_again(
    session: AsyncSession,
    settings: Settings,
    row: EnvironmentRow,
    interpreters: tuple[Interpreter, ...],
    *,
    now: datetime,
) -> None:
    """A new build of the same content. What uses the present one keeps it until it ends."""
    if await queries.running_build(session, row.content_hash) is not None:
        raise Conflict("It is being built already.", code="wrong_state")
    build = await _start(session, settings, row, interpreters, now)
    if row.state != EnvironmentState.READY:
        row.build_id, row.state, row.reason = build.id, EnvironmentState.BUILDING, ""
    await session.flush()


async def cancel_build(session: AsyncSession, environment: CustomEnvironment) -> None:
    build = await queries.running_build(session, environment.content_hash)
    if build is None:
        raise Conflict("Nothing is being built.", code="wrong_state")
    waiting = await queries.list_of_content(session, environment.content_hash)
    if any(other.project_id != environment.project_id for other in waiting):
        raise Conflict(
            "Another project waits for the same build, so it goes on. Delete the environment if "
            "you do not need it.",
            code="shared_build",
        )
    await compute.want_stop(session, build.workload_id)


async def _start(
    session: AsyncSession,
    settings: Settings,
    row: EnvironmentRow,
    interpreters: tuple[Interpreter, ...],
    now: datetime,
) -> BuildRow:
    build_id = new_id("bld")
    environment = queries.frozen(row)
    folder = folder_of(settings, build_id)
    workload = await compute.submit(
        session, project_id=row.project_id, kind=KIND, owner_id=build_id,
        name=f"{row.name} v{row.version}",
        spec=_workload(settings, environment.source, folder, interpreters, row.credentials),
        created_by=row.created_by, now=now, group_id=settings.environment_group,
    )  # fmt: skip
    build = BuildRow(
        id=build_id, content_hash=row.content_hash, kind=environment.source.kind,
        state=BuildState.BUILDING, workload_id=workload.id, packages=[], created_at=now,
        last_used_at=now,
    )  # fmt: skip
    session.add(build)
    await session.flush()
    return build


def _workload(
    settings: Settings,
    source: Source,
    folder: Path,
    interpreters: tuple[Interpreter, ...],
    sealed: str | None,
) -> WorkloadSpec:
    """The folder is seen where it lies: programs of an environment name their own path."""
    config = _config(settings, source, interpreters)
    files = [TextFile(_CONFIG, json.dumps(config), "ENVIRONMENT_CONFIG")]
    command = _COMMAND
    if sealed is not None:
        files.append(TextFile(_CREDENTIALS, sealed, "ENVIRONMENT_CREDENTIALS", sealed=True))
        command += ' --credentials "$ENVIRONMENT_CREDENTIALS"'
    role = Role("builder", 1, command, resources=Resources(_CORES, _MEMORY_BYTES))
    out = Mount(str(folder), str(folder), env="ENVIRONMENT_OUT", purpose="output", create=True)
    return WorkloadSpec(
        mode=Mode.SINGLE, roles=(role,), environment="python", mounts=(out,), files=tuple(files),
        workdir="/home/slipway", grace_s=5, max_run_s=_MAX_BUILD_S,
    )  # fmt: skip


def _config(
    settings: Settings, source: Source, interpreters: tuple[Interpreter, ...]
) -> dict[str, object]:
    places = {i.version: str(i.path) for i in interpreters}
    engine = find_engine() if source.kind == SourceKind.IMAGE else None
    return asdict(source) | {
        "interpreter": places.get(source.python, ""),
        "engine": str(engine.path) if engine else "",
        "min_free_bytes": settings.environment_min_free_bytes,
    }
