"""What was looked up a moment ago, for requests that come by the thousand.

A value is asked for again once it is older than it may be, and once only, however many wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

V = TypeVar("V")

_MOST = 20_000


class Kept(Generic[V]):
    def __init__(self, load: Callable[[str], Awaitable[V]], *, kept_s: float) -> None:
        self._load, self._kept_s = load, kept_s
        self._values: dict[str, tuple[float, asyncio.Future[V]]] = {}

    async def get(self, name: str) -> V:
        """Raises what the lookup raised; a failure is not kept."""
        kept = self._values.get(name)
        if kept is not None and kept[0] > time.monotonic():
            if kept[1].done():
                return kept[1].result()
            return await asyncio.shield(kept[1])
        if len(self._values) > _MOST:
            self._values.clear()
        asked = asyncio.ensure_future(self._loaded(name))
        self._values[name] = (time.monotonic() + self._kept_s, asked)
        # Shielded: one who leaves must not take the answer from the others.
        return await asyncio.shield(asked)

    def forget(self, name: str) -> None:
        self._values.pop(name, None)

    async def _loaded(self, name: str) -> V:
        try:
            return await self._load(name)
        except BaseException:
            self.forget(name)
            raise
