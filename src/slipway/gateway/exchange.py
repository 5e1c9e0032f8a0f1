"""One request from its head to its last byte: admitted, sent to an upstream, answered, booked.

A state machine without futures: with a warm connection a small call goes from the client's socket
to the instance's within one turn of the event loop, and back within another. Only what has to wait
(a connection, a pause before another try, an audit) is a task, and there is at most one at a time.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import orjson

from slipway.gateway import admission, answers, batch_pages, pages
from slipway.gateway.admission import Entry
from slipway.gateway.audit import Kind
from slipway.gateway.body import Call, asking_for_usage, parse_call, replacing
from slipway.gateway.booking import book
from slipway.gateway.errors import (
    BAD_ANSWER,
    INSTANCE_UNREACHABLE,
    INTERNAL,
    UPSTREAM_TIMEOUT,
    Door,
    Fault,
    Refused,
)
from slipway.gateway.http1 import LAST_CHUNK, RequestHead, ResponseHead, chunk, request_bytes
from slipway.gateway.limits import Grant
from slipway.gateway.mirror import Copy
from slipway.gateway.multipart import is_form
from slipway.gateway.outgoing import external_head, with_model
from slipway.gateway.policy import AuditPolicy
from slipway.gateway.prefix import blocks_of
from slipway.gateway.reply import Reply
from slipway.gateway.routing import Choice
from slipway.gateway.sse import JsonMeter, Meter, StreamMeter
from slipway.gateway.state import Key, Service
from slipway.gateway.texts import question_text
from slipway.gateway.upstream import UpstreamConnection
from slipway.gateway.window import Window

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.inner import InnerClient
    from slipway.gateway.server import ClientConnection

log = logging.getLogger(__name__)

CLIENT_CLOSED = 499
_SAFE_TO_REPEAT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})
_NO_ENTRY = Entry(Door.PLAIN, "", b"")
# Said by an upstream that cannot do it now; nothing has been computed then.
_NOT_NOW = frozenset({429, 502, 503, 504})
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


class Exchange:
    """A request and its answer. Created when the head is complete, done when it is booked."""

    __slots__ = (
        "_avoid",
        "_blocks",
        "_call",
        "_choice",
        "_client",
        "_copy",
        "_gateway",
        "_grant",
        "_held_head",
        "_injected",
        "_pieces",
        "_refusal",
        "_service_limit",
        "_serving",
        "_streaming_up",
        "_tries",
        "_upstream",
        "_used_warm",
        "_window",
        "_work",
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
        "wait_until",
    )  # fmt: skip

    def __init__(
        self, gateway: "Gateway", client: "ClientConnection | InnerClient", head: RequestHead
    ) -> None:
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
        self.wait_until: float | None = None  # while the version called is asleep
        self._refusal: Refused | None = None
        self._call: Call | None = None
        self._grant: Grant | None = None
        self._choice: Choice | None = None
        self._service_limit: tuple[int, int] | None = None
        self._avoid: tuple[str, ...] = ()
        self._upstream: UpstreamConnection | None = None
        self._used_warm = False
        self._work: asyncio.Task[None] | None = None  # what this request waits for
        self._streaming_up = False
        self._injected = False
        self._pieces: list[bytes] = []
        self._serving: Service | None = None  # the service called, or the fallback that stands in
        self._tries = 0  # on that service, after the first
        self._blocks: list[int] | None = None
        self._held_head: ResponseHead | None = None  # of an answer that is looked at as a whole
        self._window: Window | None = None
        self._copy: Copy | None = None

    # -- what the client's connection does

    def open(self, known: Key | None = None) -> bool:
        """Looks at the head: where to, and who. False if the answer is already a refusal.

        known: whose call it is, where it comes from inside."""
        state = self._gateway.state
        try:
            if not pages.is_own(self.head.target):
                self.entry = self._gateway.entry(self.head.target)
                self.service = self.entry.service
                admission.check_route(self.entry, self.head.method)
                address = None
                if known is None:
                    self.key = admission.identify(state, self.entry, self.head.authorization)
                    address = admission.caller_address(
                        self._client.address, self.head.forwarded_for
                    )
                else:
                    self.key = known
                    if self.entry.service is not None:
                        admission.require_reach(state, known, self.entry.service)
                if self.key is not None:
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
            if self.entry.door is Door.MODEL and admission.is_batch(self.entry.path):
                self._later(self._batch_page())
                return
            page = pages.find(self._gateway, self._client, self)
            if page is not None:
                self._answer(page.status, page.body, content_type=page.content_type)
                return
            self._admit()
        except Refused as refusal:
            self.refuse(refusal)
            return
        audit = self._audit
        if audit is None:
            self._begin()
        else:
            self._later(self._audit_then_begin(audit))

    async def _batch_page(self) -> None:
        page = await batch_pages.answer(self._gateway, self)
        self._work = None
        self._answer(page.status, page.body, content_type=page.content_type)

    def go_on(self) -> None:
        """The routes have changed for a call that waited (`waiting.py`)."""
        if self.done or self.service is None:
            return
        try:
            self.entry = self._gateway.entry(self.head.target)
            self.service = self._gateway.state.services.get(self.service.id, self.service)
            self._client.resume_reading()
        except Refused as refusal:
            self.refuse(refusal)
        else:
            self._begin()

    @property
    def entrance(self) -> tuple[str, str]:
        """(service, version whose own path was called or '')."""
        version = self.entry.version
        return (self.service.id if self.service else "", version.id if version else "")

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
            self._read_call()
        assert self.service is not None
        if self._call is None:
            admission.require_plain(self.service, entry, self.head.method)
        self._grant = admission.admit(
            gateway.limits, self.key, self.service, gateway.now(), entry, self._call
        )
        gateway.load.arrived(self.entrance)

    def _begin(self) -> None:
        """To an upstream, or among those that wait for one: the call is admitted, and has passed
        its audit."""
        gateway = self._gateway
        assert self.service is not None
        self._serving = self.service
        try:
            try:
                self._choose()
            except Refused as refusal:
                if not gateway.waiting.take(self, refusal):
                    raise
                self._client.expect_nothing()
                if not self.body_complete:
                    self._client.pause_reading()
                return
            self._service_limit = admission.admit_service(
                gateway.limits, self.service, gateway.settings.service_qps_ceiling, gateway.now()
            )
            self._send()
        except Refused as refusal:
            self.refuse(refusal)

    def _read_call(self) -> None:
        """Reads the call, finds its service, and makes the body what the model's rules ask for."""
        entry = self.entry
        body = self.body_parts[0] if len(self.body_parts) == 1 else b"".join(self.body_parts)
        # Known from here on: a call for which there is no service is booked with its model.
        self._call = call = admission.read_call(entry, body, self.head.content_type)
        if call is not None and self.key is not None and self.service is None:
            self.service = admission.find_service(self._gateway.state, self.key, call.model)
        assert self.service is not None
        if call is None and (self.service.judged or self.service.external):
            call = parse_call(body, self.head.content_type)  # says what is wrong with it
        rules = self.service.policy.rules
        if rules is not None and call is not None:
            body = rules.prepare(entry.path, call.payload, body)
        if self.service.policy.audit is not None and not is_form(self.head.content_type):
            body = orjson.dumps(orjson.loads(body))  # of a field twice, what is looked at is sent
        self._call = call
        if call is not None and call.stream and not call.include_usage and entry.streams:
            body = asking_for_usage(body, call)
            self._injected = True
        elif call is not None and not call.stream and call.payload.get("stream_options"):
            body = replacing(body, "stream_options", None)  # means nothing here, and some refuse it
        self.body_parts = [body]

    @property
    def _audit(self) -> AuditPolicy | None:
        """How this call is looked at, if it is."""
        if self._call is None or self.service is None:
            return None
        return self.service.policy.audit

    async def _audit_then_begin(self, audit: AuditPolicy) -> None:
        assert self._call is not None
        kind = Kind.QUESTION if self.entry.streams else Kind.TEXT
        await self._gateway.auditor.check(audit, kind, question_text(self._call.payload))
        self._work = None
        self._begin()

    def _choose(self) -> None:
        """A replica of the service, or of a fallback where it has none that can. Raises Refused."""
        assert self.service is not None
        if self._call is not None and self._blocks is None and self.service.policy.prefix_affinity:
            prompt = self._call.payload.get("messages") or self._call.payload.get("prompt")
            self._blocks = blocks_of(self.service.id, orjson.dumps(prompt))
        while True:
            try:
                self._take(self._chosen())
                return
            except Refused:
                if not self._fall_back():
                    raise

    def _chosen(self) -> Choice:
        assert self._serving is not None
        only = self.entry.version if self._serving is self.service else None
        return self._gateway.router.choose(
            self._serving, only, self._gateway.clock(), self._avoid, self._blocks
        )

    def _take(self, choice: Choice) -> None:
        self._release_load()
        self._choice = choice
        choice.load.in_flight += 1

    def _fall_back(self) -> bool:
        """Turns to the next service of the chain. False where there is none (any more)."""
        service, state = self.service, self._gateway.state
        if service is None or self._call is None or self.entry.version is not None:
            return False
        chain = service.policy.fallbacks
        if not chain:
            return False
        at = chain.index(self._serving.id) + 1 if self._serving not in (None, service) else 0
        for name in chain[at:]:
            found = state.services.get(name)
            if found is not None and found.models:
                self._serving, self._tries = found, 0
                return True
        return False

    def _send(self) -> None:
        assert self._choice is not None
        self._streaming_up = not self.body_complete
        self._client.expect_answer()
        warm = self._gateway.pool.take(self._choice.replica.target, self._gateway.clock())
        if warm is not None:
            self._used_warm = True
            self._send_on(warm)
        else:
            self._used_warm = False
            if self._streaming_up:
                self._client.pause_reading()
            self._later(self._connect())

    async def _connect(self) -> None:
        assert self._choice is not None
        choice = self._choice
        try:
            connection = await self._gateway.pool.connect(choice.replica.target)
        except OSError as reason:
            self._work = None
            choice.load.failed(self._gateway.clock())
            why = str(reason) or "it did not accept the connection in time"
            if not self._try_again():
                self._fail(INSTANCE_UNREACHABLE, f"The instance could not be reached: {why}.")
            return
        self._work = None
        self._send_on(connection)
        self._client.resume_reading()

    def _send_on(self, connection: UpstreamConnection) -> None:
        assert self._choice is not None and self._serving is not None
        head, entry, replica = self.head, self.entry, self._choice.replica
        body = self._body()
        length: int | None = len(body)
        if self._streaming_up:
            length = head.content_length
            if length is None and body:
                body = chunk(body)
            if length is None and self.body_complete:
                body += LAST_CHUNK
            self.body_parts.clear()  # it cannot be sent a second time
        if replica.external:
            secret = self._gateway.secrets.open(replica.secret)
            target = entry.target if entry.target.startswith(b"/v1/") else b"/v1" + entry.target
            data = external_head(head, target, replica, secret=secret, length=len(body))
        else:
            data = request_bytes(
                head,
                entry.target,
                replica.authority,
                prefix=entry.prefix,
                client=self._client.address,
                request_id=self.id.encode(),
                body_length=length,
                keep_authorization=self._serving.forward_authorization,
                plain_encoding=self._call is not None,
            )
        self._upstream = connection
        connection.send(self, head.method, data + body)
        if self._client.write_paused:
            connection.pause_reading()
        assert self.service is not None
        if self.service.policy.mirror is not None and self._copy is None and self._call is not None:
            self._mirror(body)

    def _body(self) -> bytes:
        """What is sent: with another model's name where somebody else answers."""
        assert self._choice is not None and self._serving is not None
        body = b"".join(self.body_parts)
        replica, call = self._choice.replica, self._call
        model = replica.model
        if not model and self._serving is not self.service:
            model = self._serving.models[0]
        return with_model(self.head, call, body, model) if model and call is not None else body

    def _mirror(self, body: bytes) -> None:
        assert self.service is not None
        if self._gateway.mirrors.wanted(self.service, len(body)):
            self._copy = Copy()
            self._gateway.spawn(
                self._gateway.mirrors.run(self._gateway, self, body, self._copy.done)
            )

    def _try_again(self) -> bool:
        """Another replica, another upstream, then the fallbacks. Only while nothing was answered and
        the body is still here. True if a next try is on its way."""
        if self.done or self.reply.head_sent or self._serving is None or self._choice is None:
            return False
        if self._streaming_up and not self.body_parts:
            return False
        self._avoid = (*self._avoid, self._choice.replica.id)
        wanted = self.service.policy.retries if self.service is not None else None
        while True:
            if self._tries < (1 if wanted is None else wanted):
                self._tries += 1
                try:
                    choice = self._chosen()
                except Refused:
                    choice = None
                if choice is not None and choice.replica.id not in self._avoid:
                    self._take(choice)
                    self._turn()
                    return True
                if choice is not None and wanted is not None and self._serving is self.service:
                    self._take(choice)
                    self._forget_answer()
                    self._later(self._pause_then_send())
                    return True
            if not self._fall_back():
                return False
            self._tries = -1  # the fallback's first try is none again

    def _turn(self) -> None:
        """Leaves the upstream that failed and sends to the one that was chosen now."""
        self._forget_answer()
        self._send()

    def _forget_answer(self) -> None:
        """Whatever the upstream has said so far is void."""
        self._drop_upstream()
        self.reply.forget()
        self._pieces.clear()
        self.upstream_status, self.error_code, self.ttft_s = 0, None, None
        self.meter = self._window = self._held_head = None

    async def _pause_then_send(self) -> None:
        """The same one once more, after a pause that grows."""
        await asyncio.sleep(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self._tries - 1)))
        self._work = None
        self._turn()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for something. Whoever goes on from there clears `_work` first."""
        self._work = self._gateway.spawn(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused as refusal:
            self._work = None
            self._end_with(refusal)
        except Exception:
            log.exception("request handling failed", extra={"request_id": self.id})
            self._work = None
            self._end_with(Refused(INTERNAL, "The gateway failed. Tell an administrator."))

    # -- from the instance

    def upstream_head(self, head: ResponseHead) -> None:
        assert self._choice is not None
        load, status = self._choice.load, head.status
        if status in _NOT_NOW and self._call is not None:
            if status != 429:
                load.failed(self._gateway.clock())
            if self._try_again():
                return
        else:
            load.worked()
        self.status = self.upstream_status = status
        if status >= 400:
            self.error_code = f"upstream_{status}"
        streamed = head.content_type.startswith(b"text/event-stream")
        if self._call is not None and status == 200 and not head.content_encoding:
            if streamed:
                self.meter = StreamMeter(drop_usage=self._injected)
                self._window = answers.window_for(
                    self, self._gateway.auditor, self._call, self._audit
                )
            else:
                self.meter = JsonMeter()
                if answers.is_whole(self.entry.path, head, self._call, self._audit):
                    self._held_head = head
                    return
        length = None if self.meter is not None and streamed else head.content_length
        self._close_if_last()
        self.reply.begin(head, self._own_lines(), length=length)

    def upstream_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def upstream_flush(self) -> None:
        if self._held_head is not None:
            self._client.expect_answer()
            if sum(map(len, self._pieces)) > answers.MAX_HELD_BYTES:
                self._drop_upstream()
                self._fail(BAD_ANSWER, "The instance's answer is too large.")
            return
        data = self._take_pieces()
        if self.meter is not None and data:
            data = self.meter.feed(data)
        if self._window is not None:
            self._client.expect_answer()
            self._window.feed(data)
        else:
            self.window_release(data, last=False)

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
        if self._held_head is not None:
            self._settle(data)
        elif self._window is not None:
            self._window.end(data)
        else:
            self.window_release(data, last=True)

    def upstream_lost(self, reason: str, *, silent: bool) -> None:
        self._upstream = None
        repeatable = self.head.method in _SAFE_TO_REPEAT or self._call is not None
        if silent and repeatable and self._used_warm and not self._streaming_up:
            # It went stale between two requests; a new connection decides.
            self._used_warm = False
            self._later(self._connect())
            return
        if self._choice is not None:
            self._choice.load.failed(self._gateway.clock())
        # A call of a model changes nothing in the world: it may be computed twice.
        if self._call is not None and self._try_again():
            return
        fault = INSTANCE_UNREACHABLE if silent else BAD_ANSWER
        self._fail(fault, f"The instance did not finish its answer: {reason}.")

    def upstream_full(self) -> None:
        self._client.pause_reading()

    def upstream_ready(self) -> None:
        self._client.resume_reading()

    # -- towards the client

    def window_release(self, data: bytes, *, last: bool) -> None:
        """Passes on a part of the answer; with the last one the exchange is over."""
        if self._copy is not None and data:
            self._copy.add(data)
        self.reply.part(data, last=last)
        if last:
            self._finish()
        else:
            self._client.expect_answer()

    def window_refused(self, refusal: Refused) -> None:
        self._work = None
        self._end_with(refusal)

    def window_wait(self, work: Coroutine[Any, Any, None]) -> None:
        self._later(work)

    def _settle(self, data: bytes) -> None:
        """A whole answer is here: what it promises is checked, what it lacks is put in."""
        try:
            body = answers.at_once(self, data)
        except Refused as refusal:
            self._end_with(refusal)
            return
        if body is not None:
            self._whole(body)
        else:
            self._later(self._settle_later(data))

    async def _settle_later(self, data: bytes) -> None:
        body = await answers.after_a_look(self._gateway, self, data)
        self._work = None
        self._whole(body)

    def _whole(self, body: bytes) -> None:
        head, self._held_head = self._held_head, None
        assert head is not None
        self._close_if_last()
        self.reply.begin(head, self._own_lines(), length=len(body))
        self.window_release(body, last=True)

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
        """The upstream failed: an error answer, or the end of an answer already begun."""
        self._end_with(Refused(fault, message))

    def _end_with(self, refusal: Refused) -> None:
        if self.done:
            return
        if not self.reply.head_sent:
            self.reply.forget()
            self.refuse(refusal)
            return
        self._drop_upstream()
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
        if self.upstream_status and self._choice is not None:
            parts.append(
                b"x-upstream-status: %d\r\nx-slipway-upstream: %b\r\n"
                % (self.upstream_status, self._choice.replica.shown)
            )
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
        if self._work is not None:
            self._work.cancel()
            self._work = None
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
        if self._copy is not None:
            self._copy.end(self.status, (self._gateway.clock() - self.started) * 1000)
        if self.wait_until is not None:
            self._gateway.waiting.drop(self)
        book(self._gateway, self, self._grant)
        if self._choice is not None:
            self._choice.load.in_flight -= 1
        self._client.exchange_done(close=self.reply.close or not self.body_complete)
