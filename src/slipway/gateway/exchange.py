"""One request from its head to its last byte: admitted, sent to an instance, answered, booked.

A state machine without tasks or futures: with a warm connection a small call goes from the client's
socket to the instance's within one turn of the event loop, and back within another.
"""

import asyncio
from typing import TYPE_CHECKING

from slipway.gateway import admission, pages
from slipway.gateway.admission import Entry
from slipway.gateway.body import Call, asking_for_usage
from slipway.gateway.booking import book
from slipway.gateway.errors import (
    BAD_ANSWER,
    INSTANCE_UNREACHABLE,
    UPSTREAM_TIMEOUT,
    Door,
    Fault,
    Refused,
)
from slipway.gateway.http1 import LAST_CHUNK, RequestHead, ResponseHead, chunk, request_bytes
from slipway.gateway.limits import Grant
from slipway.gateway.reply import Reply
from slipway.gateway.routing import COOLING_S, Choice
from slipway.gateway.sse import JsonMeter, Meter, StreamMeter
from slipway.gateway.state import Key, Service
from slipway.gateway.upstream import UpstreamConnection

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.server import ClientConnection

CLIENT_CLOSED = 499
_SAFE_TO_REPEAT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})
_NO_ENTRY = Entry(Door.PLAIN, "", b"")


