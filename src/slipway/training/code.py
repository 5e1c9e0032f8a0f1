"""Git repositories of a task: which commit, and how its instances get the files (TRN-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.types import Mount, TextFile
from slipway.repositories.mounting import GitSource, cloning, find_source
from slipway.training.types import MountKind, TaskSpec


@dataclass(frozen=True, slots=True)
class CodeSources:
    """What it takes to ask a repository's server; handed from the router to the use case."""

    db: Database
    settings: Settings
    sealer: Sealer

    async def find(self, project_id: str, spec: TaskSpec) -> tuple[GitSource, ...]:
        """Of every Git mount in order. Asks the network, so outside any transaction."""
        return tuple(
            [
                await find_source(
                    self.db, self.settings, self.sealer, project_id, mount.source, mount.version
                )
                for mount in spec.mounts
                if mount.kind == MountKind.GIT
            ]
        )


async def cloned_first(
    session: AsyncSession,
    settings: Settings,
    project_id: str,
    sources: Sequence[GitSource],
    mounts: Sequence[Mount],
) -> tuple[tuple[TextFile, ...], str | None]:
    """Files and shell text of the initialisation that clones; `mounts` are those of `sources`."""
    found = [
        await cloning(session, settings, project_id, source, number, mount.env or "")
        for number, (source, mount) in enumerate(zip(sources, mounts, strict=True))
    ]
    files = tuple(file for one in found for file in one.files)
    return files, "\n".join(one.line for one in found) or None
