"""Calls that the console makes for a signed-in user: through the gateway, with a hidden key.

So they are routed, limited and counted like everybody's, and no key ever reaches the browser.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from slipway.base.errors import Invalid, TooLarge, Unavailable

if TYPE_CHECKING:
    import httpx

MAX_TEST_BYTES = 600 * 1024
_MAX_SHOWN_BYTES = 1 << 20
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
_SILENCE_S = 600.0
_KEY_ARRIVES_S, _KEY_ASKED_AGAIN_S = 5.0, 0.05
_KEPT_HEADERS = ("content-type", "retry-after", "x-request-id", "content-encoding")
T = TypeVar("T")


class CallerGone(Unavailable):
    """Nobody is there any more to hear the answer."""


class BrokeOff(Exception):
    """The answer ended before it was complete."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The hidden key by which one person calls a service from the console."""

    secret: str
    is_new: bool = False  # the gateway hears of it within moments


@dataclass(frozen=True, slots=True)
class Called:
    """An answer under way. `pieces` must be run or closed: it holds the connection."""

    client: httpx.AsyncClient
    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def content_type(self) -> str:
        return str(self.answer.headers.get("content-type", ""))

    @property
    def headers(self) -> dict[str, str]:
        """Those of the gateway that mean something to the browser."""
        found = self.answer.headers
        return {name: found[name] for name in _KEPT_HEADERS if name in found}

    async def pieces(self) -> AsyncIterator[bytes]:
        """Bytes as they come. Ended early, the gateway is told, and it tells the instance."""
        import httpx

        try:
            async for piece in self.answer.aiter_raw():
                yield piece
        except httpx.HTTPError as error:
            raise BrokeOff from error
        finally:
            await self.answer.aclose()
            await self.client.aclose()


@dataclass(frozen=True, slots=True)
class TestCall:
    __test__ = False  # a call, not a test class

    method: str
    url: str
    body: bytes
    content_type: str
    key: OwnKey


@dataclass(frozen=True, slots=True)
class TestAnswer:
    __test__ = False

    status: int
    headers: dict[str, str]
    body: str
    body_is_text: bool
    truncated: bool
    duration_ms: float


def check_test(method: str, path: str, body: str, content_type: str) -> bytes:
    """The body as bytes, if the online test may send it (SRV-34)."""
    if method.upper() not in _METHODS:
        raise Invalid(f"The method is one of {', '.join(sorted(_METHODS))}.", field="method")
    if not path.startswith("/") or any(ord(c) <= 32 or ord(c) == 127 for c in path):
        raise Invalid("The path starts with '/' and holds no spaces.", field="path")
    data = body.encode()
    if len(data) > MAX_TEST_BYTES:
        raise TooLarge(
            f"The body has {len(data)} bytes; an online test sends at most {MAX_TEST_BYTES}. "
            "Call the endpoint itself for more.",
            field="body",
        )
    if data and "json" in content_type.lower():
        try:
            json.loads(data)
        except ValueError as error:
            raise Invalid(f"The body is not JSON: {error}.", field="body") from error
    return data


async def test(call: TestCall) -> TestAnswer:
    headers = _headers(call.key.secret) | ({"content-type": call.content_type} if call.body else {})
    began = time.perf_counter()
    async with _client() as client:
        answer = await _until_known(
            call.key,
            lambda: _send(
                client,
                client.build_request(
                    call.method.upper(), call.url, content=call.body, headers=headers
                ),
            ),
        )
        try:
            shown, truncated = await _read_some(answer)
        finally:
            await answer.aclose()
    text, is_text = _as_text(shown)
    return TestAnswer(
        answer.status_code, dict(answer.headers), text, is_text, truncated,
        round((time.perf_counter() - began) * 1000, 1),
    )  # fmt: skip


async def call(url: str, body: dict[str, Any], key: OwnKey) -> Called:
    """The gateway's answer as far as its head; the body comes by `Called.pieces`.

    Raises Unavailable where the gateway is not there.
    """
    client = _client()
    try:
        headers = _headers(key.secret) | {"accept-encoding": "identity"}
        answer = await _until_known(
            key,
            lambda: _send(client, client.build_request("POST", url, json=body, headers=headers)),
        )
    except BaseException:
        await client.aclose()
        raise
    return Called(client, answer)


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives. Cancelled as soon as the browser goes away; raises CallerGone then.

    The request's body must have been read: what is received after it is the end of the connection.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise CallerGone("The browser went away before the model answered.")
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


class Passing(StreamingResponse):
    """Whatever ends it, the source of its bytes is closed before it is done."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _until_known(
    key: OwnKey, send: Callable[[], Awaitable[httpx.Response]]
) -> httpx.Response:
    """A key made a moment ago may not have reached the gateway yet: it is asked again."""
    until = time.monotonic() + (_KEY_ARRIVES_S if key.is_new else 0)
    while True:
        answer = await send()
        if answer.status_code != 401 or time.monotonic() >= until:
            return answer
        await answer.aclose()
        await asyncio.sleep(_KEY_ASKED_AGAIN_S)


def _client() -> httpx.AsyncClient:
    import httpx

    timeout = httpx.Timeout(_SILENCE_S, connect=5.0)
    # The gateway is on this machine: no proxy of the environment, nothing to verify.
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=False)  # noqa: S501


async def _send(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    import httpx

    try:
        return await client.send(request, stream=True)
    except httpx.HTTPError as error:
        raise Unavailable(
            "The gateway cannot be reached. It is started again by itself; try in a moment.",
            code="no_gateway",
        ) from error


def _headers(secret: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"} if secret else {}


async def _read_some(answer: httpx.Response) -> tuple[bytes, bool]:
    shown = b""
    async for piece in answer.aiter_bytes():
        shown += piece
        if len(shown) > _MAX_SHOWN_BYTES:
            return shown[:_MAX_SHOWN_BYTES], True
    return shown, False


def _as_text(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode(), True
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), False
