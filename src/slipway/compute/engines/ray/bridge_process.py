"""The control plane's end of the bridge: start it, talk to it, start it anew when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from slipway.compute.engines.base import EngineAway

log = logging.getLogger(__name__)

_LINE_BYTES = 64 << 20
_AGAIN_S = 2.0
_ANSWER_S = 90.0


class BridgeProcess:
    def __init__(self, options: dict[str, Any], heard: Callable[[dict[str, Any]], None]) -> None:
        """`heard` gets every event; `{"event": "away"}` too when the process has ended."""
        self._options, self._heard = options, heard
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next = 0
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer. Raises EngineAway."""
        number = self.tell(request)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ANSWER_S):
                said: dict[str, Any] = await answer
                return said
        except TimeoutError as error:
            raise EngineAway("The Ray cluster does not answer.") from error
        finally:
            self._waiting.pop(number, None)

    def tell(self, request: dict[str, Any]) -> int:
        """Send without waiting for the answer. Raises EngineAway."""
        if self._writer is None or self._writer.is_closing():
            raise EngineAway("The Ray cluster is not connected.")
        self._next += 1
        self._writer.write(json.dumps({"id": self._next, **request}).encode() + b"\n")
        return self._next

    async def _run(self) -> None:
        while True:
            try:
                await self._one_life()
            except OSError:
                log.exception("The Ray bridge could not be started.")
            self._heard({"event": "away", "reason": "the bridge to Ray has ended"})
            await asyncio.sleep(_AGAIN_S)

    async def _one_life(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.compute.engines.ray.bridge", "--fd", str(theirs.fileno()),
                pass_fds=(theirs.fileno(),), start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )  # fmt: skip
        try:
            reader, self._writer = await asyncio.open_unix_connection(sock=ours, limit=_LINE_BYTES)
            self._writer.write(json.dumps(self._options).encode() + b"\n")
            await self._listen(reader)
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(EngineAway("The connection to the Ray cluster broke."))
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionResetError):
            while line := await reader.readline():
                message = json.loads(line)
                if "event" in message:
                    self._heard(message)
                elif (answer := self._waiting.get(message["id"])) and not answer.done():
                    answer.set_result(message)


def _environment() -> dict[str, str]:
    """The platform's own settings may hold secrets, and Ray hands its environment around."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
