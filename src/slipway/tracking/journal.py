"""Where metrics that come over HTTP are kept: one append-only file a run, all behind one redo log.

A push is on disk when it is answered. Pushes that arrive while the disk is busy are written
together, with one `fsync` however many runs they belong to: first all to the redo log with the
place of each in its run's file, then to those files. After a crash the log is played back, which
changes nothing that is there already. Files of runs are synced when the log is emptied.

A batch with an id is taken once: its id stands in the run's file behind its points.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from slipway.base.errors import StorageFull

_LOG_LIMIT_BYTES = 32 << 20
_OPEN_FILES = 256
_BATCHES = 10_000  # ids remembered a run; older ones are not recognised any more
_BATCH_TAIL_BYTES = 8 << 20
_GROUP = 4096


@dataclass(slots=True)
class _Push:
    run_id: str
    lines: bytes
    batch: str | None
    done: asyncio.Future[bool]


@dataclass(slots=True)
class _RunFile:
    handle: int
    size: int
    batches: OrderedDict[str, None] | None = None  # None: not read yet


@dataclass(slots=True)
class _Write:
    run_id: str
    at: int
    data: bytes


@dataclass
class MetricJournal:
    """`append` from the event loop; everything that touches the disk happens in one thread."""

    root: Path
    _waiting: list[_Push] = field(default_factory=list)
    _writer: asyncio.Task[None] | None = None
    _files: OrderedDict[str, _RunFile] = field(default_factory=OrderedDict)
    _dirty: set[str] = field(default_factory=set)
    _log: int | None = None
    _log_bytes: int = 0

    def __post_init__(self) -> None:
        self._thread = _one_thread()

    def path(self, run_id: str) -> Path:
        return self.root / f"{run_id}.jsonl"

    async def append(self, run_id: str, lines: bytes, batch: str | None = None) -> bool:
        """Durable when this returns; False if the batch was taken before and nothing was added."""
        push = _Push(run_id, lines, batch, asyncio.get_running_loop().create_future())
        self._waiting.append(push)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await push.done

    async def forget(self, run_id: str) -> None:
        """Remove what a deleted run reported."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._remove, run_id)

    async def recover(self) -> None:
        """Play back what a crash left in the redo log; also done before the first push."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open_log)

    def close(self) -> None:
        """Harmless when closed already; `recover` or a push opens it again."""
        self._thread.submit(self._close_files)
        self._thread.shutdown(wait=True)
        self._thread = _one_thread()

    async def _write_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
            try:
                taken = await loop.run_in_executor(self._thread, self._commit, group)
            except OSError as error:
                refusal = StorageFull(f"The metrics could not be written: {error.strerror}. Nothing was taken.")  # fmt: skip
                _answer(group, refusal)
                continue
            for push, new in zip(group, taken, strict=True):
                if not push.done.done():  # its caller may have gone
                    push.done.set_result(new)

    # --- in the thread --------------------------------------------------------------------------

    def _commit(self, group: list[_Push]) -> list[bool]:
        log = self._open_log()
        writes: dict[str, list[bytes]] = {}
        taken: list[bool] = []
        new_batches: set[tuple[str, str]] = set()
        for push in group:
            file = self._file(push.run_id)
            if push.batch is not None:
                known = self._batches(push.run_id, file)
                if push.batch in known or (push.run_id, push.batch) in new_batches:
                    taken.append(False)
                    continue
                new_batches.add((push.run_id, push.batch))
            writes.setdefault(push.run_id, []).append(_with_batch(push))
            taken.append(True)
        self._write(log, [_Write(r, self._file(r).size, b"".join(d)) for r, d in writes.items()])
        for run_id, batch in new_batches:
            _remember(self._batches(run_id, self._file(run_id)), batch)
        self._close_some()
        return taken

    def _write(self, log: int, writes: list[_Write]) -> None:
        records = b"".join(_record(write) for write in writes)
        try:
            _write_all(log, records, self._log_bytes)
            os.fdatasync(log)
            for write in writes:
                _write_all(self._file(write.run_id).handle, write.data, write.at)
        except OSError:
            self._undo(log, writes)
            raise
        self._log_bytes += len(records)
        for write in writes:
            self._file(write.run_id).size = write.at + len(write.data)
            self._dirty.add(write.run_id)
        if self._log_bytes > _LOG_LIMIT_BYTES:
            self._empty_log(log)

    def _undo(self, log: int, writes: list[_Write]) -> None:
        """What was refused must neither be read nor be played back."""
        with contextlib.suppress(OSError):
            os.ftruncate(log, self._log_bytes)
            for write in writes:
                os.ftruncate(self._file(write.run_id).handle, write.at)

    def _open_log(self) -> int:
        if self._log is None:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.root / "redo.log"
            self._log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            for write in _records(path.read_bytes()):
                file = self._file(write.run_id)
                _write_all(file.handle, write.data, write.at)
                file.size = max(file.size, write.at + len(write.data))
                self._dirty.add(write.run_id)
                self._close_some()
            self._empty_log(self._log)
        return self._log

    def _empty_log(self, log: int) -> None:
        for run_id in self._dirty:
            os.fsync(self._file(run_id).handle)
        self._dirty.clear()
        os.ftruncate(log, 0)
        os.fsync(log)
        self._log_bytes = 0

    def _file(self, run_id: str) -> _RunFile:
        if (file := self._files.get(run_id)) is None:
            handle = os.open(self.path(run_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            file = self._files[run_id] = _RunFile(handle, os.fstat(handle).st_size)
        else:
            self._files.move_to_end(run_id)
        return file

    def _batches(self, run_id: str, file: _RunFile) -> OrderedDict[str, None]:
        if file.batches is None:
            start = max(0, file.size - _BATCH_TAIL_BYTES)
            tail = os.pread(file.handle, file.size - start, start)
            file.batches = OrderedDict()
            for line in tail.splitlines():
                if line.startswith(b'{"batch":') and line.endswith(b"}"):
                    _remember(file.batches, orjson.loads(line)["batch"])
        return file.batches

    def _close_some(self) -> None:
        """Only between groups: a run's file keeps its place in the dictionary while it is written."""
        while len(self._files) > _OPEN_FILES:
            run_id, file = next(iter(self._files.items()))
            if run_id in self._dirty:
                os.fsync(file.handle)
                self._dirty.discard(run_id)
            os.close(self._files.pop(run_id).handle)

    def _remove(self, run_id: str) -> None:
        log = self._open_log()
        self._empty_log(log)  # else a crash would bring it back
        if file := self._files.pop(run_id, None):
            os.close(file.handle)
        self.path(run_id).unlink(missing_ok=True)

    def _close_files(self) -> None:
        if self._log is not None:
            self._empty_log(self._log)
            os.close(self._log)
        for file in self._files.values():
            os.close(file.handle)
        self._files.clear()
        self._log = None


