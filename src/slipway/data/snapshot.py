"""The first half of an import: the data as it is now, copied aside, with a hash of every file.

A copy and not a link: a task that has the bucket mounted may write into a file at any time, and a
version must never change. File systems that can share blocks between copies (Btrfs, XFS) make it
cost nothing.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import orjson

from slipway.assets.errors import storage_full
from slipway.data.errors import refuse
from slipway.data.progress import Ticker

_BLOCK_BYTES = 1 << 20
_FICLONE = 0x40049409  # linux/fs.h: share the blocks of another file
_BATCH, _WINDOW = 16, 32
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SourceEntry:
    path: str  # relative, with '/'
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    files: tuple[StoredFile, ...]
    content_hash: str

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def scan(directory: Path) -> list[SourceEntry]:
    """Every regular file below, in order of path. Hidden ones and links are left out."""
    found: list[SourceEntry] = []
    waiting = [(str(directory), "")]
    while waiting:
        folder, base = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_hidden(entry.name) or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{base}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False):
                    found.append(SourceEntry(base + entry.name, entry.stat().st_size))
    found.sort(key=lambda entry: entry.path)
    return found


def is_hidden(name: str) -> bool:
    """Names that belong to an operating system or a tool, not to the data."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db")


def copy_source(source: Path, target: Path, ticker: Ticker, *, share: float) -> Snapshot:
    """Copy a directory or a single file into `target`, hashing on the way."""
    if source.is_dir():
        entries, root = scan(source), source
    else:
        entries, root = [SourceEntry(source.name, source.stat().st_size)], source.parent
    total = sum(entry.size_bytes for entry in entries)
    if not entries:
        raise refuse("There are no files at the address.")
    if total > shutil.disk_usage(target).free:
        raise storage_full()
    ticker.begin(share, total + len(entries))

    def copy(entry: SourceEntry) -> StoredFile:
        place = target / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        size, digest = _copy_file(root / entry.path, place, ticker)
        return StoredFile(entry.path, size, digest)

    files = tuple(in_threads(copy, entries))
    return Snapshot(files, content_hash(files))


def write_files(snapshot: Snapshot, path: Path) -> None:
    with path.open("wb") as out:
        for file in snapshot.files:
            line = {"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256}
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def content_hash(files: Iterable[StoredFile]) -> str:
    """One hash for all files: equal exactly if paths and contents are."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.sha256}  {file.path}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def in_threads(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`work` on each item in a few threads, results in order; never more than a window ahead."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="import") as pool:
        waiting: deque[Future[list[R]]] = deque()
        try:
            for batch in _batches(items):
                waiting.append(pool.submit(_run_batch, work, batch))
                if len(waiting) >= _WINDOW:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def sync_files(directory: Path) -> None:
    """Have the disk hold everything below before the version is called finished."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # One call for the whole file system: an fsync for each of 100,000 images takes minutes.
        syncfs = getattr(ctypes.CDLL(None), "syncfs", None)
        if syncfs is None or syncfs(handle) != 0:
            os.sync()
    finally:
        os.close(handle)


def _copy_file(source: Path, target: Path, ticker: Ticker) -> tuple[int, str]:
    whole, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as old, target.open("xb", buffering=0) as new:
        shared = _share_blocks(old.fileno(), new.fileno())
        while block := old.read(_BLOCK_BYTES):
            whole.update(block)
            if not shared:
                write_all(new.fileno(), block)
            size += len(block)
            ticker.advance(len(block))
    ticker.advance(1)
    return size, whole.hexdigest()


class HashedFile:
    """A new file of a version, hashed while it is written."""

    def __init__(self, root: Path, path: str) -> None:
        self._path, self._whole, self._size = path, hashlib.sha256(), 0
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        self._file = place.open("xb")

    def add(self, data: bytes) -> None:
        self._file.write(data)
        self._whole.update(data)
        self._size += len(data)

    def close(self) -> None:
        self._file.close()

    def finish(self) -> StoredFile:
        self._file.close()
        return StoredFile(self._path, self._size, self._whole.hexdigest())


def write_all(handle: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]


def _share_blocks(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _run_batch(work: Callable[[T], R], batch: list[T]) -> list[R]:
    return [work(item) for item in batch]
