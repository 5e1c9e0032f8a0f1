"""Resumable uploads: bytes are appended to a temporary file, and its length is the offset.

Nothing else remembers how far an upload is, so a restart of the platform, a lost connection and a
crash in the middle of a write all leave an upload that goes on where the file ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from slipway.assets import queries
from slipway.assets.errors import translated
from slipway.assets.keys import checked_file_key
from slipway.assets.storage import Storage
from slipway.assets.tables import UploadRow
from slipway.assets.types import ObjectKind, Upload
from slipway.assets.writing import check_room, in_blocks, place
from slipway.base.database import Database
from slipway.base.errors import Conflict, NotFound
from slipway.base.ids import new_id
from slipway.iam.types import Actor

KEPT_FOR = timedelta(days=7)


async def start_upload(
    db: Database,
    storage: Storage,
    actor: Actor,
    *,
    bucket: str,
    key: str,
    size_bytes: int,
    limit_bytes: int,
    now: datetime,
) -> Upload:
    checked_file_key(key)
    await storage.run(check_room, storage, size_bytes, limit_bytes)
    await storage.run(storage.entry_of, bucket, key)
    row = UploadRow(
        id=new_id("up", 20), project_id=actor.project_id, bucket=bucket, key=key,
        size_bytes=size_bytes, created_at=now, created_by=actor.user_id,
    )  # fmt: skip
    await storage.run(_temporary(storage, row.id).touch)
    async with db.begin() as session:
        session.add(row)
    if size_bytes == 0:
        await _finish(db, storage, row)
    return _upload(row, 0)


async def find_upload(db: Database, storage: Storage, actor: Actor, upload_id: str) -> Upload:
    row = await _row(db, actor, upload_id)
    return _upload(row, await storage.run(_offset, storage, row))


async def list_uploads(db: Database, storage: Storage, actor: Actor) -> list[Upload]:
    async with db.read() as session:
        rows = await queries.list_uploads(session, actor.project_id)
    found = []
    for row in rows:
        with contextlib.suppress(NotFound):
            found.append(_upload(row, await storage.run(_offset, storage, row)))
    return found


async def append(
    db: Database,
    storage: Storage,
    actor: Actor,
    upload_id: str,
    *,
    offset: int,
    chunks: AsyncIterator[bytes],
) -> Upload:
    """Add bytes at `offset`, which must be where the upload stands. The last byte completes it."""
    row = await _row(db, actor, upload_id)
    part = await storage.run(_Part, storage, row, offset)
    try:
        async for block in in_blocks(chunks):
            await storage.run(part.write, block)
    finally:
        # What arrived stays, also when the connection broke: that is what resuming is for.
        reached = await asyncio.shield(storage.run(part.close))
    if reached == row.size_bytes:
        await _finish(db, storage, row)
    return _upload(row, reached)


async def abort_upload(db: Database, storage: Storage, actor: Actor, upload_id: str) -> None:
    row = await _row(db, actor, upload_id)
    async with db.begin() as session:
        await queries.delete_upload(session, row.id)
    await storage.run(_temporary(storage, row.id).unlink, missing_ok=True)


async def sweep_uploads(db: Database, storage: Storage, *, now: datetime) -> int:
    """Forget uploads that nobody went on with for a week. Returns how many."""
    async with db.read() as session:
        old = await queries.list_uploads_before(session, now - KEPT_FOR)
        known = await queries.list_upload_ids(session)
    idle = [row for row in old if await storage.run(_is_idle, storage, row.id, now)]
    async with db.begin() as session:
        for row in idle:
            await queries.delete_upload(session, row.id)
    await storage.run(_remove_parts, storage, {row.id for row in idle}, known, now)
    return len(idle)


class _Part:
    """The temporary file of an upload, held by one writer."""

    def __init__(self, storage: Storage, row: UploadRow, offset: int) -> None:
        self._row = row
        with _translated(row):
            if not _temporary(storage, row.id).exists():
                raise _lost(row)
            self._file: BinaryIO = _temporary(storage, row.id).open("r+b", buffering=0)
        try:
            self._hold()
            self.offset = os.fstat(self._file.fileno()).st_size
            if offset != self.offset:
                raise Conflict(
                    f"The upload stands at {self.offset}, not at {offset}. Go on from there.",
                    code="wrong_offset", offset=self.offset,
                )  # fmt: skip
            self._file.seek(offset)
        except BaseException:
            self._file.close()
            raise

    def _hold(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                "Another connection is sending this upload now.", code="upload_busy"
            ) from error

    def write(self, block: bytes) -> None:
        if self.offset + len(block) > self._row.size_bytes:
            raise Conflict(
                f"The upload was announced with {self._row.size_bytes} bytes; more arrived.",
                code="too_many_bytes",
            )
        with _translated(self._row):
            view = memoryview(block)
            while view:
                written = self._file.write(view)
                self.offset += written
                view = view[written:]

    def close(self) -> int:
        with _translated(self._row), self._file:
            os.fsync(self._file.fileno())
        return self.offset


async def _finish(db: Database, storage: Storage, row: UploadRow) -> None:
    """Move the whole file to its name, then forget the upload; both may be done twice."""
    await storage.run(_place, storage, row)
    async with db.begin() as session:
        await queries.delete_upload(session, row.id)


def _place(storage: Storage, row: UploadRow) -> None:
    temporary = _temporary(storage, row.id)
    if temporary.exists():
        place(storage, row.bucket, temporary, storage.entry_of(row.bucket, row.key))


async def _row(db: Database, actor: Actor, upload_id: str) -> UploadRow:
    async with db.read() as session:
        row = await queries.find_upload(session, actor.project_id, upload_id)
    if row is None:
        raise NotFound(f"There is no upload {upload_id} under way.")
    return row


def _offset(storage: Storage, row: UploadRow) -> int:
    temporary = _temporary(storage, row.id)
    if temporary.exists():
        return temporary.stat().st_size
    # A crash between the rename and the row's removal: the file is in place, so it is done.
    with contextlib.suppress(NotFound):
        info = storage.info(row.bucket, row.key)
        if info.kind == ObjectKind.FILE and info.size_bytes == row.size_bytes:
            return row.size_bytes
    raise _lost(row)


def _is_idle(storage: Storage, upload_id: str, now: datetime) -> bool:
    try:
        touched = _temporary(storage, upload_id).stat().st_mtime
    except FileNotFoundError:
        return True
    return datetime.fromtimestamp(touched, UTC) < now - KEPT_FOR


def _remove_parts(storage: Storage, idle: set[str], known: set[str], now: datetime) -> None:
    for path in storage.uploads.iterdir():
        stray = path.name not in known and _is_idle(storage, path.name, now)
        if path.name in idle or stray:
            path.unlink(missing_ok=True)


def _temporary(storage: Storage, upload_id: str) -> Path:
    return storage.uploads / upload_id


def _upload(row: UploadRow, offset: int) -> Upload:
    return Upload(row.id, row.bucket, row.key, row.size_bytes, offset, row.created_at)


def _lost(row: UploadRow) -> NotFound:
    return NotFound(f"The bytes of upload {row.id} are gone. Start it again.", code="upload_lost")


@contextlib.contextmanager
def _translated(row: UploadRow) -> Iterator[None]:
    with translated(f"{row.bucket}/{row.key}"):
        yield
