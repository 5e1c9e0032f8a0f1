"""Being told when a file in a directory changes (inotify), on an asyncio loop."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable
from pathlib import Path

# A file was written to, appeared under its final name, or was made.
_CHANGES = 0x2 | 0x80 | 0x100
_IGNORED = 0x8000  # the directory itself is gone
_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
_HEAD = struct.Struct("iIII")


class FolderWatch:
    """Calls `changed(name)` for each directory, by the name it was added with."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(_NONBLOCK_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify is not available")
        self._names: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def add(self, name: str, directory: Path) -> None:
        """Harmless when it is watched already. Raises OSError."""
        if name in self._watches:
            return
        watch = self._libc.inotify_add_watch(self._fd, os.fsencode(directory), _CHANGES)
        if watch < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(directory))
        self._names[watch], self._watches[name] = name, watch

    def keep_only(self, names: set[str]) -> None:
        for name in self._watches.keys() - names:
            watch = self._watches.pop(name)
            self._names.pop(watch, None)
            self._libc.inotify_rm_watch(self._fd, watch)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        changed = set()
        while data:
            watch, mask, _, length = _HEAD.unpack_from(data)
            data = data[_HEAD.size + length :]
            if watch == -1:  # events were dropped: any of them may have changed
                changed |= set(self._watches)
            elif watch in self._names:
                changed.add(self._names[watch])
                if mask & _IGNORED:
                    self._watches.pop(self._names.pop(watch), None)
        for name in changed:
            self._changed(name)
