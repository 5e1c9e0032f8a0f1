"""The way to an upstream: which replica, over which connection, and who is next should it fail.

A replica of the service is tried, then another, then the services that stand in for it, for as long
as nothing has been answered and what was asked is still here. With a warm connection a small call
is on its way within the same turn of the event loop; only connecting and pausing wait.
"""

import asyncio
from typing import TYPE_CHECKING

import orjson

from slipway.gateway.answering import Answering
from slipway.gateway.body import Call
from slipway.gateway.errors import BAD_ANSWER, INSTANCE_UNREACHABLE, Refused
from slipway.gateway.http1 import LAST_CHUNK, ResponseHead, chunk, request_bytes
from slipway.gateway.mirror import Copy
from slipway.gateway.outgoing import external_head, with_model
from slipway.gateway.prefix import blocks_of
from slipway.gateway.routing import Choice
from slipway.gateway.state import Service
from slipway.gateway.upstream import UpstreamConnection

if TYPE_CHECKING:
    from slipway.gateway.exchange import Exchange

_SAFE_TO_REPEAT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})
# Said by an upstream that cannot do it now; nothing has been computed then.
_NOT_NOW = frozenset({429, 502, 503, 504})
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


class Attempts:
    """Of one exchange. What it chose last is `choice`; `answering` has what came back."""

    __slots__ = ("_avoid", "_blocks", "_call", "_client", "_exchange", "_gateway", "_service",
                 "_serving", "_tries", "_upstream", "_used_warm", "answering", "choice",
                 "streaming_up")  # fmt: skip

    def __init__(self, exchange: "Exchange", service: Service, call: Call | None) -> None:
        self._exchange = exchange
        self._gateway = exchange.gateway
        self._client = exchange.client
        self._service = service
        self._serving = service  # the service called, or the fallback that stands in
        self._call = call
        self._tries = 0  # on that service, after the first
        self._avoid: tuple[str, ...] = ()
        self._blocks: list[int] | None = None
        self._upstream: UpstreamConnection | None = None
        self._used_warm = False
        self.choice: Choice | None = None
        self.streaming_up = False
        self.answering = Answering(exchange, call)

    # -- choosing

    def choose(self) -> None:
        """A replica of the service, or of a fallback where it has none that can. Raises Refused."""
        if self._call is not None and self._blocks is None and self._service.policy.prefix_affinity:
            prompt = self._call.payload.get("messages") or self._call.payload.get("prompt")
            self._blocks = blocks_of(self._service.id, orjson.dumps(prompt))
        while True:
            try:
                self._take(self._chosen())
                return
            except Refused:
                if not self._fall_back():
                    raise

    def release(self) -> None:
        """The replica chosen has one request less."""
        if self.choice is not None:
            self.choice.load.in_flight -= 1

    def _chosen(self) -> Choice:
        only = self._exchange.entry.version if self._serving is self._service else None
        return self._gateway.router.choose(
            self._serving, only, self._gateway.clock(), self._avoid, self._blocks
        )

    def _take(self, choice: Choice) -> None:
        self.release()
        self.choice = choice
        choice.load.in_flight += 1

    def _fall_back(self) -> bool:
        """Turns to the next service of the chain. False where there is none (any more)."""
        service = self._service
        chain = service.policy.fallbacks
        if not chain or self._call is None or self._exchange.entry.version is not None:
            return False
        at = chain.index(self._serving.id) + 1 if self._serving is not service else 0
        for name in chain[at:]:
            found = self._gateway.state.services.get(name)
            if found is not None and found.models:
                self._serving, self._tries = found, 0
                return True
        return False

    # -- sending

    def send(self) -> None:
        """To the replica that is chosen."""
        assert self.choice is not None
        self.streaming_up = not self._exchange.body_complete
        now = self._client.expect_answer()
        warm = self._gateway.pool.take(self.choice.replica.target, now)
        if warm is not None:
            self._used_warm = True
            self._send_on(warm)
        else:
            self._used_warm = False
            if self.streaming_up:
                self._client.pause_reading()
            self._exchange.later(self._connect())

    def body(self, data: bytes) -> None:
        """A part of the body that came after the first was sent."""
        if self._upstream is None:
            self._exchange.body_parts.append(data)
            self._client.pause_reading()  # until the connection stands
        elif not self._exchange.done:
            head = self._exchange.head
            self._upstream.write(chunk(data) if head.content_length is None else data)

    def body_end(self) -> None:
        if self._upstream is not None and self._exchange.head.content_length is None:
            self._upstream.write(LAST_CHUNK)

    def drop(self) -> None:
        """Leaves the upstream at once, which tells it to stop working."""
        if self._upstream is not None:
            self._upstream.discard()
            self._upstream = None

    def pause_reading(self) -> None:
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_reading(self) -> None:
        if self._upstream is not None:
            self._upstream.resume_reading()

    async def _connect(self) -> None:
        assert self.choice is not None
        choice = self.choice
        try:
            connection = await self._gateway.pool.connect(choice.replica.target)
        except OSError as reason:
            self._exchange.goes_on()
            choice.load.failed(self._gateway.clock())
            why = str(reason) or "it did not accept the connection in time"
            if not self._try_again():
                self._exchange.fail(
                    INSTANCE_UNREACHABLE, f"The instance could not be reached: {why}."
                )
            return
        self._exchange.goes_on()
        self._send_on(connection)
        self._client.resume_reading()

    def _send_on(self, connection: UpstreamConnection) -> None:
        assert self.choice is not None
        exchange, replica = self._exchange, self.choice.replica
        head, entry = exchange.head, exchange.entry
        body = self._body()
        length: int | None = len(body)
        if self.streaming_up:
            length = head.content_length
            if length is None and body:
                body = chunk(body)
            if length is None and exchange.body_complete:
                body += LAST_CHUNK
            exchange.body_parts.clear()  # it cannot be sent a second time
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
                request_id=exchange.id.encode(),
                body_length=length,
                keep_authorization=self._serving.forward_authorization,
                plain_encoding=self._call is not None,
            )
        self._upstream = connection
        connection.send(self, head.method, data + body)
        if self._client.write_paused:
            connection.pause_reading()
        if self._service.policy.mirror is not None and self._call is not None:
            self._mirror(body)

    def _body(self) -> bytes:
        """What is sent: with another model's name where somebody else answers."""
        assert self.choice is not None
        parts, call = self._exchange.body_parts, self._call
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        model = self.choice.replica.model
        if not model and self._serving is not self._service:
            model = self._serving.models[0]
        if not model or call is None:
            return body
        return with_model(self._exchange.head, call, body, model)

    def _mirror(self, body: bytes) -> None:
        if self.answering.copy is not None:
            return
        mirrors = self._gateway.mirrors
        if mirrors.wanted(self._service, len(body)):
            copy = self.answering.copy = Copy()
            self._gateway.spawn(mirrors.run(self._gateway, self._exchange, body, copy.done))

    # -- once more

    def _try_again(self) -> bool:
        """Another replica, another upstream, then the fallbacks. Only while nothing was answered and
        the body is still here. True if a next try is on its way."""
        exchange = self._exchange
        if exchange.done or exchange.reply.head_sent or self.choice is None:
            return False
        if self.streaming_up and not exchange.body_parts:
            return False
        self._avoid = (*self._avoid, self.choice.replica.id)
        wanted = self._service.policy.retries
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
                if choice is not None and wanted is not None and self._serving is self._service:
                    self._take(choice)
                    self._forget_answer()
                    exchange.later(self._pause_then_send())
                    return True
            if not self._fall_back():
                return False
            self._tries = -1  # the fallback's first try is none again

    def _turn(self) -> None:
        """Leaves the upstream that failed and sends to the one that was chosen now."""
        self._forget_answer()
        self.send()

    def _forget_answer(self) -> None:
        """Whatever the upstream has said so far is void."""
        self._exchange.stop_waiting()
        self.drop()
        self.answering.forget()

    async def _pause_then_send(self) -> None:
        """The same one once more, after a pause that grows."""
        await asyncio.sleep(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self._tries - 1)))
        self._exchange.goes_on()
        self._turn()

    # -- what the upstream's connection says

    def upstream_head(self, head: ResponseHead) -> None:
        assert self.choice is not None
        load, status = self.choice.load, head.status
        if status in _NOT_NOW and self._call is not None:
            if status != 429:
                load.failed(self._gateway.clock())
            if self._try_again():
                return
        else:
            load.worked()
        self.answering.begin(head)

    def upstream_body(self, data: bytes) -> None:
        self.answering.pieces.append(data)

    def upstream_flush(self) -> None:
        self.answering.flush()

    def upstream_end(self, *, reusable: bool) -> None:
        connection, self._upstream = self._upstream, None
        if connection is not None:
            if reusable and self._exchange.body_complete:
                self._gateway.pool.give_back(connection, self._gateway.clock())
            else:
                connection.discard()
        self.answering.end()

    def upstream_lost(self, reason: str, *, silent: bool) -> None:
        self._upstream = None
        exchange = self._exchange
        repeatable = exchange.head.method in _SAFE_TO_REPEAT or self._call is not None
        if silent and repeatable and self._used_warm and not self.streaming_up:
            # It went stale between two requests; a new connection decides.
            self._used_warm = False
            exchange.later(self._connect())
            return
        if self.choice is not None:
            self.choice.load.failed(self._gateway.clock())
        # A call of a model changes nothing in the world: it may be computed twice.
        if self._call is not None and self._try_again():
            return
        fault = INSTANCE_UNREACHABLE if silent else BAD_ANSWER
        exchange.fail(fault, f"The instance did not finish its answer: {reason}.")

    def upstream_full(self) -> None:
        self._client.pause_reading()

    def upstream_ready(self) -> None:
        self._client.resume_reading()
