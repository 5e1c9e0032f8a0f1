"""From a repository in a form to what an instance needs to bring its files at the start.

Each instance clones by itself, before its command: the node need not share a disk with the control
plane, and one that joined a minute ago needs nothing prepared. The commit is fixed once, at
submission, so all instances of a run and every restart see the same files.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Invalid, NotFound
from slipway.base.settings import Settings
from slipway.compute.types import TextFile
from slipway.repositories import queries
from slipway.repositories.checks import checked_ref
from slipway.repositories.probe import GitRefused, resolve
from slipway.repositories.tables import RepositoryRow

_FOLDER = "/opt/ml/input/config"
_CLONES_WITHIN_S = 900.0


@dataclass(frozen=True, slots=True)
class GitSource:
    """One repository at one commit; without a commit it is looked up where it is cloned."""

    repository_id: str
    name: str
    url: str
    ref: str
    commit: str

    def as_json(self) -> dict[str, Any]:
        return {
            "repository_id": self.repository_id, "name": self.name, "url": self.url,
            "ref": self.ref, "commit": self.commit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cloning:
    """Files for the instance, and the line of its initialisation that clones."""

    files: tuple[TextFile, ...]
    line: str


async def find_source(
    db: Database, settings: Settings, sealer: Sealer, project_id: str, repository_id: str, ref: str | None
) -> GitSource:  # fmt: skip
    """Ask the server which commit it is. That it does not answer now is told when it is cloned."""
    async with db.read() as session:
        row = await _row(session, project_id, repository_id)
    wanted = checked_ref(ref or "", field="mounts") or row.ref
    try:
        commit = await resolve(settings, sealer, row, wanted)
    except GitRefused:
        commit = ""
    return GitSource(row.id, row.name, row.url, wanted, commit)


async def cloning(
    session: AsyncSession, settings: Settings, project_id: str, source: GitSource, number: int, variable: str
) -> Cloning:  # fmt: skip
    """`variable` holds the folder inside the instance; `number` tells several apart."""
    row = await _row(session, project_id, source.repository_id)
    config = {
        "url": row.url, "ref": source.ref, "commit": source.commit, "timeout_s": _CLONES_WITHIN_S,
        "local": settings.git_local,
    }  # fmt: skip
    name = f"SLIPWAY_GIT_{number}"
    files = [TextFile(f"{_FOLDER}/git-{number}.json", json.dumps(config), f"{name}_CONFIG")]
    line = f'"$SLIPWAY_PYTHON" -P -m slipway.runtime.git clone --config "${name}_CONFIG" --into "${variable}"'
    if row.credentials is not None:
        secret = f"{_FOLDER}/git-{number}-credentials.json"
        files.append(TextFile(secret, row.credentials, f"{name}_CREDENTIALS", sealed=True))
        line += f' --credentials "${name}_CREDENTIALS"'
    return Cloning(tuple(files), f"{line} || {{ echo {shlex.quote(_failed(row))} >&2; exit 1; }}")


def _failed(row: RepositoryRow) -> str:
    return f"The Git repository {row.name} could not be cloned, so the command is not started."


async def _row(session: AsyncSession, project_id: str, repository_id: str) -> RepositoryRow:
    try:
        return await queries.get_repository(session, project_id, repository_id)
    except NotFound as error:
        raise Invalid(error.message, field="mounts", code="no_repository") from error
