"""The control plane's end of a shell on a machine of the cluster: every byte passes bridge and keeper.

One read is under way at a time, so a browser that is slow holds up the program that writes.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from slipway.compute.engines.base import EngineAway, NoShell

Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_AWAY = "The instance's machine cannot be reached now. Try again later."
_BROKEN = b"\r\n[The connection to the machine broke.]\r\n"


class RayShell:
    def __init__(self, ask: Ask, node: str, number: int, *, namespace: bool) -> None:
        self._ask, self._node, self._number = ask, node, number
        self.namespace = namespace
        self._ended = False

    @classmethod
    async def open(cls, ask: Ask, node: str, instance_id: str, columns: int, rows: int) -> RayShell:
        """Raises NoShell."""
        request = {"op": "shell_open", "node": node, "arguments": [instance_id, columns, rows]}
        try:
            answer = await ask(request)
        except EngineAway as away:
            raise NoShell(str(away)) from away
        if not answer["ok"]:
            refused = "retry" not in answer  # by the machine itself
            raise NoShell(answer["reason"] if refused else _AWAY)
        said = answer["value"]
        return cls(ask, node, said["number"], namespace=said["namespace"])

    async def read(self) -> bytes:
        while not self._ended:
            try:
                answer = await self._do("read")
            except EngineAway:
                answer = {"ok": False}
            if not answer["ok"]:
                self._ended = True
                return _BROKEN
            if answer["value"] is None:
                self._ended = True
            elif written := base64.b64decode(answer["value"]):
                return written
        return b""

    async def write(self, typed: bytes) -> None:
        with contextlib.suppress(EngineAway):  # which `read` tells
            await self._do("write", base64.b64encode(typed).decode())

    async def resize(self, columns: int, rows: int) -> None:
        with contextlib.suppress(EngineAway):
            await self._do("resize", columns, rows)

    async def exit_code(self) -> int | None:
        """None also where its machine is out of reach."""
        try:
            answer = await self._do("exit_code")
        except EngineAway:
            return None
        code: int | None = answer["value"] if answer["ok"] else None
        return code

    async def close(self) -> None:
        """Where the machine is out of reach, its keeper closes what nobody reads."""
        self._ended = True
        with contextlib.suppress(EngineAway):
            await self._do("close")

    async def _do(self, what: str, *arguments: Any) -> dict[str, Any]:
        return await self._ask(
            {"op": f"shell_{what}", "node": self._node, "arguments": [self._number, *arguments]}
        )
