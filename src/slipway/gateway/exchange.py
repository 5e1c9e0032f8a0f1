"""One request from its head to its last byte: admitted, sent to an upstream, answered, booked.

A state machine without futures: with a warm connection a small call goes from the client's socket
to the instance's within one turn of the event loop, and back within another. Only what has to wait
(a connection, a pause before another try, an audit) is a task, and there is at most one at a time.

This is the client's half. The way to an upstream is in `attempts.py`, the way back in
`answering.py`.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import orjson

from slipway.gateway import admission, batch_pages, pages
from slipway.gateway.admission import Entry
from slipway.gateway.attempts import Attempts
from slipway.gateway.audit import Kind
from slipway.gateway.body import Call, asking_for_usage, parse_call, replacing
from slipway.gateway.booking import book
from slipway.gateway.errors import INTERNAL, UPSTREAM_TIMEOUT, Door, Fault, Refused
from slipway.gateway.http1 import RequestHead, ResponseHead
from slipway.gateway.limits import Held, counted
from slipway.gateway.multipart import is_form
from slipway.gateway.policy import AuditPolicy
from slipway.gateway.reply import Reply
from slipway.gateway.routing import Choice
from slipway.gateway.shared_limits import AloneGrant, KeeperAway, SharedLimits
from slipway.gateway.sse import Meter, StreamMeter
from slipway.gateway.state import Key, Service
from slipway.gateway.texts import question_text

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.inner import InnerClient
    from slipway.gateway.server import ClientConnection

log = logging.getLogger(__name__)

CLIENT_CLOSED = 499
_NO_ENTRY = Entry(Door.PLAIN, "", b"")


class Exchange:
    """A request and its answer. Created when the head is complete, done when it is booked."""

    __slots__ = ("_attempts", "_grant", "_refusal", "_service_limit", "_work", "body_complete",
                 "body_parts", "call", "client", "done", "entry", "error_code", "gateway", "head",
                 "id", "key", "reply", "request_bytes", "service", "started", "started_at",
                 "status", "usage_injected", "wait_until")  # fmt: skip

    def __init__(
        self, gateway: "Gateway", client: "ClientConnection | InnerClient", head: RequestHead
    ) -> None:
        self.gateway = gateway
        self.client = client
        self.head = head
        self.reply = Reply(client, head)
        self.id = gateway.next_id()
        self.started = gateway.clock()
        self.started_at = gateway.now()
        self.entry = _NO_ENTRY
        self.key: Key | None = None
        self.service: Service | None = None
        self.call: Call | None = None
        self.body_parts: list[bytes] = []
        self.body_complete = False
        self.request_bytes = 0
        self.status = 0
        self.error_code: str | None = None
        self.usage_injected = False  # the caller did not ask for it, so it does not get to see it
        self.done = False
        self.wait_until: float | None = None  # while the version called is asleep
        self._refusal: Refused | None = None
        self._grant: Held | None = None
        self._service_limit: tuple[int, int] | None = None
        self._attempts: Attempts | None = None  # from the moment it is admitted
        self._work: asyncio.Task[None] | None = None  # what this request waits for

    # -- what the client's connection does

    def open(self, known: Key | None = None) -> bool:
        """Looks at the head: where to, and who. False if the answer is already a refusal.

        known: whose call it is, where it comes from inside."""
        state, target = self.gateway.state, self.head.target
        try:
            if target in self.gateway.entries or not pages.is_own(target):
                self.entry = self.gateway.entry(target)
                self.service = self.entry.service
                admission.check_route(self.entry, self.head.method)
                address = None
                if known is None:
                    self.key = admission.identify(state, self.entry, self.head.authorization)
                    address = admission.caller_address(self.client.address, self.head.forwarded_for)
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
    def choice(self) -> Choice | None:
        return self._attempts.choice if self._attempts is not None else None

    @property
    def meter(self) -> Meter | None:
        return self._attempts.answering.meter if self._attempts is not None else None

    @property
    def upstream_status(self) -> int:
        return self._attempts.answering.status if self._attempts is not None else 0

    @property
    def ttft_s(self) -> float | None:
        return self._attempts.answering.ttft_s if self._attempts is not None else None

    def start(self) -> None:
        """The body is complete, or its first part is here and may be passed on."""
        try:
            if self._refusal is not None:
                raise self._refusal
            if self.entry.is_batch:
                self.later(self._batch_page())
                return
            page = pages.find(self.gateway, self.client, self)
            if page is not None:
                self._answer(page.status, page.body, content_type=page.content_type)
                return
            self._take_call()
            if self.gateway.shared is not None:
                if not self.body_complete:
                    self.client.pause_reading()
                self.later(self._count_with_others(self.gateway.shared))
                return
            self._count()
        except Refused as refusal:
            self.refuse(refusal)
        else:
            self._admitted()

    async def _batch_page(self) -> None:
        page = await batch_pages.answer(self.gateway, self)
        self.goes_on()
        self._answer(page.status, page.body, content_type=page.content_type)

    def go_on(self) -> None:
        """The routes have changed for a call that waited (`waiting.py`)."""
        if self.done or self.service is None:
            return
        try:
            self.entry = self.gateway.entry(self.head.target)
            self.service = self.gateway.state.services.get(self.service.id, self.service)
            self.client.resume_reading()
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
        if self._attempts is not None and self._attempts.streaming_up:
            self._attempts.body(data)
        else:
            self.body_parts.append(data)

    def body_end(self) -> None:
        self.body_complete = True
        if self._attempts is not None and self._attempts.streaming_up:
            self._attempts.body_end()

    def client_lost(self) -> None:
        """Nobody waits any more: the instance is told by its connection's end."""
        if self.done:
            return
        self.status, self.error_code = CLIENT_CLOSED, "client_closed"
        self.stop()
        self.finish()

    def client_full(self) -> None:
        if self._attempts is not None:
            self._attempts.pause_reading()

    def client_ready(self) -> None:
        if self._attempts is not None:
            self._attempts.resume_reading()

    def timed_out(self) -> None:
        self.stop()
        self.fail(UPSTREAM_TIMEOUT, "The instance did not answer in time.")

    def refuse(self, refusal: Refused) -> None:
        """Answers with a refusal, at any time before the answer's head is sent."""
        door = self.entry.door
        self.error_code = refusal.code(door)
        self.stop()
        self._answer(refusal.status(door), refusal.body(door), retry_after_s=refusal.retry_after_s)

    def _take_call(self) -> None:
        if self.entry.is_call:
            self._read_call()
        assert self.service is not None
        if self.call is None:
            admission.require_plain(self.service, self.entry, self.head.method)

    def _count(self) -> None:
        """Counts the call in. Raises Refused; what was counted by then is settled at the end."""
        gateway = self.gateway
        assert self.service is not None
        self._grant = admission.admit(
            gateway.limits, self.key, self.service, gateway.now(), self.entry, self.call
        )

    async def _count_with_others(self, shared: SharedLimits) -> None:
        """The same where another machine counts; alone while it cannot be asked."""
        gateway, service = self.gateway, self.service
        assert service is not None
        ceiling = gateway.settings.service_qps_ceiling
        try:
            self._grant, self._service_limit = await admission.admit_shared(
                shared, self.key, service, ceiling, self.entry, self.call
            )
        except KeeperAway:
            self._count()
            places = tuple(counted(self.key, service, several=True))
            self._grant = AloneGrant(shared, places, self._grant)
            self._service_limit = admission.admit_service(
                gateway.limits, service, ceiling, gateway.now()
            )
        self.goes_on()
        self.client.resume_reading()
        self._admitted()

    def _admitted(self) -> None:
        """The call is counted in: looked at where that is asked for, then on its way."""
        self.gateway.load.arrived(self.entrance)
        audit = self.audit
        if audit is None:
            self._begin()
        else:
            self.later(self._audit_then_begin(audit))

    def _begin(self) -> None:
        """To an upstream, or among those that wait for one: the call is admitted, and has passed
        its audit."""
        gateway, service = self.gateway, self.service
        assert service is not None
        attempts = self._attempts = Attempts(self, service, self.call)
        try:
            try:
                attempts.choose()
            except Refused as refusal:
                if not gateway.waiting.take(self, refusal):
                    raise
                self.client.expect_nothing()
                if not self.body_complete:
                    self.client.pause_reading()
                return
            if gateway.shared is None:
                self._service_limit = admission.admit_service(
                    gateway.limits, service, gateway.settings.service_qps_ceiling, gateway.now()
                )
            attempts.send()
        except Refused as refusal:
            self.refuse(refusal)

    def _read_call(self) -> None:
        """Reads the call, finds its service, and makes the body what the model's rules ask for."""
        entry = self.entry
        body = self.body_parts[0] if len(self.body_parts) == 1 else b"".join(self.body_parts)
        # Known from here on: a call for which there is no service is booked with its model.
        self.call = call = admission.read_call(entry, body, self.head.content_type)
        if call is not None and self.key is not None and self.service is None:
            self.service = admission.find_service(self.gateway.state, self.key, call.model)
        assert self.service is not None
        if call is None and (self.service.judged or self.service.external):
            call = parse_call(body, self.head.content_type)  # says what is wrong with it
        rules = self.service.policy.rules
        if rules is not None and call is not None:
            body = rules.prepare(entry.path, call.payload, body)
        if self.service.policy.audit is not None and not is_form(self.head.content_type):
            body = orjson.dumps(orjson.loads(body))  # of a field twice, what is looked at is sent
        self.call = call
        if call is not None and call.stream and not call.include_usage and entry.streams:
            body = asking_for_usage(body, call)
            self.usage_injected = True
        elif call is not None and not call.stream and call.payload.get("stream_options"):
            body = replacing(body, "stream_options", None)  # means nothing here, and some refuse it
        self.body_parts = [body]

    @property
    def audit(self) -> AuditPolicy | None:
        """How this call is looked at, if it is."""
        if self.call is None or self.service is None:
            return None
        return self.service.policy.audit

    async def _audit_then_begin(self, audit: AuditPolicy) -> None:
        assert self.call is not None
        kind = Kind.QUESTION if self.entry.streams else Kind.TEXT
        await self.gateway.auditor.check(audit, kind, question_text(self.call.payload))
        self.goes_on()
        self._begin()

    # -- what its two ways tell it

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for something. Whoever goes on from there says so first (`goes_on`)."""
        self._work = self.gateway.spawn(self._guarded(work))

    def goes_on(self) -> None:
        self._work = None

    def stop_waiting(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def stop(self) -> None:
        """Neither waits any longer nor lets an upstream work."""
        self.stop_waiting()
        if self._attempts is not None:
            self._attempts.drop()

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused as refusal:
            self.goes_on()
            self.end_with(refusal)
        except Exception:
            log.exception("request handling failed", extra={"request_id": self.id})
            self.goes_on()
            self.end_with(Refused(INTERNAL, "The gateway failed. Tell an administrator."))

    def begin_reply(self, head: ResponseHead, length: int | None) -> None:
        self._close_if_last()
        self.reply.begin(head, self._own_lines(), length=length)

    def fail(self, fault: Fault, message: str) -> None:
        """The upstream failed: an error answer, or the end of an answer already begun."""
        self.end_with(Refused(fault, message))

    def end_with(self, refusal: Refused) -> None:
        if self.done:
            return
        if not self.reply.head_sent:
            self.reply.forget()
            self.refuse(refusal)
            return
        self.stop()
        self.error_code = refusal.code(self.entry.door)
        meter = self.meter
        if isinstance(meter, StreamMeter) and self.reply.chunked:
            # The platform's way to fail inside a stream: one event with only the error in it.
            # The blank lines end whatever event was being sent.
            meter.failed = self.error_code
            self.reply.part(b"\n\ndata: %b\n\n" % refusal.body(Door.MODEL), last=True)
        else:
            self.reply.close = True
            self.client.cut()
        self.finish()

    # -- towards the client

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
        self.finish()

    def _own_lines(self) -> bytes:
        lines = b"x-request-id: %b\r\n" % self.id.encode()
        attempts = self._attempts
        if attempts is not None and attempts.answering.status and attempts.choice is not None:
            lines += b"x-upstream-status: %d\r\nx-slipway-upstream: %b\r\n" % (
                attempts.answering.status,
                attempts.choice.replica.shown,
            )
        if self._service_limit is not None:
            lines += b"x-ratelimit-limit: %d\r\nx-ratelimit-remaining: %d\r\n" % self._service_limit
        if self._grant is not None:
            return lines + self._grant.lines
        if self.key is not None and self.service is not None:
            lines += self.gateway.limits.lines(self.key, self.service, self.gateway.now())
        return lines

    def _close_if_last(self) -> None:
        if not self.body_complete or self.gateway.draining:
            self.reply.close = True

    def finish(self) -> None:
        """The last byte is on its way, or never will be. Books the call."""
        if self.done:
            return
        self.done = True
        gateway, attempts = self.gateway, self._attempts
        if attempts is not None and attempts.answering.copy is not None:
            attempts.answering.copy.end(self.status, (gateway.clock() - self.started) * 1000)
        if self.wait_until is not None:
            gateway.waiting.drop(self)
        book(gateway, self, self._grant)
        if attempts is not None:
            attempts.release()
        self.client.exchange_done(close=self.reply.close or not self.body_complete)
