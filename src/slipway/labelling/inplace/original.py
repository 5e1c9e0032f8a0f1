"""One of the user's own files while it is labelled in place: lines of it are replaced, and whoever
looks at it, at any moment, sees it whole.

A new file is written beside it, is brought to the disk, and takes its name in one step. What is not
changed is copied by the kernel, which on Btrfs and XFS shares the blocks instead. A file is known by
its inode, size and time: for each identity there is a table of the lines whose length is not that of
the first version, so a line is found without reading the file, also after a crash between any two
steps. A file of which there is no table was changed by somebody else, and is left alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.base.errors import Conflict

_BLOCK = 1 << 20


class SourceChanged(Conflict):
    code = "source_changed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file {name} was changed by somebody else since it was read. Nothing was written "
            "over it. Publish a new version of the dataset to read it again, or write the labels "
            "over it.",
            code="source_changed", file=name,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """Where a record's line was in the first version, and what it is to be now (b"": gone)."""

    offset: int
    length: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    offset: int
    first_length: int
    length: int


@dataclass(frozen=True, slots=True)
class Original:
    """`snapshot` is the file as it was; `tables` a directory of ours. `check` raises where a
    directory that was opened is not one to write in."""

    folder: Path
    name: str
    snapshot: Path
    tables: Path
    key: str  # unlike that of other files with the same `tables`
    check: Callable[[int], None]

    def adopt(self) -> None:
        """Begin: the file must be what the snapshot is."""
        with self._opened() as (directory, handle, status), self.snapshot.open("rb") as same:
            if os.fstat(same.fileno()).st_size != status.st_size:
                raise SourceChanged(self.name)
            with open(handle, "rb", closefd=False, buffering=0) as file:
                while block := file.read(_BLOCK):
                    if same.read(len(block)) != block:
                        raise SourceChanged(self.name)
            del directory
            self._write_table(status, {})
            self._forget(_identity(status))

    def write(self, lines: Mapping[int, Line]) -> None:
        """Replace lines, by number; all of them or, after a crash, none."""
        if not lines:
            return
        with self._opened() as (directory, old, status):
            known = self._table(status)
            with self._replacement(directory, old, status, known, lines) as (new, table):
                self._put(directory, new, status, table)

    def write_over(self, lines: Mapping[int, Line]) -> None:
        """The first version with these lines, whatever is there now."""
        snapshot = os.open(self.snapshot, os.O_RDONLY | os.O_CLOEXEC)
        try:
            status = os.fstat(snapshot)
            with self._folder() as directory:
                with contextlib.suppress(FileNotFoundError):  # who may read it stays as it is
                    status = os.stat(self.name, dir_fd=directory, follow_symlinks=False)
                with self._replacement(directory, snapshot, status, {}, lines) as (new, table):
                    self._put(directory, new, None, table)
        finally:
            os.close(snapshot)

    def is_known(self) -> bool:
        """Whether nobody else has changed it."""
        try:
            with self._opened() as (_, _, status):
                return self._path(_identity(status)).exists()
        except (OSError, Conflict):
            return False

    @contextlib.contextmanager
    def _folder(self) -> Iterator[int]:
        directory = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.check(directory)
            self.tables.mkdir(parents=True, exist_ok=True)
            with (self.tables / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield directory
        finally:
            os.close(directory)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[int, int, os.stat_result]]:
        try:
            with self._folder() as directory:
                # Non-blocking, so that a named pipe cannot hold a thread.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                handle = os.open(self.name, flags, dir_fd=directory)
                try:
                    status = os.fstat(handle)
                    if not stat.S_ISREG(status.st_mode):
                        raise SourceChanged(self.name)
                    yield directory, handle, status
                finally:
                    os.close(handle)
        except FileNotFoundError as error:
            raise SourceChanged(self.name) from error

    @contextlib.contextmanager
    def _replacement(
        self,
        directory: int,
        old: int,
        status: os.stat_result,
        known: Mapping[int, _Known],
        lines: Mapping[int, Line],
    ) -> Iterator[tuple[int, dict[int, _Known]]]:
        """A new file beside the old one, complete and on the disk, and its table."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._beside, dir_fd=directory)  # of a crash
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        new = os.open(self._beside, flags, 0o600, dir_fd=directory)
        try:
            table = _compose(old, new, os.fstat(old).st_size, known, lines)
            os.fchmod(new, stat.S_IMODE(status.st_mode))
            with contextlib.suppress(PermissionError):
                os.fchown(new, status.st_uid, status.st_gid)
            os.fsync(new)
            yield new, table
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(self._beside, dir_fd=directory)
            raise
        finally:
            os.close(new)

    def _put(
        self, directory: int, new: int, before: os.stat_result | None, table: dict[int, _Known]
    ) -> None:
        """Table first: from the moment the new file has the name, it is known."""
        status = os.fstat(new)
        self._write_table(status, table)
        if before is not None:
            now = os.stat(self.name, dir_fd=directory, follow_symlinks=False)
            if _identity(now) != _identity(before):
                raise SourceChanged(self.name)
        os.rename(self._beside, self.name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
        self._forget(_identity(status))

    @property
    def _beside(self) -> str:
        return f".slipway-{self.key}"

    def _path(self, identity: str) -> Path:
        return self.tables / f"{self.key}@{identity}"

    def _table(self, status: os.stat_result) -> dict[int, _Known]:
        try:
            data = self._path(_identity(status)).read_bytes()
        except FileNotFoundError as error:
            raise SourceChanged(self.name) from error
        numbers = array("Q")
        numbers.frombytes(data)
        rows = zip(*(numbers[at::4] for at in range(4)), strict=True)
        return {number: _Known(*rest) for number, *rest in rows}

    def _write_table(self, status: os.stat_result, table: Mapping[int, _Known]) -> None:
        numbers = array("Q")
        for number, known in sorted(table.items()):
            numbers.extend((number, known.offset, known.first_length, known.length))
        place = self._path(_identity(status))
        new = self.tables / f"{self.key}.new"
        with new.open("wb") as file:
            file.write(numbers.tobytes())
            file.flush()
            os.fsync(file.fileno())
        new.rename(place)
        folder = os.open(self.tables, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _forget(self, kept: str) -> None:
        """Tables of what the file was before."""
        for path in self.tables.glob(f"{self.key}@*"):
            if path != self._path(kept):
                path.unlink(missing_ok=True)


def _compose(
    old: int, new: int, size: int, known: Mapping[int, _Known], lines: Mapping[int, Line]
) -> dict[int, _Known]:
    """Write `old` with the lines to `new`; returns the table of what was written."""
    table = dict(known)
    at = shift = 0  # read up to here; how much further down lines are than at first
    for number in sorted(known.keys() | lines.keys()):
        had = known.get(number)
        line = lines.get(number)
        if line is not None:
            length = had.length if had is not None else line.length
            _copy(old, new, at, line.offset + shift)
            _write_all(new, line.data)
            at = line.offset + shift + length
            shift += length - line.length
            table[number] = _Known(line.offset, line.length, len(line.data))
        elif had is not None:
            shift += had.length - had.first_length
    _copy(old, new, at, size)
    return {n: row for n, row in table.items() if row.length != row.first_length}


def _copy(old: int, new: int, start: int, end: int) -> None:
    while start < end:
        try:
            done = os.copy_file_range(old, new, end - start, offset_src=start)
        except OSError:
            done = 0
        if not done:  # a file system that cannot
            block = os.pread(old, min(_BLOCK, end - start), start)
            if not block:
                raise OSError(5, "The file ended before its end")
            _write_all(new, block)
            done = len(block)
        start += done


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _identity(status: os.stat_result) -> str:
    return f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"
