"""Buckets are directories below one root; here is every way in to their files.

No path that a user or a workload names may leave its bucket. Names are checked first, and then the
place that was really opened is compared with the bucket's, so a symbolic link (or one that is
swapped in meanwhile) does not get out either. All functions block; `Storage.run` crosses to
threads that belong to storage alone, so that a large copy never holds up a sign-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from slipway.assets.attributes import AttributeStore
from slipway.assets.errors import translated
from slipway.assets.folders import make_implied
from slipway.assets.keys import Address, checked_key
from slipway.assets.types import ObjectInfo, ObjectKind
from slipway.base.errors import Invalid, NotFound

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class OpenFile:
    file: BinaryIO
    info: ObjectInfo


class Storage:
    def __init__(self, root: Path, *, threads: int = 8, sync: bool = True) -> None:
        """`sync`: whether a file is on disk, not only in memory, before its writer is answered."""
        self.root = Path(os.path.realpath(root))
        self.sync = sync
        # Bucket names start with a letter or a digit, so these never clash with one.
        self.temporary = self.root / ".tmp"
        self.uploads = self.root / ".uploads"
        self.odd = self.root / ".odd"
        self.parts = self.root / ".parts"
        self.attributes = AttributeStore(self.root / ".attributes")
        for directory in (self.root, self.temporary, self.uploads):
            directory.mkdir(parents=True, exist_ok=True)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="storage")

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a blocking function in one of storage's threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(function, *args, **kwargs))

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def bucket_root(self, bucket: str) -> Path:
        return self.root / bucket

    def make_bucket(self, bucket: str) -> Path:
        directory = self.bucket_root(bucket)
        with translated(bucket):
            directory.mkdir(exist_ok=True)
        return directory

    def path_of(self, bucket: str, key: str) -> Path:
        """The real place of `key`, which need not exist. Raises Invalid if it leaves the bucket."""
        return self._inside(bucket, self.bucket_root(bucket).joinpath(*checked_key(key)))

    def entry_of(self, bucket: str, key: str) -> Path:
        """Like `path_of`, but a link at the end is the link itself: for removing and renaming."""
        segments = checked_key(key)
        if not segments:
            raise Invalid("Name a file or a folder: the path is empty.", field="key")
        parent = self._inside(bucket, self.bucket_root(bucket).joinpath(*segments[:-1]))
        return parent / segments[-1]

    def _inside(self, bucket: str, path: Path) -> Path:
        real, root = Path(os.path.realpath(path)), self.bucket_root(bucket)
        if not real.is_relative_to(root):
            raise _outside(bucket)
        return real

    def open_file(self, bucket: str, key: str) -> OpenFile:
        """Open for reading. The caller closes it."""
        subject = f"file {Address(bucket, key)}"
        with translated(subject):
            # Non-blocking, so that a named pipe in a bucket cannot hold a thread.
            handle = os.open(self.path_of(bucket, key), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.check_opened(bucket, handle)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise NotFound(f"There is no {subject}.")
            return OpenFile(
                os.fdopen(handle, "rb", buffering=0), self.describe(handle, status, key)
            )
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(handle)
            raise

    def info(self, bucket: str, key: str) -> ObjectInfo:
        """What is at `key`, file or folder; NotFound if nothing is."""
        path = self.path_of(bucket, key)
        with translated(str(Address(bucket, key.rstrip("/")))):
            status = path.stat()
        return self.describe(str(path), status, key)

    def describe(self, target: int | str, status: os.stat_result, key: str) -> ObjectInfo:
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        if stat.S_ISDIR(status.st_mode):
            return ObjectInfo(key.rstrip("/") + "/", ObjectKind.FOLDER, 0, modified)
        known = self.attributes.read(target, status, key)
        return ObjectInfo(
            key, ObjectKind.FILE, status.st_size, modified, known.etag, known.content_type, known
        )

    @contextlib.contextmanager
    def parent_of(self, bucket: str, path: Path) -> Iterator[int]:
        """The directory above `path`, made if need be, held open and known to be in the bucket."""
        if not self.bucket_root(bucket).is_dir():  # deleted meanwhile: it must not come back
            raise NotFound(f"There is no bucket {bucket}.", code="no_bucket")
        with translated(str(path.parent.relative_to(self.root))):
            _make_above(path)
            handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.check_opened(bucket, handle)
            yield handle
        finally:
            os.close(handle)

    def check_opened(self, bucket: str, handle: int) -> None:
        try:
            place = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115  with every small upload
        except OSError:
            return  # no such list on this system
        root = f"{self.root}/{bucket}"
        if place != root and not place.startswith(root + "/"):
            raise _outside(bucket)

    def temporary_path(self) -> Path:
        return self.temporary / os.urandom(12).hex()

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.root).free

    def sweep_temporary(self) -> None:
        """Remove what a crash left half-written. Only for the process that owns this home."""
        for path in self.temporary.iterdir():
            remove_tree(path)


def _make_above(path: Path) -> None:
    missing = []
    for folder in path.parents:
        if folder.is_dir():
            break
        missing.append(folder)
    for folder in reversed(missing):
        if not make_implied(folder):
            raise NotADirectoryError(errno.ENOTDIR, "a file is in the way", str(folder))


def remove_tree(path: Path) -> None:
    """Remove a file, a link or a whole folder; links inside are not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync_directory(handle: int) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot, and then need not
        os.fsync(handle)


def _outside(bucket: str) -> Invalid:
    return Invalid(f"The path leads outside the bucket {bucket}.", field="key", code="bad_path")
