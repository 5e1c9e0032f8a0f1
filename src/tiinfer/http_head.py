"""The little of HTTP/1.1 that the front reads and writes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_HEAD_BYTES = 64 * 1024
# A client repeats its head word for word, so reading it once is enough.
_KNOWN_HEADS = 512
CLOSE = "connection: close\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a request decides. size: its bytes, the blank line included."""

    method: bytes
    path: bytes
    size: int
    body_bytes: int
    chunked: bool
    keep: bool
    wants_continue: bool
    headers: bytes  # lower-case, each line begun by CR LF

    def header(self, name: bytes) -> bytes | None:
        at = self.headers.find(b"\r\n" + name + b":")
        if at < 0:
            return None
        begin = at + len(name) + 3
        end = self.headers.find(b"\r\n", begin)
        return self.headers[begin : end if end >= 0 else None].strip()


_known: dict[bytes, Head] = {}


def read_head(data: bytes, end: int) -> Head | None:
    """The head that stops at `end` (the blank line); None where it is no HTTP/1.x request."""
    raw = data[:end]
    head = _known.get(raw)
    if head is None:
        head = _parse(raw)
        if head is not None:
            if len(_known) >= _KNOWN_HEADS:
                _known.clear()
            _known[raw] = head
    return head


def _parse(raw: bytes) -> Head | None:
    line, _, rest = raw.partition(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        return None
    headers = b"\r\n" + rest.lower()
    length, chunked = _body(headers)
    if length is None:
        return None
    plain = Head(parts[0], parts[1].partition(b"?")[0], len(raw) + 4, length, chunked, True, False, headers)  # fmt: skip
    connection = plain.header(b"connection") or b""
    keep = b"close" not in connection and (parts[2] != b"HTTP/1.0" or b"keep-alive" in connection)
    asked = plain.header(b"expect") == b"100-continue"
    return Head(parts[0], plain.path, plain.size, length, chunked, keep, asked, headers)


def _body(headers: bytes) -> tuple[int | None, bool]:
    """Length of the body and whether it is chunked; None for what could be read in two ways."""
    lengths = headers.count(b"\r\ncontent-length:")
    encodings = headers.count(b"\r\ntransfer-encoding:")
    if encodings:
        at = headers.index(b"\r\ntransfer-encoding:") + 20
        stop = headers.find(b"\r\n", at)
        value = headers[at : stop if stop >= 0 else None].strip()
        return (0, True) if encodings == 1 and not lengths and value == b"chunked" else (None, True)
    if not lengths:
        return 0, False
    at = headers.index(b"\r\ncontent-length:") + 17
    stop = headers.find(b"\r\n", at)
    value = headers[at : stop if stop >= 0 else None].strip()
    return (int(value) if lengths == 1 and value.isdigit() else None), False


def read_chunked(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The chunked body that begins at `at` and where it ends; None while it is incomplete.

    Raises ValueError where it is none.
    """
    parts = []
    while True:
        line_end = data.find(b"\r\n", at)
        if line_end < 0:
            if len(data) - at > 1024:
                raise ValueError("a chunk's size line is too long")
            return None
        size = data[at:line_end].partition(b";")[0].strip()
        if not size or any(byte not in b"0123456789abcdefABCDEF" for byte in size):
            raise ValueError("a chunk's size is not a number")
        length = int(size, 16)
        at = line_end + 2
        if length == 0:
            return _after_trailer(parts, data, at)
        if len(data) < at + length + 2:
            return None
        if data[at + length : at + length + 2] != b"\r\n":
            raise ValueError("a chunk is longer than it says")
        parts.append(data[at : at + length])
        at += length + 2


def _after_trailer(parts: list[bytes], data: bytes, at: int) -> tuple[bytes, int] | None:
    if data.startswith(b"\r\n", at):
        return b"".join(parts), at + 2
    end = data.find(b"\r\n\r\n", at)
    return None if end < 0 else (b"".join(parts), end + 4)


def answer(
    status: int, payload: bytes, mime: str, headers: str = "", *, body_wanted: bool = True
) -> bytes:
    """A whole answer; without its body for HEAD."""
    kind = f"content-type: {mime}\r\n" if mime else ""
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n{kind}"
        f"content-length: {len(payload)}\r\n{headers}\r\n"
    ).encode()
    return head + payload if body_wanted else head
