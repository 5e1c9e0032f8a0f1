"""The S3-compatible endpoint as an ASGI application: parse, check the signature, one operation."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from slipway.base.clock import utc_now
from slipway.base.errors import SlipwayError
from slipway.compat.s3 import (
    buckets,
    facts,
    listing,
    multipart,
    reading,
    settings_answers,
    writing,
)
from slipway.compat.s3.call import Call, Reply, parse_call
from slipway.compat.s3.errors import ClientGone, NotModified, S3Error, translated_error
from slipway.compat.s3.service import Service, Signed
from slipway.compat.s3.signature import check_signature, read_claim
from slipway.compat.s3.xml import error_document

log = logging.getLogger(__name__)

Operation = Callable[[Signed], Awaitable[Reply]]
Send = Callable[[Any], Awaitable[None]]

_SERVICE: dict[str, Operation] = {"GET": buckets.list_buckets}
_BUCKET: dict[tuple[str, str], Operation] = {
    ("GET", ""): listing.list_objects,
    ("GET", "location"): buckets.get_location,
    ("GET", "uploads"): multipart.list_uploads,
    ("GET", "versions"): listing.list_versions,
    ("HEAD", ""): buckets.head_bucket,
    ("PUT", ""): buckets.create_bucket,
    ("DELETE", ""): buckets.delete_bucket,
    ("POST", "delete"): buckets.delete_objects,
}
_OBJECT: dict[tuple[str, str], Operation] = {
    ("GET", ""): reading.get_object,
    ("HEAD", ""): reading.get_object,
    ("PUT", ""): writing.put_object,
    ("DELETE", ""): writing.remove_object,
    ("GET", "tagging"): facts.get_tagging,
    ("PUT", "tagging"): facts.put_tagging,
    ("DELETE", "tagging"): facts.delete_tagging,
    ("GET", "attributes"): facts.get_attributes,
    ("POST", "uploads"): multipart.begin,
    ("GET", "uploadId"): multipart.list_parts,
    ("PUT", "uploadId"): multipart.put_part,
    ("POST", "uploadId"): multipart.complete,
    ("DELETE", "uploadId"): multipart.abort,
}
_BUCKET_NAMES = ("location", "uploads", "versions", "delete", *sorted(settings_answers.NAMES))
_OBJECT_NAMES = (
    "uploadId", "uploads", "tagging", "attributes", *sorted(settings_answers.NAMES - {"tagging"}),
)  # fmt: skip


class S3App:
    def __init__(self, service: Service, *, domains: tuple[str, ...], idle_s: float) -> None:
        self._service, self._domains, self._idle_s = service, domains, idle_s

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        if scope["type"] != "http":
            return
        request_id = os.urandom(8).hex().upper()
        call: Call | None = None
        try:
            call = parse_call(scope, receive, self._domains, self._idle_s)
            call.request_id = request_id
            reply = await self._answer(call)
        except ClientGone:
            return
        except NotModified as same:
            reply = Reply(304, headers=same.headers)
        except (S3Error, SlipwayError) as error:
            reply = _refusal(error, call, request_id)
        except Exception:
            log.exception("A request failed unexpectedly.", extra={"request_id": request_id})
            reply = _refusal(
                S3Error("InternalError", "Something went wrong; the operator's log has the details."),
                call, request_id,
            )  # fmt: skip
        await self._send(scope, call, reply, send, request_id)

    async def _answer(self, call: Call) -> Reply:
        claim = read_claim(call, utc_now())
        identity = await self._service.access.identity(claim.key_id)
        check_signature(call, claim, identity.secret)
        operation = _operation(call)
        if (link := identity.link) is not None:
            reads = call.method in ("GET", "HEAD") and operation is reading.get_object
            same = (call.bucket, call.key) == (link.bucket, link.key)
            if not reads or not same or link.expires_at < utc_now():
                raise S3Error("AccessDenied", "The share link does not open this.")
        signed = Signed(call, claim, identity, self._service)
        signed.require_owner(call.header("x-amz-expected-bucket-owner"))
        return await operation(signed)

    async def _send(
        self, scope: Any, call: Call | None, reply: Reply, send: Send, request_id: str
    ) -> None:
        headers = [
            ("x-amz-request-id", request_id), ("x-amz-id-2", request_id), ("server", "Slipway"),
            ("date", _date(int(time.time()))), *reply.headers,
        ]  # fmt: skip
        head = scope["method"] == "HEAD"
        if reply.status not in (204, 304):
            length = reply.length if head or reply.stream is not None else len(reply.body)
            headers.append(("content-length", str(length)))
        if call is None or _unread(call):
            headers.append(("connection", "close"))  # rather than read what nobody wants
        encoded = [(n.encode("latin-1"), _header(v)) for n, v in headers]
        try:
            async with asyncio.timeout(self._idle_s):
                await send(
                    {"type": "http.response.start", "status": reply.status, "headers": encoded}
                )
            if reply.stream is not None and not head:
                await self._stream(reply, send)
            else:
                body = b"" if head else reply.body
                await send({"type": "http.response.body", "body": body})
        except TimeoutError:
            log.info("A client stopped reading.", extra={"request_id": request_id})
            raise
        finally:
            if reply.stream is not None:
                await reply.stream.aclose()  # type: ignore[attr-defined]

    async def _stream(self, reply: Reply, send: Send) -> None:
        assert reply.stream is not None
        async for block in reply.stream:
            async with asyncio.timeout(self._idle_s):
                await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=4)
def _date(now_s: int) -> str:
    return format_datetime(datetime.fromtimestamp(now_s, UTC), usegmt=True)


def _operation(call: Call) -> Operation:
    if not call.bucket:
        if call.method not in _SERVICE:
            raise S3Error("MethodNotAllowed", f"{call.method} is not possible here.")
        return _SERVICE[call.method]
    names, table = (_OBJECT_NAMES, _OBJECT) if call.key else (_BUCKET_NAMES, _BUCKET)
    name = next((n for n in names if n in call.query), "")
    if call.key and call.method == "PUT" and "x-amz-copy-source" in call.headers:
        return multipart.copy_part if name == "uploadId" else writing.copy_object
    if (call.method, name) in table:
        return table[(call.method, name)]
    if name in settings_answers.NAMES:
        return lambda signed: settings_answers.answer(signed, name)
    if call.method == "POST" and not call.key:
        raise S3Error("NotImplemented", "Uploads by a browser's form are not supported.")
    raise S3Error("MethodNotAllowed", f"{call.method} is not possible here.")


def _refusal(error: S3Error | SlipwayError, call: Call | None, request_id: str) -> Reply:
    found = error if isinstance(error, S3Error) else translated_error(error)
    details = dict(found.details)
    if call is not None and call.bucket:
        details.setdefault("BucketName", call.bucket)
        details["Resource"] = call.raw_path
    if call is not None and call.key and found.code == "NoSuchKey":
        details["Key"] = call.key
    body = error_document(found.code, found.message, request_id, details)
    return Reply(found.status, body, [("content-type", "application/xml")], length=len(body))


def _unread(call: Call) -> bool:
    """Whether a body is still on its way that the operation did not want."""
    if call.body_read:
        return False
    return (call.length or 0) > 0 or "transfer-encoding" in call.headers


def _header(value: str) -> bytes:
    try:
        return value.encode("latin-1") if value.isascii() else value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="replace")
