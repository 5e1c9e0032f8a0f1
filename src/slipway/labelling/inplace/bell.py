"""Between requests and the loop that writes files, in one process. What is wanted is in the database;
this only saves the waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable


class Bell:
    def __init__(self) -> None:
        self._listeners: set[Callable[[], None]] = set()
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Returns how to stop."""
        self._listeners.add(heard)
        return lambda: self._listeners.discard(heard)

    def ring(self) -> None:
        for heard in self._listeners:
            heard()

    def settled(self, task_id: str) -> None:
        """What was wanted of a task has been written, or cannot be."""
        for event in self._waiting.get(task_id, ()):
            event.set()

    @contextlib.asynccontextmanager
    async def waiting(self, task_id: str) -> AsyncIterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting.setdefault(task_id, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[task_id].discard(event)
            if not self._waiting[task_id]:
                del self._waiting[task_id]


bell = Bell()
