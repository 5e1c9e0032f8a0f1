"""Wakes the delivery loop; set after a commit that gives it work."""

from __future__ import annotations

import asyncio


class Wake:
    """Belongs to the loop that runs now; without one there is nobody to wake, and nothing is lost:
    a loop looks at everything when it starts."""

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def open(self) -> asyncio.Event:
        self._event = asyncio.Event()
        return self._event

    def set(self) -> None:
        if self._event is not None:
            self._event.set()


deliveries = Wake()