def _answer(group: list[_Push], refusal: Exception) -> None:
    for push in group:
        if not push.done.done():
            push.done.set_exception(refusal)


def _with_batch(push: _Push) -> bytes:
    if push.batch is None:
        return push.lines
    return push.lines + b'{"batch":' + orjson.dumps(push.batch) + b"}\n"


def _remember(batches: OrderedDict[str, None], batch: str) -> None:
    batches[batch] = None
    if len(batches) > _BATCHES:
        batches.popitem(last=False)


def _record(write: _Write) -> bytes:
    head = f"{write.run_id} {write.at} {len(write.data)} {zlib.crc32(write.data)}\n"
    return head.encode() + write.data


def _records(log: bytes) -> Iterator[_Write]:
    """Whole records from the start; the first that is torn ends the log."""
    at = 0
    while (end := log.find(b"\n", at)) >= 0:
        try:
            run_id, offset, size, check = log[at:end].decode().split(" ")
            data = log[end + 1 : end + 1 + int(size)]
            if len(data) != int(size) or zlib.crc32(data) != int(check):
                return
        except ValueError:
            return
        yield _Write(run_id, int(offset), data)
        at = end + 1 + len(data)


def _write_all(handle: int, data: bytes, at: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(handle, left, at)
        left, at = left[written:], at + written


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="metrics")
