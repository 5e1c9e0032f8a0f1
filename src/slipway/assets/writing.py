"""Writing a file so that it is there whole or not at all: temporary file, fsync, rename."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Protocol

from slipway.assets.attributes import Attributes
from slipway.assets.errors import storage_full, translated
from slipway.assets.keys import Address, checked_file_key
from slipway.assets.storage import Storage, sync_directory
from slipway.assets.types import ObjectInfo
from slipway.base.errors import Conflict, TooLarge

BLOCK_BYTES = 1 << 20


class Digest(Protocol):
    """Something that sees every byte on its way in, such as a checksum."""

    def update(self, data: bytes, /) -> None: ...


class Incoming:
    """A file on its way in, not yet at its place.

    A leaving client lets `write` and `discard` meet: hence the lock. Whoever made it calls
    `discard` when it went wrong, or `seal` and then puts `temporary` in its place.
    """

    def __init__(
        self, storage: Storage, subject: str, *, limit_bytes: int, digests: Iterable[Digest] = ()
    ) -> None:
        self._storage, self._subject, self._limit_bytes = storage, subject, limit_bytes
        self.temporary = storage.temporary_path()
        self._lock = threading.Lock()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._digests = (self._md5, *digests)
        self.size_bytes = 0
        with translated(subject):
            self._file = self.temporary.open("xb", buffering=0)

    @property
    def md5(self) -> str:
        return self._md5.hexdigest()

    def write(self, block: bytes) -> None:
        self.digest(block)
        self.append(block)

    def digest(self, block: bytes) -> None:
        """May go on beside `append` of the same block; blocks come in order."""
        for digest in self._digests:
            digest.update(block)

    def append(self, block: bytes) -> None:
        with self._lock, translated(self._subject):
            self.size_bytes += len(block)
            if self.size_bytes > self._limit_bytes:
                raise TooLarge(f"A file may have at most {self._limit_bytes} bytes.")
            view = memoryview(block)
            while view:
                view = view[self._file.write(view) :]

    def seal(self, attributes: Attributes | None = None) -> None:
        """The bytes are complete and on disk, with what is known of them."""
        with self._lock, translated(self._subject):
            if self._storage.sync:
                os.fsync(self._file.fileno())
            if attributes is not None:
                self._storage.attributes.write(self._file.fileno(), attributes)
            self._file.close()

    def discard(self) -> None:
        with self._lock:
            self._file.close()
            self.temporary.unlink(missing_ok=True)


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
        if storage.sync:
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
    checked_file_key(key)
    target = await storage.run(storage.entry_of, bucket, key)
    await storage.run(check_room, storage, announced_bytes, limit_bytes)
    incoming = await storage.run(
        Incoming, storage, str(Address(bucket, key)), limit_bytes=limit_bytes
    )

    def commit() -> ObjectInfo:
        incoming.seal(Attributes(incoming.md5, content_type))
        place(storage, bucket, incoming.temporary, target, overwrite=not only_new)
        return storage.info(bucket, key)

    try:
        async for block in in_blocks(chunks):
            await storage.run(incoming.write, block)
        return await storage.run(commit)
    except BaseException:
        # Shielded: it must happen even while this request is being cancelled.
        await asyncio.shield(storage.run(incoming.discard))
        raise
