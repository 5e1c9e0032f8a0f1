"""Reads token usage from an answer while it flies by.

A meter is fed the body's bytes in whatever pieces they come and gives back what to pass on. Bytes
are passed on as they are; only a stream that we ourselves asked for usage loses what the caller did
not ask for: the closing usage event and the `"usage":null` of the others.
"""

from dataclasses import dataclass
from typing import Protocol

import orjson

from slipway.gateway.body import BYTES_PER_TOKEN

# A longer line is passed on unread: it is no usage event, and holding it would cost memory.
MAX_LINE_BYTES = 1024 * 1024
# Whole answers up to this size are parsed; of bigger ones (embeddings) the end is searched.
MAX_PARSED_BYTES = 256 * 1024
_TAIL_BYTES = 4096
_NULL_USAGE = (b',"usage":null', b', "usage": null')


@dataclass(slots=True)
class Usage:
    """Tokens of one call. `total` is what limits count. Not frozen: one is made for each call."""

    prompt: int
    completion: int
    total: int


class Meter(Protocol):
    usage: Usage | None
    failed: str | None

    def feed(self, data: bytes) -> bytes: ...

    def end(self) -> bytes: ...

    def completion_tokens(self) -> int:
        """An estimate, for answers that say nothing: bytes of text by four."""


def usage_of(payload: object) -> Usage | None:
    """The usage that an answer or a chunk reports, if it does."""
    usage = payload.get("usage") if isinstance(payload, dict) else None
    if not isinstance(usage, dict):
        return None
    prompt = _count(usage.get("prompt_tokens"))
    completion = _count(usage.get("completion_tokens"))
    total = _count(usage.get("total_tokens"))
    if prompt is None and completion is None and total is None:
        return None
    prompt = prompt or 0
    if completion is None:
        completion = max(0, (total or 0) - prompt)
    return Usage(prompt, completion, prompt + completion if total is None else total)


class StreamMeter:
    """Usage of a server-sent event stream. Passes on whole lines only."""

    __slots__ = (
        "_content_bytes",
        "_drop_usage",
        "_giant",
        "_held",
        "_skip_blank",
        "failed",
        "usage",
    )

    def __init__(self, *, drop_usage: bool) -> None:
        self.usage: Usage | None = None
        self.failed: str | None = None
        self._drop_usage = drop_usage
        self._held = bytearray()
        self._giant = False  # inside a line that is too long to be held
        self._skip_blank = False  # the next blank line belongs to a dropped event
        self._content_bytes = 0

    def feed(self, data: bytes) -> bytes:
        cut = data.rfind(b"\n") + 1
        if not cut:
            return self._hold(data)
        if self._giant:
            start = data.index(b"\n") + 1
            self._giant = False
            return data[:start] + self.feed(data[start:])
        rest = data[cut:]
        whole = data[:cut] if rest else data
        if self._held:
            whole = bytes(self._held) + whole
            self._held.clear()
        passed = self._lines(whole)
        return passed + self._hold(rest) if rest else passed

    def end(self) -> bytes:
        """What was still held back, once the stream is over."""
        rest = bytes(self._held)
        self._held.clear()
        return self._lines(rest) if rest else b""

    def completion_tokens(self) -> int:
        return -(-self._content_bytes // BYTES_PER_TOKEN)

    def _hold(self, data: bytes) -> bytes:
        if self._giant:
            return data
        self._held += data
        if len(self._held) <= MAX_LINE_BYTES:
            return b""
        passed = bytes(self._held)
        self._held.clear()
        self._giant = True
        return passed

    def _lines(self, whole: bytes) -> bytes:
        if not self._drop_usage:
            for line in whole.splitlines():
                if line.startswith(b"data:"):
                    self._read(line)
            return whole
        return b"".join([self._filtered(line) for line in whole.splitlines(keepends=True)])

    def _filtered(self, line: bytes) -> bytes:
        if not line.startswith(b"data:"):
            blank = not line.strip()
            skip, self._skip_blank = self._skip_blank and blank, False
            return b"" if skip else line
        if b'"usage"' in line:
            # Raw quotes cannot stand inside a JSON text, so this matches the field and nothing else.
            for null_usage in _NULL_USAGE:
                line = line.replace(null_usage, b"")
        self._skip_blank = self._read(line)
        return b"" if self._skip_blank else line

    def _read(self, line: bytes) -> bool:
        """Notes usage, failure and text of one event. True if it carries usage and nothing else."""
        if b'"usage"' in line or b'"error"' in line:
            try:
                chunk = orjson.loads(line[5:])
            except orjson.JSONDecodeError:
                return False
            usage = usage_of(chunk)
            if usage is not None:
                self.usage = usage
                if chunk.get("choices") == []:
                    return True
            if isinstance(chunk, dict) and chunk.get("error"):
                self.failed = _error_code(chunk["error"])
        self._content_bytes += _text_size(line)
        return False


class JsonMeter:
    """Usage of an answer that is one JSON object."""

    __slots__ = ("_parts", "_size", "failed", "payload", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.payload: object = None  # the answer, once it is whole and was small enough
        self.failed: str | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_PARSED_BYTES:
            self._parts = [b"".join(self._parts)[-_TAIL_BYTES:]]
        return data

    def end(self) -> bytes:
        body = b"".join(self._parts)
        if self._size <= MAX_PARSED_BYTES:
            try:
                self.payload = orjson.loads(body)
                self.usage = usage_of(self.payload)
            except orjson.JSONDecodeError:
                self.usage = None
        else:
            self.usage = _usage_in_tail(body)
        return b""

    def completion_tokens(self) -> int:
        if self._size > MAX_PARSED_BYTES:
            return -(-self._size // BYTES_PER_TOKEN)
        return -(-_text_size(b"".join(self._parts)) // BYTES_PER_TOKEN)


def _usage_in_tail(tail: bytes) -> Usage | None:
    start = tail.rfind(b'"usage"')
    end = tail.find(b"}", start)
    # The usage object may hold objects itself; try each closing brace.
    while start >= 0 and end >= 0:
        try:
            return usage_of(orjson.loads(b"{" + tail[start : end + 1] + b"}"))
        except orjson.JSONDecodeError:
            end = tail.find(b"}", end + 1)
    return None


def _text_size(line: bytes) -> int:
    """Bytes of generated text in a chunk, by a quick search; escapes count as they are written. A
    chunk brings one kind of text."""
    for field in (b'content":', b'"text":', b'"arguments":'):
        start, size = line.find(field), 0
        while start >= 0:
            start = line.find(b'"', start + len(field), start + len(field) + 2) + 1
            if not start:
                break
            end = line.find(b'"', start)
            while end > 0 and line[end - 1] == 0x5C:
                end = line.find(b'"', end + 1)
            if end < 0:
                break
            size += end - start
            start = line.find(field, end)
        if size:
            return size
    return 0


def _error_code(error: object) -> str:
    code = error.get("code") if isinstance(error, dict) else None
    return str(code) if code else "500001"


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
