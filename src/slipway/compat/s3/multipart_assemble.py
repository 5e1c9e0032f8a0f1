"""Making one file of parts. The kernel moves the bytes; nothing is hashed a second time."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from slipway.assets.attributes import Attributes
from slipway.assets.errors import translated
from slipway.assets.parts import Part, PartsUpload, part_path
from slipway.assets.storage import Storage
from slipway.assets.writing import BLOCK_BYTES, check_room
from slipway.compat.s3.checksums import checksum


class Assembled:
    """The whole file, not yet at its place; as `writing.Incoming`, without its MD5."""

    def __init__(self, storage: Storage, path: Path, size_bytes: int, sums: dict[str, str]) -> None:
        self._storage, self.temporary, self.size_bytes, self._sums = storage, path, size_bytes, sums

    def checksums(self) -> dict[str, str]:
        return self._sums

    def seal(self, attributes: Attributes) -> None:
        handle = os.open(self.temporary, os.O_RDWR)
        try:
            if self._storage.sync:
                os.fsync(handle)
            self._storage.attributes.write(handle, attributes)
        finally:
            os.close(handle)

    def discard(self) -> None:
        self.temporary.unlink(missing_ok=True)


def etag_of_parts(parts: list[Part]) -> str:
    whole = hashlib.md5(usedforsecurity=False)
    for part in parts:
        whole.update(bytes.fromhex(part.etag))
    return f"{whole.hexdigest()}-{len(parts)}"


def assemble(
    storage: Storage, upload: PartsUpload, parts: list[Part], algorithm: str | None
) -> Assembled:
    """`algorithm`: the checksum to make of the whole, which means reading it."""
    size = sum(part.size_bytes for part in parts)
    check_room(storage, size, size)
    path = storage.temporary_path()
    try:
        with translated(f"{upload.bucket}/{upload.key}"), path.open("xb", buffering=0) as file:
            for part in parts:
                with part_path(storage, upload, part).open("rb", buffering=0) as source:
                    _append(source.fileno(), file.fileno(), part.size_bytes)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Assembled(storage, path, size, {algorithm: _read(path, algorithm)} if algorithm else {})


def _append(source: int, target: int, size: int) -> None:
    left = size
    while left:
        moved = os.sendfile(target, source, None, min(left, 1 << 30))
        if moved == 0:
            raise OSError("A part became shorter.")
        left -= moved


def _read(path: Path, algorithm: str) -> str:
    whole = checksum(algorithm)
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            whole.update(block)
    return whole.encoded()
