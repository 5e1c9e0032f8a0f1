"""One client connection of the front: requests in order, one at a time."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tiinfer import frames
from tiinfer.http_head import (
    CLOSE,
    CONTINUE,
    MAX_HEAD_BYTES,
    REASONS,
    Head,
    answer,
    read_chunked,
    read_head,
)
from tiinfer.pipeline import Pipeline, Task

if TYPE_CHECKING:
    from tiinfer.routes import Routes

# Requests that arrive while one is being answered wait here; beyond it the client waits.
MAX_HELD_BYTES = 1024 * 1024
JSON = "application/json"
_TOO_LONG = (
    "The request is larger than {limit} bytes, the limit of this server (--max-request-size)."
)
_END_OF_STREAM = b"0\r\n\r\n"


class Client(asyncio.Protocol):
    """Reads requests, hands each to the routes, writes the answer."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self.transport: Any = None
        self._held = b""
        self._parts: list[bytes] = []  # of a body that has not come whole
        self._missing = 0
        self._head: Head | None = None
        self._busy = False
        self._task: Task | None = None
        self._pipeline: Pipeline | None = None
        self._streaming = False
        self._continued = False
        self._full = False

    # ---- the socket ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._routes.clients.add(self)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data = b"".join(self._parts)
            self._parts, self._missing, self._held = [], 0, b""
        elif self._held:
            data = self._held + data
        self._held = data
        if not self._busy:
            self._next_request()
        elif len(data) > MAX_HELD_BYTES:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._routes.forget(self)
        task, self._task = self._task, None
        if task is not None and self._pipeline is not None:
            self._pipeline.cancel(task)

    def eof_received(self) -> bool:
        # A client may shut its sending side and still wait for the answer.
        return self._busy

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._task is not None and self._task.worker is not None:
            self._task.worker.resume()

    # ---- the request ----

    def _next_request(self) -> None:
        held = self._held
        end = held.find(b"\r\n\r\n")
        if end < 0:
            if len(held) > MAX_HEAD_BYTES:
                self._refuse_and_close(431, "The request head is larger than 64 KB.")
            return
        head = read_head(held, end)
        if head is None:
            self._refuse_and_close(400, "This is not an HTTP/1.1 request.")
            return
        total = head.size + head.body_bytes
        if len(held) == total and not head.chunked:  # the usual case
            self._held = b""
            self._begin(head, held[head.size :])
        elif head.body_bytes > self._routes.max_request_bytes:
            self._too_long()
        elif head.chunked:
            self._read_chunked(head)
        elif len(held) < total:
            self._say_continue(head)
            self._parts, self._missing = [held], total - len(held)
        else:
            self._held = held[total:]
            self._begin(head, held[head.size : total])

    def _read_chunked(self, head: Head) -> None:
        self._say_continue(head)
        try:
            found = read_chunked(self._held, head.size)
        except ValueError as error:
            self._refuse_and_close(400, f"The chunked body cannot be read: {error}.")
            return
        if found is not None:
            body, end = found
            self._held = self._held[end:]
            self._begin(head, body)
        elif len(self._held) > self._routes.max_request_bytes + MAX_HEAD_BYTES:
            self._too_long()

    def _say_continue(self, head: Head) -> None:
        if head.wants_continue and not self._continued:
            self._continued = True
            self.transport.write(CONTINUE)

    def _begin(self, head: Head, body: bytes) -> None:
        self._busy, self._head, self._continued = True, head, False
        if len(body) > self._routes.max_request_bytes:
            self._too_long()
            return
        self._routes.route(self, head, body)

    def _too_long(self) -> None:
        text = _TOO_LONG.format(limit=self._routes.max_request_bytes)
        self._refuse_and_close(413, text)

    def submitted(self, pipeline: Pipeline, task: Task) -> None:
        """The request is on its way; its outcome comes to `finish`."""
        self._pipeline, self._task = pipeline, task

    # ---- the answer ----

    def reply(self, status: int, body: object, headers: str = "") -> None:
        """An answer of the front itself, in JSON."""
        self.reply_bytes(status, json.dumps(body, ensure_ascii=False).encode(), JSON, headers)

    def reply_bytes(self, status: int, payload: bytes, mime: str, headers: str = "") -> None:
        assert self._head is not None
        keep = self._keeps()
        lines = headers if keep else headers + CLOSE
        wanted = self._head.method != b"HEAD"
        self.transport.write(answer(status, payload, mime, lines, body_wanted=wanted))
        self._done(keep)

    def finish(self, status: int, payload: bytes) -> None:
        """The outcome of the task (`pipeline.Reply`)."""
        task, self._task = self._task, None
        assert task is not None and self._head is not None and self._pipeline is not None
        self._routes.count(status, self._head)
        if self._streaming:
            self._end_stream(status, payload)
            return
        keep = self._keeps()
        extra = ""
        if task.state & frames.V2:
            payload, mime, extra = v2_answer(status, payload)
        elif status == 200:
            mime = self._pipeline.mime
        else:
            mime = JSON if payload[:1] == b"{" else "text/plain; charset=utf-8"
        close = "" if keep else CLOSE
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: {mime}\r\n"
            f"content-length: {len(payload)}\r\n{extra}{close}\r\n"
        )
        self.transport.write(head.encode() + payload)
        self._done(keep)

    def event(self, payload: bytes) -> None:
        if not self._streaming:
            self._streaming = True
            close = "" if self._keeps() else CLOSE
            self.transport.write(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                f"x-accel-buffering: no\r\ntransfer-encoding: chunked\r\n{close}\r\n".encode()
            )
        self._chunk(b"data: " + payload.replace(b"\n", b"\ndata: ") + b"\n\n")

    def _end_stream(self, status: int, payload: bytes) -> None:
        self._streaming = False
        if status != 200:
            text = payload.replace(b"\n", b" ")
            self._chunk(b"event: error\ndata: " + text + b"\n\n")
        self.transport.write(_END_OF_STREAM)
        self._done(self._keeps())

    def _chunk(self, data: bytes) -> None:
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def writer_is_full(self) -> bool:
        return self._full

    def _keeps(self) -> bool:
        return self._head is not None and self._head.keep and not self._routes.closing

    def _done(self, keep: bool) -> None:
        self._busy = False
        if not keep:
            self.transport.close()
        elif self._held:
            self.transport.resume_reading()
            self._next_request()

    def _refuse_and_close(self, status: int, text: str) -> None:
        payload = json.dumps({"error": text}).encode()
        self.transport.write(answer(status, payload, JSON, CLOSE))
        self._busy, self._held = True, b""  # what still comes is not looked at
        self.transport.close()

    def leave_if_idle(self) -> None:
        if not self._busy and not self._held:
            self.transport.close()


def v2_answer(status: int, payload: bytes) -> tuple[bytes, str, str]:
    """Payload, type and header lines: a worker puts the length of the JSON before binary data."""
    if status != 200:
        if payload[:1] != b"{":
            payload = json.dumps({"error": payload.decode(errors="replace")}).encode()
        return payload, JSON, ""
    length = int.from_bytes(payload[:4], "big")
    if length == len(payload) - 4:
        return payload[4:], JSON, ""
    extra = f"inference-header-content-length: {length}\r\n"
    return payload[4:], "application/octet-stream", extra
