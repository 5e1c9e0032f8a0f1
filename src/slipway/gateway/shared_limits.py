"""Limits that several machines share: one gateway keeps the counters, those elsewhere ask it.

A call is counted in by one question to the keeper, on a connection that stays open, and what it has
used is told at its end. The keeper holds a reservation for no longer than the connection lives, so a
machine that dies blocks nobody; what its calls have used is told when it is back. While the keeper
cannot be asked each machine counts for itself: calls go on, and limits are exact for a machine.

Questions and answers are JSON, one on each line: see `limit_keeper.py` for the other end.
"""

import asyncio
import contextlib
import hmac
import itertools
import logging
from collections import deque
from dataclasses import dataclass

import orjson

from slipway.gateway.limits import Counted, Denied, Held, Need, Scope
from slipway.gateway.state import Limit

log = logging.getLogger(__name__)

ANSWER_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
MAX_LATE = 100_000  # uses that wait for the keeper to come back


class KeeperAway(Exception):
    """Nobody counts for all machines now."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The service takes no more requests this second."""


class SharedGrant:
    """A call that the keeper has admitted."""

    __slots__ = ("_line", "_number", "_owner", "_places", "lines", "service_left")

    def __init__(
        self, owner: "SharedLimits", number: int, places: tuple[Counted, ...], lines: bytes,
        service_left: int | None,
    ) -> None:  # fmt: skip
        self._owner, self._number, self._places = owner, number, places
        self._line = owner.line
        self.lines = lines
        self.service_left = service_left

    def settle(self, now: float, tokens: int, cost: int = 0) -> None:
        """Told at once; the keeper counts it at the moment it hears of it."""
        if self._owner.line is self._line:
            self._owner.tell([self._number, "settle", tokens, cost])
        elif tokens or cost:
            self._owner.tell([0, "book", as_json(self._places), tokens, cost])


class AloneGrant:
    """A call that was counted here because the keeper could not be asked. What it has used is told
    when the keeper is back."""

    __slots__ = ("_grant", "_owner", "_places")

    def __init__(
        self, owner: "SharedLimits", places: tuple[Counted, ...], grant: Held | None
    ) -> None:
        self._owner, self._places, self._grant = owner, places, grant

    @property
    def lines(self) -> bytes:
        return self._grant.lines if self._grant is not None else b""

    def settle(self, now: float, tokens: int, cost: int = 0) -> None:
        if self._grant is not None:
            self._grant.settle(now, tokens, cost)
        if tokens or cost:
            self._owner.tell([0, "book", as_json(self._places), tokens, cost])


class SharedLimits:
    """The way to the keeper."""

    def __init__(self, host: str, port: int, token: bytes) -> None:
        self.line: asyncio.StreamWriter | None = None
        self._at = host, port
        self._token = token
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[list[object]]] = {}
        self._late: deque[list[object]] = deque(maxlen=MAX_LATE)

    @property
    def state(self) -> str:
        return "alone" if self.line is None else "shared"

    async def ask(
        self, places: tuple[Counted, ...], need: Need, service: tuple[str, int] | None
    ) -> SharedGrant | Denied | Busy:
        """Counts one call in. service: its id and how many requests a second it takes.

        Raises KeeperAway.
        """
        if self.line is None:
            raise KeeperAway
        number = next(self._numbers)
        future = self._asked[number] = asyncio.get_running_loop().create_future()
        wanted = [need.tokens, need.images, need.cost]
        self.tell([number, "admit", as_json(places), wanted, service])
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await future
        except BaseException as reason:
            self.tell([number, "settle", 0, 0])  # whatever it will say, nobody waits for it
            if isinstance(reason, TimeoutError):
                raise KeeperAway from reason
            raise
        finally:
            self._asked.pop(number, None)
        match answer:
            case [_, "granted", str(lines), left]:
                return SharedGrant(self, number, places, lines.encode("latin-1"), left)
            case [_, "denied", scope, limit, int(allowed), int(again)]:
                return Denied(Scope(scope), Limit(limit), allowed, again)
            case [_, "busy"]:
                return Busy()
            case _:
                raise KeeperAway

    def tell(self, message: list[object]) -> None:
        if self.line is not None:
            self.line.write(orjson.dumps(message) + b"\n")
        elif message[1] == "book":
            self._late.append(message)

    async def follow(self) -> None:
        """Keeps the connection, for as long as the gateway runs."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._listen()
                pause_s = FIRST_PAUSE_S
            except (OSError, ValueError, asyncio.IncompleteReadError) as reason:
                log.warning(
                    "limits are counted on this machine alone", extra={"reason": str(reason)}
                )
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    async def _listen(self) -> None:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(*self._at)
        try:
            async with asyncio.timeout(ANSWER_S):
                challenge = (await reader.readline()).strip()
                writer.write(proof(self._token, challenge) + b"\n")
                if (await reader.readline()).strip() != b"welcome":
                    raise ConnectionError("the keeper does not know our token")
            self.line = writer
            log.info("limits are shared", extra={"keeper": f"{self._at[0]}:{self._at[1]}"})
            while self._late:
                self.tell(self._late.popleft())
            while line := await reader.readline():
                answer = orjson.loads(line)
                future = self._asked.get(answer[0])
                if future is not None and not future.done():
                    future.set_result(answer)
            raise ConnectionError("the keeper has gone")
        finally:
            self.line = None
            for future in self._asked.values():
                if not future.done():
                    future.set_exception(KeeperAway())
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def as_json(places: tuple[Counted, ...]) -> list[object]:
    return [
        [one.name, one.scope.value, [[limit.value, allowed] for limit, allowed in one.bounds], one.own]
        for one in places
    ]  # fmt: skip


def proof(token: bytes, challenge: bytes) -> bytes:
    """That we know the token of the platform, without saying it."""
    return hmac.digest(token, challenge, "sha256").hex().encode()
