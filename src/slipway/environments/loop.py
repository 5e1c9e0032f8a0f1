"""The loop that closes builds and sweeps those that nobody needs.

A build counts as ready when its workload has succeeded and its mark is on disk. The loop may die at
any line: the row is still `building`, and the next look finds the same.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute import queries as compute
from slipway.compute.types import WorkloadState
from slipway.environments import queries, uses
from slipway.environments.build import folder_of
from slipway.environments.events import tell
from slipway.environments.follow import wake
from slipway.environments.sweep import Unused, to_remove
from slipway.environments.tables import BuildRow
from slipway.environments.types import BuildState, EnvironmentState

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0
_SWEEP_EVERY = timedelta(minutes=10)
_SENTENCE = {
    WorkloadState.STOPPED: "The build was cancelled.",
    WorkloadState.FAILED: "The build ended without a result.",
    WorkloadState.SUCCEEDED: "The build left nothing on disk. Build it again.",
}


@dataclass(frozen=True, slots=True)
class EnvironmentContext:
    db: Database
    settings: Settings
    now: Clock


class EnvironmentLoop:
    def __init__(self, context: EnvironmentContext) -> None:
        self._ctx = context
        self._swept_at: datetime | None = None

    async def run(self) -> None:
        while True:
            await self.look()
            if self._swept_at is None or self._ctx.now() - self._swept_at >= _SWEEP_EVERY:
                self._swept_at = self._ctx.now()
                await self.sweep()
            await wake.wait(_LOOK_AGAIN_S)

    async def look(self) -> None:
        async with self._ctx.db.read() as session:
            building = await queries.list_builds(session, BuildState.BUILDING)
            states = {b.id: await _workload_state(session, b.workload_id) for b in building}
        for build in building:
            state, reason = states[build.id]
            if state is None or state.is_final:
                found = await asyncio.to_thread(self._read, build.id)
                await self._settle(build.id, state, reason, found)
            else:
                await self._show_progress(build.content_hash, reason)

    def _read(self, build_id: str) -> dict[str, Any]:
        """What the builder wrote last: `result`, or `failed` with its reason, or nothing."""
        folder = folder_of(self._ctx.settings, build_id)
        for name in ("result", "failed"):
            try:
                return {name: json.loads((folder / f"{name}.json").read_bytes())}
            except (OSError, ValueError):
                continue
        return {}

    async def _settle(
        self,
        build_id: str,
        ended_as: WorkloadState | None,
        workload_reason: str,
        found: dict[str, Any],
    ) -> None:
        now = self._ctx.now()
        async with self._ctx.db.begin() as session:
            build = await queries.find_build(session, build_id)
            if build is None or build.state != BuildState.BUILDING:
                return  # another look has settled it
            if ended_as == WorkloadState.SUCCEEDED and "result" in found:
                _write_result(build, found["result"])
            else:
                build.state = BuildState.FAILED
                build.reason = _why(ended_as, workload_reason, found)
            build.ended_at = build.last_used_at = now
            await session.flush()
            await _tell_environments(session, build, now)

    async def _show_progress(self, content_hash: str, reason: str) -> None:
        """Why a build still waits is a reason of the environments that wait for it."""
        async with self._ctx.db.read() as session:
            rows = await queries.list_of_content(session, content_hash)
        stale = [r for r in rows if r.state == EnvironmentState.BUILDING and r.reason != reason]
        if not stale:
            return
        async with self._ctx.db.begin() as session:
            for row in await queries.list_of_content(session, content_hash):
                if row.state == EnvironmentState.BUILDING:
                    row.reason = reason
                    await tell(session, row, "waiting", now=self._ctx.now())

    async def sweep(self) -> None:
        """Remove what no environment and nothing that runs needs, beyond what is kept for reuse."""
        settings, now = self._ctx.settings, self._ctx.now()
        root = settings.root / "environments"
        # Listed first: a folder is younger than its row, so none of a build just begun is missed.
        folders = await asyncio.to_thread(_folders, root)
        async with self._ctx.db.begin() as session:
            ready = await queries.list_builds(session, BuildState.READY, lock=True)
            needed = await queries.builds_kept(session) | await uses.builds_in_use(session)
            await queries.touch_builds(session, sorted(needed), now)
            unused = [
                Unused(b.id, b.size_bytes, b.last_used_at) for b in ready if b.id not in needed
            ]
            held = sum(b.size_bytes for b in ready)
            doomed = to_remove(
                unused, keep=settings.environment_keep_unused, held_bytes=held,
                max_bytes=settings.environment_max_bytes,
            )  # fmt: skip
            for build in ready:
                if build.id in doomed:
                    build.state = BuildState.REMOVED
            building = await queries.list_builds(session, BuildState.BUILDING)
            kept = {b.id for b in (*ready, *building) if b.id not in doomed}
        await asyncio.to_thread(_remove, root, folders - kept)


async def _workload_state(
    session: AsyncSession, workload_id: str
) -> tuple[WorkloadState | None, str]:
    row = await compute.find_workload(session, workload_id)
    return (WorkloadState(row.state), row.reason) if row else (None, "")


def _write_result(build: BuildRow, result: dict[str, Any]) -> None:
    build.state, build.reason = BuildState.READY, ""
    build.location, build.python = result["location"], result["python"]
    build.packages, build.size_bytes = result["packages"], result["size_bytes"]


def _why(ended_as: WorkloadState | None, workload_reason: str, found: dict[str, Any]) -> str:
    if ended_as == WorkloadState.STOPPED:
        return _SENTENCE[ended_as]
    told = found.get("failed", {}).get("reason")
    return str(told or workload_reason or _SENTENCE.get(ended_as or WorkloadState.FAILED))


async def _tell_environments(session: AsyncSession, build: BuildRow, now: datetime) -> None:
    """A failed attempt at building again leaves those that are ready as they are."""
    for row in await queries.list_of_content(session, build.content_hash):
        if build.state == BuildState.READY:
            row.build_id, row.state, row.reason = build.id, EnvironmentState.READY, ""
        elif row.state != EnvironmentState.READY:
            row.build_id, row.state = build.id, EnvironmentState.FAILED
            row.reason = build.reason
        row.updated_at = now
        await session.flush()
        await tell(
            session, row, "built" if build.state == BuildState.READY else "buildFailed", now=now
        )


def _folders(root: Path) -> set[str]:
    return {folder.name for folder in root.iterdir()} if root.is_dir() else set()


def _remove(root: Path, names: set[str]) -> None:
    for name in sorted(names):
        shutil.rmtree(root / name, ignore_errors=True)
        log.info("Removed a build that nobody needs.", extra={"build_id": name})
