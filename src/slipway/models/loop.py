"""The loop that carries out imports and removals.

A version's row says what is wanted; this loop copies its files, or removes those of a deleted one.
It is woken by commits and looks at everything besides now and then. It claims a row, works outside
any transaction, and writes back only while the claim holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from slipway.assets.keys import Address
from slipway.assets.storage import Storage, remove_tree
from slipway.base.claims import claim, release, still_holds
from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.errors import SlipwayError
from slipway.base.events import Event, bus
from slipway.models import package, queries
from slipway.models.events import tell
from slipway.models.formats import content_warning
from slipway.models.mounting import directory_of
from slipway.models.tables import ModelVersionRow
from slipway.models.types import ImportState, ModelVersion, PackageFile

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 30.0
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class ModelContext:
    db: Database
    storage: Storage
    now: Clock
    grace: timedelta = timedelta(hours=1)  # between deleting a version and removing its files
    lease: timedelta = field(default=timedelta(seconds=60))


@dataclass(frozen=True, slots=True)
class _Done:
    files: tuple[PackageFile, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Refused:
    reason: str


class ModelLoop:
    def __init__(self, context: ModelContext) -> None:
        self._ctx = context
        self._woken = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        stop_listening = bus.listen(self._heard)
        try:
            while True:
                self._woken.clear()
                await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN_S):
                        await self._woken.wait()
        finally:
            stop_listening()
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    def _heard(self, event: Event) -> None:
        if event.type in ("model:versionImporting", "model:versionDeleted"):
            self._woken.set()

    async def _look(self) -> None:
        now = self._ctx.now()
        async with self._ctx.db.read() as session:
            imports = await queries.list_to_import(session, now)
            removals = await queries.list_to_remove(session, now - self._ctx.grace)
        for version_id in imports:
            self._start(version_id, self.import_one(version_id))
        for version_id in removals:
            self._start(version_id, self.remove_one(version_id))

    def _start(self, version_id: str, work: Coroutine[Any, Any, None]) -> None:
        if version_id in self._working:
            work.close()
            return
        self._working[version_id] = asyncio.create_task(self._guarded(version_id, work))

    async def _guarded(self, version_id: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._places:
                await work
        except Exception:
            log.exception(
                "Work on a model version failed; it is repeated.", extra={"version_id": version_id}
            )
        finally:
            work.close()
            self._working.pop(version_id, None)

    async def import_one(self, version_id: str) -> None:
        """Copy one version's files and write down how it went. Does nothing without the claim."""
        async with self._claimed(version_id) as held:
            if held is None:
                return
            if held.version.state != ImportState.IMPORTING:
                await self._let_go(version_id, held.token)
                return
            outcome = await self._carry_out(held)
        if outcome is not None:
            await self._settle(version_id, held.token, outcome)

    async def remove_one(self, version_id: str) -> None:
        async with self._claimed(version_id) as held:
            if held is None:
                return
            folder = directory_of(self._ctx.storage, held.version)
            doomed = self._ctx.storage.temporary / f"{version_id}-gone"
            await self._ctx.storage.run(package.remove, folder, doomed)
        async with self._ctx.db.begin() as session:
            if await still_holds(session, ModelVersionRow, version_id, held.token):
                await queries.remove_version(session, version_id)
                await queries.remove_empty_models(session)

    async def _carry_out(self, held: _Held) -> _Done | _Refused | None:
        version, storage = held.version, self._ctx.storage
        source_at = Address.parse(version.source.address)
        draft = storage.temporary / f"{version.id}-{held.token}"
        try:
            source = storage.path_of(source_at.bucket, source_at.key)
            files = await storage.run(
                package.bring_in, source, directory_of(storage, version), draft,
                verify=version.move, stop=held.stop,
            )  # fmt: skip
            warnings = await storage.run(_warnings, version, source, files)
            if version.move:
                await storage.run(package.remove_source, source, files)
            return _Done(files, warnings)
        except package.CopyStoppedError:
            return None
        except SlipwayError as refusal:
            return _Refused(refusal.message)
        except OSError as error:
            return _Refused(f"The files could not be copied: {error.strerror or error}.")
        finally:
            await asyncio.shield(storage.run(_clear, draft))

    async def _settle(self, version_id: str, token: str, outcome: _Done | _Refused) -> None:
        now = self._ctx.now()
        async with self._ctx.db.begin() as session:
            if not await still_holds(session, ModelVersionRow, version_id, token):
                return  # it took longer than the claim, and another has it now
            row = await queries.find_version(session, version_id)
            assert row is not None
            match outcome:
                case _Done(files, warnings):
                    row.state, row.reason, row.warnings = ImportState.SUCCEEDED, "", list(warnings)
                    row.file_count = len(files)
                    row.size_bytes = sum(file.size_bytes for file in files)
                    row.imported_at = now
                case _Refused(reason):
                    row.state, row.reason = ImportState.FAILED, reason
            row.claim_token = row.claim_expires_at = None
            await session.flush()
            done = row.state == ImportState.SUCCEEDED
            await tell(session, row, "versionImported" if done else "versionImportFailed", now=now)

    @contextlib.asynccontextmanager
    async def _claimed(self, version_id: str) -> AsyncIterator[_Held | None]:
        """Hold the row's claim and keep renewing it; tell the worker to stop when it is lost."""
        ctx = self._ctx
        async with ctx.db.begin() as session:
            token = await claim(
                session, ModelVersionRow, version_id, now=ctx.now(), lease=ctx.lease
            )
            row = await queries.find_version(session, version_id) if token else None
        if token is None or row is None:
            yield None
            return
        held = _Held(queries.frozen_version(row), token, threading.Event())
        heart = asyncio.create_task(self._keep(held))
        try:
            yield held
        except BaseException:
            held.stop.set()
            await asyncio.shield(self._let_go(version_id, token))
            raise
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)

    async def _keep(self, held: _Held) -> None:
        ctx = self._ctx
        while True:
            await asyncio.sleep(ctx.lease.total_seconds() / 3)
            async with ctx.db.begin() as session:
                if not await queries.renew_claim(
                    session, held.version.id, held.token, now=ctx.now(), lease=ctx.lease
                ):
                    held.stop.set()
                    return

    async def _let_go(self, version_id: str, token: str) -> None:
        async with self._ctx.db.begin() as session:
            await release(session, ModelVersionRow, version_id, token)


@dataclass(frozen=True, slots=True)
class _Held:
    version: ModelVersion
    token: str
    stop: threading.Event


def _warnings(
    version: ModelVersion, source: Path, files: tuple[PackageFile, ...]
) -> tuple[str, ...]:
    found = []
    if warning := content_warning(version.format, [file.path for file in files]):
        found.append(warning)
    if links := package.links_below(source):
        found.append(f"{links} links in the source were left out: only files are copied.")
    return tuple(found)


def _clear(draft: Path) -> None:
    remove_tree(draft)
    draft.with_name(f"{draft.name}.manifest").unlink(missing_ok=True)
