"""How commits wake the loop: ids of workloads to look at, and a call to place what waits.

A hint only. The loop looks at everything open when it starts, and now and then besides, so a lost
hint costs time and never correctness.
"""

from __future__ import annotations

import asyncio


class Wake:
    def __init__(self) -> None:
        self._dirty: set[str] = set()
        self._schedule = False
        self._event: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def workload(self, workload_id: str) -> None:
        self._dirty.add(workload_id)
        self._signal()

    def schedule(self) -> None:
        self._schedule = True
        self._signal()

    async def wait(self, timeout_s: float) -> tuple[set[str], bool]:
        """Ids to look at and whether to place, as soon as there are any; nothing at the time-out."""
        loop = asyncio.get_running_loop()
        if self._event is None or self._loop is not loop:
            self._event, self._loop = asyncio.Event(), loop
        if not self._dirty and not self._schedule:
            self._event.clear()
            try:
                # Not `wait_for`: on 3.11 it swallows a cancellation that meets the event.
                async with asyncio.timeout(timeout_s):
                    await self._event.wait()
            except TimeoutError:
                return set(), False
        dirty, place = self._dirty, self._schedule
        self._dirty, self._schedule = set(), False
        return dirty, place

    def reset(self) -> None:
        """Forget everything; for a new event loop."""
        self._dirty, self._schedule, self._event = set(), False, None

    def _signal(self) -> None:
        if self._event is not None:
            self._event.set()


wake = Wake()
node_wake = Wake()  # the loop that follows nodes; `schedule` asks it for a look
