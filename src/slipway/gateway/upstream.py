"""Connections to instances: kept open, reused, and read without copying more than needed."""

import asyncio
import logging
import ssl
from collections import deque
from typing import Protocol, cast

import httptools

from slipway.gateway.http1 import ResponseHead
from slipway.gateway.policy import Target
from slipway.gateway.reach import Reach, judged

log = logging.getLogger(__name__)

MAX_IDLE_PER_REPLICA = 512
WRITE_BUFFER_BYTES = 256 * 1024


class Listener(Protocol):
    """Who waits for an answer. Calls come in this order, each from the event loop."""

    def upstream_head(self, head: ResponseHead) -> None: ...

    def upstream_body(self, data: bytes) -> None: ...

    def upstream_flush(self) -> None:
        """All that one read brought has been handed over."""

    def upstream_end(self, *, reusable: bool) -> None:
        """The answer is complete. The listener gives the connection back or closes it."""

    def upstream_lost(self, reason: str, *, silent: bool) -> None:
        """It broke before its end. silent: not one byte of an answer had come."""

    def upstream_full(self) -> None:
        """The instance takes no more bytes for now."""

    def upstream_ready(self) -> None: ...


class UpstreamConnection(asyncio.Protocol):
    """One HTTP/1.1 connection to an instance, for one request after another."""

    __slots__ = (
        "_answer",
        "_done",
        "_heard",
        "_informational",
        "_parser",
        "_reading_paused",
        "_reusable",
        "idle_since",
        "listener",
        "method",
        "pool_key",
        "reused",
        "transport",
    )

    def __init__(self, pool_key: Target) -> None:
        self.pool_key = pool_key
        self.transport: asyncio.Transport | None = None
        self.listener: Listener | None = None
        self.method = b""
        self.idle_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._answer = ResponseHead()
        self._heard = False
        self._done = False
        self._informational = False
        self._reusable = False
        self._reading_paused = False

    # -- what the exchange does

    def send(self, listener: Listener, method: bytes, data: bytes) -> None:
        """Starts a request. `data` is its head with all or the first part of its body."""
        self.listener = listener
        self.method = method
        self._heard = self._done = self._informational = False
        self._answer = ResponseHead()
        self.write(data)

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def pause_reading(self) -> None:
        if self.transport is not None and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self.transport is not None and self._reading_paused:
            self._reading_paused = False
            self.transport.resume_reading()

    def discard(self) -> None:
        """Ends the connection at once, which tells the instance to stop working for it."""
        self.listener = None
        if self.transport is not None:
            self.transport.abort()
            self.transport = None

    @property
    def alive(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    # -- what the event loop does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport has the methods but not the base class.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        listener = self.listener
        if listener is None:
            self.discard()  # an answer that nobody asked for
            return
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break("it switched protocols, which was not asked for")
            return
        except httptools.HttpParserCallbackError:
            log.exception("answer handling failed")
            self._break("the gateway could not handle its answer")
            return
        except httptools.HttpParserError as broken:
            if not self._done:
                self._break(f"its answer is not HTTP: {broken}")
                return
            self._reusable = False
        if self.listener is not listener:
            return  # it has turned to another upstream meanwhile
        if self._done:
            self._finish(listener)
        else:
            listener.upstream_flush()

    def eof_received(self) -> None:
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        listener = self.listener
        if listener is None:
            return
        if exc is None and self._answer.status >= 200 and self._answer.ends_with_connection:
            self._finish(listener)  # such an answer ends where its connection ends
            return
        self._break(str(exc) if exc else "it closed the connection")

    def pause_writing(self) -> None:
        if self.listener is not None:
            self.listener.upstream_full()

    def resume_writing(self) -> None:
        if self.listener is not None:
            self.listener.upstream_ready()

    # -- what the parser does

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._done:
            self._answer.add(name, value)

    def on_headers_complete(self) -> None:
        if self._done or self.listener is None:
            return
        status = self._parser.get_status_code()
        self._informational = status < 200
        if self._informational:
            return
        self._answer.status = status
        self.listener.upstream_head(self._answer)
        if self.method == b"HEAD":
            # The parser would wait for the body that the head announces, and that never comes.
            self._done = True
            self._reusable = False

    def on_body(self, data: bytes) -> None:
        if not self._done and self.listener is not None:
            self.listener.upstream_body(data)

    def on_message_complete(self) -> None:
        if self._informational:
            self._answer = ResponseHead()  # the real one follows
        elif not self._done:
            self._done = True
            self._reusable = self._parser.should_keep_alive()

    # -- helpers

    def _finish(self, listener: Listener) -> None:
        self.resume_reading()
        self.listener = None
        listener.upstream_end(reusable=self._reusable and self.alive)

    def _break(self, reason: str) -> None:
        listener, silent = self.listener, not self._heard
        self.discard()
        if listener is not None:
            listener.upstream_lost(reason, silent=silent)


class Pool:
    """Idle connections by target. The youngest is used first, the oldest age out."""

    def __init__(self, *, idle_s: float, connect_timeout_s: float, reach: Reach) -> None:
        self._idle: dict[Target, deque[UpstreamConnection]] = {}
        self._idle_s = idle_s
        self._connect_timeout_s = connect_timeout_s
        self._reach = reach
        self._tls: ssl.SSLContext | None = None

    def take(self, target: Target, now: float) -> UpstreamConnection | None:
        """A connection that is open and free, if there is one. now: the loop's time."""
        idle = self._idle.get(target)
        while idle:
            connection = idle.pop()
            if connection.alive and now - connection.idle_since < self._idle_s:
                return connection
            connection.discard()
        return None

    async def connect(self, target: Target) -> UpstreamConnection:
        """A new connection. Raises OSError (TimeoutError and a bad certificate are some)."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._connect_timeout_s):
            host = target.host
            if target.guarded:
                host = await judged(target.host, target.port, self._reach)
            _, connection = await loop.create_connection(
                lambda: UpstreamConnection(target),
                host,
                target.port,
                ssl=self._context() if target.tls else None,
                server_hostname=target.host if target.tls else None,
            )
        return connection

    def give_back(self, connection: UpstreamConnection, now: float) -> None:
        idle = self._idle.get(connection.pool_key)
        if idle is None:
            idle = self._idle[connection.pool_key] = deque()
        if len(idle) >= MAX_IDLE_PER_REPLICA:
            connection.discard()
            return
        connection.idle_since = now
        idle.append(connection)

    def sweep(self, now: float) -> None:
        """Closes what has been idle for too long."""
        for target, idle in list(self._idle.items()):
            while idle and (not idle[0].alive or now - idle[0].idle_since >= self._idle_s):
                idle.popleft().discard()
            if not idle:
                del self._idle[target]

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.discard()
        self._idle.clear()

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
