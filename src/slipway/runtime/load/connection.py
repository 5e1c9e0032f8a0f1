"""One caller: a kept connection that sends the same request again and again.

Written on asyncio's protocols, because the generator must not be what is measured: an answer costs
it a few tens of microseconds.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools

CONNECT_S = 10.0


@dataclass(frozen=True)
class Target:
    """Where to, and the whole request as bytes."""

    host: str
    port: int
    tls: bool
    request: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 where there was none. first_s: until the first byte of the body."""

    status: int
    took_s: float
    first_s: float
    size_bytes: int
    tail: bytes = b""  # the end of the body, where the tokens that were used are told
    problem: str = ""


def target(url: str, method: str, headers: dict[str, str], body: bytes, timeout_s: float) -> Target:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    host = parts.hostname or "127.0.0.1"
    port = parts.port or (443 if tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = {"host": parts.netloc, "content-length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return Target(host, port, tls, ("\r\n".join(lines) + "\r\n\r\n").encode() + body, timeout_s)


class Caller:
    """Calls until told to stop; opens a new connection where the last one ended."""

    def __init__(self, to: Target, done: Callable[[Answer], None]) -> None:
        self._to = to
        self._done = done
        self._connection: _Connection | None = None

    async def run(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            answer = await self._call(min(left, self._to.timeout_s), cut=left < self._to.timeout_s)
            if answer is not None:
                self._done(answer)
        if self._connection is not None:
            self._connection.close()

    async def _call(self, limit_s: float, *, cut: bool) -> Answer | None:
        """None where the step ended before the answer: it says nothing about the service."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(limit_s):
                if self._connection is None or self._connection.ended:
                    self._connection = await self._connect()
                return await self._connection.ask(self._to.request)
        except TimeoutError:
            self._drop()
            took = time.perf_counter() - began
            return None if cut else Answer(0, took, took, 0, problem="no answer in time")
        except OSError as error:
            self._drop()
            took = time.perf_counter() - began
            await asyncio.sleep(0.05)  # a service that is not there must not be asked in a circle
            return Answer(0, took, took, 0, problem=error.strerror or type(error).__name__)

    async def _connect(self) -> _Connection:
        to = self._to
        context = ssl.create_default_context() if to.tls else None
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            _, protocol = await loop.create_connection(_Connection, to.host, to.port, ssl=context)
        return protocol

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.ended = False
        self._transport: Any = None
        self._parser: Any = None
        self._answer: asyncio.Future[Answer] | None = None
        self._began = self._first = 0.0
        self._size = 0
        self._tail = b""

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        self._answer = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._size, self._first, self._tail = 0, 0.0, b""
        self._began = time.perf_counter()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self.ended = True
        self._transport.abort()

    # ---- asyncio ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(OSError(0, f"not HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._fail(ConnectionResetError(0, "the connection was closed"))

    def _fail(self, error: OSError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    # ---- httptools ----

    def on_body(self, body: bytes) -> None:
        if not self._first:
            self._first = time.perf_counter()
        self._size += len(body)
        self._tail = (self._tail + body)[-4096:] if len(body) < 4096 else body[-4096:]

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        if not self._parser.should_keep_alive():
            self.ended = True
        if self._answer is not None and not self._answer.done():
            first = (self._first or now) - self._began
            status = self._parser.get_status_code()
            took = now - self._began
            self._answer.set_result(Answer(status, took, first, self._size, self._tail))
