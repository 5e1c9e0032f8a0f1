"""One request as S3 sees it, and the answer to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from slipway.compat.s3.errors import ClientGone, S3Error

Receive = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Call:
    """`query` holds each parameter's last value; `pairs` all of them, decoded, as signed."""

    method: str
    raw_path: str
    bucket: str
    key: str
    query: dict[str, str]
    pairs: list[tuple[str, str]]
    headers: dict[str, str]
    receive: Receive
    idle_s: float
    body_read: bool = False
    request_id: str = ""
    address: str = ""

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a whole number, cut to `most`."""
        text = self.query.get(name)
        if text is None or text == "":
            return default
        if not text.isascii() or not text.isdigit():
            raise S3Error("InvalidArgument", f"{name} must be a whole number from 0 up.")
        return min(int(text), most)

    @property
    def length(self) -> int | None:
        text = self.headers.get("content-length")
        return int(text) if text is not None else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. A client that stops sending is let go."""
        while True:
            try:
                async with asyncio.timeout(self.idle_s):
                    message = await self.receive()
            except TimeoutError:
                raise S3Error(
                    "RequestTimeout", f"Nothing was sent for {self.idle_s:g} seconds."
                ) from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            if body := message.get("body"):
                yield body
            if not message.get("more_body"):
                self.body_read = True
                return


@dataclass(slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    # Bytes of `length`, instead of `body`.
    stream: AsyncIterator[bytes] | None = None
    length: int = 0


def parse_call(scope: Any, receive: Receive, domains: tuple[str, ...], idle_s: float) -> Call:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        text = _text(value)
        key = name.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    raw_path = scope["raw_path"].decode("latin-1")
    pairs = parse_pairs(scope["query_string"].decode("latin-1"))
    bucket, key = _place(raw_path, headers.get("host", ""), domains)
    client = scope.get("client")
    return Call(
        scope["method"], raw_path, bucket, key, dict(pairs), pairs, headers, receive, idle_s,
        address=client[0] if client else "",
    )  # fmt: skip


def parse_pairs(query: str) -> list[tuple[str, str]]:
    """Unlike a form's, a "+" in it is a plus."""
    pairs = []
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            pairs.append((unquote(name), unquote(value, errors="replace")))
    return pairs


def _place(raw_path: str, host: str, domains: tuple[str, ...]) -> tuple[str, str]:
    try:
        path = unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidArgument", "The path is not valid UTF-8.") from None
    name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    for domain in domains:
        if name.endswith("." + domain):
            return name.removesuffix("." + domain), path[1:]
    bucket, _, key = path[1:].partition("/")
    return bucket, key


def _text(value: bytes) -> str:
    try:
        return value.decode().strip(" \t")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip(" \t")
