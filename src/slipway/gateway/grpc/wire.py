"""One HTTP/2 connection, ours or a caller's: frames through the library h2, bytes as they come.

What one side may not send yet waits here, and the other side is told to go on only when it has
been sent: so neither a slow caller nor a slow instance fills our memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes

from slipway.gateway.grpc.status import Headers

MAX_STREAMS = 1000
_WINDOW = 1 << 20


class Outbox:
    """What is still to be sent on one stream."""

    __slots__ = ("chunks", "ending")

    def __init__(self) -> None:
        self.chunks: deque[tuple[memoryview, Callable[[], None]]] = deque()
        self.ending: Headers | None = None  # trailers, or [] for a plain end


class Stream:
    """One side of a call, as the other side of it drives it. Subclasses hear what arrives."""

    side: "Side"
    number: int

    def headers_came(self, headers: Headers, *, ended: bool) -> None: ...
    def data_came(self, data: bytes, sent: Callable[[], None]) -> None: ...
    def trailers_came(self, trailers: Headers) -> None: ...
    def ended(self) -> None: ...
    def lost(self) -> None: ...


class Side(asyncio.Protocol):
    def __init__(self, *, client: bool) -> None:
        self.h2 = H2Connection(
            H2Configuration(client_side=client, header_encoding=None, logger=None)
        )
        self.streams: dict[int, Stream] = {}
        self.closed = False
        self._outboxes: dict[int, Outbox] = {}
        self._transport: asyncio.Transport | None = None
        self._client = client

    # -- what calls do

    def send_headers(self, number: int, headers: Headers, *, end: bool = False) -> None:
        self._do(lambda: self.h2.send_headers(number, headers, end_stream=end))

    def send(self, number: int, data: bytes, sent: Callable[[], None]) -> None:
        """`sent` is called when the last byte has gone."""
        box = self._outboxes.setdefault(number, Outbox())
        box.chunks.append((memoryview(data), sent))
        self._drain(number)

    def end(self, number: int, trailers: Headers) -> None:
        box = self._outboxes.setdefault(number, Outbox())
        box.ending = trailers
        self._drain(number)

    def reset(self, number: int) -> None:
        if number in self.streams:
            self.forget(number)
            self._do(lambda: self.h2.reset_stream(number, ErrorCodes.CANCEL))

    def forget(self, number: int) -> None:
        self.streams.pop(number, None)
        self._outboxes.pop(number, None)

    def acknowledge(self, number: int, length: int) -> None:
        if not self.closed and length:
            self._do(lambda: self.h2.acknowledge_received_data(length, number))

    def flush(self) -> None:
        if self._transport is not None and (data := self.h2.data_to_send()):
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._do(self.h2.close_connection)
            self._transport.close()

    @property
    def peer(self) -> bytes:
        found = self._transport.get_extra_info("peername") if self._transport else None
        return str(found[0]).encode() if found else b"unknown"

    # -- what the event loop does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.h2.initiate_connection()
        wanted: dict[SettingCodes | int, int] = {
            SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
            SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
        }
        self.h2.update_settings(wanted | {SettingCodes.ENABLE_PUSH: 0} if self._client else wanted)
        self.h2.increment_flow_control_window(8 * _WINDOW)
        self.flush()

    def data_received(self, data: bytes) -> None:
        try:
            events = self.h2.receive_data(data)
        except H2Error:
            self.flush()  # the library has said what is wrong
            if self._transport is not None:
                self._transport.close()
            return
        for event in events:
            self._heard(event)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed, self._transport = True, None
        self._outboxes.clear()
        streams, self.streams = list(self.streams.values()), {}
        for stream in streams:
            stream.lost()
        self.gone()

    # -- what subclasses know

    def gone(self) -> None:
        """The connection has ended."""

    def request_came(self, number: int, headers: Headers, *, ended: bool) -> None:
        """Only callers ask."""

    def _heard(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=number, headers=headers):
                self.request_came(
                    number or 0, _pairs(headers), ended=event.stream_ended is not None
                )
            case ResponseReceived(stream_id=number, headers=headers):
                if stream := self.streams.get(number or 0):
                    ended = event.stream_ended is not None
                    stream.headers_came(_pairs(headers), ended=ended)
            case DataReceived(stream_id=number, data=data):
                length = event.flow_controlled_length or 0
                stream = self.streams.get(number or 0)
                if stream is None or not data:
                    self.acknowledge(number or 0, length)
                else:
                    at = number or 0
                    stream.data_came(bytes(data), lambda: self.acknowledge(at, length))
            case TrailersReceived(stream_id=number, headers=headers):
                if stream := self.streams.get(number or 0):
                    stream.trailers_came(_pairs(headers))
            case StreamEnded(stream_id=number):
                if stream := self.streams.get(number or 0):
                    stream.ended()
            case StreamReset(stream_id=number):
                if stream := self.streams.get(number or 0):
                    self.forget(number or 0)
                    stream.lost()
            case WindowUpdated(stream_id=number):
                for at in [number] if number else list(self._outboxes):
                    self._drain(at)
            case ConnectionTerminated():
                self.closed = True  # what runs goes on; nothing new is begun on it

    def _drain(self, number: int) -> None:
        box = self._outboxes.get(number)
        if box is None or self._transport is None:
            return
        try:
            self._send_what_fits(number, box)
        except H2Error:
            self._outboxes.pop(number, None)  # the stream has ended under us; `lost` follows
        self.flush()

    def _send_what_fits(self, number: int, box: Outbox) -> None:
        while box.chunks:
            data, sent = box.chunks[0]
            room = min(self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size)
            if room <= 0:
                return
            self.h2.send_data(number, bytes(data[:room]))
            if len(data) > room:
                box.chunks[0] = (data[room:], sent)
                continue
            box.chunks.popleft()
            sent()
        if box.ending is not None:
            self._outboxes.pop(number, None)
            if box.ending:
                self.h2.send_headers(number, box.ending, end_stream=True)
            else:
                self.h2.end_stream(number)

    def _do(self, act: Callable[[], None]) -> None:
        """Something on a stream or connection that may just have ended is no fault of ours."""
        try:
            act()
        except H2Error:
            return
        self.flush()


def _pairs(headers: object) -> Headers:
    return [(bytes(name), bytes(value)) for name, value in cast(Headers, headers or [])]
