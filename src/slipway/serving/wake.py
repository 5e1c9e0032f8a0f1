"""How commits wake who must look: ids of versions for the loop, ids of services for the routes.

Hints only. Who listens looks at everything when it starts and now and then besides, so a lost hint
costs time and never correctness.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator


class Listener:
    def __init__(self) -> None:
        self.closed = False  # who listens shall end
        self._changed: set[str] = set()
        self._event = asyncio.Event()

    def tell(self, subject: str) -> None:
        self._changed.add(subject)
        self._event.set()

    def close(self) -> None:
        self.closed = True
        self._event.set()

    async def wait(self, timeout_s: float) -> set[str]:
        """Ids since the last call, as soon as there are any; the empty set at the time-out."""
        # Not `wait_for`: on 3.11 it swallows a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        self._event.clear()
        changed, self._changed = self._changed, set()
        return changed


class Hints:
    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._closed = False

    def tell(self, subject: str) -> None:
        for listener in self._listeners:
            listener.tell(subject)

    def close(self) -> None:
        """The process is going down: everybody who listens shall end, and who comes back, too."""
        self._closed = True
        for listener in self._listeners:
            listener.close()

    def open(self) -> None:
        """Listeners stay again; a process starts like this."""
        self._closed = False

    @contextlib.contextmanager
    def listen(self) -> Iterator[Listener]:
        listener = Listener()
        if self._closed:
            listener.close()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


versions = Hints()
services = Hints()
calls = Hints()  # ids of services whose calls wait for a version to wake
