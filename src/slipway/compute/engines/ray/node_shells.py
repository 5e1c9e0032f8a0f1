"""Shells inside the instances of one machine, held for a platform that reads them from afar."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.compute.engines.base import NoShell
from slipway.compute.engines.shell import ProcessShell

MOST_AT_ONCE = 32  # each holds one of the keeper's threads while it is read
_UNREAD_S = 20.0  # a platform that lives reads far more often; one that died leaves no shell behind
_LOOK_S = 5.0


@dataclass(slots=True)
class _Held:
    shell: ProcessShell
    read_at: float


class NodeShells:
    """Belongs to one event loop. A shell nobody reads any more is closed."""

    def __init__(self, directory: Callable[[str], Path]) -> None:
        self._directory = directory
        self._held: dict[int, _Held] = {}
        self._numbers = itertools.count(1)
        self._watching: asyncio.Task[None] | None = None

    async def open(self, instance_id: str, columns: int, rows: int) -> dict[str, Any]:
        """`number` names it from now on. Raises NoShell."""
        if len(self._held) >= MOST_AT_ONCE:
            raise NoShell(
                f"There are {MOST_AT_ONCE} shells open on the machine {socket.gethostname()}. Close one first."
            )
        shell = await ProcessShell.open(self._directory(instance_id), columns, rows)
        number = next(self._numbers)
        self._held[number] = _Held(shell, self._now())
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._close_unread())
        return {"number": number, "namespace": shell.namespace}

    async def read(self, number: int, wait_s: float) -> bytes | None:
        """What was written; b"" if nothing was for `wait_s`, None once it has ended."""
        held = self._held.get(number)
        if held is None:
            return None
        held.read_at = self._now()
        try:
            async with asyncio.timeout(wait_s):
                written = await held.shell.read()
        except TimeoutError:
            return b""
        return written or None

    async def write(self, number: int, typed: bytes) -> None:
        if held := self._held.get(number):
            await held.shell.write(typed)

    async def resize(self, number: int, columns: int, rows: int) -> None:
        if held := self._held.get(number):
            await held.shell.resize(columns, rows)

    async def exit_code(self, number: int) -> int | None:
        held = self._held.get(number)
        return None if held is None else await held.shell.exit_code()

    async def close(self, number: int) -> None:
        if held := self._held.pop(number, None):
            await held.shell.close()

    async def _close_unread(self) -> None:
        while self._held:
            await asyncio.sleep(_LOOK_S)
            for number, held in list(self._held.items()):
                if self._now() - held.read_at > _UNREAD_S:
                    await self.close(number)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