class Exchange:
    """A request and its answer. Created when the head is complete, done when it is booked."""

    __slots__ = (
        "_avoid",
        "_call",
        "_choice",
        "_client",
        "_connecting",
        "_gateway",
        "_grant",
        "_injected",
        "_pieces",
        "_refusal",
        "_service_limit",
        "_streaming_up",
        "_upstream",
        "_used_warm",
        "body_complete",
        "body_parts",
        "done",
        "entry",
        "error_code",
        "head",
        "id",
        "key",
        "meter",
        "reply",
        "request_bytes",
        "service",
        "started",
        "started_at",
        "status",
        "ttft_s",
        "upstream_status",
    )  # fmt: skip

    def __init__(self, gateway: "Gateway", client: "ClientConnection", head: RequestHead) -> None:
        self._gateway = gateway
        self._client = client
        self.head = head
        self.reply = Reply(client, head)
        self.id = gateway.next_id()
        self.started = gateway.clock()
        self.started_at = gateway.now()
        self.entry = _NO_ENTRY
        self.key: Key | None = None
        self.service: Service | None = None
        self.body_parts: list[bytes] = []
        self.body_complete = False
        self.request_bytes = 0
        self.status = 0
        self.upstream_status = 0
        self.error_code: str | None = None
        self.ttft_s: float | None = None
        self.meter: Meter | None = None
        self.done = False
        self._refusal: Refused | None = None
        self._call: Call | None = None
        self._grant: Grant | None = None
        self._choice: Choice | None = None
        self._service_limit: tuple[int, int] | None = None
        self._avoid: tuple[str, ...] = ()
        self._upstream: UpstreamConnection | None = None
        self._used_warm = False
        self._connecting: asyncio.Task[None] | None = None
        self._streaming_up = False
        self._injected = False
        self._pieces: list[bytes] = []

    # -- what the client's connection does

    def open(self) -> bool:
        """Looks at the head: where to, and who. False if the answer is already a refusal."""
        state = self._gateway.state
        try:
            if not pages.is_own(self.head.target):
                self.entry = self._gateway.entry(self.head.target)
                self.service = self.entry.service
                admission.check_route(self.entry, self.head.method)
                self.key = admission.identify(state, self.entry, self.head.authorization)
                if self.key is not None:
                    address = admission.caller_address(
                        self._client.address, self.head.forwarded_for
                    )
                    admission.check_key(state, self.key, self.started_at, address)
        except Refused as refusal:
            self._refusal = refusal
        return self._refusal is None

    @property
    def may_stream_up(self) -> bool:
        """Whether the body can be passed on before it is complete."""
        return self._refusal is None and self.service is not None and not self.entry.is_call

    @property
    def is_own_page(self) -> bool:
        """Health and metrics: asked every few seconds, worth no line in any book."""
        return self.entry is _NO_ENTRY and self.status < 400

    @property
    def call(self) -> Call | None:
        return self._call

    @property
    def client_address(self) -> bytes:
        return self._client.address

    @property
    def choice(self) -> Choice | None:
        return self._choice

    def start(self) -> None:
        """The body is complete, or its first part is here and may be passed on."""
        try:
            if self._refusal is not None:
                raise self._refusal
            page = pages.find(self._gateway, self._client, self)
            if page is not None:
                self._answer(page.status, page.body, content_type=page.content_type)
                return
            self._admit()
            self._send()
        except Refused as refusal:
            self.refuse(refusal)

    def body(self, data: bytes) -> None:
        self.request_bytes += len(data)
        if self._upstream is None or not self._streaming_up:
            self.body_parts.append(data)
            if self._streaming_up:
                self._client.pause_reading()  # until the connection stands
        elif not self.done:
            self._upstream.write(chunk(data) if self.head.content_length is None else data)

    def body_end(self) -> None:
        self.body_complete = True
        if self._streaming_up and self._upstream is not None and self.head.content_length is None:
            self._upstream.write(LAST_CHUNK)

    def client_lost(self) -> None:
        """Nobody waits any more: the instance is told by its connection's end."""
        if self.done:
            return
        self.status, self.error_code = CLIENT_CLOSED, "client_closed"
        self._drop_upstream()
        self._finish()

    def client_full(self) -> None:
        if self._upstream is not None:
            self._upstream.pause_reading()

    def client_ready(self) -> None:
        if self._upstream is not None:
            self._upstream.resume_reading()

    def timed_out(self) -> None:
        self._drop_upstream()
        self._fail(UPSTREAM_TIMEOUT, "The instance did not answer in time.")

    def refuse(self, refusal: Refused) -> None:
        """Answers with a refusal, at any time before the answer's head is sent."""
        door = self.entry.door
        self.error_code = refusal.code(door)
        self._drop_upstream()
        self._answer(refusal.status(door), refusal.body(door), retry_after_s=refusal.retry_after_s)

    # -- towards the instance

    def _admit(self) -> None:
        """Counts the call in. Raises Refused; what was counted by then is settled at the end."""
        gateway, entry = self._gateway, self.entry
        if entry.is_call:
            body = self.body_parts[0] if len(self.body_parts) == 1 else b"".join(self.body_parts)
            self._call = call = admission.read_call(entry, body)
            if call is not None and self.key is not None and self.service is None:
                self.service = admission.find_service(gateway.state, self.key, call.model)
            if call is not None and call.stream and not call.include_usage:
                body = asking_for_usage(body, call)
                self._injected = True
            self.body_parts = [body]
        assert self.service is not None
        now = gateway.now()
        self._grant = admission.admit(
            gateway.limits, self.key, self.service, now, entry, self._call
        )
        self._choose()
        self._service_limit = admission.admit_service(
            gateway.limits, self.service, gateway.settings.service_qps_ceiling, now
        )

    def _choose(self) -> None:
        assert self.service is not None
        self._release_load()
        self._choice = self._gateway.router.choose(
            self.service, self.entry.version, self._gateway.clock(), self._avoid
        )
        self._choice.load.in_flight += 1

    def _send(self) -> None:
        assert self._choice is not None
        self._streaming_up = not self.body_complete
        self._client.expect_answer()
        warm = self._gateway.pool.take(self._choice.replica, self._gateway.clock())
        if warm is not None:
            self._used_warm = True
            self._send_on(warm)
        else:
            if self._streaming_up:
                self._client.pause_reading()
            self._connecting = self._gateway.spawn(self._connect())

    async def _connect(self) -> None:
        assert self._choice is not None
        replica = self._choice.replica
        try:
            connection = await self._gateway.pool.connect(replica)
        except OSError as reason:
            self._connecting = None
            self._choice.load.cooling_until = self._gateway.clock() + COOLING_S
            self._unreachable(replica.id, str(reason) or "it did not accept the connection in time")
            return
        self._connecting = None
        self._send_on(connection)
        self._client.resume_reading()

    def _send_on(self, connection: UpstreamConnection) -> None:
        assert self._choice is not None and self.service is not None
        head, entry, replica = self.head, self.entry, self._choice.replica
        body = b"".join(self.body_parts)
        length: int | None = len(body)
        if self._streaming_up:
            length = head.content_length
            if length is None and body:
                body = chunk(body)
            if length is None and self.body_complete:
                body += LAST_CHUNK
            self.body_parts.clear()  # it cannot be sent a second time
        data = request_bytes(
            head,
            entry.target,
            replica.authority,
            prefix=entry.prefix,
            client=self._client.address,
            request_id=self.id.encode(),
            body_length=length,
            keep_authorization=self.service.forward_authorization,
            plain_encoding=self._call is not None,
        )
        self._upstream = connection
        connection.send(self, head.method, data + body)
        if self._client.write_paused:
            connection.pause_reading()

    def _unreachable(self, replica_id: str, reason: str) -> None:
        """Nothing was sent: another replica may still do it, once."""
        if self.done:
            return
        first_time = not self._avoid
        self._avoid = (*self._avoid, replica_id)
        if first_time:
            try:
                self._choose()
            except Refused as refusal:
                self.refuse(refusal)
                return
            if self._choice is not None and self._choice.replica.id not in self._avoid:
                self._send()
                return
        self._fail(INSTANCE_UNREACHABLE, f"The instance could not be reached: {reason}.")

    # -- from the instance

    def upstream_head(self, head: ResponseHead) -> None:
        self.status = self.upstream_status = head.status
        if head.status >= 400:
            self.error_code = f"upstream_{head.status}"
        streamed = head.content_type.startswith(b"text/event-stream")
        if self._call is not None and head.status == 200 and not head.content_encoding:
            self.meter = StreamMeter(drop_usage=self._injected) if streamed else JsonMeter()
        length = None if self.meter is not None and streamed else head.content_length
        self._close_if_last()
        self.reply.begin(head, self._own_lines(), length=length)

    def upstream_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def upstream_flush(self) -> None:
        data = self._take_pieces()
        if self.meter is not None and data:
            data = self.meter.feed(data)
        self.reply.part(data)
        self._client.expect_answer()

    def upstream_end(self, *, reusable: bool) -> None:
        connection, self._upstream = self._upstream, None
        if connection is not None:
            if reusable and self.body_complete:
                self._gateway.pool.give_back(connection, self._gateway.clock())
            else:
                connection.discard()
        data = self._take_pieces()
        if self.meter is not None:
            data = self.meter.feed(data) + self.meter.end() if data else self.meter.end()
            self.error_code = self.meter.failed or self.error_code
        self.reply.part(data, last=True)
        self._finish()

    def upstream_lost(self, reason: str, *, silent: bool) -> None:
        again = silent and self._used_warm and self.head.method in _SAFE_TO_REPEAT
        self._upstream = None
        if again and not self._streaming_up:
            # It went stale between two requests; a new connection decides.
            self._used_warm = False
            self._connecting = self._gateway.spawn(self._connect())
            return
        fault = INSTANCE_UNREACHABLE if silent else BAD_ANSWER
        self._fail(fault, f"The instance did not finish its answer: {reason}.")

    def upstream_full(self) -> None:
        self._client.pause_reading()

    def upstream_ready(self) -> None:
        self._client.resume_reading()

    # -- towards the client

    def _take_pieces(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        if not pieces:
            return b""
        if self.ttft_s is None:
            self.ttft_s = self._gateway.clock() - self.started
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _answer(
        self,
        status: int,
        body: bytes,
        *,
        content_type: bytes = b"application/json",
        retry_after_s: int = 0,
    ) -> None:
        """An answer of our own, whole."""
        self.status = status
        lines = self._own_lines()
        if retry_after_s:
            lines += b"retry-after: %d\r\n" % retry_after_s
        self._close_if_last()
        self.reply.whole(status, body, lines, content_type)
        self._finish()

    def _fail(self, fault: Fault, message: str) -> None:
        """The instance failed: an error answer, or the end of an answer already begun."""
        if self.done:
            return
        refusal = Refused(fault, message)
        if not self.reply.head_sent:
            self.meter = None
            self.reply.forget()
            self.refuse(refusal)
            return
        self.error_code = refusal.code(self.entry.door)
        if isinstance(self.meter, StreamMeter) and self.reply.chunked:
            # The platform's way to fail inside a stream: one event with only the error in it.
            # The blank lines end whatever event was being sent.
            self.meter.failed = self.error_code
            self.reply.part(b"\n\ndata: %b\n\n" % refusal.body(Door.MODEL), last=True)
        else:
            self.reply.close = True
            self._client.cut()
        self._finish()

    def _own_lines(self) -> bytes:
        parts = [b"x-request-id: %b\r\n" % self.id.encode()]
        if self.upstream_status:
            parts.append(b"x-upstream-status: %d\r\n" % self.upstream_status)
        if self._service_limit is not None:
            parts.append(
                b"x-ratelimit-limit: %d\r\nx-ratelimit-remaining: %d\r\n" % self._service_limit
            )
        key = self.key
        if key is not None and self.service is not None:
            remaining = (
                self._gateway.limits.remaining(key, self.service, self._gateway.now())
                if self._grant is None
                else self._grant.remaining
            )
            parts += [
                b"x-ratelimit-limit-%b: %d\r\nx-ratelimit-remaining-%b: %d\r\n"
                % (name, allowed, name, left)
                for name, allowed, left in remaining
            ]
        return b"".join(parts)

    def _close_if_last(self) -> None:
        if not self.body_complete or self._gateway.draining:
            self.reply.close = True

    # -- the end

    def _drop_upstream(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None
        if self._upstream is not None:
            self._upstream.discard()
            self._upstream = None

    def _release_load(self) -> None:
        if self._choice is not None:
            self._choice.load.in_flight -= 1
            self._choice = None

    def _finish(self) -> None:
        if self.done:
            return
        self.done = True
        book(self._gateway, self, self._grant)
        if self._choice is not None:
            self._choice.load.in_flight -= 1
        self._client.exchange_done(close=self.reply.close or not self.body_complete)
