"""How far imports are. In memory only: it changes too often to be written down, and a restart
starts the import anew."""

from __future__ import annotations

import threading

from slipway.data.errors import ImportStoppedError


class Ticker:
    """One import's progress, moved by its threads and read by whoever looks at the dataset."""

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


class ProgressBoard:
    """The imports that run in this process, by version id."""

    def __init__(self) -> None:
        self._tickers: dict[str, Ticker] = {}

    def start(self, version_id: str) -> Ticker:
        ticker = self._tickers[version_id] = Ticker()
        return ticker

    def end(self, version_id: str) -> None:
        self._tickers.pop(version_id, None)

    def percent(self, version_id: str) -> int:
        ticker = self._tickers.get(version_id)
        return ticker.percent if ticker else 0

    def stop_all(self) -> None:
        for ticker in self._tickers.values():
            ticker.stop()

    def stop(self, version_id: str) -> None:
        if ticker := self._tickers.get(version_id):
            ticker.stop()


board = ProgressBoard()
