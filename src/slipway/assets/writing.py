"""Writing a file so that it is there whole or not at all: temporary file, fsync, rename."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from slipway.assets.attributes import write_attributes
from slipway.assets.errors import storage_full, translated
from slipway.assets.keys import Address, checked_file_key
from slipway.assets.storage import Storage, sync_directory
from slipway.assets.types import ObjectInfo
from slipway.base.errors import Conflict, TooLarge

BLOCK_BYTES = 1 << 20


class FileWriter:
    """One file on its way in. A leaving client lets `write` and `discard` meet: hence the lock."""

    def __init__(self, storage: Storage, bucket: str, key: str, *, limit_bytes: int) -> None:
        self._storage, self._bucket, self._key = storage, bucket, checked_file_key(key)
        self._target = storage.entry_of(bucket, key)
        self._limit_bytes = limit_bytes
        self._temporary = storage.temporary_path()
        self._lock = threading.Lock()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size_bytes = 0
        with translated(str(Address(bucket, key))):
            self._file = self._temporary.open("xb", buffering=0)

    def write(self, block: bytes) -> None:
        with self._lock, translated(str(Address(self._bucket, self._key))):
            self.size_bytes += len(block)
            if self.size_bytes > self._limit_bytes:
                raise TooLarge(f"A file may have at most {self._limit_bytes} bytes.")
            view = memoryview(block)
            while view:
                view = view[self._file.write(view) :]
            self._md5.update(block)

    def commit(self, *, content_type: str | None = None, only_new: bool = False) -> ObjectInfo:
        subject = str(Address(self._bucket, self._key))
        with self._lock, translated(subject):
            os.fsync(self._file.fileno())
            write_attributes(
                self._file.fileno(), md5=self._md5.hexdigest(), content_type=content_type
            )
            self._file.close()
            place(
                self._storage, self._bucket, self._temporary, self._target, overwrite=not only_new
            )
        return self._storage.info(self._bucket, self._key)

    def discard(self) -> None:
        with self._lock:
            self._file.close()
            self._temporary.unlink(missing_ok=True)


def place(
    storage: Storage, bucket: str, temporary: Path, target: Path, *, overwrite: bool = True
) -> None:
    """Move a finished temporary file to its name in the bucket, at once and durably."""
    subject = str(target.relative_to(storage.root))
    with storage.parent_of(bucket, target) as parent, translated(subject):
        if target.is_dir():
            raise Conflict(f"There is already a folder {subject}.", code="path_taken")
        if overwrite:
            os.replace(temporary, target.name, dst_dir_fd=parent)
        else:
            _link_new(temporary, target.name, parent, subject)
        sync_directory(parent)


def _link_new(temporary: Path, name: str, parent: int, subject: str) -> None:
    try:
        os.link(temporary, name, dst_dir_fd=parent)
    except FileExistsError as error:
        raise Conflict(f"There is already a file {subject}.", code="path_taken") from error
    temporary.unlink()


def check_room(storage: Storage, size_bytes: int | None, limit_bytes: int) -> None:
    """Refuse before the first byte what cannot be kept anyway."""
    if size_bytes is None:
        return
    if size_bytes > limit_bytes:
        raise TooLarge(f"A file may have at most {limit_bytes} bytes; this one has {size_bytes}.")
    if size_bytes > storage.free_bytes():
        raise storage_full()


async def in_blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Join chunks to blocks of about a megabyte: a thread crossing a block, not a chunk."""
    held: list[bytes] = []
    size = 0
    async for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


async def receive_file(
    storage: Storage,
    bucket: str,
    key: str,
    chunks: AsyncIterator[bytes],
    *,
    limit_bytes: int,
    announced_bytes: int | None = None,
    content_type: str | None = None,
    only_new: bool = False,
) -> ObjectInfo:
    """Stream an upload to its place. Whatever goes wrong, nothing of it stays."""
    await storage.run(check_room, storage, announced_bytes, limit_bytes)
    writer = await storage.run(FileWriter, storage, bucket, key, limit_bytes=limit_bytes)
    try:
        async for block in in_blocks(chunks):
            await storage.run(writer.write, block)
        return await storage.run(writer.commit, content_type=content_type, only_new=only_new)
    except BaseException:
        # Shielded: it must happen even while this request is being cancelled.
        await asyncio.shield(storage.run(writer.discard))
        raise
