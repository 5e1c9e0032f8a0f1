"""A call that comes from inside: a line of a batch goes the way of every call, without a socket.

The same admission, limits, rules, audit, routing and books; only its key is known already.
"""

import asyncio
import time
from typing import TYPE_CHECKING

from slipway.gateway.exchange import Exchange
from slipway.gateway.http1 import RequestHead
from slipway.gateway.state import Key

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway


class InnerClient:
    """Stands where a client's connection stands, and collects the answer."""

    address = b"batch"
    write_paused = False

    def __init__(self) -> None:
        self.answer = bytearray()
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def write(self, data: bytes) -> None:
        self.answer += data

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return

    def expect_answer(self) -> float:
        return time.monotonic()

    def expect_nothing(self) -> None:
        return

    def exchange_done(self, *, close: bool) -> None:
        if not self.done.done():
            self.done.set_result(True)

    def cut(self) -> None:
        if not self.done.done():
            self.done.set_result(False)


async def call(
    gateway: "Gateway", key: Key, path: str, body: bytes, *, timeout_s: float
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer; status 0 where it broke off. Raises TimeoutError."""
    head = RequestHead()
    head.method, head.target, head.version, head.keep_alive = b"POST", path.encode(), "1.0", False
    head.host, head.content_type, head.content_length = b"batch", b"application/json", len(body)
    client = InnerClient()
    exchange = Exchange(gateway, client, head)
    exchange.open(key)
    exchange.body(body)
    exchange.body_end()
    exchange.start()
    try:
        async with asyncio.timeout(timeout_s):
            whole = await client.done
    finally:
        exchange.client_lost()  # nothing, where it is over
    return _parsed(bytes(client.answer)) if whole else (0, {}, b"")


def _parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return int(first.split()[1]), headers, body
