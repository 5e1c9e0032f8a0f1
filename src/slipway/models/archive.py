"""A whole version as a zip, made while it is sent: nothing is held in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Generator
from pathlib import Path

from slipway.assets.storage import Storage
from slipway.models.types import PackageFile

_BLOCK_BYTES = 1 << 19


async def zip_blocks(
    storage: Storage, folder: Path, files: tuple[PackageFile, ...]
) -> AsyncIterator[bytes]:
    blocks = _blocks(folder, files)
    try:
        while (block := await storage.run(next, blocks, None)) is not None:
            yield block
    finally:
        blocks.close()


def _blocks(folder: Path, files: tuple[PackageFile, ...]) -> Generator[bytes, None, None]:
    # Stored, not compressed: weights hardly shrink, and the disk is then the only limit.
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for file in files:
            entry = zipfile.ZipInfo.from_file(folder / file.path, file.path)
            with (
                (folder / file.path).open("rb") as source,
                archive.open(entry, "w", force_zip64=True) as target,
            ):
                while block := source.read(_BLOCK_BYTES):
                    target.write(block)
                    yield outlet.take()
            yield outlet.take()
    yield outlet.take()


class _Outlet:
    """A file that only takes: zipfile then writes sizes behind each entry."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._held.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held
