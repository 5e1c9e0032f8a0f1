"""The little of HTTP/1.1 that the front reads and writes itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

CLOSE = "connection: close\r\n"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a request decides. end: where the body starts."""

    method: bytes
    path: bytes
    end: int
    body_bytes: int
    opaque: bool
    chunked: bool


def parse_head(data: bytes, end: int) -> Head | None:
    """Read the head that stops at `end` (the blank line); None where it is no HTTP."""
    line_end = data.find(b"\r\n", 0, end + 2)
    parts = data[:line_end].split(b" ")
    if len(parts) != 3:
        return None
    headers = data[line_end:end].lower()
    length, certain = content_length(headers)
    chunked = b"\r\ntransfer-encoding:" in headers
    opaque = not certain or chunked or b"\r\nexpect:" in headers or b"\r\nupgrade:" in headers
    return Head(parts[0], parts[1].partition(b"?")[0], end + 4, length or 0, opaque, chunked)


def content_length(headers: bytes) -> tuple[int | None, bool]:
    """The length that lower-case headers declare, and whether they declare it only once."""
    at = headers.find(b"\r\ncontent-length:")
    if at < 0:
        return None, True
    stop = headers.find(b"\r\n", at + 17)
    value = headers[at + 17 : stop if stop >= 0 else len(headers)].strip()
    if not value.isdigit():
        return None, False
    return int(value), stop < 0 or headers.find(b"\r\ncontent-length:", stop) < 0


def answer(
    status: int, body: dict[str, str], headers: str = "", *, body_wanted: bool = True
) -> bytes:
    """A whole JSON answer; without its body for HEAD."""
    payload = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(payload)}\r\n{headers}\r\n"
    ).encode()
    return head + payload if body_wanted else head
