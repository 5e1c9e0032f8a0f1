"""The way back: an upstream's answer on its way to the caller, metered, and looked at where asked.

Most of it passes on as it comes. An answer that promises something is held until it is whole
(`answers.py`), a stream that is audited goes through a window (`window.py`).
"""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from slipway.gateway import answers
from slipway.gateway.body import Call
from slipway.gateway.errors import BAD_ANSWER, Refused
from slipway.gateway.http1 import ResponseHead
from slipway.gateway.mirror import Copy
from slipway.gateway.sse import JsonMeter, Meter, StreamMeter
from slipway.gateway.window import Window

if TYPE_CHECKING:
    from slipway.gateway.exchange import Exchange


class Answering:
    """Of one exchange; begun anew with each upstream that answers."""

    __slots__ = ("_call", "_exchange", "_held_head", "_window", "copy", "meter", "pieces",
                 "status", "ttft_s")  # fmt: skip

    def __init__(self, exchange: "Exchange", call: Call | None) -> None:
        self._exchange = exchange
        self._call = call
        self._held_head: ResponseHead | None = None  # of an answer that is looked at as a whole
        self._window: Window | None = None
        self.copy: Copy | None = None  # for the comparison with a candidate
        self.meter: Meter | None = None
        self.pieces: list[bytes] = []
        self.status = 0
        self.ttft_s: float | None = None

    def forget(self) -> None:
        """Another upstream answers instead."""
        self._exchange.reply.forget()
        self._exchange.error_code = None
        self.pieces.clear()
        self.status, self.ttft_s = 0, None
        self.meter = self._window = self._held_head = None

    # -- what comes

    def begin(self, head: ResponseHead) -> None:
        exchange, call, status = self._exchange, self._call, head.status
        exchange.status = self.status = status
        if status >= 400:
            exchange.error_code = f"upstream_{status}"
        length = head.content_length
        if call is not None and status == 200 and not head.content_encoding:
            if head.content_type.startswith(b"text/event-stream"):
                length = None
                self.meter = StreamMeter(drop_usage=exchange.usage_injected)
                self._window = answers.window_for(
                    self, exchange.gateway.auditor, call, exchange.audit
                )
            else:
                self.meter = JsonMeter()
                if answers.is_whole(exchange.entry.path, head, call, exchange.audit):
                    self._held_head = head
                    return
        exchange.begin_reply(head, length)

    def flush(self) -> None:
        """All that one read brought is in `pieces`."""
        exchange = self._exchange
        if self._held_head is not None:
            exchange.client.expect_answer()
            if sum(map(len, self.pieces)) > answers.MAX_HELD_BYTES:
                exchange.stop()
                exchange.fail(BAD_ANSWER, "The instance's answer is too large.")
            return
        data = self._take_pieces()
        if self.meter is not None and data:
            data = self.meter.feed(data)
        if self._window is not None:
            exchange.client.expect_answer()
            self._window.feed(data)
        else:
            self.window_release(data, last=False)

    def end(self) -> None:
        data = self._take_pieces()
        if self.meter is not None:
            data = self.meter.feed(data) + self.meter.end() if data else self.meter.end()
            self._exchange.error_code = self.meter.failed or self._exchange.error_code
        if self._held_head is not None:
            self._settle(data)
        elif self._window is not None:
            self._window.end(data)
        else:
            self.window_release(data, last=True)

    def _take_pieces(self) -> bytes:
        pieces = self.pieces
        if not pieces:
            return b""
        self.pieces = []
        if self.ttft_s is None:
            self.ttft_s = self._exchange.gateway.clock() - self._exchange.started
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # -- what goes on

    def window_release(self, data: bytes, *, last: bool) -> None:
        """Passes on a part of the answer; with the last one the exchange is over."""
        if self.copy is not None and data:
            self.copy.add(data)
        self._exchange.reply.part(data, last=last)
        if last:
            self._exchange.finish()
        else:
            self._exchange.client.expect_answer()

    def window_refused(self, refusal: Refused) -> None:
        self._exchange.goes_on()
        self._exchange.end_with(refusal)

    def window_wait(self, work: Coroutine[Any, Any, None]) -> None:
        self._exchange.later(work)

    def _settle(self, data: bytes) -> None:
        """A whole answer is here: what it promises is checked, what it lacks is put in."""
        try:
            body = answers.at_once(self._exchange, data)
        except Refused as refusal:
            self._exchange.end_with(refusal)
            return
        if body is not None:
            self._whole(body)
        else:
            self._exchange.later(self._settle_later(data))

    async def _settle_later(self, data: bytes) -> None:
        body = await answers.after_a_look(self._exchange.gateway, self._exchange, data)
        self._exchange.goes_on()
        self._whole(body)

    def _whole(self, body: bytes) -> None:
        head, self._held_head = self._held_head, None
        assert head is not None
        self._exchange.begin_reply(head, len(body))
        self.window_release(body, last=True)
