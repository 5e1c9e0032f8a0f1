"""Webhooks: one signed POST. Redirects are not followed, and little of the answer is read.

X-Slipway-Signature: t=<unix seconds>,v1=<hex>     HMAC-SHA256 of "<t>.<body>" with the secret
X-Slipway-Delivery: ad-...                         the same for each attempt of one delivery
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

import httpcore

from slipway.alerts.message import as_text
from slipway.alerts.network import BlockedAddress, GuardedNetwork, Reach
from slipway.alerts.types import Delivery, Language, Sent
from slipway.base.errors import Invalid

_TIMEOUT_S = 10.0
_ANSWER_BYTES = 2048
_MAX_URL = 2000


def checked_url(url: str) -> str:
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _MAX_URL
    if not plain or not _leads_somewhere(url):
        raise Invalid(
            "A webhook address is https://host/path or http://host/path, without spaces or a user name.",
            field="url",
        )
    return url


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    http = parts.scheme in ("http", "https") and bool(parts.hostname)
    return http and port != 0 and parts.username is None


def shown_url(url: str) -> str:
    """Chat services put their secret into the path: only the host is shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def body_of(delivery: Delivery, language: Language) -> bytes:
    body: dict[str, Any] = {
        "id": delivery.id,
        "test": delivery.test,
        "rule": {"id": delivery.rule_id, "name": delivery.rule_name},
        "project": delivery.project_id,
        "event": delivery.event,
        "title": delivery.message.title,
        "text": as_text(delivery.message, language),
        "link": delivery.message.link,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, *, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


async def post(
    url: str, secret: str, delivery: Delivery, language: Language, *, reach: Reach, at: int
) -> Sent:
    body = body_of(delivery, language)
    request = f"POST {shown_url(url)}, {len(body)} bytes"
    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "User-Agent": "Slipway-Webhook/1",
        "X-Slipway-Event": delivery.event_type,
        "X-Slipway-Delivery": delivery.id,
        "X-Slipway-Attempt": str(delivery.attempts + 1),
        "X-Slipway-Signature": signature(secret, body, at=at),
    }
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            status, answer = await _exchange(url, headers, body, reach)
    except BlockedAddress as error:
        return Sent(False, error=str(error), request=request, hopeless=True)
    except TimeoutError:
        return Sent(False, error=f"No answer within {_TIMEOUT_S:g} s.", request=request)
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        OSError,
    ) as error:
        return Sent(False, error=_words(error), request=request)
    response = f"{status} {answer}".strip()
    if 200 <= status < 300:
        return Sent(True, request=request, response=response)
    why = "redirects are not followed" if 300 <= status < 400 else "it did not accept the message"
    return Sent(
        False, error=f"The address answered {status}: {why}.", request=request, response=response,
        hopeless=status == 410,
    )  # fmt: skip


async def _exchange(
    url: str, headers: dict[str, str], body: bytes, reach: Reach
) -> tuple[int, str]:
    pool = httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(), network_backend=GuardedNetwork(reach)
    )
    fields = list(headers.items())
    async with pool, pool.stream("POST", url, headers=fields, content=body) as answer:
        read = b""
        async for piece in answer.aiter_stream():
            read += piece
            if len(read) >= _ANSWER_BYTES:
                break
    text = read[:_ANSWER_BYTES].decode(errors="replace")
    return answer.status, "".join(c if c.isprintable() else " " for c in text)


def _words(error: Exception) -> str:
    return f"The address could not be reached: {str(error) or type(error).__name__}."
