"""A small question of the gateway's own to another server: an audit hook, a mirrored call."""

import asyncio

from slipway.gateway.http1 import ResponseHead
from slipway.gateway.policy import Target
from slipway.gateway.upstream import Pool, UpstreamConnection

MAX_ANSWER_BYTES = 8 * 1024 * 1024


class NoAnswer(Exception):
    """It could not be reached, broke off, or said too much."""


class _Asked:
    """Waits for one answer (a Listener of its connection)."""

    def __init__(self, pool: Pool, connection: UpstreamConnection, now: float) -> None:
        self._pool, self._connection, self._now = pool, connection, now
        self._status, self._parts, self._size = 0, list[bytes](), 0
        self.answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()

    def upstream_head(self, head: ResponseHead) -> None:
        self._status = head.status

    def upstream_body(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_ANSWER_BYTES:
            self._connection.discard()
            self.upstream_lost("its answer is too large", silent=False)
        else:
            self._parts.append(data)

    def upstream_flush(self) -> None:
        return

    def upstream_end(self, *, reusable: bool) -> None:
        if reusable:
            self._pool.give_back(self._connection, self._now)
        else:
            self._connection.discard()
        if not self.answer.done():
            self.answer.set_result((self._status, b"".join(self._parts)))

    def upstream_lost(self, reason: str, *, silent: bool) -> None:
        if not self.answer.done():
            self.answer.set_exception(NoAnswer(reason))

    def upstream_full(self) -> None:
        return

    def upstream_ready(self) -> None:
        return


async def ask(
    pool: Pool, target: Target, request: bytes, *, now: float, timeout_s: float
) -> tuple[int, bytes]:
    """Sends one POST (head and body in `request`). Returns status and body. Raises NoAnswer."""
    connection: UpstreamConnection | None = None
    try:
        async with asyncio.timeout(timeout_s):
            connection = await pool.connect(target)
            asked = _Asked(pool, connection, now)
            connection.send(asked, b"POST", request)
            return await asked.answer
    except (OSError, TimeoutError) as cause:
        raise NoAnswer(str(cause) or "it did not answer in time") from cause
    finally:
        if connection is not None and connection.listener is not None:
            connection.discard()
