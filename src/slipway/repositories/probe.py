"""Asking a repository's server which commit a branch or tag names now."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from datetime import datetime
from typing import Any

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.iam.types import Actor
from slipway.repositories import queries
from slipway.repositories.tables import RepositoryRow
from slipway.repositories.types import Repository

_ANSWERS_WITHIN_S = 20.0


class GitRefused(Exception):
    """The message is what Git said."""


async def resolve(settings: Settings, sealer: Sealer, row: RepositoryRow, ref: str) -> str:
    """The commit; raises GitRefused. A program of its own: git reads what a stranger's server says."""
    secret = json.loads(sealer.unseal(row.credentials)) if row.credentials else {}
    config = {
        "url": row.url, "ref": ref, "timeout_s": _ANSWERS_WITHIN_S, "local": settings.git_local,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slipway.runtime.git", "resolve", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_S + 10):
            out, said = await process.communicate(json.dumps(config | secret).encode())
    except TimeoutError as error:
        raise GitRefused(f"no answer within {_ANSWERS_WITHIN_S:g} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise GitRefused(said.decode(errors="replace").strip().removeprefix("Error: "))
    answer: dict[str, Any] = json.loads(out)
    return str(answer["commit"])


async def probe_repository(
    db: Database, settings: Settings, sealer: Sealer, actor: Actor, repository_id: str, *, now: datetime
) -> Repository:  # fmt: skip
    """Test the connection, and keep what was found."""
    async with db.read() as session:
        row = await queries.get_repository(session, actor.project_id, repository_id)
    commit, reason = "", ""
    try:
        commit = await resolve(settings, sealer, row, row.ref)
    except GitRefused as refusal:
        reason = str(refusal)
    async with db.begin() as session:
        row = await queries.get_repository(session, actor.project_id, repository_id, lock=True)
        row.probed_at, row.probe_commit, row.probe_reason = now, commit, reason
        return queries.frozen(row)
