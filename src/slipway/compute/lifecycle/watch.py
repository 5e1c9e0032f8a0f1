"""Waiting for files to grow, without looking at them again and again: inotify, one for the process.

A thousand open logs cost nothing while nothing is written. Where the kernel cannot watch (a file
that is not there yet, a limit, another file system), a waiter looks again after `_LOOK_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import struct
from collections.abc import Collection
from pathlib import Path

_MODIFIED, _GONE = 0x2, 0x8000  # IN_MODIFY, IN_IGNORED
_EVENT = struct.Struct("iIII")
_LOOK_S = 1.0
_GATHER_S = 0.05  # lines come in bursts: one wake for what is written within it


class FileWatch:
    """Belongs to one event loop; opened with the first waiter and closed with the last."""

    def __init__(self) -> None:
        self._waiters: dict[int, set[asyncio.Event]] = {}
        self._handle: int | None = None
        self._waiting = 0

    async def wait_for_change(self, paths: Collection[Path], limit_s: float) -> bool:
        """True once one of the files was written to; False when `limit_s` has passed."""
        changed = asyncio.Event()
        watched = self._add(paths, changed)
        limit_s = limit_s if len(watched) == len(paths) else min(limit_s, _LOOK_S)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await changed.wait()
                    await asyncio.sleep(_GATHER_S)
            return changed.is_set()
        finally:
            self._remove(watched, changed)

    def _add(self, paths: Collection[Path], changed: asyncio.Event) -> list[int]:
        self._waiting += 1
        if (
            self._handle is None
            and (handle := _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)) >= 0
        ):
            self._handle = handle
            asyncio.get_running_loop().add_reader(handle, self._read)
        watched = []
        for path in paths if self._handle is not None else ():
            number = _libc.inotify_add_watch(self._handle, os.fsencode(path), _MODIFIED)
            if number >= 0:
                self._waiters.setdefault(number, set()).add(changed)
                watched.append(number)
        return watched

    def _remove(self, watched: list[int], changed: asyncio.Event) -> None:
        self._waiting -= 1
        for number in watched:
            waiters = self._waiters.get(number)
            if waiters is None:
                continue  # the kernel has dropped it: the file is gone
            waiters.discard(changed)
            if not waiters:
                del self._waiters[number]
                _libc.inotify_rm_watch(self._handle, number)
        if self._waiting == 0 and self._handle is not None:
            asyncio.get_running_loop().remove_reader(self._handle)
            os.close(self._handle)
            self._handle = None
            self._waiters.clear()

    def _read(self) -> None:
        assert self._handle is not None
        try:
            data = os.read(self._handle, 65_536)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            number, mask, _, name_bytes = _EVENT.unpack_from(data, at)
            at += _EVENT.size + name_bytes
            for changed in self._waiters.get(number, ()):
                changed.set()
            if mask & _GONE:
                self._waiters.pop(number, None)


_libc = ctypes.CDLL(None, use_errno=True)
