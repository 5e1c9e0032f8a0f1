"""A small HTTP client for the one peer that the gateway asks things: the control plane."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httptools


class ControlAway(Exception):
    """The control plane cannot be reached or does not answer properly. Says why."""


@dataclass(slots=True)
class _Parsed:
    """Filled by the parser's callbacks."""

    head_done: bool = False
    done: bool = False
    pieces: list[bytes] = field(default_factory=list)

    def on_headers_complete(self) -> None:
        self.head_done = True

    def on_body(self, data: bytes) -> None:
        self.pieces.append(data)

    def on_message_complete(self) -> None:
        self.done = True

    def take(self) -> bytes:
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


@dataclass(slots=True)
class Answer:
    """An answer whose body is still coming."""

    status: int
    _reader: asyncio.StreamReader
    _parser: httptools.HttpResponseParser
    _parsed: _Parsed
    _silence_s: float

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ControlAway when it breaks off or falls silent."""
        while True:
            if self._parsed.pieces:
                yield self._parsed.take()
            if self._parsed.done:
                return
            await _feed(self._reader, self._parser, self._silence_s)

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Where the control plane is and how we prove who we are."""

    url: str
    token_file: Path

    @asynccontextmanager
    async def ask(
        self, method: str, path: str, body: bytes = b"", *, silence_s: float
    ) -> AsyncIterator[Answer]:
        """One request on its own connection. Raises ControlAway for anything that goes wrong."""
        where = urlsplit(self.url)
        request = self._request(method, where.path.rstrip("/") + path, where.netloc, body)
        secure = ssl.create_default_context() if where.scheme == "https" else None
        port = where.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(silence_s):
                reader, writer = await asyncio.open_connection(where.hostname, port, ssl=secure)
        except (OSError, TimeoutError) as cause:
            raise ControlAway(f"cannot connect to {self.url}: {cause or 'timed out'}") from cause
        try:
            writer.write(request)
            yield await _answer(reader, silence_s)
        except OSError as cause:
            raise ControlAway(f"the connection to {self.url} broke: {cause}") from cause
        finally:
            writer.transport.abort()

    def _request(self, method: str, path: str, host: str, body: bytes) -> bytes:
        try:
            token = self.token_file.read_text().strip()
        except OSError as cause:
            raise ControlAway(f"cannot read the token: {cause}") from cause
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n"
            "accept: application/json, application/x-ndjson\r\nconnection: close\r\n"
        )
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body


async def _answer(reader: asyncio.StreamReader, silence_s: float) -> Answer:
    parsed = _Parsed()
    parser = httptools.HttpResponseParser(parsed)
    while not parsed.head_done:
        await _feed(reader, parser, silence_s)
    return Answer(parser.get_status_code(), reader, parser, parsed, silence_s)


async def _feed(
    reader: asyncio.StreamReader, parser: httptools.HttpResponseParser, silence_s: float
) -> None:
    try:
        async with asyncio.timeout(silence_s):
            data = await reader.read(65536)
    except TimeoutError as cause:
        raise ControlAway(f"nothing heard for {silence_s:.0f} s") from cause
    if not data:
        raise ControlAway("the connection was closed")
    try:
        parser.feed_data(data)
    except httptools.HttpParserError as cause:
        raise ControlAway(f"the answer is not HTTP: {cause}") from cause
