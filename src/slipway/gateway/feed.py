"""Keeps the routing table as the control plane wants it, and a copy on disk for the next start."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson

from slipway.gateway.control import ControlAway, ControlPlane
from slipway.gateway.files import write_atomically
from slipway.gateway.state import BadFeed, State

log = logging.getLogger(__name__)

PATH = "/internal/gateway/feed"
# The control plane says something every 15 s; three missed pings mean that it is gone.
SILENCE_S = 45.0
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2.0
# Changes that come together are written together.
SAVE_DELAY_S = 0.05


class Feed:
    """Follows the control plane's feed, through its restarts, for as long as the gateway runs."""

    def __init__(
        self,
        control: ControlPlane,
        state: State,
        file: Path,
        on_change: Callable[[], None],
    ) -> None:
        self.connected = False
        self._control = control
        self._state = state
        self._file = file
        self._on_change = on_change
        self._changed = asyncio.Event()

    async def follow(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._control.ask("GET", PATH, silence_s=SILENCE_S) as answer:
                    if answer.status != 200:
                        raise ControlAway(f"the feed answered {answer.status}")
                    async for message in _messages(answer.pieces()):
                        self.take(message)
                        wait_s = FIRST_WAIT_S
                raise ControlAway("the feed ended")
            except ControlAway as reason:
                level = logging.WARNING if self.connected else logging.DEBUG
                log.log(level, "control plane is away", extra={"reason": str(reason)})
            self.connected = False
            # Jitter keeps several gateways from knocking at the same instant.
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def take(self, message: dict[str, object]) -> None:
        """One message. What cannot be understood is left out and reported; the rest counts."""
        try:
            self._state.apply(message)
        except BadFeed as problem:
            log.error("feed message not understood", extra={"reason": str(problem)})
        if message.get("op") == "reset":
            self.connected = True
            log.info("following the control plane", extra={"version": self._state.version})
        if message.get("op") != "ping":
            self._on_change()
            self._changed.set()

    async def keep_on_disk(self) -> None:
        """Writes the state after each change, outside the loop's thread."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(SAVE_DELAY_S)
            await self.save()

    async def save(self) -> None:
        if not self._changed.is_set():
            return
        self._changed.clear()
        data = orjson.dumps(self._state.dump())
        try:
            await asyncio.to_thread(write_atomically, self._file, data)
        except OSError as cause:
            self._changed.set()
            log.error("cannot keep the state on disk", extra={"reason": str(cause)})
            await asyncio.sleep(LONGEST_WAIT_S)

    def load(self) -> None:
        """Takes over what the last run knew, so that calls are served before we are connected."""
        try:
            message = orjson.loads(self._file.read_bytes())
            self._state.apply(message)
        except FileNotFoundError:
            return
        except (OSError, orjson.JSONDecodeError, BadFeed) as cause:
            log.error("kept state not understood in full", extra={"reason": str(cause)})
        self._on_change()


async def _messages(pieces: AsyncIterator[bytes]) -> AsyncIterator[dict[str, object]]:
    held = bytearray()
    async for piece in pieces:
        held += piece
        if b"\n" not in piece:
            continue
        *lines, held = held.split(b"\n")
        for line in lines:
            if not line.strip():
                continue
            try:
                message = orjson.loads(line)
            except orjson.JSONDecodeError as cause:
                raise ControlAway(f"the feed sent a line that is not JSON: {cause}") from cause
            if isinstance(message, dict):
                yield message
