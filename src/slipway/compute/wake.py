"""How commits wake the loop: workloads to look at, and changes of the queue to place after.

A hint only. The loop looks at everything open when it starts, and now and then besides, so a lost
hint costs time and never correctness.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Hints:
    look: set[str] = field(default_factory=set)  # workloads to look at
    queue: set[str] = field(
        default_factory=set
    )  # workloads that wait, hold seats, or do so no more
    everything: bool = False  # groups, policies, quotas or nodes may be others

    @property
    def must_place(self) -> bool:
        return bool(self.queue) or self.everything


class Wake:
    def __init__(self) -> None:
        self._hints = Hints()
        self._event: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def workload(self, workload_id: str) -> None:
        self._hints.look.add(workload_id)
        self._signal()

    def schedule(self, *workload_ids: str) -> None:
        """Place, for these have changed; without any, for anything may have."""
        self._hints.queue.update(workload_ids)
        self._hints.everything |= not workload_ids
        self._signal()

    async def wait(self, timeout_s: float) -> Hints:
        """What there is as soon as there is anything; empty at the time-out."""
        loop = asyncio.get_running_loop()
        if self._event is None or self._loop is not loop:
            self._event, self._loop = asyncio.Event(), loop
        if not self._hints.look and not self._hints.must_place:
            self._event.clear()
            try:
                # Not `wait_for`: on 3.11 it swallows a cancellation that meets the event.
                async with asyncio.timeout(timeout_s):
                    await self._event.wait()
            except TimeoutError:
                return Hints()
        hints, self._hints = self._hints, Hints()
        return hints

    def reset(self) -> None:
        """Forget everything; for a new event loop."""
        self._hints, self._event = Hints(), None

    def _signal(self) -> None:
        if self._event is not None:
            self._event.set()


wake = Wake()
node_wake = Wake()  # the loop that follows nodes; `schedule` asks it for a look
