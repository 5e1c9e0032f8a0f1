"""The one gateway that counts for gateways on other machines (`shared_limits.py`).

It answers from the counters that it counts its own calls into, so limits are exact over all of them.
"""

import asyncio
import hmac
import logging
import secrets
import time
from typing import Any

import orjson

from slipway.gateway.limits import Counted, Denied, Grant, Limits, Need, Scope
from slipway.gateway.shared_limits import proof
from slipway.gateway.state import Limit

log = logging.getLogger(__name__)

GREETING_S = 5.0
MAX_LINE_BYTES = 256 * 1024


class LimitKeeper:
    def __init__(self, limits: Limits, token: bytes) -> None:
        self._limits = limits
        self._token = token
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> int:
        """Returns the port. Raises OSError if the address is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_LINE_BYTES)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            line.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: dict[int, Grant] = {}
        self._lines.add(writer)
        try:
            if await self._is_ours(reader, writer):
                while line := await reader.readline():
                    answer = self._answer(orjson.loads(line), held)
                    if answer is not None:
                        writer.write(orjson.dumps(answer) + b"\n")
                        await writer.drain()
        except (OSError, ValueError, TimeoutError) as reason:
            log.warning("a gateway that shares our limits has gone", extra={"reason": str(reason)})
        finally:
            now = time.time()
            for grant in held.values():
                grant.settle(now, 0)
            self._lines.discard(writer)
            writer.close()

    async def _is_ours(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        challenge = secrets.token_hex(32).encode()
        writer.write(challenge + b"\n")
        async with asyncio.timeout(GREETING_S):
            said = (await reader.readline()).strip()
        if not hmac.compare_digest(said, proof(self._token, challenge)):
            log.warning("somebody without our token asked for limits")
            return False
        writer.write(b"welcome\n")
        return True

    def _answer(self, message: Any, held: dict[int, Grant]) -> list[object] | None:
        now = time.time()
        match message:
            case [int(number), "admit", list(places), [tokens, images, cost], service]:
                return self._admit(
                    number, _places(places), Need(tokens, images, cost), service, held, now
                )
            case [int(number), "settle", int(tokens), int(cost)]:
                grant = held.pop(number, None)
                if grant is not None:
                    grant.settle(now, tokens, cost)
            case [0, "book", list(places), int(tokens), int(cost)]:
                self._limits.book(_places(places), now, tokens, cost)
            case _:
                raise ValueError("a message that is none of ours")
        return None

    def _admit(
        self, number: int, places: tuple[Counted, ...], need: Need, service: list[Any] | None,
        held: dict[int, Grant], now: float,
    ) -> list[object]:  # fmt: skip
        granted = self._limits.admit_to(places, now, need)
        if isinstance(granted, Denied):
            scope, limit = granted.scope.value, granted.limit.value
            return [number, "denied", scope, limit, granted.allowed, granted.retry_after_s]
        left = None
        if service is not None:
            left = self._limits.admit_to_service(str(service[0]), now, int(service[1]))
            if left < 0:
                granted.settle(now, 0)
                return [number, "busy"]
        held[number] = granted
        return [number, "granted", granted.lines.decode("latin-1"), left]


def _places(said: list[Any]) -> tuple[Counted, ...]:
    return tuple(
        Counted(
            str(name),
            Scope(scope),
            tuple((Limit(limit), int(allowed)) for limit, allowed in bounds),
            own=bool(own),
        )
        for name, scope, bounds, own in said
    )
