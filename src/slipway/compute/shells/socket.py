"""A shell over a WebSocket, for the rooms' endpoints.

Binary messages are what is typed and what is written. Text messages are JSON: from the browser
`{"columns": 80, "rows": 24}`, from here `{"state": "open"|"refused"|"closed", ...}`; `closed` has the
shell's `exit_code`, null where it was not the shell that ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from slipway.base.clock import utc_now
from slipway.base.errors import SlipwayError
from slipway.compute.engines.base import Shell
from slipway.compute.shells.opening import Shells, Where, bounded, opened
from slipway.iam.types import Actor

_ENDED = "The shell has ended."


class _Find(Protocol):
    def __call__(self) -> Awaitable[Where]: ...


async def serve_shell(socket: WebSocket, actor: Actor, find: _Find) -> None:
    """Until the browser, the shell or the instance is gone, or nobody has typed for long.

    A browser cannot read why a WebSocket was refused, so refusals come as a message.
    """
    await socket.accept()
    state = socket.app.state
    shells: Shells = state.shells
    idle_s: float = state.settings.shell_idle_s
    try:
        where = await find()
        async with opened(state.db, shells, actor, where, _size(socket), utc_now) as shell:
            await _say(socket, state="open", namespace=shell.namespace, idle_s=idle_s)
            reason = await _relay(socket, shell, idle_s)
            if reason is not None:
                code = await shell.exit_code() if reason == _ENDED else None
                await _say(socket, state="closed", reason=reason, exit_code=code)
    except SlipwayError as error:
        await _say(socket, state="refused", code=error.code, message=error.message)
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the browser was first
        await socket.close()


async def _relay(socket: WebSocket, shell: Shell, idle_s: float) -> str | None:
    """Why it ended; None where the browser is gone."""
    written = asyncio.create_task(_written(socket, shell))
    typed = asyncio.create_task(_typed(socket, shell, idle_s))
    try:
        done, _ = await asyncio.wait({written, typed}, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in (written, typed):
            task.cancel()
        await asyncio.gather(written, typed, return_exceptions=True)


async def _written(socket: WebSocket, shell: Shell) -> str | None:
    while data := await shell.read():
        try:
            await socket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError):
            return None
    return _ENDED


async def _typed(socket: WebSocket, shell: Shell, idle_s: float) -> str | None:
    while True:
        try:
            async with asyncio.timeout(idle_s):
                message = await socket.receive()
        except TimeoutError:
            return f"Nothing was typed for {idle_s / 60:g} min."
        if message["type"] == "websocket.disconnect":
            return None
        if message.get("bytes") is not None:
            await shell.write(message["bytes"])
        elif size := _resized(message.get("text") or ""):
            await shell.resize(*size)


def _resized(text: str) -> tuple[int, int] | None:
    """None for what is no size: a terminal need not break over it."""
    try:
        said = json.loads(text)
        return bounded(int(said["columns"]), int(said["rows"]))
    except (ValueError, TypeError, KeyError):
        return None


def _size(socket: WebSocket) -> tuple[int, int]:
    query = socket.query_params
    wanted = {"columns": query.get("columns", "80"), "rows": query.get("rows", "24")}
    return _resized(json.dumps(wanted)) or (80, 24)


async def _say(socket: WebSocket, **said: Any) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(json.dumps(said))
