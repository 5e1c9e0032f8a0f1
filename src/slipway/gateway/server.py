"""The client's side: one connection, its requests in order, and everything a bad client may do."""

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

from slipway.gateway.errors import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    HEADERS_TOO_LARGE,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    REQUEST_TIMEOUT,
    TOO_MANY_CONNECTIONS,
    Door,
    Fault,
    Refused,
)
from slipway.gateway.exchange import Exchange
from slipway.gateway.http1 import CLOSE, RequestHead, own_answer

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway

log = logging.getLogger(__name__)

FOREVER = float("inf")
WRITE_BUFFER_BYTES = 256 * 1024
# Requests that a client sends ahead of its answers wait; beyond this it is not read any further.
MAX_WAITING_REQUESTS = 32
# After a refusal in the middle of an upload: how long we go on reading, so that the client gets
# to see the answer instead of a reset.
LINGER_S = 2.0


class ClientConnection(asyncio.Protocol):
    """Parses requests, hands each to an Exchange, and keeps their answers in order."""

    __slots__ = ("_closing", "_current", "_deadline", "_gateway", "_head", "_head_bytes",
                 "_incoming", "_lingering", "_parser", "_pumping", "_reading_paused", "_waiting",
                 "address", "transport", "write_paused")  # fmt: skip

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._parser = httptools.HttpRequestParser(self)
        self._head = RequestHead()
        self._head_bytes = 0  # received for a head that is not complete yet
        self._incoming: Exchange | None = None  # head complete, body not
        self._current: Exchange | None = None  # being answered
        self._waiting: deque[Exchange] = deque()
        self._deadline = FOREVER
        self._closing = False
        self._lingering = False
        self._pumping = False
        self._reading_paused = False
        self.transport: asyncio.Transport | None = None
        self.address = b"unknown"
        self.write_paused = False

    # -- what exchanges do

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

    def expect_answer(self) -> float:
        """The instance has its time from now on. Gives now."""
        now = self._gateway.clock()
        if not self.write_paused:
            self._deadline = now + self._gateway.settings.upstream_timeout_s
        return now

    def expect_nothing(self) -> None:
        """The request waits for a service to wake, which has a time limit of its own."""
        self._deadline = FOREVER

    def exchange_done(self, *, close: bool) -> None:
        self._current = None
        if close or self._closing or self._gateway.draining:
            self._close_gently()
        else:
            self._pump()

    def cut(self) -> None:
        """Breaks the connection off, so that a torn answer cannot pass for a whole one."""
        if self.transport is not None:
            self.transport.abort()

    # -- what the event loop does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport has the methods but not the base class.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        peer = self.transport.get_extra_info("peername")
        if peer:
            self.address = str(peer[0]).encode()
        self._deadline = self._gateway.clock() + self._gateway.settings.header_timeout_s
        self._gateway.connections.add(self)
        if not self._gateway.addresses.enter(self.address):
            self._refuse_connection(TOO_MANY_CONNECTIONS, "Too many connections of your address.")

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return  # only so that the client reads our answer before it sees the end
        begins = False
        if self._incoming is None:
            begins = not self._head_bytes
            self._head_bytes += len(data)
        elif self._current is not None:
            self.expect_answer()  # it is being passed on; the instance cannot answer yet
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._closing = True  # whatever follows the request is not HTTP/1.1
        except httptools.HttpParserCallbackError:
            log.exception("request handling failed")
            self._refuse_connection(INTERNAL, "The gateway failed. Tell an administrator.")
        except httptools.HttpParserError as broken:
            self._refuse_connection(BAD_REQUEST, f"The request is not valid HTTP: {broken}.")
        else:
            self._expect_more(head_begins=begins)

    def eof_received(self) -> None:
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._closing = True
        self._gateway.connection_gone(self)
        self._gateway.addresses.leave(self.address)
        self._waiting.clear()
        current, self._current, self._incoming = self._current, None, None
        if current is not None:
            current.client_lost()

    def pause_writing(self) -> None:
        self.write_paused = True
        self._deadline = self._gateway.clock() + self._gateway.settings.stalled_client_s
        if self._current is not None:
            self._current.client_full()

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._current is not None:
            self.expect_answer()
            self._current.client_ready()

    # -- what the parser does

    def on_message_begin(self) -> None:
        self._head = RequestHead()

    def on_url(self, data: bytes) -> None:
        self._head.target += data
        self._head.size += len(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._incoming is None:  # else a trailer, which nobody needs
            self._head.add(name, value)

    def on_headers_complete(self) -> None:
        head = self._head
        self._head_bytes = 0
        if self._closing:
            return
        head.method = self._parser.get_method()
        head.version = self._parser.get_http_version()
        head.keep_alive = self._parser.should_keep_alive() and not head.has_upgrade
        refusal = self._broken_head(head)
        if refusal is not None:
            self._refuse_connection(*refusal)
            return
        head.drop_named_in_connection()
        exchange = self._incoming = Exchange(self._gateway, self, head)
        admitted = exchange.open()
        if self._current is None:
            large = (head.content_length or 0) > self._gateway.settings.stream_body_bytes
            if not admitted and (large or head.expect):
                self._current = exchange
                self._start(exchange)  # refused before the body is worth its way
            elif head.expect == b"100-continue":
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        exchange = self._incoming
        if exchange is None or self._closing:
            return
        exchange.body(data)
        settings = self._gateway.settings
        if exchange.request_bytes > settings.max_body_bytes:
            self._too_large()
        elif (
            exchange.request_bytes > settings.stream_body_bytes
            and self._current is None
            and exchange.may_stream_up
        ):
            self._current = exchange
            self._start(exchange)

    def on_message_complete(self) -> None:
        exchange, self._incoming = self._incoming, None
        if exchange is None or self._closing:
            return
        exchange.body_end()
        if exchange is self._current or exchange.done:
            return
        self._waiting.append(exchange)
        self._pump()
        if len(self._waiting) >= MAX_WAITING_REQUESTS:
            self.pause_reading()

    # -- the order of things

    def _pump(self) -> None:
        """Starts waiting requests, one after the other is answered. Not recursive: a client may
        send thousands that are refused at once."""
        if self._pumping:
            return
        self._pumping = True
        while self._waiting and self._current is None and self.transport is not None:
            self._current = self._waiting.popleft()
            self._start(self._current)
        self._pumping = False
        if self._current is not None or self.transport is None:
            return
        if len(self._waiting) < MAX_WAITING_REQUESTS:
            self.resume_reading()
        if self._incoming is not None:
            self._expect_body()
        elif not self._lingering:
            self._deadline = self._gateway.clock() + self._gateway.settings.keep_alive_s

    def _start(self, exchange: Exchange) -> None:
        try:
            exchange.start()
        except Exception:
            log.exception("request handling failed", extra={"request_id": exchange.id})
            if not exchange.done:
                exchange.refuse(Refused(INTERNAL, "The gateway failed. Tell an administrator."))

    def _expect_more(self, *, head_begins: bool) -> None:
        """After a read: how long the rest of a request may take. One that is being answered has
        its own time."""
        if self._closing:
            return
        if self._head_bytes > self._gateway.settings.max_header_bytes:
            self._headers_too_large()
        elif self._current is not None:
            return
        elif self._incoming is not None:
            self._expect_body()
        elif self._head_bytes and head_begins:
            self._deadline = self._gateway.clock() + self._gateway.settings.header_timeout_s

    def _expect_body(self) -> None:
        settings = self._gateway.settings
        self._deadline = self._gateway.clock() + settings.body_timeout_s
        if self._incoming is not None:
            whole = self._incoming.started + settings.whole_body_s
            self._deadline = min(self._deadline, whole)

    # -- bad clients

    def check(self, now: float) -> None:
        """Called a few times a second: is anything overdue?"""
        if now < self._deadline or self.transport is None:
            return
        self._deadline = FOREVER
        if self._lingering or self.write_paused:
            self.cut()
        elif self._current is not None:
            self._current.timed_out()
        elif self._incoming is not None or self._head_bytes:
            self._refuse_connection(REQUEST_TIMEOUT, "The request did not arrive in time.")
        else:
            self.transport.close()

    def drain(self) -> None:
        """The gateway stops: idle connections go, busy ones after their answer."""
        if self._current is None and self._incoming is None and not self._waiting:
            self._close_gently()

    def _broken_head(self, head: RequestHead) -> tuple[Fault, str] | None:
        settings = self._gateway.settings
        if head.size > settings.max_header_bytes:
            return HEADERS_TOO_LARGE, "The request's headers are too large."
        if head.method == b"CONNECT":
            return METHOD_NOT_ALLOWED, "CONNECT is not possible here."
        # The parser refuses both together; this holds should it ever become lenient.
        if head.chunked and head.content_length is not None:
            return BAD_REQUEST, "Content-Length and Transfer-Encoding exclude each other."
        if head.version not in ("1.0", "1.1") or (head.chunked and head.version == "1.0"):
            return BAD_REQUEST, "The request is not valid HTTP/1.1."
        if (head.content_length or 0) > settings.max_body_bytes:
            return BODY_TOO_LARGE, _too_large_words(settings.max_body_bytes)
        return None

    def _headers_too_large(self) -> None:
        if not self._closing:
            self._refuse_connection(HEADERS_TOO_LARGE, "The request's headers are too large.")

    def _too_large(self) -> None:
        limit = self._gateway.settings.max_body_bytes
        exchange, self._incoming = self._incoming, None
        if exchange is not None and exchange is self._current:
            if exchange.reply.head_sent:
                self.cut()
            else:
                exchange.refuse(Refused(BODY_TOO_LARGE, _too_large_words(limit)))
        else:
            self._refuse_connection(BODY_TOO_LARGE, _too_large_words(limit))

    def _refuse_connection(self, fault: Fault, message: str) -> None:
        """Answers what is no request, and ends the connection: what follows cannot be trusted."""
        if self._closing:
            return
        self._incoming = None
        if self._current is not None:
            # An answer is on its way for an earlier request; a second one would be mistaken for it.
            self._closing = True
            return
        refusal = Refused(fault, message)
        self._gateway.metrics.refused_connections += 1
        lines = b"x-request-id: %b\r\n%b" % (self._gateway.next_id().encode(), CLOSE)
        self.write(own_answer(fault.status, refusal.body(Door.PLAIN), lines, b"application/json"))
        self._close_gently()

    def _close_gently(self) -> None:
        """Ends the connection once the client has had a chance to read what we wrote."""
        self._closing = True
        self._waiting.clear()
        if self.transport is None or self._lingering:
            return
        if self._incoming is None and not self._head_bytes:
            self.transport.close()
            return
        self._incoming = None
        self._lingering = True
        self._deadline = self._gateway.clock() + LINGER_S
        self.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()


def _too_large_words(limit: int) -> str:
    return f"The body is too large: at most {limit // (1024 * 1024)} MiB are taken."
