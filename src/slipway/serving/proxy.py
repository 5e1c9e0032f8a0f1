"""Calls that the console makes for a signed-in user: through the gateway, with a hidden key.

So they are routed, limited and counted like everybody's, and no key ever reaches the browser.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.responses import StreamingResponse

from slipway.base.errors import Invalid, TooLarge, Unavailable

if TYPE_CHECKING:
    import httpx

MAX_TEST_BYTES = 600 * 1024
_MAX_SHOWN_BYTES = 1 << 20
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
_SILENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class TestCall:
    __test__ = False  # a call, not a test class

    method: str
    url: str
    body: bytes
    content_type: str
    secret: str | None


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
    headers = _headers(call.secret) | ({"content-type": call.content_type} if call.body else {})
    began = time.perf_counter()
    async with _client() as client:
        request = client.build_request(
            call.method.upper(), call.url, content=call.body, headers=headers
        )
        answer = await _send(client, request)
        try:
            shown, truncated = await _read_some(answer)
        finally:
            await answer.aclose()
    text, is_text = _as_text(shown)
    return TestAnswer(
        answer.status_code, dict(answer.headers), text, is_text, truncated,
        round((time.perf_counter() - began) * 1000, 1),
    )  # fmt: skip


async def stream(url: str, body: dict[str, Any], secret: str | None) -> StreamingResponse:
    """The gateway's answer as it comes, with its status. Ends with the browser's connection."""
    client = _client()
    try:
        request = client.build_request("POST", url, json=body, headers=_headers(secret))
        answer = await _send(client, request)
    except BaseException:
        await client.aclose()
        raise

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in answer.aiter_raw():
                yield piece
        finally:
            await answer.aclose()
            await client.aclose()

    kept = ("content-type", "retry-after", "x-request-id", "content-encoding")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return StreamingResponse(
        pieces(), status_code=answer.status_code, headers=headers | {"cache-control": "no-store"}
    )


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
