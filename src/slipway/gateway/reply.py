"""The answer's way back: how heads and bodies are framed for one client."""

from typing import Protocol

from slipway.gateway.http1 import (
    CHUNKED,
    CLOSE,
    KEEP_ALIVE,
    LAST_CHUNK,
    REASON,
    RequestHead,
    ResponseHead,
    chunk,
    own_answer,
)


class Writer(Protocol):
    def write(self, data: bytes) -> None: ...


class Reply:
    """Writes one answer. Its head waits for the first bytes of the body, to go with them."""

    __slots__ = ("_head", "_request", "_writer", "chunked", "close", "head_sent", "size")

    def __init__(self, writer: Writer, request: RequestHead) -> None:
        self._writer = writer
        self._request = request
        self._head = b""
        self.chunked = False
        self.head_sent = False
        self.close = not request.keep_alive  # the connection ends with this answer
        self.size = 0  # bytes of the body

    def begin(self, head: ResponseHead, own_lines: bytes, *, length: int | None) -> None:
        """Prepares an instance's head. length: of the body, None where it is not known."""
        parts = [b"HTTP/1.1 %d %b\r\n" % (head.status, REASON.get(head.status, b"Unknown"))]
        parts += head.lines
        parts.append(own_lines)
        if length is not None:
            parts.append(b"content-length: %d\r\n" % length)
        elif head.has_body(self._request.method):
            if self._request.version == "1.0":
                self.close = True  # no chunks there: the body ends with the connection
            else:
                self.chunked = True
                parts.append(CHUNKED)
        parts.append(self._connection_line())
        parts.append(b"\r\n")
        self._head = b"".join(parts)

    def forget(self) -> None:
        """Drops a head that has not gone out: another answer takes its place."""
        self._head = b""
        self.chunked = False

    def part(self, data: bytes, *, last: bool = False) -> None:
        """Sends a part of the body, and the head if it still waits, in one piece."""
        self.size += len(data)
        parts = []
        if self._head:
            parts.append(self._head)
            self._head = b""
            self.head_sent = True
        if data:
            parts.append(chunk(data) if self.chunked else data)
        if last and self.chunked:
            parts.append(LAST_CHUNK)
        if parts:
            self._writer.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def whole(self, status: int, body: bytes, own_lines: bytes, content_type: bytes) -> None:
        """Sends an answer of the gateway's own."""
        self.size = len(body)
        self.head_sent = True
        answer = own_answer(status, body, own_lines + self._connection_line(), content_type)
        if body and self._request.method == b"HEAD":
            answer = answer[: -len(body)]
        self._writer.write(answer)

    def _connection_line(self) -> bytes:
        if self.close:
            return CLOSE
        return KEEP_ALIVE if self._request.version == "1.0" else b""
