"""How far imports are. In memory only: it changes too often to be written down, and a restart
starts the import anew."""

from __future__ import annotations

import threading
from typing import Protocol

from slipway.data.errors import ImportStoppedError


class Ticker:
    """One import's progress, moved by the threads that do it."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._done = 0.0
        self._base, self._share, self._total = 0.0, 0.0, 1.0

    def begin(self, share: float, total: float) -> None:
        """Start a phase that makes up `share` of the whole and counts up to `total`."""
        self._base += self._share
        self._share, self._total, self._done = share, max(total, 1.0), 0.0

    def advance(self, amount: float) -> None:
        """Raises ImportStoppedError when the import is to end."""
        self._done += amount
        self.check()

    def check(self) -> None:
        if self._stop.is_set():
            raise ImportStoppedError

    def stop(self) -> None:
        self._stop.set()

    @property
    def percent(self) -> int:
        """0 to 99: only the settled row says that an import is complete."""
        inside = min(self._done / self._total, 1.0) * self._share
        return max(0, min(99, int(100 * (self._base + inside))))


class Watched(Protocol):
    """An import that can be watched and stopped."""

    @property
    def percent(self) -> int: ...

    def stop(self) -> None: ...


class ProgressBoard:
    """The imports under way, by version id."""

    def __init__(self) -> None:
        self._running: dict[str, Watched] = {}

    def start(self, version_id: str, running: Watched) -> None:
        self._running[version_id] = running

    def end(self, version_id: str) -> None:
        self._running.pop(version_id, None)

    def percent(self, version_id: str) -> int:
        running = self._running.get(version_id)
        return running.percent if running else 0

    def stop_all(self) -> None:
        for running in self._running.values():
            running.stop()

    def stop(self, version_id: str) -> None:
        if running := self._running.get(version_id):
            running.stop()


board = ProgressBoard()
